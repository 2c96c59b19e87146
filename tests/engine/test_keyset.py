"""Pages that go on from a record: walked to their end they are the whole list, for any stored value, and a cursor opens nothing."""

from __future__ import annotations

import datetime as dt
import math
from itertools import product
from typing import Any

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp
from pymongo.collection import Collection

import cubequery as cq
from tests.engine.stores import End
from tests.support.fixture import ACTORS, IDS, SCHEMAS, documents
from tests.support.mongod import Document

OWNER, STRANGER = cq.Actor(1), cq.Actor(2)
THING = cq.ClassSchema(
    "thing",
    {"n": cq.Integer, "s": cq.String, "at": cq.Date(resolution="ms"), "pic": cq.File, "in": cq.Object({"x": cq.Float}), "tags": cq.Array},
)
VALUES: list[Any] = [
    None, 1, 1.0, 2, Int64(2**53 + 1), -3, 2.5, math.nan, math.inf, -math.inf, -0.0, Decimal128("1.5"), "", "a", "B", "é", "null",
    True, False, dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 0, 0, 0, 7000), Binary(b"x"), "$a", "a" * 300,
    ObjectId("650000000000000000000099"),
]  # fmt: skip
NO_PAGE_ENDS_ON = [MinKey(), MaxKey(), Timestamp(1, 1), {"a": 1}]
SORTS = [
    "",
    "sort_asc=n",
    "sort_desc=n",
    "sort_asc=s&sort_desc=n",
    "sort_desc=s&sort_asc=n",
    "sort_desc=_id",
    "sort_asc=at",
    "sort_asc=pic",
]
SORTS += ["sort_desc=pic", "sort_desc=in[x]&sort_asc=s", "sort_asc=user_id&sort_desc=updated_at"]


def things() -> list[dict[str, Any]]:
    """Every value beside every third one, some of them hidden from the stranger."""
    found = []
    for place, (n, s) in enumerate(product(VALUES, VALUES[::3])):
        record = {"_id": ObjectId(f"{place + 1:024x}"), "user_id": 1 + place % 3, "n": n, "s": s, "at": VALUES[-place % len(VALUES)]}
        record |= {"in": {"x": s}, "pic": None if place % 2 else {"file_id": f"f{place % 7}"}}
        record |= {
            "_read": ["*"] if place % 4 else ["u1"],
            "_update": ["u1"],
            "_delete": ["u1"],
            "updated_at": dt.datetime(2020, 1, 1 + place % 5),
        }
        found.append({name: value for name, value in record.items() if value is not None or place % 5})
    return found


@pytest.fixture
def engine(end: End) -> Any:
    end.fill({"thing": things()})
    return end.engine([THING])


def walk(engine: Any, query: str, actor: cq.Actor, size: int) -> list[str]:
    """The ids of all pages, one after the other."""
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = engine.list("thing", f"{query}&limit={size}&_after={after}".lstrip("&"), actor)
        assert (page["skip"], page["limit"]) == (0, size)
        assert len(page["items"]) == size or page["next"] is None
        found += [item["_id"] for item in page["items"]]
        after = page["next"]
    return found


def skipped(engine: Any, query: str, actor: cq.Actor) -> list[str]:
    """The same by skip."""
    found: list[str] = []
    while len(page := engine.list("thing", f"{query}&skip={len(found)}".lstrip("&"), actor)["items"]):
        found += [item["_id"] for item in page]
    return found


@pytest.mark.parametrize("query", SORTS)
def test_all_pages_are_the_whole_list(engine: Any, query: str) -> None:
    for actor, size in ((OWNER, 7), (STRANGER, 10), (cq.ADMIN, 100)):
        expected = skipped(engine, query, actor)
        assert walk(engine, query, actor, size) == expected
        assert (
            len(set(expected))
            == len(expected)
            == (len(things()) if actor is not STRANGER else sum("*" in each["_read"] for each in things()))
        )


def test_criteria_and_projection_stay(engine: Any) -> None:
    assert walk(engine, "s=a&sort_asc=n", OWNER, 2) == skipped(engine, "s=a&sort_asc=n", OWNER)
    page = engine.list("thing", "_after=&sort_asc=n&limit=2&output[include]=s&output[exclude]=_id", OWNER)
    assert [set(item) for item in page["items"]] == [{"s"}, {"s"}]
    assert page["next"] is not None


@pytest.mark.parametrize("value", NO_PAGE_ENDS_ON, ids=lambda value: type(value).__name__)
def test_no_page_ends_on_what_a_cursor_cannot_say(end: End, value: Any) -> None:
    """It is refused, never skipped; where the page does not end there it is in the list like any other."""
    records = [{"_id": ObjectId(f"{place:024x}"), "n": n, "_read": ["*"]} for place, n in enumerate((value, 1, 2), 1)]
    end.fill({"thing": records})
    engine = end.engine([THING])
    with pytest.raises(cq.RequestError, match="_after"):
        engine.list("thing", "_after=&limit=1&sort_" + ("asc" if isinstance(value, MinKey) else "desc") + "=n", OWNER)
    assert sorted(walk(engine, "sort_asc=_id", OWNER, 1)) == sorted(str(record["_id"]) for record in records)


def test_a_cursor_of_others_opens_nothing(end: End) -> None:
    """Another actor, another order, another scope: a page under one's own rights, or a refusal."""
    end.fill({"thing": [{**each, "app": place % 2} for place, each in enumerate(things())]})
    engine = end.engine([THING])
    first = engine.list("thing", "_after=&sort_asc=n&limit=30", OWNER)
    cursor, everything = first["next"], skipped(engine, "sort_asc=n", cq.ADMIN)
    behind = everything[everything.index(first["items"][-1]["_id"]) + 1 :]
    visible = set(skipped(engine, "sort_asc=n", STRANGER))
    page = engine.list("thing", f"_after={cursor}&sort_asc=n", STRANGER)
    assert [item["_id"] for item in page["items"]] == [each for each in behind if each in visible][:100]
    scoped = engine.scoped({"app": 1}).list("thing", f"_after={cursor}&sort_asc=n", cq.ADMIN)
    assert all(int(item["_id"], 16) % 2 == 0 for item in scoped["items"])
    for other in ("sort_desc=n", "sort_asc=s", "", "sort_asc=n&sort_asc=s"):
        assert told(engine, f"_after={cursor}&{other}".rstrip("&")) == "422 wrong_type _after"


def told(engine: Any, query: str) -> str:
    with pytest.raises(cq.RequestError) as refused:
        engine.list("thing", query, OWNER)
    return " ; ".join(f"{each.status} {each.code} {each.key}" for each in refused.value.faults)


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("_after=zz", "422 wrong_type _after"),
        ("_after=" + "A" * 5_000, "422 wrong_type _after"),
        ("_after=e30", "422 wrong_type _after"),
        ("_after=W1tdLFtdXQ", "422 wrong_type _after"),
        ("_after[x]=1", "422 wrong_type _after"),
        ("_after[]=1", "422 wrong_type _after"),
        ("_after=&_after=", "400 repeated _after"),
        ("_after=&skip=0", "422 conflict skip"),
        ("page=1&_after=", "422 conflict _after"),
        ("_after=&limit=-1", "422 conflict limit"),
        ("_after=&count=1", "422 conflict count"),
        ("_after=&sort_asc=tags", "422 conflict _after"),
        ("_after=&n[calc]=sum&group_by=s", "422 conflict n ; 422 conflict group_by"),
    ],
)
def test_what_is_refused(query: str, fault: str) -> None:
    assert told(cq.Engine(cq.MemoryStore(), [THING]), query) == fault


def test_the_documented_walk(end: End) -> None:
    end.fill({"item": documents("item")})
    engine = end.engine(SCHEMAS.values())
    first = engine.list("item", "_after=&sort_asc=n&limit=2", ACTORS["O"])
    second = engine.list("item", f"_after={first['next']}&sort_asc=n&limit=2", ACTORS["O"])
    shown = [[item["_id"] for item in page["items"]] for page in (first, second)]
    assert shown == [[str(IDS["C"]), str(IDS["A"])], [str(IDS["B"]), str(IDS["D"])]]
    assert second["next"] is None
    empty = engine.list("item", "_after=&n=99", ACTORS["O"])
    assert (empty["items"], empty["next"]) == ([], None)
    assert "next" not in engine.list("item", "n=1", ACTORS["O"])


@pytest.mark.parametrize("query", ["sort_desc=_id", "sort_asc=_id", "sort_asc=n"])
def test_a_page_deep_in_a_private_class_reads_no_more_than_a_page(query: str, collection: Collection[Document]) -> None:
    """The index begins with the tokens; what stands behind the cursor must be a bound of it, and no filter over all that is visible."""
    schema = cq.ClassSchema("deep", {"n": cq.Integer}, private_majority=True)
    database = collection.database
    readers = (["u1"], ["ga", "gb"], *[["u2"]] * 10)
    made = [
        {
            "_id": ObjectId(f"{number:024x}"),
            "user_id": 1,
            "n": number * 7 % 8_999,
            "_read": readers[number % 12],
            "_update": ["u1"],
            "_delete": [],
        }
        for number in range(9_000)
    ]
    try:
        database["deep"].insert_many(made)
        engine = cq.Engine(cq.MongoStore(database), [schema])
        engine.ensure_indexes({"deep": ["n"]})
        actor = cq.Actor(1, ["a", "c"])
        (before,) = engine.rows(cq.translate(f"{query}&skip=599&limit=1", schema, actor=actor))
        cursor = cq.translate(f"{query}&_after=", schema, actor=actor).cursor(before)
        behind, page = (f"{query}&{how}" for how in (f"_after={cursor}", "skip=600"))
        assert engine.list("deep", behind, actor)["items"] == engine.list("deep", page, actor)["items"]
        said = engine.explain("deep", behind, actor)
    finally:
        database.drop_collection("deep")
    assert (said["returned"], said["sorted"]) == (100, False), said
    assert said["records"] <= 110, said
    assert said["keys"] <= 150, said
