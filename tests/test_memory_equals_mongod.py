"""Deciding in memory is deciding as a real MongoDB does: seeded worlds, batches of requests, no difference allowed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.collection import Collection

import cubequery as cq
from cubequery.testing.values import Document
from cubequery.translate import Plan
from tests.support.worlds import World

BRANCHES = 40
"""Filters asked at once: a `$facet` answers many times more filters a second than single finds."""


def on_server(collection: Collection[Document], plans: Sequence[Plan]) -> list[set[Any]]:
    """The ids that each plan's filter selects on the server."""
    found: list[set[Any]] = []
    for start in range(0, len(plans), BRANCHES):
        batch = plans[start : start + BRANCHES]
        stages = {
            f"q{place}": [{"$match": plan.filter}, {"$group": {"_id": None, "ids": {"$push": "$_id"}}}] for place, plan in enumerate(batch)
        }
        (answer,) = collection.aggregate([{"$facet": stages}])
        found += [set(answer[f"q{place}"][0]["ids"]) if answer[f"q{place}"] else set() for place in range(len(batch))]
    return found


def decide(collection: Collection[Document], seeds: range, requests: int) -> Counter[str]:
    """Compare every decision of every world; the counts say what was tried."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        world = World(seed)
        collection.delete_many({})
        collection.insert_many(world.documents)
        asked = [(world.request(), world.actor()) for _ in range(requests)]
        plans = [cq.translate(text, world.schema, actor=actor) for text, actor in asked]
        for (text, actor), plan, stored in zip(asked, plans, on_server(collection, plans), strict=True):
            selected = {document["_id"] for document in plan.select(world.documents)}
            assert selected == stored, f"seed {seed}, {text!r} as {actor}: {plan.filter}"
            one_by_one = {document["_id"] for document in world.documents if plan.matches(document)}
            assert one_by_one == stored, f"seed {seed}, {text!r} as {actor}: matches differs from select"
            alone = cq.translate(text, world.schema, actor=cq.ADMIN)
            counts["decisions"] += len(world.documents)
            counts["filters"] += 1
            counts["telling"] += 0 < len(alone.select(world.documents)) < len(world.documents)
    return counts


def report(counts: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{counts['decisions']:,} decisions, {counts['filters']:,} filters, {counts['telling']:,} of them match some and not all")


def check_health(counts: Counter[str]) -> None:
    """A generator whose filters match nothing, or everything, proves nothing."""
    assert 0.2 <= counts["telling"] / counts["filters"] <= 0.8


def test_decisions(collection: Collection[Document], capsys: pytest.CaptureFixture[str]) -> None:
    counts = decide(collection, range(1, 7), requests=100)
    report(counts, capsys)
    check_health(counts)
    assert counts["decisions"] >= 50_000


@pytest.mark.slow
def test_a_million_decisions(collection: Collection[Document], capsys: pytest.CaptureFixture[str]) -> None:
    counts = decide(collection, range(1_000, 1_060), requests=200)
    report(counts, capsys)
    check_health(counts)
    assert counts["decisions"] >= 1_000_000


def close(left: Any, right: Any) -> bool:
    """Sums of doubles may differ in the last bit with the order of records; everything else must be equal."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=2**-50) or left == right
    return bool(left == right)


def parallel_arrays(plan: Plan, documents: Sequence[Document]) -> bool:
    """Whether MongoDB refuses the order: a record holds (foreign) arrays under two of its keys."""
    paths = [path for path, _ in plan.sort]
    return any(sum(has_array(document, path) for path in paths) > 1 for document in plan.select(documents))


def has_array(document: Any, path: str) -> bool:
    """Whether an array stands at the path or on the way to it."""
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
        if isinstance(document, list):
            return True
    return False


@pytest.mark.parametrize("seed", range(20, 26))
def test_order_pages_projection_and_groups(collection: Collection[Document], seed: int) -> None:
    world = World(seed)
    collection.insert_many(world.documents)
    collection = collection.with_options(CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO))  # years that Python lacks
    compared = 0
    for _ in range(60):
        text, actor = world.listing(), world.actor()
        try:
            plan = cq.translate(text, world.schema, actor=actor)
        except cq.RequestError as error:
            if error.code != "conflict":  # two Array fields in one order are refused
                raise
            continue
        if plan.pipeline is not None:
            rows = [plan.render(row) for row in collection.aggregate(plan.pipeline, **plan.aggregate_args())]
            expected: Any = plan.run(world.documents)
            same = len(rows) == len(expected) and all(
                row.keys() == other.keys() and all(close(row[key], other[key]) for key in row)
                for row, other in zip(rows, expected, strict=True)
            )
            assert same, (seed, text, actor, rows, expected)
        else:
            if parallel_arrays(plan, world.documents):
                continue
            found = [plan.render(document) for document in collection.find(**plan.find_args())]
            assert found == plan.run(world.documents), (seed, text, actor)
        compared += 1
    assert compared > 40
