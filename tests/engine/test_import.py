"""Importing JSON lines: what an export says comes back, what is wrong is told by its line, and a repeat stores nothing twice."""

from __future__ import annotations

import json
from typing import Any

import mongomock
import pytest
from bson import ObjectId
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import Engine
from cubequery.operations import Find, Insert, importing
from cubequery.stores import MemoryStore, MongoStore
from tests.engine.stores import NEW, End
from tests.support.fixture import IDS, ITEM, NOTE, NOW, ORDER, PLACE, SCHEMAS, default_rights, documents
from tests.support.mongod import Document

CLASSES = list(SCHEMAS.values())
SMALL = cq.Settings(limits=cq.Limits(write_batch=2))
COUNTS = ("lines", "created", "already", "refused")


def counts(report: dict[str, Any]) -> tuple[int, ...]:
    return tuple(report[name] for name in COUNTS)


def bare(records: list[Document]) -> list[Document]:
    return [{name: value for name, value in each.items() if name != "_op"} for each in records]


def export(name: str) -> list[dict[str, Any]]:
    """The records of the shared fixture as an admin is answered them one by one."""
    engine = Engine(MemoryStore(), CLASSES)
    engine.store.insert(name, documents(name))  # type: ignore[attr-defined]  # a memory store
    return [engine.get(name, each["_id"], cq.ADMIN) for each in engine.list(name, "", cq.ADMIN)["items"]]


@pytest.mark.parametrize("as_text", [True, False])
def test_an_export_comes_back_as_it_was(end: End, as_text: bool) -> None:
    """Ids, owners, times, permissions and parents; children may stand before their parents."""
    end.fill({})
    engine = end.engine(CLASSES, settings=SMALL)
    for name in ("item", "note", "kinds"):
        lines = list(reversed(export(name)))
        report = engine.import_records(name, map(json.dumps, lines) if as_text else lines, keep=True)
        assert report == {
            "class_name": name, "lines": len(lines), "created": len(lines), "already": 0, "refused": 0, "errors": [],
            "files": 0, "stopped": False,
        }  # fmt: skip
        assert bare(end.stored([name])[name]) == documents(name)
        assert counts(engine.import_records(name, lines, keep=True)) == (len(lines), 0, len(lines), 0)


def test_without_keep_records_are_new_ones(end: End) -> None:
    """Of an owner, with the class's rights and the clock's time; what an export says of them is left out."""
    end.fill({})
    engine = end.engine(CLASSES)
    assert counts(
        engine.import_records("note", [*export("note"), {"text": "x", "id": 5, "permissions": 5, "_parent_id": []}], owner=7)
    ) == (3, 3, 0, 0)
    made = {"user_id": 7, "created_at": NOW, "updated_at": NOW, **default_rights(7)}
    records = [{"_id": NEW[f"new{place}"], **made} for place in (1, 2, 3)]
    records[2]["text"] = "x"
    assert bare(end.stored(["note"])["note"]) == records


def test_what_keep_does_not_find_is_as_in_a_create(end: End) -> None:
    end.fill({})
    engine = end.engine(CLASSES)
    lines = [{"n": 1}, {"n": 2, "user_id": 5, "created_at": 5}, {"n": 3, "user_id": None, "created_at": None, "_id": None}]
    assert counts(engine.import_records("item", lines, keep=True, owner=7)) == (3, 3, 0, 0)
    assert [each["user_id"] for each in end.stored(["item"])["item"]] == [7, 5, 7]
    report = engine.import_records("item", lines, keep=True)
    assert (counts(report), [(each["line"], each["errors"]) for each in report["errors"]]) == (
        (3, 1, 0, 2), [(1, {"user_id": ["Field is required"]}), (3, {"user_id": ["Field is required"]})],
    )  # fmt: skip


FAULTS: list[tuple[Any, str, str]] = [
    ('{"n":"x"}', "wrong_type", "n"), ('{"n":41.0}', "wrong_type", "n"), ('{"n":99999999999999999999}', "out_of_range", "n"),
    ('{"zz":1}', "unknown_field", "zz"), ('{"tags":["a",null]}', "wrong_type", "tags"), ('{"at":1701789791673}', "out_of_range", "at"),
    ('{"inc":{"n":1}}', "not_here", "inc"), ("[]", "wrong_type", "base"), ("3", "wrong_type", "base"), ("null", "wrong_type", "base"),
    ('{"n":1', "malformed", "base"), ('{"n":NaN}', "malformed", "base"), ('{"n":1,"n":1}', "malformed", "base"),
    (b"\xff", "malformed", "base"),
    ('{"s":"\\ud800"}', "malformed", "base"), ('{"_read":["*"]}', "unknown_field", "_read"), ("[" * 20, "too_large", "base"),
    ('{"s":"' + "x" * 1_100_000 + '"}', "too_large", "base"), ({"s": "x" * 1_100_000}, "too_big", "base"), (5, "wrong_type", "base"),
    ({"at": NOW}, "wrong_type", "at"), ({5: 1}, "wrong_type", "base"),
]  # fmt: skip
KEPT: list[tuple[Any, str, str]] = [
    ({"_id": "x"}, "wrong_type", "_id"), ({"_id": str(IDS["A"])}, "conflict", "_id"), ({"created_at": "x"}, "wrong_type", "created_at"),
    ({"permissions": {"read": {"access": "x"}}}, "permissions", "permissions"), ({"_parent_id": "x"}, "parent", "_parent_id"),
    ({"_parent_id": str(IDS["K1"])}, "parent", "_parent_id"), ({"user_id": "x"}, "wrong_type", "user_id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("keep", "line", "code", "key"),
    [*((False, *each) for each in FAULTS), *((True, *each) for each in KEPT)],
    ids=lambda value: str(value)[:30],
)
def test_a_refused_line_stops_no_other(end: End, keep: bool, line: Any, code: str, key: str) -> None:
    end.fill({"item": documents("item")[:1]})
    engine = end.engine([ITEM])
    report = engine.import_records("item", [{"n": 1}, "", line, " \n", '{"n":2}'], owner=5, keep=keep)
    assert counts(report) == (3, 2, 0, 1)
    [error] = report["errors"]
    assert (error["line"], error["code"], list(error["errors"])) == (3, code, [key])
    assert [each["n"] for each in end.stored(["item"])["item"]] == [1, 1, 2]


def test_strict_ends_at_the_first_refused_line(end: End) -> None:
    end.fill({})
    engine = end.engine([ITEM], settings=SMALL)
    lines = [{"n": 1}, {"n": 2}, {"n": 3}, {"n": "x"}, {"n": 5}, {"n": 6}]
    report = engine.import_records("item", lines, owner=5, strict=True)
    assert (counts(report), report["stopped"]) == ((4, 3, 0, 1), True)
    assert [each["n"] for each in end.stored(["item"])["item"]] == [1, 2, 3]
    lines[3] = {"n": 4}
    report = engine.import_records("item", lines, owner=5, strict=True)
    assert (counts(report), report["stopped"]) == ((6, 3, 3, 0), False)


def test_a_corrected_file_may_be_sent_again(end: End) -> None:
    """A line is known by its place and text; another owner, place, scope or request id makes it another record."""
    end.fill({})
    engine = end.engine([ITEM])
    first = ['{"n":1}', '{"n":"x"}', '{"n":1}', "", '{"n":3}']
    assert counts(engine.import_records("item", first, owner=5)) == (4, 3, 0, 1)
    assert counts(engine.import_records("item", first, owner=5)) == (4, 0, 3, 1)
    assert counts(engine.import_records("item", [first[0], ' {"n": 2} ', *first[2:]], owner=5)) == (4, 1, 3, 0)
    assert counts(engine.import_records("item", [{"n": 1}], owner=5)) == (1, 0, 1, 0)
    assert counts(engine.import_records("item", [{"n": 1}], owner=6)) == (1, 1, 0, 0)
    assert counts(engine.import_records("item", [{"n": 1}], owner=5, request_id="other")) == (1, 1, 0, 0)
    assert counts(engine.scoped({"app": 1}).import_records("item", [{"n": 1}], owner=5)) == (1, 1, 0, 0)
    assert sorted(each["n"] for each in end.stored(["item"])["item"]) == [1, 1, 1, 1, 1, 2, 3]


def test_the_fault_list_is_capped_and_the_count_is_not(end: End) -> None:
    end.fill({})
    report = end.engine([ITEM], settings=cq.Settings(limits=cq.Limits(max_faults=3))).import_records("item", [{"zz": 1}] * 9, owner=5)
    assert (report["refused"], [each["line"] for each in report["errors"]]) == (9, [1, 2, 3])


def test_files_are_counted_and_left_out(end: End) -> None:
    end.fill({})
    schema = cq.ClassSchema("thing", {"pic": cq.File, "home": cq.Object({"photo": cq.File, "n": cq.Integer})})
    sent = {"file_id": "x", "size": 1, "name": "a", "content_type": "b/c"}
    lines: list[Any] = [{"pic": sent}, {"home": {"photo": sent, "n": 1}}, {"pic": None, "home": {"photo": None}}, {"home": None}]
    report = end.engine([schema]).import_records("thing", lines, owner=5)
    assert (counts(report), report["files"]) == ((4, 4, 0, 0), 2)
    assert "x" not in str(end.stored(["thing"]))


def test_scopes_stamp_what_is_imported(end: End) -> None:
    end.fill({"item": [{**documents("item")[0], "app": 2}]})
    schema = cq.ClassSchema("item", {"n": cq.Integer, "app": cq.Integer})
    engine = end.engine([schema]).scoped({"app": 1})
    child = {"n": 2, "app": 9, "_parent_id": str(IDS["A"]), "user_id": 5}
    report = engine.import_records("item", [{"n": 1, "app": 9, "user_id": 5}, child], keep=True)
    assert (counts(report), report["errors"][0]["code"]) == ((2, 1, 0, 1), "parent")
    assert [each["app"] for each in end.stored(["item"])["item"]] == [2, 1]


def test_other_strategies_and_id_types(end: End) -> None:
    end.fill({})
    plain = cq.ClassSchema("plain", {"n": cq.Integer}, acl="class", id_type="String")
    engine = end.engine([ORDER, plain], settings=SMALL)
    assert counts(
        engine.import_records("order", [{"_id": 1, "who": 5, "guests": [6]}, {"_id": 2, "user_id": 6}, {"_id": 3}], keep=True)
    ) == (3, 2, 0, 1)
    assert [(each["cust_id"], each.get("sharedWith")) for each in end.stored(["order"])["order"]] == [(5, [6]), (6, None)]
    assert counts(engine.import_records("plain", [{"_id": "a"}, {"_id": "a/b"}, {"_id": "b"}], keep=True)) == (3, 2, 0, 1)
    assert [set(each) for each in bare(end.stored(["plain"])["plain"])] == [{"_id", "created_at", "updated_at"}] * 2


def test_parents_on_later_lines_and_parents_that_never_come(end: End) -> None:
    """A chain from the last line up, of which every link is stored in the end; a circle, and what hangs below it, is refused."""
    end.fill({})
    ids = [f"{place:024x}" for place in range(1, 10)]
    chain = [
        {"_id": own, "_parent_id": parent, "user_id": 5} for own, parent in zip(ids, [*ids[1:6], None, ids[7], ids[6], ids[7]], strict=True)
    ]
    report = end.engine([NOTE], settings=SMALL).import_records("note", chain, keep=True)
    assert (counts(report), [(each["line"], each["code"]) for each in report["errors"]]) == (
        (9, 6, 0, 3), [(7, "parent"), (8, "parent"), (9, "parent")],
    )  # fmt: skip
    stored = end.stored(["note"])["note"]
    assert [str(each.get("_parent_id")) for each in stored] == [*ids[1:6], "None"]
    assert all(("_parent_class" in each) == ("_parent_id" in each) for each in stored)


def test_lines_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "MOST_WAITING", 2)
    engine = Engine(MemoryStore(), [NOTE])
    parent = f"{9:024x}"
    lines: list[Any] = [{"_parent_id": parent, "user_id": 5}] * 5 + [{"_id": parent, "user_id": 5}]
    assert counts(engine.import_records("note", lines, keep=True)) == (6, 3, 0, 3)
    assert counts(engine.import_records("note", lines, keep=True)) == (6, 3, 3, 0)


class Meddling:
    """A store where somebody deletes a parent between its look-up and the insert below it."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def execute(self, command: Any) -> Any:
        if isinstance(command, Insert) and command.schema.name == "note":
            self.store.records("item").clear()
        return self.store.execute(command)


def test_no_orphan_stays_behind_a_parent_that_goes_meanwhile() -> None:
    store = MemoryStore()
    store.insert("item", documents("item"))
    lines = [{"text": "a", "_parent_id": str(IDS["A"]), "user_id": 5}, {"text": "b", "user_id": 5}]
    report = Engine(Meddling(store), [ITEM, NOTE]).import_records("note", lines, keep=True)
    assert (counts(report), report["errors"][0]["code"]) == ((2, 1, 0, 1), "parent")
    assert [each["text"] for each in store.records("note").values()] == ["b"]


def test_ids_of_the_host_that_are_in_use_are_drawn_once_more(end: End) -> None:
    end.fill({"item": documents("item")[:2]})
    engine = end.engine([ITEM])
    drawn = iter([IDS["A"], ObjectId("1" * 24), IDS["A"], IDS["B"]])
    getattr(engine, "engine", engine).ids = lambda schema: next(drawn)
    assert counts(engine.import_records("item", [{"n": 1}], owner=5)) == (1, 1, 0, 0)
    with pytest.raises(cq.RequestError) as refused:
        engine.import_records("item", [{"n": 2}], owner=5)
    assert refused.value.code == "internal"


def test_an_index_of_the_host_refuses_single_lines(database: Database[Document]) -> None:
    database["item"].drop()
    database["item"].create_index("s", unique=True)
    engine = Engine(MongoStore(database), [ITEM], settings=SMALL)
    lines = [{"s": text} for text in ("a", "b", "b", "c", "a", "d")]
    report = engine.import_records("item", lines, owner=5)
    assert (counts(report), [(each["line"], list(each["errors"])) for each in report["errors"]]) == ((6, 4, 0, 2), [(3, ["s"]), (5, ["s"])])
    assert sorted(each["s"] for each in database["item"].find()) == ["a", "b", "c", "d"]
    assert counts(engine.import_records("item", lines, owner=5)) == (6, 0, 4, 2)
    database["item"].drop()


def test_a_stand_in_serves(end: End) -> None:
    database: Any = mongomock.MongoClient().db
    end.fill({})
    for engine in (Engine(MongoStore(database), CLASSES, settings=SMALL, clock=lambda: NOW), end.engine(CLASSES, settings=SMALL)):
        reports = [counts(engine.import_records("item", [*export("item"), {"n": "x"}], keep=True)) for _ in range(2)]
        assert reports == [(6, 5, 0, 1), (6, 0, 5, 1)]
        assert engine.audit("item")["records"] == 5
    assert list(database["item"].find(sort=[("_id", 1)])) == end.stored(["item"])["item"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "need an owner"), ({"owner": "x"}, "of type Integer"), ({"owner": 0}, "user id"), ({"owner": True}, "user id"),
    ({"owner": 5, "lines": "{}"}, "iterable"), ({"owner": 5, "lines": {"n": 1}}, "iterable"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "why"), WRONG, ids=str)
def test_wrong_options_are_refused_before_anything_is_read(options: dict[str, Any], why: str) -> None:
    store = MemoryStore()
    with pytest.raises(cq.DefinitionError, match=why):
        Engine(store, [ITEM]).import_records("item", **{"lines": [{"n": 1}], **options})
    assert not store.records("item")


def test_progress_is_told_by_batches_and_lines_are_taken_one_by_one() -> None:
    """Never more than a batch is taken from the source before it is stored."""
    told: list[tuple[int, int | None]] = []
    taken = 0

    def source() -> Any:
        nonlocal taken
        for place in range(5):
            assert taken - len(store.records("place")) < 2
            taken += 1
            yield {"stars": 1 + place}

    store = MemoryStore()
    Engine(store, [PLACE], settings=SMALL).import_records(
        "place", source(), owner=5, progress=lambda done, whole: told.append((done, whole))
    )
    assert told == [(2, None), (4, None), (5, None)]


def test_commands_of_a_batch() -> None:
    """One look, one insert; a look for each parent that a batch names, and one for all of them afterwards."""
    asked: list[str] = []

    class Counting(MemoryStore):
        def execute(self, command: Any) -> Any:
            asked.append(f"{type(command).__name__} {command.schema.name}")
            assert isinstance(command, Find | Insert)
            return super().execute(command)

    store = Counting()
    store.insert("item", documents("item"))
    lines = [{"text": "a", "_parent_id": str(IDS["A"]), "user_id": 5}] * 9
    Engine(store, [ITEM, cq.ClassSchema("note", {"text": cq.String}, parents=["item"])]).import_records("note", lines, keep=True)
    assert asked == ["Find note", "Find item", "Insert note", "Find item"]
