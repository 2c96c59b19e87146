"""One planted bug: a small patch of the text, and the tests that must fail by it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The code is another by now: the patch must be written anew."""


@dataclass(frozen=True, slots=True)
class Bug:
    """``number`` and ``what`` are those of the list in the security specification.

    ``file`` counts from the top of the checkout; ``old`` stands in it exactly once. Every one of ``tests`` (node ids below tests/) must
    fail. ``tier`` is where they run: ``default``, or ``slow``; those with a mongod say so.
    """

    number: int
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    tier: str = "default"

    def plant(self, checkout: Path) -> str:
        """Patch the file and return its text as it was. Raises :class:`DoesNotApply`."""
        path = checkout / self.file
        before = path.read_text(encoding="utf-8")
        if (times := before.count(self.old)) != 1:
            raise DoesNotApply(f"bug {self.number}: its old text stands {times} times in {self.file}")
        path.write_text(before.replace(self.old, self.new), encoding="utf-8")
        return before
