"""A class of a given size: filled, indexed, asked; what was examined, and the time it took against the same without rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pymongo.database import Database

import cubequery as cq
from benchmarks.measure import Row, measure
from benchmarks.scale.depth import depths
from benchmarks.scale.records import MIXES, Document, Mix, load
from benchmarks.scale.workloads import ACTORS, FREE, WORKLOADS, Seen, Workload
from cubequery.engine import Engine
from cubequery.stores import MongoStore

Report = Callable[[int], object]
PATIENT = cq.Settings(limits=cq.Limits(call_timeout_ms=120_000, database_time_ms=120_000))
"""What takes long is to be measured, not refused."""
FILL = 0.02
"""Seconds of the server's that one contestant should take in one round."""


def survey(
    database: Database[Document], sizes: Sequence[int], rounds: int, clock: Callable[[], int], begin: Callable[[str, int], Report]
) -> tuple[list[Seen], list[Row]]:
    """Every class at every size, one after the other. ``begin`` is told what is filled and how large it gets."""
    seen: list[Seen] = []
    rows: list[Row] = []
    for mix, size in ((mix, size) for mix in MIXES for size in sizes):
        engine = prepare(database, mix, size, begin(f"class {mix.schema.name}", size))
        seen += examine(engine, mix, size)
        rows += times(engine, mix, size, rounds, clock)
        rows += depths(engine, mix.schema, rounds, FILL, clock)
        database.drop_collection(mix.schema.name)
    return seen, rows


def prepare(database: Database[Document], mix: Mix, size: int, report: Report) -> Engine:
    """An engine over one class of so many records, with the indexes that the workloads need."""
    name = mix.schema.name
    load(database[name], mix, size, report)
    engine = Engine(MongoStore(database, settings=PATIENT), [mix.schema], settings=PATIENT)
    engine.ensure_indexes({name: list(dict.fromkeys(each.index for each in WORKLOADS if each.index is not None))})
    return engine


def examine(engine: Engine, mix: Mix, size: int) -> Iterator[Seen]:
    """What the server examines for each workload and actor."""
    name = mix.schema.name
    for workload in WORKLOADS:
        for who, actor in ACTORS.items():
            said = engine.explain(name, workload.query, actor)
            units = said["returned"] if workload.per == "page" else _found(engine, name, workload, who)
            figures = said["keys"], said["records"], said["index"], said["sorted"]
            yield Seen(name, who, workload.name, workload.per, size, units, *figures)


def _found(engine: Engine, name: str, workload: Workload, who: str) -> int:
    query = workload.query if "count=1" in workload.query else f"{workload.query}&count=1"
    found: int = engine.list(name, query, ACTORS[who])["items"]["count"]
    return found


def times(engine: Engine, mix: Mix, size: int, rounds: int, clock: Callable[[], int]) -> Iterator[Row]:
    """The cost of each workload for each actor by that of the same without rights, asked by turns."""
    name = mix.schema.name

    def ask(who: str) -> Callable[[Any], object]:
        return lambda query: engine.list(name, query, ACTORS[who])

    for workload in WORKLOADS:
        for who in ACTORS:
            if who != FREE:
                title = f"{name}, {who}: {workload.name}"
                contestants = {FREE: ask(FREE), "cubequery": ask(who)}
                fresh = [workload.query].__mul__
                yield measure(f"time of {size:,}", title, FREE, contestants, fresh, rounds, fill=FILL, clock=clock)


def server_clock(process: int) -> Callable[[], int]:
    """Nanoseconds of processor time that a server on this machine has used; its client's are not in it."""
    threads = Path(f"/proc/{process}/task")

    def now() -> int:
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads.iterdir())

    return now
