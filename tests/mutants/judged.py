"""What became of a mutant, and the process in which it is judged."""

from __future__ import annotations

import json
import os
import signal
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.mutant import Mutant

NOTICED, TIMED_OUT, LEFT, AT_IMPORT = "noticed", "timed out", "left", "at import"
"""A test failed; one did not end in time; all passed; not judged yet, since the change acts before the first test."""

_FAILED, _PASSED = 1, 0
PATIENCE = 30.0
"""Seconds that any test may take: the first that needs a parser or a class makes it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A mutant, what became of it, and the test that noticed it."""

    mutant: Mutant
    status: str
    by: str = ""

    def line(self) -> str:
        """A line of the file of results."""
        told = {"key": self.mutant.key, "path": self.mutant.path, "line": self.mutant.line, "what": self.mutant.what}
        return json.dumps({**told, "status": self.status, "by": self.by}, ensure_ascii=False)


def keep(results: Path, judged: Judged) -> None:
    """Add a line in one write, so that two workers keep one file."""
    with results.open("ab", buffering=0) as file:
        file.write(f"{judged.line()}\n".encode())


def in_process(judge: Callable[[], int | None], seconds: float | None = None) -> tuple[str, int | None]:
    """Ask in a process of its own, for no longer than the seconds; the answer is the place of the test that noticed, or None."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.close(reading)
        _silence()
        if seconds is not None:
            signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            at = judge()
        except BaseException:  # whatever a mutant makes of the runner itself is noticed too
            os._exit(_FAILED)
        if at is not None:
            os.write(writing, struct.pack("i", at))
        os._exit(_PASSED if at is None else _FAILED)
    os.close(writing)
    with os.fdopen(reading, "rb") as got:
        told = got.read(4)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return TIMED_OUT, None
    return (LEFT if os.WEXITSTATUS(status) == _PASSED else NOTICED), (struct.unpack("i", told)[0] if told else None)


def first_failing(items: Sequence[pytest.Item], order: Sequence[int], costs: Sequence[float]) -> int | None:
    """The place of the first test, in the order given, that fails; the alarm ends the process in a test that has lost its way."""
    for number, at in enumerate(order):
        signal.setitimer(signal.ITIMER_REAL, PATIENCE + 20 * costs[at])
        if fails(items[at], items[order[number + 1]] if number + 1 < len(order) else None):
            return at
    return None


def fails(item: pytest.Item, then: pytest.Item | None) -> bool:
    """Whether a test fails; the next one tells which fixtures may stay."""
    try:
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=then))
    except BaseException:  # as above
        return True


def _silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
