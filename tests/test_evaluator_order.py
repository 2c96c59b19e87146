"""Order and groups against a real server, over every kind of stored value."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from bson import Decimal128, Int64
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from cubequery.ast import Aggregate, Calc, Field, Page
from cubequery.compile.mongo_query import calc_name, compile_group
from cubequery.evaluate import first, group, sort_documents
from cubequery.operators import CALCULATIONS
from cubequery.ordering import equal
from cubequery.values import Boolean, FieldType, Float, Integer, String, UserIdType
from tests.support.mongod import Document
from tests.test_evaluator import documents, filled, ids, stored

Rows = Collection[Document]

ORDERS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("s", 1),),
    (("s", -1),),
    (("a", 1),),
    (("a", -1),),
    (("s", 1), ("a", -1)),
    (("t", -1), ("s", 1)),
    (("a.b", 1),),
    (("a.b", -1),),
    (("a.b.c", 1), ("s", -1)),
    (("a.b", 1), ("a.c", 1)),  # one array on the way: its elements count together
    (("a.b", -1), ("a.c", 1)),
    (("a.b.c", -1), ("a.b", 1)),
)
NUMBERS: tuple[Any, ...] = (0, 1, 2, -3, 7, 1.0, 1.5, 0.1, 0.2, -0.0, 1e16, math.nan, math.inf, -math.inf, Int64(1), Int64(2**62), 2**62)
FOREIGN: tuple[Any, ...] = (None, "x", "1", "", True, False, [1], [], {"b": 1}, Decimal128("1"), "é")
UNIT = 2.0**-50
"""Sums of doubles depend on the order that the server reads in: their last bits may differ."""


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_order(order: tuple[tuple[str, int], ...], collection: Rows) -> None:
    keys = [*order, ("_id", 1)]
    pick = random.Random(str(order))
    compared = 0
    for _ in range(12):
        made = filled(collection, [{**document, "a": without_places(document.get("a"))} for document in documents(pick, 60)])
        try:
            expected = ids(list(collection.find({}, {"_id": 1}).sort(keys)))
        except OperationFailure:  # two arrays side by side: the server refuses, and nothing is promised
            continue
        compared += 1
        shuffled = pick.sample(made, len(made))
        assert ids(sort_documents(shuffled, keys)) == expected
        for count in (0, 1, 7, 60, 100):
            assert ids(first(shuffled, keys, count)) == expected[:count]
    assert compared


def without_places(value: Any) -> Any:
    """The value without keys that a sort could take for places of an array."""
    if isinstance(value, list):
        return [without_places(item) for item in value]
    return {key: without_places(item) for key, item in value.items() if not key.isdigit()} if isinstance(value, dict) else value


def test_equal_keys_leave_documents_as_they_were() -> None:
    made: list[Document] = [{"_id": 2, "s": 1}, {"_id": 1, "s": 1.0}, {"_id": 3}, {"_id": 0, "s": None}]
    assert ids(sort_documents(made, [("s", 1)])) == [3, 0, 2, 1]
    assert ids(sort_documents(made, [("s", -1)])) == [2, 1, 3, 0]
    assert ids(first(made, [("s", -1)], 1)) == [2]
    assert sort_documents(made, []) == made


def test_arrays_count_by_their_ends() -> None:
    made: list[Document] = [{"_id": 1, "f": [1, 9]}, {"_id": 2, "f": 5}, {"_id": 3, "f": []}, {"_id": 4}]
    assert ids(sort_documents(made, [("f", 1)])) == [3, 4, 1, 2]
    assert ids(sort_documents(made, [("f", -1)])) == [1, 2, 4, 3]


def same(mine: Any, found: Any) -> bool:
    if isinstance(mine, float) and isinstance(found, float) and not math.isclose(mine, found, rel_tol=UNIT):
        return math.isnan(mine) and math.isnan(found)
    return isinstance(mine, float) or isinstance(found, float) or equal(mine, found)


@pytest.mark.parametrize("kind", [Integer(), Float(), String(), Boolean(), UserIdType()], ids=lambda kind: kind.name)
@pytest.mark.parametrize("place", ["f", "a.f"])
def test_groups(kind: FieldType, place: str, collection: Rows) -> None:
    """Groups by each type of field, and every calculation over numbers among foreign values."""
    pick = random.Random(f"{kind.name} {place}")
    by, *numbers = Field("f", place, kind), Field("n", "n", Integer()), Field("x", "x", Float())
    calcs = tuple(Calc(row, field, f"{row.name} {field.name}") for row in CALCULATIONS for field in numbers)
    aggregate = Aggregate(by, calcs)
    for _ in range(12):
        made = filled(collection, [record(pick, number, place) for number in range(80)])
        names = {calc_name(number): calc.key for number, calc in enumerate(calcs)}
        expected = [{names.get(key, key): value for key, value in row.items()} for row in grouped(collection, aggregate)]
        rows = group(made, aggregate)
        assert len(rows) == len(expected)
        for mine, found in zip(rows, expected, strict=True):
            assert mine.keys() == found.keys()
            assert all(same(mine[key], found[key]) for key in mine), (mine, found)


def record(pick: random.Random, number: int, place: str) -> Document:
    value = pick.choice((*NUMBERS, *FOREIGN, stored(pick, 1)))
    top: Document = {"f": value} if place == "f" else {"a": pick.choice(({"f": value}, {"f": value}, [{"f": 1}], 1, None))}
    every = {**top, "n": pick.choice((*NUMBERS, *FOREIGN)), "x": pick.choice((*NUMBERS, *FOREIGN))}
    return {"_id": number, **{key: given for key, given in every.items() if pick.random() < 0.9}}


def grouped(collection: Rows, aggregate: Aggregate) -> list[Document]:
    return list(collection.aggregate([{"$match": {}}, *compile_group(aggregate, (), Page(limit=1_000))]))


def test_groups_in_prose() -> None:
    aggregate = Aggregate(Field("f", "f", Integer()), tuple(Calc(row, Field("n", "n", Integer()), row.name) for row in CALCULATIONS))
    made: list[Document] = [
        {"f": 1, "n": 4},
        {"f": Int64(1), "n": "foreign"},
        {"f": True, "n": 2},  # foreign to an Integer field, as is 1.0: both are unset
        {"f": 1.0, "n": True},
        {},
    ]
    assert group(made, aggregate) == [
        {"_id": None, "avg": 2.0, "max": 2, "min": 2, "sum": 2},
        {"_id": 1, "avg": 4.0, "max": 4, "min": 4, "sum": 4},
    ]
    assert group([], aggregate) == []
    assert group([{}], aggregate) == [{"_id": None, "avg": None, "max": None, "min": None, "sum": 0}]
