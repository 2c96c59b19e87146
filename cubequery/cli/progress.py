"""How far a long command is, on standard error of a terminal: a bar of rich's, or plain numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Show = Callable[[int, int | None], None]


@contextmanager
def told(what: str) -> Iterator[Show | None]:
    """A callback that shows what is done and the whole; None where nobody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    except ImportError:
        yield _plain(what)
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def _plain(what: str) -> Show:
    def show(done: int, whole: int | None) -> None:
        print(f"\r{what} {done}{f' of {whole}' if whole is not None else ''}", end="", file=sys.stderr, flush=True)

    return show
