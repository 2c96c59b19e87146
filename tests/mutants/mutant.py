"""One change of one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module; ``number`` counts those of a file, ``what`` says it as two lines of source."""

    path: str
    number: int
    line: int
    what: str
    source: str

    @property
    def key(self) -> str:
        """What a result is kept under: a file that was changed has other mutants."""
        return f"{self.path}:{self.line}: {self.what}"
