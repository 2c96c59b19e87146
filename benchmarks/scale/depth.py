"""A page that lies deep in a list: by `skip`, and behind a cursor, both by the cost of the first page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import cubequery as cq
from benchmarks.measure import Row, Work, measure
from benchmarks.scale.workloads import ACTORS, PAGE

DEPTHS = (1_000, 10_000, 100_000)
SORTS = ("sort_desc=_id", "sort_asc=age")
MUST = 1.5
"""Most that a page behind a cursor may cost by the first page."""


def depths(engine: cq.Engine, schema: cq.ClassSchema, rounds: int, fill: float, clock: Callable[[], int]) -> Iterator[Row]:
    """Every depth that the list of an actor reaches."""
    for who, actor in ACTORS.items():
        count = engine.list(schema.name, "count=1", actor)["items"]["count"]
        for sort in SORTS:
            for depth in DEPTHS:
                if count > depth + PAGE:
                    works = _works(engine, schema, actor, sort, depth)
                    name = f"{schema.name}, {who}: {sort}"
                    title, size = f"page at {depth:,}", str(depth)
                    fresh = [None].__mul__
                    yield measure(title, name, "first page", works, fresh, rounds, size=size, must=MUST, fill=fill, clock=clock)


def _works(engine: cq.Engine, schema: cq.ClassSchema, actor: cq.Actor, sort: str, depth: int) -> Mapping[str, Work]:
    plan = cq.translate(f"{sort}&skip={depth - 1}&limit=1", schema, actor=actor, settings=engine.settings, where=engine.where)
    (before,) = engine.rows(plan)
    cursor = cq.translate(f"{sort}&_after=", schema, actor=actor, settings=engine.settings).cursor(before)
    queries = {"first page": sort, "cubequery": f"{sort}&_after={cursor}", "skip": f"{sort}&skip={depth}"}
    pages = {name: [item["_id"] for item in engine.list(schema.name, query, actor)["items"]] for name, query in queries.items()}
    if pages["skip"] != pages["cubequery"]:
        raise AssertionError("a cursor leads to another page")

    def ask(query: str) -> Work:
        return lambda _: engine.list(schema.name, query, actor)

    return {name: ask(query) for name, query in queries.items()}
