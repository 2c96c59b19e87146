"""The update evaluator: seeded comparison with a real server on any stored value, and what requests make of null and foreign values."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Binary, DBRef, Decimal128, Int64, MinKey, ObjectId, Regex, Timestamp, encode
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, WriteError

from cubequery.ast import Assign, Field
from cubequery.errors import DefinitionError
from cubequery.evaluate.update import ChangeRefused, apply_changes
from cubequery.host_update import mutation
from cubequery.operators import SEARCH, UPDATE, Removal
from cubequery.operators.update import ANY
from cubequery.ordering import is_nan
from cubequery.values import Anything, Array, FieldType, Float, Integer, String
from tests.support.mongod import Document

PULL_CONDITIONS = [row for row in SEARCH.rows if row.expression is not None]

NAN, INF = float("nan"), float("inf")
NUMBERS = (
    *(0, 1, -1, 2, 5, 2**31 - 1, -(2**31), 2**40, -(2**40), Int64(1), Int64(0), Int64(2**63 - 1), Int64(-(2**63))),
    *(1.0, -0.0, 0.0, 0.1, 2.5, 1e308, -1e308, 2.0**63, NAN, INF, -INF),
    *map(Decimal128, ("1", "1.10", "0.00", "-0", "1E-6176", "9E+6144", "NaN", "Infinity", "123456789.123456789123456789")),
)
OTHERS: tuple[Any, ...] = (
    *(None, True, False, "", "a", "1", dt.datetime(2020, 1, 1), ObjectId("5c097e8cca8bf4291e8d219f"), Binary(b"x", 5), b"x", Regex("a")),
    *({}, {"a": 1}, {"a": 1.0}, {"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": {"b": [1]}}, {"a": True}, {"$x": 1}, DBRef("c", 1)),
    *(Timestamp(1, 1), MinKey()),
)
ARRAYS: tuple[Any, ...] = (
    *([], [1], [1, 1.0, True], [None], [[]], [[1], 1], [[1, 2], [2]], [{"a": 1}, {"a": 1, "b": 2}], [NAN, 1, NAN], ["a", "b", "a"]),
    *([0, -0.0, False], [Int64(1), 2, 3, 4], [{"a": [1, 5]}, []], [2**53 + 1, 2.0**53], [Decimal128("0.1"), 0.1], list(OTHERS)),
)
PATHS = ("f", "g", "Z", "10x", "9x", "2", "02", "a.b", "a.c", "a.10", "a.9", "a.b.c", "f.0", "f.1", "f.3", "f.01", "f.x", "f.0.a", "n.m.o")
ROWS = tuple(row for row in UPDATE.values() if ANY in row.kinds)
BATCH, BATCHES = 250, 60
"""15,000 documents; each batch is its own seed."""


def value(rng: random.Random) -> Any:
    return rng.choice(rng.choice((NUMBERS, OTHERS, ARRAYS)))


def document(rng: random.Random) -> Document:
    """Absent, null, of any type, of the type most operators want, alike inside an Object and an array."""
    made: Document = {}
    for name in ("f", "g", "a", "x"):
        if rng.random() < 0.7:
            made[name] = rng.choice((None, value(rng), value(rng), rng.choice(ARRAYS), rng.choice(NUMBERS)))
    if rng.random() < 0.5:
        made["a"] = {name: rng.choice((value(rng), rng.choice(ARRAYS))) for name in rng.sample(("b", "c", "10", "z"), rng.randint(0, 3))}
    return made


def without_dollars(rng: random.Random) -> Any:
    """A value that cannot be taken for a condition: neither a pattern nor a document with an operator's name in it."""
    found = value(rng)
    plain = "$" not in repr(found) if isinstance(found, dict | list) else type(found) in (int, float, str, bool, Int64)
    return found if plain else 1


def operand(rng: random.Random, shape: str) -> Any:
    """An operand of the row's shape."""
    if shape == "number":
        return rng.choice(NUMBERS)
    if shape == "list":
        return [value(rng) for _ in range(rng.choice((0, 1, 1, 2, 4)))]
    if shape == "removal":
        return rng.choice((removal, recorded_removal))(rng)
    return {"value": value(rng), "nothing": None, "end": rng.choice((1, -1))}[shape]


def removal(rng: random.Random) -> Removal:
    """Conditions as requests have them."""
    rows = [rng.choice(PULL_CONDITIONS) for _ in range(rng.choice((1, 1, 2, 3)))]
    return Removal(tuple((row, [without_dollars(rng) for _ in range(3)] if row.shape == "list" else without_dollars(rng)) for row in rows))


def recorded_removal(rng: random.Random) -> Removal:
    """A pull operand as MongoDB spells it: a value, or a condition on those elements that are documents."""
    conditions = ({"a": rng.choice((1, None, {"$gt": 0}, {"$in": [1, 5]}))}, {"a.b": 1}, {"$or": [{"a": 1}, {"b": 2}]}, {"$eq": [1]}, None)
    (change,) = mutation({"$pull": {"f": rng.choice((without_dollars(rng), rng.choice(conditions)))}})
    return change.operand  # type: ignore[no-any-return]  # an operand may be anything


def changes(rng: random.Random) -> tuple[Assign, ...]:
    """One to three changes of paths that do not meet."""
    made: list[Assign] = []
    for path in rng.sample(PATHS, rng.choice((1, 1, 2, 3))):
        if not any(meet(path, other.field.path) for other in made):
            row = rng.choice(ROWS)
            made.append(Assign(Field(path, path, Anything()), row, operand(rng, row.shape)))
    return tuple(made)


def meet(path: str, other: str) -> bool:
    """Whether one path is, or begins, the other; ``f.1`` and ``f.01`` are one place."""
    short, long = sorted((path.replace("01", "1").split("."), other.replace("01", "1").split(".")), key=len)
    return long[: len(short)] == short


def well_typed(rng: random.Random) -> tuple[Document, tuple[Assign, ...]]:
    """A record whose values are all its class's own, and a change of two of its fields."""
    made: Document = {}
    for field in FIELDS:
        if rng.random() < 0.7:
            parts = field.path.split(".")
            inner = made.setdefault(parts[0], {}) if len(parts) > 1 else made
            inner[parts[-1]] = own_value(rng, field.type)
    return made, tuple(requested(rng, field) for field in rng.sample(FIELDS, 2))


def own_value(rng: random.Random, kind: FieldType) -> Any:
    if isinstance(kind, Array):
        return [own_value(rng, kind.element) for _ in range(rng.randint(0, 4))]
    if isinstance(kind, String):
        return rng.choice(("a", "b", ""))
    integers = (0, 1, -1, 2**31 - 1, Int64(3), Int64(2**62), Int64(-(2**62)))
    return rng.choice((0.5, -2.5, 1e308, 1.0, 3)) if isinstance(kind, Float) else rng.choice(integers)


def requested(rng: random.Random, field: Field) -> Assign:
    row = rng.choice([row for row in ROWS if field.type.kind in row.kinds or row.own == "any"])
    if row.shape == "list":
        return Assign(field, row, [own_value(rng, field.type.element) for _ in range(rng.randint(1, 3))])
    if row.shape == "removal":
        return Assign(field, row, Removal(((SEARCH["in"][0], own_value(rng, field.type)),)))
    return Assign(field, row, {"nothing": None, "end": rng.choice((1, -1))}.get(row.shape) or own_value(rng, field.type))


def on_server(collection: Collection[Document], cases: list[tuple[Document, tuple[Assign, ...]]]) -> Iterator[Document | int]:
    """What MongoDB leaves of each document, or its code."""
    collection.delete_many({})
    collection.insert_many([stored for stored, _ in cases])
    codes: dict[int, int] = {}
    try:
        collection.bulk_write([UpdateOne({"_id": stored["_id"]}, written(its)) for stored, its in cases], ordered=False)
    except BulkWriteError as error:
        codes = {each["index"]: each["code"] for each in error.details["writeErrors"]}
    for number, after in enumerate(collection.find().sort("_id")):
        yield codes.get(number, after)


def written(its: tuple[Assign, ...]) -> Document:
    update: Document = {}
    for change in its:
        update.setdefault(change.operator.command, {})[change.field.path] = change.operator.argument(change.operand)
    return update


def as_stored(stored: Document) -> bytes:
    """BSON, order of keys and types of numbers included; of a NaN only that it is one, since its bits depend on the processor."""
    return encode(calm(stored))


def calm(value: Any) -> Any:
    if isinstance(value, DBRef):
        value = value.as_doc()
    if isinstance(value, dict):
        return {name: calm(item) for name, item in value.items()}
    if isinstance(value, list):
        return [calm(item) for item in value]
    return Timestamp(0, 1) if is_nan(value) else value


def difference(stored: Document, its: tuple[Assign, ...], theirs: Document | int, *, strict: bool) -> str | None:
    """What the evaluator makes of a case otherwise than the server did."""
    said = f"{stored} {written(its)}: the server's {theirs}"
    try:
        ours = apply_changes(stored, its, strict=strict)
    except ChangeRefused as refused:
        stricter = refused.code == "overflow" and not strict
        return None if stricter or isinstance(theirs, int) else f"{said}, ours {refused.code}"
    return None if not isinstance(theirs, int) and as_stored(ours) == as_stored(theirs) else f"{said}, ours {ours}"


def test_any_stored_value_is_changed_as_by_the_server(collection: Collection[Document]) -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    differences: list[str] = []
    for seed in range(BATCHES):
        rng = random.Random(seed)
        cases = [({"_id": number, **document(rng)}, changes(rng)) for number in range(BATCH)]
        for (stored, its), theirs in zip(cases, on_server(collection, cases), strict=True):
            seen.update((change.operator.name, isinstance(theirs, int)) for change in its)
            differences += filter(None, [difference(stored, its, theirs, strict=True)])
    print(f"{BATCH * BATCHES} documents, {seen.total()} changes (operator, refused): {dict(sorted(seen.items()))}")
    # The comparison counts only if every operator was both carried out and refused often.
    assert all(seen[row.name, refused] >= 500 for row in ROWS for refused in (True, False)), seen
    assert not differences, "\n".join([f"{len(differences)} differ", *differences[:10]])


def test_requests_on_well_typed_records_change_them_as_the_server_does(collection: Collection[Document]) -> None:
    rng = random.Random(2024)
    cases = [({"_id": number, **stored}, its) for number, (stored, its) in enumerate(well_typed(rng) for _ in range(1_000))]
    found = [difference(*case, theirs, strict=False) for case, theirs in zip(cases, on_server(collection, cases), strict=True)]
    assert not any(found), "\n".join(filter(None, found))


MIXED = [1, 2, 3, [2], [[2]], [2, 9], None, True, "2", {}, {"b": 1}, {"b": {"c": 1}}, {"b": [1, 5]}, [{"b": 1}], {"b": None}, DBRef("c", 1)]
PULLED: tuple[Any, ...] = (
    *(2, True, None, "2", [2], [[2]], {}, {"b": 1}, {"b": None}, {"b": {"$gt": 0}}, {"b.c": 1}, {"b": {}}, {"b": {"$exists": False}}),
    *({"$eq": 2}, {"$eq": [2]}, {"$eq": {"b": 1}}, {"$ne": 2}, {"$gt": 1}, {"$gt": 1, "$lt": 3}, {"$in": [2]}, {"$in": []}, {"$nin": []}),
    *(
        {"$all": [2, 9]},
        {"$exists": True},
        {"$gt": 0, "$not": {"$gt": 2}},
        {"$or": [{"b": 1}, {"b.c": 1}]},
        {"$nor": [{"b": 1}]},
        Regex("2"),
    ),
    *({"$not": {"$gt": 1}}, {"$foo": 1}, {"b": 1, "$gt": 2}, {"$gt": 1, "b": 2}, {"$in": 2}, {"$or": []}, {"$and": [1]}),
)
FORMS: tuple[Document, ...] = (
    *({"$pull": {"f": operand}} for operand in PULLED),
    *({"$pop": {"f": end}} for end in (1, -1, 1.0, -1.0, Int64(1), Decimal128("1.0"), 0, 2, 1.5, "1", True, None)),
    *({"$inc": {"n": amount}} for amount in (*NUMBERS, None, True, "1", [1], {})),
    *({"$addToSet": {"f": item}} for item in (1.0, [2, 9.0], {"$each": [2.0, 4, 4.0]}, {"a": 1, "$each": [2]})),
    *({"$addToSet": {"f": {"$each": 2}}}, {"$addToSet": {"f": {"$each": [], "a": 1}}}, {"$push": {"f": 1}}, {"$push": {"f": [1]}}),
    *({"$push": {"f": {"$each": items}}} for items in ([1, [1]], [], 1)),
    *({"$push": {"f": {"a": 1, "$each": [1]}}}, {"$push": {"f": {"$slice": 1}}}),
    *({"$pullAll": {"f": items}} for items in ([2, [2]], [{"b": 1.0}], [], 2, None, {"b": 1})),
    *({"$set": {path: 1}} for path in ("", ".a", "a..b", "$a", "d.$a", "d.$[a", "f.x", "f.-1", "f.01", "f.20", "n.x")),
    *({"$set": {f"f.{place}": 1}} for place in (len(MIXED) + 1_500_001, 10**18, 10**30)),
    *({"$pull": {path: 1}} for path in ("f.100", "f.9999999", "f." + "9" * 30, "f.x", "f.3", "n.x", "m.n")),
    *({"$unset": {path: 1}} for path in ("f.100", "f." + "9" * 30, "f.x", "f.3", "f.3.0", "n.x", "m.n", "n")),
    *({"$set": fields} for fields in ({}, {"n": 1, "n.a": 1}, {"f.1": 1, "f": 1}, {"f.2": 1, "f.1": 1}, {"_id": 1.5}, [1], None, 5)),
    *({"$push": {}}, {"$nonsense": {}}, {"$set": {"n": 1}, "$inc": {"n": 1}}, {"$set": {"n": 1}, "$push": {"f": 1}}),
)  # fmt: skip


def test_every_form_of_an_update_means_what_the_server_makes_of_it(collection: Collection[Document]) -> None:
    """Sent as it stands, not written again from the tree."""
    for update in FORMS:
        stored = {"_id": 1, "f": MIXED, "n": 5}
        collection.replace_one({"_id": 1}, stored, upsert=True)
        try:
            collection.update_one({"_id": 1}, update)
            theirs = collection.find_one({})
        except WriteError:
            theirs = None
        try:
            ours = apply_changes(stored, mutation(update), strict=True)
        except (DefinitionError, ChangeRefused):
            ours = None
        assert (ours and as_stored(ours)) == (theirs and as_stored(theirs)), (update, ours, theirs)


BIG = 1_500_001


RECORDED: list[tuple[Document, Document, str | None]] = [
    ({"f": 5}, {"$set": {"f.x": 1}}, "operator_type"),
    ({"f": [1]}, {"$set": {"f.x": 1}}, "operator_type"),
    ({"f": None}, {"$set": {"f.x": 1}}, "operator_type"),
    ({"f": [1]}, {"$set": {f"f.{BIG}": 1}}, None),
    ({"f": [1]}, {"$set": {f"f.{BIG + 1}": 1}}, "index"),
    ({"f": [1]}, {"$set": {"f.4294967295": 1}}, "index"),
    ({"f": [1]}, {"$set": {"f.4294967296": 1}}, "operator_type"),
    ({"f": [1]}, {"$pop": {"f.4294967295": 1}}, None),
    ({"f": [1]}, {"$pop": {"f.4294967296": 1}}, "operator_type"),
    ({"f": [1]}, {"$pop": {"f.9999999999": 1}}, "operator_type"),
    ({"f": [1]}, {"$pop": {"f.99999999999": 1}}, "operator_type"),
    ({"f": [1]}, {"$unset": {"f.4294967296": ""}}, None),
    ({"f": [1, [2]]}, {"$pop": {"f." + "0" * 5_000 + "1": 1}}, None),
    ({"f": [1, 2]}, {"$inc": {"f." + "0" * 30: 1}}, None),
    ({"f": "x"}, {"$push": {"f": 1}}, "operator_type"),
    ({"f": 2**62}, {"$inc": {"f": 2**62}}, "overflow"),
    ({"f": Decimal128("0.10")}, {"$inc": {"f": 0.1}}, None),
    ({"f": Decimal128("0.10")}, {"$inc": {"f": 0.0}}, None),
    ({"f": 0.1}, {"$inc": {"f": Decimal128("0.10")}}, None),
    ({"_id": 1}, {"$set": {"_id": 2}}, "conflict"),
    ({"_id": 1}, {"$set": {"_id": 1.0}}, "conflict"),
    ({"_id": {"a": 1}}, {"$set": {"_id.a": 2}}, "conflict"),
    ({"_id": 1}, {"$set": {"_id": 1}}, None),
    ({"f": [[1, [2]]]}, {"$set": {"f.0.1.3": 9}}, None),
    ({"f": [[1, [2]]]}, {"$unset": {"f.0.1.0": ""}}, None),
    ({"f": [1, 2]}, {"$unset": {"f.2": ""}}, None),
    ({"f": [{"a": 1}]}, {"$unset": {"f.0.a": ""}}, None),
]
"""Recorded updates of one document, each with the code by which it is refused; None: it is carried out."""


def recorded(stored: Document, update: Document) -> bytes | list[str]:
    """What a recorded update leaves of a document, or the codes by which it is refused."""
    try:
        return as_stored(apply_changes({"_id": 7, **stored}, mutation(update), strict=True))
    except ChangeRefused as refused:
        return [code for _, code in refused.reasons]


@pytest.mark.parametrize(("stored", "update", "code"), RECORDED, ids=str)
def test_a_recorded_update_is_refused_by_its_code(stored: Document, update: Document, code: str | None) -> None:
    found = recorded(stored, update)
    assert found == [code] if code else isinstance(found, bytes)


@pytest.mark.parametrize(("stored", "update"), [row[:2] for row in RECORDED], ids=str)
def test_the_server_refuses_the_same_recorded_updates(stored: Document, update: Document, collection: Collection[Document]) -> None:
    collection.insert_one({"_id": 7, **stored})
    try:
        collection.update_one({}, update)
        theirs = as_stored(collection.find_one({}) or {})
    except WriteError:
        theirs = None
    found = recorded(stored, update)
    assert (found if isinstance(found, bytes) else None) == theirs


def change(name: str, field: Field, wanted: Any = None) -> Assign:
    return Assign(field, UPDATE[name], wanted)


def field(path: str, kind: FieldType) -> Field:
    return Field(path, path, kind)


AGE = field("age", Integer(minimum=0, maximum=150, choices=[0, 1, 5, 150, 200]))
COUNT, SCORE = field("count", Integer()), field("score", Float())
TAGS, SHORT = field("tags", Array(String)), field("tags", Array(String, max_length=2, choices=["a", "b"]))
CITY, VISITS, MARKS = field("address.city", String()), field("address.visits", Integer()), field("address.marks", Array(Integer))
PULL_A = Removal(((SEARCH["eq"][0], "a"),))
FIELDS = (COUNT, SCORE, TAGS, CITY, VISITS, MARKS)


@pytest.mark.parametrize(
    ("stored", "made", "after"),
    [
        ({"tags": None}, change("push", TAGS, ["a"]), {"tags": ["a"]}),
        ({"tags": None}, change("add_to_set", TAGS, ["a", "a"]), {"tags": ["a"]}),
        ({"tags": None}, change("set_index", TAGS, ((0, "a"), (1, "b"))), {"tags": ["a", "b"]}),
        ({"count": None}, change("inc", COUNT, 2), {"count": 2}),
        ({"tags": None}, change("pull", TAGS, PULL_A), {"tags": None}),
        ({"tags": None}, change("pull_all", TAGS, ["a"]), {"tags": None}),
        ({"tags": None}, change("pop", TAGS, 1), {"tags": None}),
        ({"address": None}, change("set", CITY, "Ulm"), {"address": {"city": "Ulm"}}),
        ({"address": None}, change("inc", VISITS, 1), {"address": {"visits": 1}}),
        ({"address": None}, change("pop", MARKS, 1), {"address": None}),
        ({"address": None}, change("unset", CITY), {"address": None}),
        ({"address": {"visits": None, "zip": 1}}, change("inc", VISITS, 1), {"address": {"visits": 1, "zip": 1}}),
    ],
)
def test_stored_null_counts_as_unset(stored: Document, made: Assign, after: Document) -> None:
    assert list(apply_changes(stored, [made]).items()) == list(after.items())


@pytest.mark.parametrize("name", ["push", "add_to_set", "pull_all"])
@pytest.mark.parametrize("stored", [{}, {"tags": None}, {"tags": ["a"]}, {"tags": []}])
def test_empty_list_changes_nothing(name: str, stored: Document) -> None:
    assert apply_changes(stored, [change(name, TAGS, [])]) == stored


@pytest.mark.parametrize(
    ("stored", "made"),
    [
        ({"tags": "a"}, change("push", TAGS, ["b"])),
        ({"tags": "a"}, change("add_to_set", TAGS, [])),
        ({"tags": {"0": "a"}}, change("set_index", TAGS, ((0, "b"),))),
        ({"tags": 5}, change("pull", TAGS, PULL_A)),
        ({"count": 1.0}, change("inc", COUNT, 1)),
        ({"count": True}, change("inc", COUNT, 1)),
        ({"score": Decimal128("1")}, change("inc", SCORE, 1.0)),
        ({"score": NAN}, change("inc", SCORE, 1.0)),
        ({"address": 5}, change("inc", VISITS, 1)),
        ({"address": [{"visits": 1}]}, change("inc", VISITS, 1)),
        ({"address": ""}, change("pop", MARKS, 1)),
    ],
)
def test_operator_refuses_a_foreign_value(stored: Document, made: Assign) -> None:
    with pytest.raises(ChangeRefused) as caught:
        apply_changes(stored, [made])
    assert caught.value.reasons == ((made.field, "operator_type"),)


@pytest.mark.parametrize(
    ("stored", "made", "after"),
    [
        ({"tags": 5}, change("set", TAGS, ["a"]), {"tags": ["a"]}),
        ({"tags": 5}, change("unset", TAGS), {}),
        ({"address": 5}, change("set", CITY, "Ulm"), {"address": {"city": "Ulm"}}),
        ({"address": [{"city": "x"}]}, change("set", CITY, "Ulm"), {"address": {"city": "Ulm"}}),
        ({"address": [{"city": "x"}]}, change("unset", CITY), {"address": [{"city": "x"}]}),
        ({"address": {"city": 7, "zip": 1}}, change("set", CITY, "Ulm"), {"address": {"city": "Ulm", "zip": 1}}),
    ],
)
def test_plain_value_replaces_a_foreign_one(stored: Document, made: Assign, after: Document) -> None:
    assert list(apply_changes(stored, [made]).items()) == list(after.items())


def test_operators_see_the_record_as_it_was() -> None:
    """`set` makes room for the Object, but the one update's filter finds a foreign value there."""
    with pytest.raises(ChangeRefused, match="operator_type"):
        apply_changes({"address": 5}, [change("set", CITY, "Ulm"), change("inc", VISITS, 1)])


@pytest.mark.parametrize(
    ("stored", "made", "code"),
    [
        ({"age": 150}, change("inc", AGE, 50), "out_of_range"),
        ({}, change("inc", AGE, 2), "choice"),
        ({"count": 2**63 - 1}, change("inc", COUNT, 1), "overflow"),
        ({"count": Int64(-(2**63))}, change("inc", COUNT, -1), "overflow"),
        ({"score": 1e308}, change("inc", SCORE, 1e308), "overflow"),
        ({"tags": ["a"]}, change("push", SHORT, ["b", "a"]), "too_big"),
        ({"tags": None}, change("push", SHORT, ["b", "a", "a"]), "too_big"),
        ({"tags": ["a", "c"]}, change("add_to_set", SHORT, ["b"]), "too_big"),
        ({"tags": ["a", "b"]}, change("set_index", SHORT, ((2, "a"),)), "too_big"),
        ({"tags": ["a"]}, change("set_index", TAGS, ((2, "a"),)), "index"),
        ({}, change("set_index", TAGS, ((1, "a"),)), "index"),
    ],
)
def test_result_is_judged(stored: Document, made: Assign, code: str) -> None:
    with pytest.raises(ChangeRefused) as caught:
        apply_changes(stored, [made])
    assert caught.value.reasons == ((made.field, code),)


@pytest.mark.parametrize(
    ("stored", "made", "after"),
    [
        ({"tags": ["x", "y", "z", None]}, change("pop", SHORT, 1), {"tags": ["x", "y", "z"]}),
        ({"tags": ["x", None, "a"]}, change("pull", SHORT, PULL_A), {"tags": ["x", None]}),
        ({"tags": [7]}, change("push", SHORT, ["a"]), {"tags": [7, "a"]}),
        ({"tags": ["a", "b", "c"]}, change("add_to_set", SHORT, ["a"]), {"tags": ["a", "b", "c"]}),
        ({"tags": ["a", "b", "c"]}, change("set_index", SHORT, ((2, "a"),)), {"tags": ["a", "b", "a"]}),
        ({"age": 7}, change("inc", AGE, -2), {"age": 5}),
    ],
)
def test_what_is_stored_already_is_not_judged(stored: Document, made: Assign, after: Document) -> None:
    assert apply_changes(stored, [made]) == after


def test_all_changes_or_none_in_a_document_of_its_own() -> None:
    stored = {"_id": 1, "tags": ["a"], "address": {"zip": [1]}, "b": 1}
    before = encode(stored)
    given = ["x"]
    after = apply_changes(
        stored, [change("push", TAGS, ["b"]), change("set", CITY, "Ulm"), change("set", field("a.list", TAGS.type), given)]
    )
    assert encode(after) == encode({"_id": 1, "tags": ["a", "b"], "address": {"zip": [1], "city": "Ulm"}, "b": 1, "a": {"list": ["x"]}})
    after["tags"].append("c")
    after["address"]["city"] = ""
    after["a"]["list"].append("y")
    made = [change("set_index", TAGS, ((7, "b"),)), change("push", TAGS, ["b"]), change("inc", field("b", String()), 1)]
    with pytest.raises(ChangeRefused) as caught:
        apply_changes(stored, made)
    assert caught.value.reasons == ((TAGS, "index"), (made[2].field, "operator_type"))
    assert (encode(stored), given) == (before, ["x"])


def test_new_fields_stand_in_mongodbs_order() -> None:
    names = ("b", "a10", "a2", "Z", "9x", "10x", "é", "02")
    after = apply_changes({"m": 1}, [change("set", field(name, Integer()), 1) for name in names])
    assert list(after) == ["m", "02", "9x", "10x", "Z", "a10", "a2", "b", "é"]


@pytest.mark.parametrize("update", [{"$set": {"_id": 1.0}}, {"$set": {"_id": Int64(1)}}, {"$unset": {"_id": ""}}, {"$inc": {"_id": 1}}])
def test_recorded_update_of_the_id_is_refused(update: Document) -> None:
    with pytest.raises(ChangeRefused, match="conflict"):
        apply_changes({"_id": 1}, mutation(update), strict=True)
    assert apply_changes({"_id": 1}, mutation({"$set": {"_id": 1}}), strict=True) == {"_id": 1}


@pytest.mark.parametrize(
    ("update", "named"),
    [
        ({}, "operators"),
        ({"f": 1}, "'f'"),
        ({"$rename": {"f": "g"}}, "'$rename'"),
        ({"$set": [1]}, "$set"),
        ({"$set": {"": 1}}, "''"),
        ({"$set": {"a..b": 1}}, "'a..b'"),
        ({"$set": {"$a": 1}}, "'$a'"),
        ({"$set": {"a.$": 1}}, "'a.$'"),
        ({"$set": {"a.$[x].b": 1}}, "'a.$[x].b'"),
        ({"$set": {"f": 1}, "$inc": {"f": 1}}, "'f'"),
        ({"$set": {"f.x": 1, "f": 1}}, "'f.x'"),
        ({"$set": {"f.1": 1, "f.01": 1}}, "'f.1'"),
        ({"$inc": {"f": True}}, "$inc"),
        ({"$inc": {"f": "1"}}, "$inc"),
        ({"$pop": {"f": 0}}, "$pop"),
        ({"$pop": {"f": True}}, "$pop"),
        ({"$pullAll": {"f": 1}}, "$pullAll"),
        ({"$push": {"f": {"$each": 1}}}, "$push of 'f'"),
        ({"$push": {"f": {"$each": [1], "$slice": 1}}}, "'$slice'"),
        ({"$push": {"f": {"a": 1, "$each": [1]}}}, "'a'"),
        ({"$addToSet": {"f": {"$each": [1], "a": 1}}}, "'a'"),
        ({"$pull": {"f": {"$gt": 1, "b": 2}}}, "$pull of 'f'"),
        ({"$pull": {"f": {"$not": {"$gt": 1}}}}, "$not"),
        ({"$pull": {"f": {"$nonsense": 1}}}, "$nonsense"),
    ],
)
def test_update_that_is_not_taken_is_named(update: Document, named: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        mutation(update)
    assert named in str(caught.value)


def test_every_problem_of_an_update_is_told() -> None:
    with pytest.raises(DefinitionError) as caught:
        mutation({"$rename": {}, "$inc": {"f": "1"}, "$set": {"g": 1, "g.h": 2}})
    assert len(caught.value.problems) == 3


def test_conditions_of_one_operator_all_reach_the_server() -> None:
    both = Removal(((SEARCH["in"][0], ["a", "b"]), (SEARCH["or"][0], ["b", "c"])))
    assert both.argument() == {"$in": ["a", "b"], "$not": {"$not": {"$in": ["b", "c"]}}}
