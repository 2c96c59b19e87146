"""Every record of a class within the scope, once, in batches by `_id`: what upkeep of a whole collection goes by."""

from __future__ import annotations

from collections.abc import Callable

from cubequery.ast import Condition, all_of
from cubequery.errors import RequestError
from cubequery.operations.work import Work
from cubequery.stores.commands import Count, Document, Find, Steps, do

See = Callable[[list[Document]], Steps[None]]


def walk(work: Work, see: See, paths: tuple[str, ...] | None = None) -> Steps[int]:
    """Hand every record to ``see``, at most ``write_batch`` at a time; how many there were. ``paths`` are the stored paths to fetch."""
    most = work.settings.limits.write_batch
    whole = yield from _whole(work)
    seen = 0
    after: list[Condition] = []
    while True:
        batch: list[Document] = yield from do(Find(work.schema, all_of(work.where, *after), limit=most, paths=paths))
        yield from see(batch)
        seen += len(batch)
        work.report(seen, whole)
        if len(batch) < most:
            return seen
        after = [work.after(batch[-1]["_id"])]


def _whole(work: Work) -> Steps[int | None]:
    """How many records there are, where somebody is told; a collection too large to be counted in time is walked all the same."""
    if work.progress is None:
        return None
    try:
        return (yield from do(Count(work.schema, work.where)))
    except RequestError:
        return None
