"""The benchmark of a million records, at two thousand: it runs, what it asks for is found, and a promise that is broken is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from benchmarks.scale.records import MIXES, records
from benchmarks.scale.show import tables
from benchmarks.scale.survey import prepare, survey
from benchmarks.scale.workloads import ACTORS, PAGE, WORKLOADS, Seen, missed
from tests.support.mongod import Document

SIZES = (2_000,)
SEEN = Seen("private", "no groups", "recent", "page", 100_000, PAGE, 140, 100, "_read_1__id_1", False)


@pytest.fixture
def own(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    yield mongo_client[f"{database.name}_scale"]
    mongo_client.drop_database(f"{database.name}_scale")


def test_the_survey_finds_what_there_is(own: Database[Document]) -> None:
    told: list[int] = []

    def begin(title: str, size: int) -> Callable[[int], object]:
        return told.append

    seen, rows = survey(own, SIZES, 1, time.perf_counter_ns, begin)
    assert sum(told) == len(MIXES) * sum(SIZES)
    assert len(seen) == len(MIXES) * len(SIZES) * len(WORKLOADS) * len(ACTORS)
    times, pages = ([row for row in rows if row.table.startswith(table)] for table in ("time of ", "page at "))
    assert len(times) == len(seen) * 2 / 3  # all but those without rights, which are the base
    assert {row.size for row in pages} == {"1000"}  # of two thousand records no list is deeper
    assert {tuple(row.figures) for row in pages} == {("first page", "cubequery", "skip", "again")}
    assert len(times) + len(pages) == len(rows)
    stored = {mix.schema.name: (mix.schema, list(records(mix, 0, SIZES[-1]))) for mix in MIXES}
    queries = {workload.name: workload.query for workload in WORKLOADS}
    for each in seen:
        schema, documents = stored[each.mix]
        found = len(cq.translate(queries[each.workload], schema, actor=ACTORS[each.actor]).select(documents))
        assert each.units == (min(found, PAGE) if each.per == "page" else found), each
        assert each.index is not None
    assert any(each.is_full for each in seen if each.actor == "30 groups")
    assert tables(seen, rows, {"date": "", "python": "", "cores": 0, "load": 0, "peers": {}}) == list(missed(seen))


def test_a_class_that_is_mostly_private_is_indexed_by_rights(own: Database[Document]) -> None:
    prepare(own, MIXES[0], 10, lambda more: None)
    made = {tuple(dict(index["key"])) for index in own["private"].list_indexes()}
    assert {("_read", "_id"), ("_read", "age", "_id"), ("_read", "country", "full_name", "_id"), ("_read", "spot")} <= made


def test_a_longer_collection_begins_with_a_shorter_one() -> None:
    long = list(records(MIXES[0], 0, 1_500))
    assert long[:1_200] == list(records(MIXES[0], 0, 1_200))
    assert len({record["_id"] for record in long}) == len(long)


@pytest.mark.parametrize(
    ("other", "broken"),
    [
        ({}, []),
        ({"keys": 168}, []),
        ({"keys": 169}, [f"{SEEN.name}: 140 keys of 100,000, 169 of 1,000,000"]),
        (
            {"keys": 201, "records": 191},
            [
                f"{SEEN.name}: 2.01 keys of 1,000,000, at most 2.0 for one of a page",
                f"{SEEN.name}: 1.91 records of 1,000,000, at most 1.9 for one of a page",
                f"{SEEN.name}: 140 keys of 100,000, 201 of 1,000,000",
                f"{SEEN.name}: 100 records of 100,000, 191 of 1,000,000",
            ],
        ),
        ({"keys": 900, "units": 99}, []),
        ({"keys": 900, "per": "found"}, []),
    ],
)
def test_a_broken_promise_is_told(other: dict[str, Any], broken: list[str]) -> None:
    assert list(missed([SEEN, replace(SEEN, size=1_000_000, **other)])) == broken
