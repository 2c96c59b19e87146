"""Filters that a host may write, what each becomes, and every kind that is refused by name."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
import uuid
from typing import Any

import pytest
from bson import Decimal128, Int64, MinKey, ObjectId, Regex
from pymongo.collection import Collection

from cubequery.ast import EVERYTHING, NOTHING, Compare, Not, all_of
from cubequery.compile import compile_filter
from cubequery.errors import DefinitionError
from cubequery.host import condition
from cubequery.names import HIDDEN
from cubequery.operators import HOST
from cubequery.operators.near import EARTH
from tests.support.mongod import Document


def nested(levels: int, shape: str) -> Document:
    tree: Document = {"f": 1}
    for _ in range(levels):
        tree = {shape: [tree, {"g": 1}]}
    return tree


def negated(levels: int) -> Document:
    tree: Document = {"$gt": 1}
    for _ in range(levels):
        tree = {"$not": tree}
    return {"f": tree}


def several_keys(levels: int) -> Document:
    return {"g": 1, "$or": [several_keys(levels - 1), {"g": 2}]} if levels else {"f": 1}


def several_operators(levels: int) -> Document:
    return {"$gte": 1, "$not": several_operators(levels - 1)} if levels else {"$gt": 1}


def deep(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    ("given", "compiled"),
    [
        ({}, {}),
        ({"$and": [{}, {}]}, {}),
        ({"$or": [{"f": 1}, {}]}, {}),
        ({"app_id": 7}, {"app_id": {"$eq": 7}}),
        ({"f": {}}, {"f": {"$eq": {}}}),
        ({"f": {"b": {"$gt": 1}}}, {"f": {"$eq": {"b": {"$gt": 1}}}}),
        ({"f": (1, [2])}, {"f": {"$eq": [1, [2]]}}),
        ({"f": {"$gt": 1, "$lt": 5}, "g": None}, {"$and": [{"f": {"$gt": 1}}, {"f": {"$lt": 5}}, {"g": {"$eq": None}}]}),
        ({"$nor": [{"f": 1}, {"g": 1}]}, {"$nor": [{"f": {"$eq": 1}}, {"g": {"$eq": 1}}]}),
        ({"f": {"$not": {"$in": (1, 2)}}}, {"$nor": [{"f": {"$in": [1, 2]}}]}),
        ({"f": {"$exists": 0}}, {"f": {"$exists": False}}),
        ({"f": {"$exists": None}}, {"f": {"$exists": False}}),
        ({"f": {"$exists": ""}}, {"f": {"$exists": True}}),
        ({"f": {"$exists": Decimal128("0")}}, {"f": {"$exists": False}}),
        ({"f": {"$regex": r"a\.b"}}, {"f": {"$regex": r"a\.b"}}),
        ({"f": {"$regex": "a", "$options": ""}}, {"f": {"$regex": "a"}}),
        ({"f": {"$options": "", "$regex": Regex(r"\_")}}, {"f": {"$regex": "_"}}),
        ({"f": re.compile("a b")}, {"f": {"$regex": r"a\ b"}}),
        ({"f": Regex("é")}, {"f": {"$regex": "é"}}),
        ({"f": {"$not": re.compile("a")}}, {"$nor": [{"f": {"$regex": "a"}}]}),
        ({"f": {"$eq": Regex("a.")}}, {"f": {"$eq": Regex("a.")}}),
        ({"f": {"$lt": MinKey()}}, {"f": {"$lt": MinKey()}}),
        ({"f": {"$geoWithin": {"$centerSphere": [[1, 2], 0.25]}}}, {"f": {"$geoWithin": {"$centerSphere": [[1.0, 2.0], 0.25]}}}),
    ],
    ids=str,
)
def test_read(given: Document, compiled: Document) -> None:
    assert compile_filter(condition(given)) == compiled


REFUSED: list[tuple[str, Any]] = [
    ('unknown operator "$where"', {"$where": "1"}),
    ('unknown operator "$expr"', {"$and": [{"$expr": True}]}),
    ('unknown operator "$text"', {"$text": {"$search": "a"}}),
    ('unknown operator "$elemMatch"', {"f": {"$elemMatch": {"$gt": 1}}}),
    ('unknown operator "$type"', {"f": {"$gt": 1, "$type": "int"}}),
    ('unknown operator "$options"', {"f": {"$options": "i"}}),
    ('unknown operator "$ref"', {"f": {"$ref": "c", "$id": 1}}),
    ("operators and keys are mixed", {"f": {"$gt": 1, "b": 2}}),
    ('operators and keys are mixed under "f"', {"f": {"b": 2, "$gt": 1}}),
    ("$and must be", {"$and": []}),
    ("$or must be", {"$or": ()}),
    ("$nor must be", {"$nor": []}),
    ("$or must be", {"$or": {"f": 1}}),
    ("must be a document, not int", {"$or": [5]}),
    ("must be a document, not list", []),
    ("a key must be a text, not int", {1: 1}),
    ('unknown operator "$"', {"$": 1}),
    ('"" is no path', {"": 1}),
    ('"a..b" is no path', {"a..b": 1}),
    ('"a." is no path', {"a.": 1}),
    ("is no path", {"a\0b": 1}),
    ('"a.$id" is no path', {"a.$id": 1}),
    ("is no path", {".".join("a" * 101): 1}),
    ("half a surrogate", {"\ud800": 1}),
    ("half a surrogate", {"f": ["\udfff"]}),
    ("beyond 64 bits", {"f": 2**63}),
    ("beyond 64 bits", {"f": {"$in": [-(2**63) - 1]}}),
    ("UUID is no BSON type", {"f": uuid.UUID(int=1)}),
    ("date is no BSON type", {"f": dt.date(2020, 1, 1)}),
    ("$in needs a list", {"f": {"$in": {1}}}),
    ("Pattern is no BSON type", {"f": [re.compile("a")]}),
    ("text without NUL", {"f": {"a\0": 1}}),
    ("text without NUL", {"f": {1: 1}}),
    ("$in needs a list", {"f": {"$in": "abc"}}),
    ("$all needs a list", {"f": {"$all": None}}),
    ("$nin takes no operators", {"f": {"$nin": [{"$gt": 1}]}}),
    ("$in takes no pattern", {"f": {"$in": [re.compile("a")]}}),
    ("$all takes no pattern", {"f": {"$all": [Regex("a")]}}),
    ("$gt takes no pattern", {"f": {"$gt": Regex("a")}}),
    ("$ne takes no pattern", {"f": {"$ne": re.compile("a")}}),
    ("$not needs operators or a pattern", {"f": {"$not": {}}}),
    ("$not needs operators or a pattern", {"f": {"$not": {"b": 1}}}),
    ("$not needs operators or a pattern", {"f": {"$not": 5}}),
    ("an escaped literal only", {"f": {"$regex": "a.c"}}),
    ("an escaped literal only", {"f": {"$regex": r"\d"}}),
    ("an escaped literal only", {"f": {"$regex": "a\0"}}),
    ("an escaped literal only", {"f": {"$regex": 5}}),
    ("takes no options", {"f": {"$regex": "a", "$options": "i"}}),
    ("takes no options", {"f": re.compile("a", re.IGNORECASE)}),
    ("takes no options", {"f": Regex("a", "m")}),
    ("longer than 30000 bytes", {"f": {"$regex": "a" * 30_001}}),
    ("$centerSphere alone", {"f": {"$geoWithin": {"$box": [[0, 0], [1, 1]]}}}),
    ("needs [[longitude", {"f": {"$geoWithin": {"$centerSphere": [[1, 2]]}}}),
    ("out of range", {"f": {"$geoWithin": {"$centerSphere": [[181, 2], 1]}}}),
    ("out of range", {"f": {"$geoWithin": {"$centerSphere": [[1, 2], -1]}}}),
    ("out of range", {"f": {"$geoWithin": {"$centerSphere": [[1, math.nan], 1]}}}),
    ("needs numbers", {"f": {"$geoWithin": {"$centerSphere": [[1, True], 1]}}}),
    ("nested deeper than", nested(91, "$and")),
    ("nested deeper than", nested(20_000, "$nor")),
    ("nested deeper than", negated(20_000)),
    ("nested deeper than", {"f": deep(20_000)}),
    *((f'"{name}" is a hidden name', {"$or": [{f"{name}.x": 1}]}) for name in sorted(HIDDEN)),
]


@pytest.mark.parametrize(("named", "given"), REFUSED, ids=[f"{place} {named}" for place, (named, _) in enumerate(REFUSED)])
def test_refused(named: str, given: Any) -> None:
    with pytest.raises(DefinitionError, match=re.escape(named)):
        condition(given)


DEEPEST: dict[str, Document] = {
    **{shape: nested(89, shape) for shape in ("$and", "$or", "$nor")},
    "$not": negated(89),
    "value": {"f": deep(178)},
    "several keys": several_keys(44),
    "several operators": {"f": several_operators(44)},
}


@pytest.mark.parametrize("shape", DEEPEST)
def test_what_is_read_is_not_too_deep_for_mongodb(shape: str, collection: Collection[Document]) -> None:
    """The deepest that is read, also beside an actor's condition and in a branch of a pipeline."""
    tree = compile_filter(all_of(condition({"app_id": 7}), Not(condition(DEEPEST[shape]))))
    assert list(collection.aggregate([{"$facet": {"found": [{"$match": tree}]}}])) == [{"found": []}]


def test_an_anchored_literal_needs_its_operator() -> None:
    if HOST.row("start_with", "any") is None:
        with pytest.raises(DefinitionError, match="start_with"):
            condition({"f": {"$regex": "^a"}})
    else:
        assert compile_filter(condition({"f": {"$regex": r"^a\^"}})) == {"f": {"$regex": r"^a\^"}}


def test_literals_are_read_as_python_escapes_them() -> None:
    pick = random.Random(2)
    for _ in range(500):
        text = "".join(pick.choice("ab1.^$*+?{}[]|()\\-#& \n\té😀_/'\"") for _ in range(pick.randrange(8)))
        node = condition({"f": {"$regex": re.escape(text)}})
        assert isinstance(node, Compare)
        assert node.operand == text


def test_radius_keeps_its_meaning() -> None:
    """Metres stand in the tree; divided again they give the host's radians, or the next double where none gives them."""
    pick = random.Random(4)
    for radians in [
        0.0,
        math.inf,
        1e300,
        *(metres / EARTH for metres in range(0, 10**7, 9_999)),
        *(pick.uniform(0, 3) for _ in range(500)),
    ]:
        compiled = compile_filter(condition({"f": {"$geoWithin": {"$centerSphere": [[0, 0], radians]}}}))
        assert compiled["f"]["$geoWithin"]["$centerSphere"][1] == pytest.approx(radians, rel=2**-52, abs=0)


def test_nothing_is_shared() -> None:
    """Neither what the host holds nor what it is given can change the tree."""
    operand: Document = {"b": [1]}
    node = condition({"f": {"$in": [operand]}})
    operand["b"].append(2)
    first = compile_filter(node)
    assert first == {"f": {"$in": [{"b": [1]}]}}
    first["f"]["$in"][0]["b"].append(3)
    first["f"]["$in"].clear()
    assert compile_filter(node) == {"f": {"$in": [{"b": [1]}]}}


def test_constants_compiled() -> None:
    assert compile_filter(EVERYTHING) == {}
    assert compile_filter(NOTHING) == {"_id": {"$in": []}}
    assert compile_filter(Not(EVERYTHING)) == {"$nor": [{}]}
    compile_filter(NOTHING)["_id"]["$in"].append(1)
    assert compile_filter(all_of(NOTHING, condition({"f": ObjectId("0" * 24), "g": Int64(1)}))) == {"_id": {"$in": []}}
