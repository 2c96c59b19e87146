"""The command line over existing data: adopt, audit and import, over the embedded store's file and over a server."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

import cubequery as cq
from cubequery.cli import upkeep
from tests.support.command import Done, good, run
from tests.support.mongod import Document

DEFINITION = {
    "classes": [
        {"name": "deal", "fields": {"n": "Integer", "s": "String", "pic": "File"}, "parents": ["shop"]},
        {"name": "shop", "fields": {"title": "String"}},
        {"name": "order", "fields": {"who": "Integer"}, "acl": {"owner": "who"}},
    ]
}
OLD: list[Document] = [
    {"_id": ObjectId("1" * 24), "customerId": 5, "sharedWith": [6], "n": "x"},
    {"_id": ObjectId("2" * 24), "customerId": "abc", "n": None, "zip": 1},
    {"_id": ObjectId("3" * 24), "user_id": 5, "_read": "*"},
]
ADOPT = ("--owner", "customerId", "--shared", "sharedWith")
NO_INDEX = "the index of _op cannot be made: the import will be slow in a large collection"
LINES = ['{"n":1}', '{"n":"x"}', "", '{"n":3}', '{"zz":1}']


class Place:
    """Where the records are, and the arguments that say so."""

    def __init__(self, arguments: tuple[str, ...], fill: Callable[[list[Document]], None], records: Callable[[], list[Document]]) -> None:
        self.arguments, self.fill, self.records = arguments, fill, records

    def run(self, command: str, *arguments: str, format: str = "json") -> Done:
        return run(command, *arguments, *self.arguments, "--format", format)


def in_file(folder: Path) -> Place:
    path = folder / "data.jsonl"

    def fill(records: list[Document]) -> None:
        store = cq.MemoryStore()
        store.path = path
        store.insert("deal", records)
        store.save()

    def records() -> list[Document]:
        return sorted(cq.MemoryStore(path).records("deal").values(), key=lambda each: str(each["_id"]))

    return Place(("--data", str(path)), fill, records)


def on_server(uri: str, database: Database[Document]) -> Place:
    collection = database["old_deals"]

    def fill(records: list[Document]) -> None:
        collection.delete_many({})
        if records:
            collection.insert_many(records)

    named = ("--mongodb", uri, "--database", database.name, "--collection", collection.name)
    return Place(named, fill, lambda: sorted(collection.find(), key=lambda each: str(each["_id"])))


@pytest.fixture
def classes(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "classes.json"
    path.write_text(json.dumps(DEFINITION), encoding="utf-8")
    return ("--classes", str(path), "--class", "deal")


@pytest.fixture(params=["file", pytest.param("server", marks=pytest.mark.mongod)])
def place(request: pytest.FixtureRequest, tmp_path: Path, classes: tuple[str, ...]) -> Iterator[Place]:
    if request.param == "file":
        found = in_file(tmp_path)
    else:
        found = on_server(request.getfixturevalue("mongod_uri"), request.getfixturevalue("database"))
    found.arguments = (*classes, *found.arguments)
    yield found
    found.fill([])


def lines(folder: Path, given: list[str], name: str = "lines.jsonl") -> str:
    path = folder / name
    path.write_text("\n".join(given), encoding="utf-8")
    return str(path)


def test_adopt_counts_first_and_then_writes(place: Place) -> None:
    place.fill(OLD)
    tried = place.run("adopt", *ADOPT, "--dry-run")
    assert place.records() == OLD
    done = place.run("adopt", *ADOPT)
    assert (tried.code, done.code) == (1, 1)
    assert {**tried.json, "dry_run": False} == done.json
    assert (done.json["seen"], done.json["adopted"], done.json["refused"]) == (3, 2, {"malformed": 1})
    first, second, third = place.records()
    assert (first["user_id"], first["_read"], first["_update"]) == (5, ["u6", "u5"], ["u5"])
    assert (second["_read"], third) == ([], OLD[2])
    again = place.run("adopt", *ADOPT).json
    assert (again["adopted"], again["had_tokens"]) == (0, 2)


def test_adopt_without_refusals_ends_with_0(place: Place) -> None:
    place.fill(OLD[:2])
    table = place.run("adopt", "--owner", "customerId", "--shared-actions", "read,update", "--dry-run", format="table")
    assert table.code == 0
    assert [line.split() for line in table.out.splitlines()] == [
        ["found", "of", "records"], ["-" * 19, "-" * 6, "-" * 7], ["would", "be", "adopted", "2"], ["given", "an", "owner", "1"],
        ["owner", "is", "no", "user", "id", "string", "1"], ["2", "records", "of", "class", "deal"],
    ]  # fmt: skip
    assert place.run("adopt", "--owner", "customerId").code == 0


def test_audit_prints_what_does_not_fit(place: Place) -> None:
    place.fill(OLD)
    done = place.run("audit")
    assert done.code == 0
    assert (done.json["records"], done.json["foreign"], done.json["nulls"]) == (3, {"n": {"string": 1}}, {"n": 1})
    assert (done.json["undeclared"], done.json["tokens"]["missing"]) == ({"customerId": 2, "sharedWith": 1, "zip": 1}, 3)
    table = place.run("audit", format="table").out.splitlines()
    assert table[0].split() == ["found", "of", "type", "records"]
    assert [" ".join(line.split()) for line in table[2:]] == [
        "value of another type n string 1", "stored null n 1", "undeclared name customerId 2", "undeclared name sharedWith 1",
        "undeclared name zip 1", "rights missing 3", "no owner 2", "3 records of class deal",
    ]  # fmt: skip
    assert place.records() == OLD


def test_import_stores_good_lines_and_tells_the_others(place: Place, tmp_path: Path) -> None:
    place.fill([])
    file = lines(tmp_path, LINES)
    done = place.run("import", file, "--owner", "5")
    assert done.code == 1
    assert [done.json[name] for name in ("lines", "created", "already", "refused")] == [4, 2, 0, 2]
    assert [each["line"] for each in done.json["errors"]] == [2, 5]
    assert [(each["n"], each["user_id"], each["_read"]) for each in place.records()] == [(1, 5, ["*"]), (3, 5, ["*"])]
    table = place.run("import", file, "--actor", '{"user_id": 5}', format="table")
    assert (table.code, table.out) == (1, "4 lines: 0 created, 2 there already, 2 refused\n")
    assert table.err.splitlines()[0] == f"{file}: line 2: n: Value cannot be read as Integer"
    assert f"{file}: line 5: zz: Unknown field." in table.err
    corrected = lines(tmp_path, [LINES[0], '{"n":2}', *LINES[2:4], "{}"])
    assert place.run("import", corrected, "--owner", "5").code == 0
    assert [each.get("n") for each in place.records()] == [1, 3, 2, None]
    assert place.run("import", corrected, "--owner", "5", "--request-id", "again").json["created"] == 4
    assert place.run("import", lines(tmp_path, LINES, "other.jsonl"), "--owner", "5").json["created"] == 2


@pytest.mark.mongod
def test_import_makes_the_index_of_stamps(classes: tuple[str, ...], mongod_uri: str, database: Database[Document], tmp_path: Path) -> None:
    """And goes on without, where the server does not let it: here another index has the name."""
    place, collection = on_server(mongod_uri, database), database["old_deals"]
    asked = ("import", lines(tmp_path, LINES[:1]), *classes, *place.arguments, "--owner", "5", "--scope", '{"app": 1}')
    collection.drop()
    collection.create_index("n", name="app_1__op_1")
    assert [good(*asked).err, good(*asked).json["already"]] == [f"{NO_INDEX}\n", 1]
    collection.drop_indexes()
    assert good(*asked).err == ""
    assert list(collection.index_information()["app_1__op_1"]["key"]) == [("app", 1), ("_op", 1)]
    collection.drop()


def test_import_keeps_what_an_export_says(place: Place, tmp_path: Path) -> None:
    place.fill([])
    sent = {"file_id": "x", "size": 1, "name": "a", "content_type": "b/c"}
    record = {
        "_id": "4" * 24, "user_id": 7, "created_at": 5, "updated_at": 6, "n": 1, "s": None, "_parent_id": None, "pic": sent,
        "permissions": {"read": {"access": "open_for_users_ids", "users_ids": ["8"]}, "update": {"access": "owner"}},
    }  # fmt: skip
    done = place.run("import", lines(tmp_path, [f"\ufeff{json.dumps(record)}"]), "--keep", format="table")
    assert (done.code, done.out) == (0, "1 lines: 1 created, 0 there already, 0 refused; 1 name a file, whose bytes are not imported\n")
    [stored] = place.records()
    assert (str(stored["_id"]), stored["user_id"], stored["_read"], stored["created_at"].second) == ("4" * 24, 7, ["u8", "u7"], 5)


def test_import_stops_where_it_is_told_to(place: Place, tmp_path: Path) -> None:
    place.fill([])
    done = place.run("import", lines(tmp_path, LINES), "--owner", "5", "--strict", format="table")
    assert done.code == 1
    assert done.out.endswith("2 lines: 1 created, 0 there already, 1 refused; stopped at the first refused line\n")
    assert len(place.records()) == 1


def test_a_scope_is_stamped_and_kept_to(place: Place, tmp_path: Path) -> None:
    place.fill([{**each, "app": 2} for each in OLD])
    scope = ("--scope", '{"app": 1}')
    assert place.run("import", lines(tmp_path, LINES[:1]), "--owner", "5", *scope).json["created"] == 1
    assert place.run("audit", *scope).json["records"] == 1
    assert place.run("adopt", *scope).json["seen"] == 1
    assert [each["app"] for each in place.records()] == [2, 2, 2, 1]


def test_standard_input_is_read(classes: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = in_file(tmp_path)
    for created in (1, 0):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"n":1}\n')))
        assert good("import", "-", *classes, *place.arguments, "--owner", "5").json["created"] == created
    assert [each["n"] for each in place.records()] == [1]


def test_many_refused_lines_are_counted(classes: tuple[str, ...], tmp_path: Path) -> None:
    done = run("import", lines(tmp_path, ["x"] * 250), *classes, *in_file(tmp_path).arguments, "--owner", "5", "--format", "table")
    assert (done.code, len(done.err.splitlines())) == (1, 101)
    assert "and 150 more refused lines" in done.err


def test_a_run_that_fails_leaves_the_file_as_it_was(classes: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = in_file(tmp_path)
    place.fill(OLD)
    before = (tmp_path / "data.jsonl").read_bytes()

    def fail(*_: Any, **__: Any) -> Any:
        raise LookupError

    monkeypatch.setattr(cq.MemoryStore, "records", fail)
    assert run("import", lines(tmp_path, LINES), *classes, *place.arguments, "--owner", "5").code == 3
    monkeypatch.undo()
    monkeypatch.setattr("cubequery.stores.memory.write_lines", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    done = run("adopt", *classes, *place.arguments)
    assert (done.code, done.out) == (3, "")
    assert done.err.endswith("No space left on device; nothing was changed\n")
    assert (tmp_path / "data.jsonl").read_bytes() == before


SOME = ("--data", "{data}")
WRONG: list[tuple[tuple[str, ...], str]] = [
    (("adopt",), "one of --mongodb"), (("audit", *SOME, "--mongodb", "mongodb://x"), "one of --mongodb"),
    (("audit", "--mongodb", "mongodb://x"), "needs --database"), (("audit", *SOME, "--database", "d"), "belong to --mongodb"),
    (("audit", *SOME, "--collection", "d"), "belong to --mongodb"), (("audit", "--data", "/no/such/file"), "No such file"),
    (("adopt", "--data", "/"), "directory"), (("audit", "--data", "{broken}"), "line 1 is no record"),
    (("audit", "--data", "{latin}"), "UTF-8"),
    (("audit", "--mongodb", "mongodb://", "--database", "d"), "no URI"), (("audit", *SOME, "--scope", "x"), "--scope is no JSON"),
    (("audit", *SOME, "--scope", "{}"), "--scope: "), (("audit", *SOME, "--scope", '{"app": null}'), "never null"),
    (("adopt", *SOME, "--owner", "_acl"), "no stored path"), (("adopt", *SOME, "--shared", "a..b"), "no stored path"),
    (("adopt", *SOME, "--shared", "a", "--shared-actions", "write"), "none of read"),
    (("adopt", *SOME, "--class", "order"), "strategy is owner"),
    (("import", *SOME), "FILE"), (("import", "{lines}", *SOME), "need an owner"),
    (("import", "/no/such/file", *SOME, "--owner", "5"), "No such file"),
    (("import", "{lines}", *SOME, "--owner", "x"), "no user id"), (("import", "{lines}", *SOME, "--owner", "0"), "user id"),
    (("import", "{lines}", *SOME, "--owner", "5", "--actor", '{"user_id": 5}'), "give one of them"),
    (("import", "{lines}", *SOME, "--actor", '{"user_id": null}'), "need an owner"),
    (("import", "{lines}", *SOME, "--actor", "x"), "no JSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "why"), WRONG, ids=lambda value: value[:40] if isinstance(value, str) else " ".join(value)[:40])
def test_wrong_arguments_end_with_2(arguments: tuple[str, ...], why: str, classes: tuple[str, ...], tmp_path: Path) -> None:
    in_file(tmp_path).fill(OLD)
    (tmp_path / "latin.jsonl").write_bytes(b"\xff\n")
    named = {
        "data": tmp_path / "data.jsonl", "lines": lines(tmp_path, LINES), "broken": lines(tmp_path, ["{}"], "broken.jsonl"),
        "latin": tmp_path / "latin.jsonl",
    }  # fmt: skip
    filled = [each.format(**named) if each.startswith("{") and each.endswith("}") and each[1:-1] in named else each for each in arguments]
    command, *rest = filled
    done = run(command, *classes, *rest)
    assert (done.code, done.out) == (2, "")
    assert why in done.err
    assert in_file(tmp_path).records() == OLD


def test_a_wrong_request_id_is_a_refused_request(classes: tuple[str, ...], tmp_path: Path) -> None:
    done = run("import", lines(tmp_path, LINES), *classes, *in_file(tmp_path).arguments, "--owner", "5", "--request-id", "a b")
    assert (done.code, done.json["code"]) == (1, "malformed")


def test_classes_that_an_engine_cannot_serve_are_told(classes: tuple[str, ...], tmp_path: Path) -> None:
    """Any class of the file: records may be put below those of another."""
    in_file(tmp_path).fill(OLD)
    done = run("audit", *classes, *in_file(tmp_path).arguments, "--user-id-type", "String")
    assert (done.code, done.out) == (2, "")
    assert "class order are not of the user id type String" in done.err
    path = tmp_path / "one.json"
    path.write_text(json.dumps(DEFINITION["classes"][0]), encoding="utf-8")
    assert "shop" in run("audit", "--classes", str(path), *in_file(tmp_path).arguments).err


@pytest.mark.mongod
def test_a_server_that_cannot_be_asked(mongod_uri: str, classes: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told in plain words, with what a repeat does; nothing of the driver's is shown."""
    monkeypatch.setattr(cq, "Settings", partial(cq.Settings, limits=cq.Limits(server_selection_timeout_ms=50, call_timeout_ms=300)))
    gone = ("--mongodb", "mongodb://user:secret@127.0.0.1:1", "--database", "d")
    stranger = ("--mongodb", mongod_uri.replace("mongodb://", "mongodb://user:secret@"), "--database", "d")
    for target, why in ((gone, "the database cannot be reached"), (stranger, "the database does not know these credentials")):
        for command in (("adopt",), ("import", lines(tmp_path, LINES), "--owner", "5")):
            done = run(*command, *classes, *target)
            assert (done.code, done.out, done.err) == (3, "", f"cubequery: {why}; what is done stays done, and the same command goes on\n")
        assert run("audit", *classes, *target).err == f"cubequery: {why}\n"
    done = run("audit", *classes, "--mongodb", mongod_uri, "--database", "a b")
    assert (done.code, "no name that MongoDB takes" in done.err) == (2, True)


WITHOUT_RICH = "import sys; sys.modules['rich'] = None; from cubequery.cli import main; sys.exit(main())"


@pytest.mark.parametrize("program", [("-m", "cubequery.cli"), ("-c", WITHOUT_RICH)], ids=["rich", "plain"])
def test_a_terminal_shows_how_far_it_is(program: tuple[str, ...], classes: tuple[str, ...], tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    place = in_file(tmp_path)
    place.fill([{"_id": number, "n": number} for number in range(2_000)])
    file = lines(tmp_path, ['{"s":"%s"}' % ("x" * 900)] * (upkeep.SLOW_BYTES // 900 + 200))
    for command, word in ((("audit",), "auditing"), (("adopt",), "adopting"), (("import", file, "--owner", "5"), "reading")):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, *program, *command, *classes, *place.arguments],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        out, _ = process.communicate()
        shown = os.read(ours, 65_536).decode(errors="replace")
        os.close(ours)
        assert (process.returncode, json.loads(out)["class_name"]) == (0, "deal")
        assert word in shown
        assert "Traceback" not in shown
