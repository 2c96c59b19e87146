"""What a batch of cases has tried and found; tallies add up."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b

Cell = tuple[str, ...]
"""One combination that a campaign must visit: operator, type and stored kind, or actor, level and action."""


@dataclass
class Tally:
    """Counts by name, visits by cell, digests of the cases, and every difference as a text."""

    counts: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    digests: array[int] = field(default_factory=lambda: array("Q"))
    differences: list[str] = field(default_factory=list)

    def case(self, *parts: bytes) -> None:
        """Note a case by what makes it another one."""
        self.digests.append(int.from_bytes(blake2b(b"\0".join(parts), digest_size=8).digest()))

    def differ(self, text: str) -> None:
        """Note a difference."""
        self.counts["differences"] += 1
        self.differences.append(text)
