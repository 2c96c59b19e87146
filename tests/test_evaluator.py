"""The evaluator against a real server: every kind of stored value, every path; seeds are fixed, so a failure repeats."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
from typing import Any

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo.collection import Collection

from cubequery.ast import EVERYTHING, NOTHING, All, AnyOf, Compare, Condition, Field, Not
from cubequery.compile import compile_filter
from cubequery.evaluate import candidates, expression_value, matcher, selector
from cubequery.host import condition
from cubequery.operators import HOST, SEARCH, Circle, SearchOperator
from cubequery.operators.near import EARTH, inside
from cubequery.ordering import MISSING, equal
from cubequery.values import Anything, Array, FieldType, Float, Integer, String
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
        return {
            pick.choice(("t", "s")): {pick.choice(("$in", "$nin", "$all")): pick.choices(("x", "y", "a", "abc"), k=pick.choice((1, 2)))}
        }
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
    assert telling / total > 0.2


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


def typed(name: str, kind: FieldType, operator: str, operand: Any) -> Compare:
    """A comparison as a request's would be."""
    row = SEARCH.row(operator, kind)
    assert row is not None
    return Compare(Field(name, name, kind), row, operand)


def test_digits_of_numbers(collection: Rows) -> None:
    """``ctn`` on numbers looks at the text MongoDB makes of them, and at nothing but numbers."""
    pick = random.Random(3)
    numbers: list[Any] = [pick.uniform(-1, 1) * 10 ** pick.randint(-12, 20) for _ in range(150)] + [pick.getrandbits(62) for _ in range(50)]
    made = filled(collection, [{"_id": place, "a": value} for place, value in enumerate([*numbers, *SCALARS, [1, 2], {"0": 1}, {"b": 12}])])
    needles = ("1", "0", "-", ".", "e", "e+", "07", "N", "Inf", "$a", "99", "")
    conditions = [typed(name, Float(), "ctn", needle) for needle in needles for name in ("a", "a.b")]
    assert not differences(collection, made, [*conditions, *(Not(node) for node in conditions)])


def test_circles(collection: Rows) -> None:
    """Points nearer than 2 cm to a circle's edge are left out: there the server's own arithmetic decides."""
    pick = random.Random(5)
    ends = (-180.0, 180.0, -90.0, 90.0, 0.0)
    points: list[Any] = [[pick.uniform(-180, 180), pick.uniform(-90, 90)] for _ in range(80)] + [[x, y] for x in ends for y in ends]
    shapes = [
        [1, 2, 3],
        [[1, 2], [30, 40]],
        {"x": 1, "y": 2},
        {"lat": "a", "lng": 2},
        {"type": "Point", "coordinates": [1, 2]},
        [True, 1],
        "1,2",
        [],
    ]
    made = filled(collection, [{"_id": place, "a": value} for place, value in enumerate([*points, *shapes, *SCALARS])])
    conditions: list[Condition] = []
    for _ in range(40):
        lng, lat = pick.choice(points[:80])
        circle = Circle(lng, lat, pick.choice((1.0, 1e5, 3e6, 1e7, math.pi * EARTH)))
        edge = (Circle(lng, lat, circle.radius - 0.02), Circle(lng, lat, circle.radius + 0.02))
        if all(inside(point, edge[0]) == inside(point, edge[1]) for point in points):
            conditions.append(typed("a", Anything(), "near", circle))
    assert len(conditions) > 30
    assert not differences(collection, made, conditions)


@pytest.mark.parametrize("row", [row for row in HOST.rows if row.quick], ids=lambda row: f"{row.name} {row.kinds[0]}")
def test_short_cuts_decide_as_the_row_itself(row: SearchOperator) -> None:
    """What the generated loop decides in place must be what ``decide`` says; no server is needed, so a row from outside can be tried."""
    pick = random.Random(row.name)
    operands = (1, 1.5, "a", "ab", True, DAY, ObjectId("f" * 24), Int64(2)) if row.shape != "literal" else ("a", "", "1")
    for _ in range(300):
        operand: Any = pick.choice(operands)
        if row.shape == "list":
            alike = [value for value in (*operands, *(["b", "x"]), *([None] if row.null else [])) if pick.random() < 0.9]
            operand = [value for value in alike if type(value) in (type(operand), type(None))]
        value = stored(pick, 2)
        for name, document in (("a", {"a": value}), ("a.b", {"a": {"b": value}}), ("a.b", {"a": value})):
            node = Compare(Field(name, name, Anything()), row, operand)
            assert matcher(node)(document) == row.decide(operand)(candidates(document, name)), (operand, document)


def test_deep_and_wide_trees(collection: Rows) -> None:
    """Nesting as deep as a host may send it, and more members than one function holds."""
    made = filled(collection, documents(random.Random(11), 60))
    deep: Document = {"s": {"$gte": 1}}
    for level in range(80):
        deep = {"$and": [deep, {"t": {"$ne": "x"}}]} if level % 3 else {"$nor": [deep]}
    wide: Document = {"$or": [{"s": number} for number in range(400)] + [{"$and": [{"t": "x"}, {"a.b": None}]}]}
    assert not differences(collection, made, [condition(deep), condition(wide), condition({"$nor": [deep, wide]})])


def test_an_element_without_hash_changes_nothing() -> None:
    """Tokens are looked up in a set; an array that holds a document among its texts is decided all the same."""
    readable = typed("_read", Array(String), "in", ["*", "u7"])
    made = [
        {"_read": value} for value in (["*"], [{"x": 1}, "u7"], [{"x": 1}], "u7", ["u70"], [["u7"]], None, [Code("u7")], {"0": "u7"}, [])
    ]
    kept = [["*"], [{"x": 1}, "u7"], "u7"]
    assert [document["_read"] for document in selector(readable)(made)] == kept
    assert [document["_read"] for document in made if matcher(readable)(document)] == kept
    assert [document["_read"] for document in made if not matcher(Not(readable))(document)] == kept


def test_constants() -> None:
    made: list[Document] = [{"_id": 1}, {"_id": 2}]
    always, never = (EVERYTHING, All(()), Not(NOTHING)), (NOTHING, AnyOf(()), Not(EVERYTHING))
    assert [selector(node)(iter(made)) for node in (*always, *never)] == [made] * 3 + [[]] * 3
    assert [matcher(node)({}) for node in (*always, *never)] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("node", [None, {}, "x", All((None,)), Not({}), AnyOf((EVERYTHING, object()))])  # type: ignore[arg-type]
def test_what_is_no_condition_is_an_error(node: Any) -> None:
    for use in (matcher, selector, compile_filter):
        with pytest.raises(TypeError, match="no condition"):
            use(node)


@pytest.mark.parametrize(
    ("operand", "value", "holds"),
    [
        (1, True, False),  # true is no number, though Python's True == 1
        (True, 1, False),
        (1, 1.0, True),
        (1, Int64(1), True),
        (math.nan, math.nan, True),  # NaN equals itself
        (2**53 + 1, float(2**53), False),  # exactly compared, not as doubles
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),  # the order of keys counts
        ("a", ["b", "a"], True),  # some element
        ("a", [["a"]], False),  # opened one level only
        (["a"], [["a"]], True),
        (None, [], False),  # an empty array holds no null
        (DAY, DAY.replace(microsecond=999), True),  # whole milliseconds are kept
        (DAY, DAY.replace(tzinfo=dt.UTC), True),
    ],
)
def test_equality_in_prose(operand: Any, value: Any, holds: bool) -> None:
    node = condition({"f": {"$eq": operand}})
    assert matcher(node)({"f": value}) is holds
    assert matcher(Not(node))({"f": value}) is not holds


def test_ranges_in_prose() -> None:
    between = matcher(condition({"f": {"$gt": 4, "$lt": 6}}))
    assert between({"f": [1, 10]})  # different elements may satisfy the two bounds
    assert not between({"f": "5"})
    assert not between({})
    assert not matcher(condition({"f": {"$lt": math.inf}}))({"f": math.nan})
    assert not matcher(condition({"f": {"$all": []}}))({"f": []})
    assert matcher(condition({"f": {"$nin": []}}))({})
    assert not matcher(typed("f", Integer(), "ctn", "1"))({"f": "1"})
