"""How a campaign shows how far it is: bars of rich's on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cubequery.testing.campaign.kinds import KINDS
from cubequery.testing.campaign.report import Report

EVERY = 30.0
"""Seconds between two lines where there is no terminal."""


class Show(Protocol):
    """Shows a report that grows."""

    def update(self, report: Report, done: float) -> None:
        """``done`` is the share of the time that is over, 0 to 1."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...


def line(report: Report, kind: str) -> str:
    """One kind in a line."""
    figures, unit = report.figures[kind], KINDS[kind].unit
    return f"{figures.counts[unit]:,} {unit}, {len(figures.distinct):,} distinct cases, {figures.counts['differences']:,} differences"


class Bars:
    """One bar for the time, one line for each kind."""

    def __init__(self, report: Report) -> None:
        told = (TextColumn("{task.description:>14}"), BarColumn(), TextColumn("{task.fields[told]}"))
        self._progress = Progress(*told, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True))
        self._tasks = {kind: self._progress.add_task(kind, total=1.0, told="") for kind in report.figures}

    def update(self, report: Report, done: float) -> None:
        """Redraw."""
        for kind, task in self._tasks.items():
            self._progress.update(task, completed=min(done, 1.0), told=line(report, kind))

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()


class Lines:
    """A line for each kind every half minute, and at the end."""

    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY

    def update(self, report: Report, done: float) -> None:
        """Print where it is time."""
        if time.monotonic() >= self._next or done >= 1.0:
            self._next = time.monotonic() + EVERY
            for kind in report.figures:
                print(f"{done:4.0%} {kind}: {line(report, kind)}", file=sys.stderr, flush=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        return None


def show(report: Report) -> Show:
    """What fits standard error."""
    return Bars(report) if sys.stderr.isatty() else Lines()
