"""The evaluator against a real server: every kind of stored value, every path; seeds are fixed, so a failure repeats."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from bson import SON, Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from cubequery.ast import EVERYTHING, NOTHING, Aggregate, All, AnyOf, Calc, Compare, Condition, Field, Not, Page
from cubequery.compile import compile_filter
from cubequery.compile.mongo_query import calc_name, compile_group
from cubequery.errors import DefinitionError
from cubequery.evaluate import candidates, expression_value, first, group, matcher, selector, sort_documents
from cubequery.host import condition
from cubequery.operators import CALCULATIONS, EQ, GROUP_KINDS, HOST, SEARCH, Circle
from cubequery.operators.near import EARTH
from cubequery.ordering import MISSING, equal
from cubequery.values import Array, Boolean, FieldType, Float, Integer, String, UserIdType
from tests.support.mongod import Document

Rows = Collection[Document]

DAY = dt.datetime(2020, 1, 1)
SCALARS: tuple[Any, ...] = (
    None, 0, 1, 2, -1, -0.0, 1.0, 1.5, math.nan, math.inf, -math.inf, 2**53 + 1, float(2**53), Int64(1), Int64(2**62), float(2**62),
    Decimal128("1"), Decimal128("0.1"), 0.1, Decimal128("NaN"), Decimal128("Infinity"), True, False, "", "1", "a", "ab", "abc", "é", "b\0",
    DAY, DAY.replace(microsecond=1000), DAY.replace(microsecond=1999), DAY.replace(tzinfo=dt.UTC), ObjectId("0" * 24), ObjectId("f" * 24),
    b"a", Binary(b"a", 5), Timestamp(1, 1), Regex("a"), Regex("a", "i"), Regex("^a"), Code("a"), Code("a", {"x": 1}), MinKey(), MaxKey(),
)  # fmt: skip
"""One or more of each stored type, and those that Python alone would take for one another."""
COMMON: tuple[Any, ...] = (None, 1, 2, 1.0, True, "a", "ab", DAY, ObjectId("f" * 24))


def stored(pick: random.Random, depth: int) -> Any:
    """A value as it may lie in a record; keys that look like places of an array among its keys."""
    kind = pick.random() if depth else 0.0
    if kind < 0.5:
        return pick.choice(SCALARS if pick.random() < 0.5 else COMMON)
    if kind < 0.8:
        return [stored(pick, depth - 1) for _ in range(pick.choice((0, 1, 1, 2, 3)))]
    return {key: stored(pick, depth - 1) for key in pick.sample(("b", "c", "0", "1"), pick.choice((0, 1, 1, 2, 3)))}


def documents(pick: random.Random, count: int) -> list[Document]:
    """Documents with an odd field, a text list, and a field of scalars; each of them may be absent."""
    made = []
    for number in range(count):
        fields = {"a": stored(pick, 3), "s": stored(pick, 0), "t": pick.choices(("x", "y", "z"), k=pick.choice((0, 1, 2)))}
        made.append({"_id": number, **{key: value for key, value in fields.items() if pick.random() < 0.9}})
    return made


def filled(rows: Rows, made: list[Document]) -> list[Document]:
    """The documents, in the collection as well."""
    rows.delete_many({})
    rows.insert_many([dict(document) for document in made])
    return made


def path(pick: random.Random) -> str:
    return pick.choice(("s", "s", "t", "a", "a.b", "a.b.c", "a.0", "a.1.b", "a.0.0", "a.b.0"))


def comparison(pick: random.Random) -> Document:
    """A condition on one path; half of the operands are common ones, so that many conditions hold for some records."""
    operator = pick.choice(("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all", "$exists", "$regex", "text"))
    operand: Any = stored(pick, pick.choice((0, 0, 0, 2)))
    if operator == "text":
        return {pick.choice(("t", "s")): {pick.choice(("$in", "$nin", "$all")): pick.choices(("x", "y", "a", "abc"), k=pick.choice((1, 2)))}}
    if operator in ("$in", "$nin", "$all"):
        alike = pick.choice((SCALARS, COMMON, (1, 2, 1.5), ("a", "ab", None)))
        operand = [*pick.choices(alike, k=pick.choice((0, 1, 2, 3))), *([operand] if pick.random() < 0.3 else [])]
        operand = [item for item in operand if not isinstance(item, Regex)]
    elif operator == "$regex":
        operand = re.escape(pick.choice(("", "a", "b", "1", "x")))
    elif operator != "$eq" and isinstance(operand, Regex):
        operand = "a"
    return {path(pick): {operator: operand}}


def tree(pick: random.Random, depth: int = 2) -> Document:
    kind = pick.random() if depth else 0.0
    if kind < 0.6:
        return comparison(pick)
    if kind < 0.7:
        [(name, operators)] = comparison(pick).items()
        return {name: {"$not": operators}}
    return {pick.choice(("$and", "$or", "$nor")): [tree(pick, depth - 1) for _ in range(pick.choice((1, 2, 3)))]}


def ids(found: list[Document]) -> list[Any]:
    return [document["_id"] for document in found]


def asked(rows: Rows, conditions: list[Condition]) -> list[list[Any]]:
    """Ids that the server finds for each compiled condition, in one command."""
    collect: list[Document] = [{"$sort": {"_id": 1}}, {"$group": {"_id": None, "ids": {"$push": "$_id"}}}]
    branches = {f"c{place}": [{"$match": compile_filter(node)}, *collect] for place, node in enumerate(conditions)}
    (answer,) = rows.aggregate([{"$facet": branches}])
    return [answer[branch][0]["ids"] if answer[branch] else [] for branch in branches]


def differences(rows: Rows, made: list[Document], conditions: list[Condition]) -> list[tuple[Document, Document, bool]]:
    """Conditions, documents and the server's answers where a matcher or a selector decides otherwise."""
    wrong = []
    for node, found in zip(conditions, asked(rows, conditions), strict=True):
        matches, select = matcher(node), selector(node)
        mine, chosen = {document["_id"] for document in made if matches(document)}, set(ids(select(made)))
        odd = (mine ^ set(found)) | (chosen ^ set(found))
        wrong += [(compile_filter(node), document, document["_id"] in found) for document in made if document["_id"] in odd]
    return wrong


@pytest.mark.parametrize("seed", range(12))
def test_conditions(seed: int, collection: Rows) -> None:
    """480 conditions over 80 documents for each seed; most must tell documents apart, or they would prove little."""
    pick = random.Random(seed)
    telling = total = 0
    for _ in range(12):
        made = filled(collection, documents(pick, 80))
        conditions = [condition(tree(pick)) for _ in range(40)]
        assert not differences(collection, made, conditions)[:1]
        telling += sum(0 < len(selector(node)(made)) < len(made) for node in conditions)
        total += len(conditions)
    assert 0.2 < telling / total


def test_records_that_went_through_the_server_decide_alike(collection: Rows) -> None:
    pick = random.Random(7)
    made = filled(collection, documents(pick, 200))
    back = list(collection.find().sort("_id"))
    for _ in range(400):
        node = condition(tree(pick))
        assert ids(selector(node)(made)) == ids(selector(node)(back)), node


@pytest.mark.parametrize("seed", range(3))
def test_values_of_paths(seed: int, collection: Rows) -> None:
    """What a path leads to as a condition, and what it is in an expression."""
    pick = random.Random(seed)
    made = filled(collection, documents(pick, 300))
    for name in ("a", "a.b", "a.b.c", "a.0", "a.1", "a.0.0", "a.0.b", "a.b.0", "a.00"):
        present = {document["_id"] for document in made if any(value is not MISSING for value in candidates(document, name))}
        assert present == set(ids(list(collection.find({name: {"$exists": True}}, {"_id": 1})))), name
        values = {row["_id"]: row.get("v", MISSING) for row in collection.aggregate([{"$project": {"v": f"${name}"}}])}
        for document in made:
            value = expression_value(document, name)
            assert (value is MISSING) == (values[document["_id"]] is MISSING), (name, document)
            assert equal(value, values[document["_id"]]), (name, document)
