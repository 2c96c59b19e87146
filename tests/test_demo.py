"""The sample records: always the same, in the stored form, and the same answers from a file, a server and memory, to everybody."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import bson
import pytest
from pymongo.collection import Collection

import cubequery as cq
from cubequery import demo
from tests.support.command import CLASS, ONE, REQUESTS, actor_json, good, run, stored
from tests.support.mongod import Document


def test_demo_records_never_change() -> None:
    found = demo.records()
    digest = hashlib.sha256(b"".join(map(bson.encode, found)))
    assert digest.hexdigest() == "c5ebf592c4178e191bda65e41e8ab7bba7c3033b45256c6bc69516ef2bc6b749"
    assert found == demo.records()
    assert found[:50] == demo.records(50)


def test_demo_records_are_in_the_stored_form() -> None:
    profile = demo.classes()["profile"]
    seen: set[tuple[str, str]] = set()
    for record in demo.records():
        assert {"_read", "_update", "_delete", "_id", "user_id", "created_at", "updated_at", "full_name"} <= record.keys()
        assert record.keys() <= {*profile.names(), "_read", "_update", "_delete", "_acl"}
        assert all(field.type.owns(record[name]) for name, field in profile.fields.items() if name in record)
        assert None not in record.values()
        for action in ("read", "update", "delete"):
            default = "open" if action == "read" else "owner"
            shown = record.get("_acl", {}).get(action, {"access": default})
            seen.add((action, shown["access"]))
            own = f"u{record['user_id']}"
            listed = [f"u{user}" for user in shown.get("users_ids", ())] + [f"g{tag}" for tag in shown.get("users_groups", ())]
            assert record[f"_{action}"] == (["*"] if shown["access"] == "open" else [*listed, own])
            assert record.get("_acl", {}).get(action) != {"access": default}
    assert seen == {
        (action, access) for action in ("read", "update", "delete") for access in ("open", "owner", "open_for_groups", "open_for_users_ids")
    }
    assert {level.access for level in demo.classes()["notice"].permissions.values()} == {"open", "not_allowed"}
    assert len({record["user_id"] for record in demo.records()}) > 2


def test_a_stranger_sees_what_is_open_and_nothing_else() -> None:
    open_to_all = [str(record["_id"]) for record in demo.records() if "*" in record["_read"]]
    for actor in (demo.ACTORS["stranger"], demo.ACTORS["anonymous"]):
        seen: list[str] = []
        for skip in range(0, 1000, 100):
            found = good("query", "--demo", "--actor", actor_json(actor), f"skip={skip}&output[include]=_id").json["items"]
            seen += [item["_id"] for item in found]
        assert seen == open_to_all
    assert 0 < len(open_to_all) < 1000


@pytest.mark.parametrize("request_text", REQUESTS)
def test_hidden_records_change_no_byte(request_text: str, tmp_path: Path) -> None:
    hidden = [record for record in demo.records() if "*" not in record["_read"]]
    others = [record for record in demo.records() if "*" in record["_read"]]
    louder = [{**record, "age": 20, "job": "cook", "full_name": "\U0010ffff", "rating": "x"} for record in hidden]
    asked = ("--actor", '{"user_id": 70000}', request_text)
    for form in ("json", "table"):
        answers = {
            good("query", *CLASS, *asked, "--format", form, "--records", stored(tmp_path, documents)).out
            for documents in (others, others + hidden, louder + others)
        }
        assert len(answers) == 1


@pytest.mark.parametrize("request_text", REQUESTS)
@pytest.mark.parametrize("actor", ["officer", "stranger", "admin", "anonymous"])
def test_records_of_a_file_are_those_of_the_demo(request_text: str, actor: str, tmp_path: Path) -> None:
    asked = ("--actor", actor_json(demo.ACTORS[actor]), request_text)
    assert good("query", *CLASS, "--records", stored(tmp_path, demo.records()), *asked).out == good("query", "--demo", *asked).out


def test_records_may_be_plain_json(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(
        '\ufeff{"full_name": "Ann", "age": 3, "_read": ["*"]}\n\n  \n{"full_name": "Bob", "age": 4, "_read": []}', encoding="utf-8"
    )
    found = good("query", *CLASS, *ONE, "--records", str(path), "age[gt]=0").json["items"]
    assert [(item["full_name"], item["age"], item["_id"]) for item in found] == [("Ann", 3, None)]


@pytest.fixture(scope="module")
def on_server(request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    """The demo's records on a real server, as arguments that name them."""
    uri, database = request.getfixturevalue("mongod_uri"), request.getfixturevalue("database")
    collection: Collection[Document] = database["demo_records"]
    collection.insert_many(demo.records())
    yield ("--mongodb", uri, "--database", database.name, "--collection", collection.name)
    collection.drop()


@pytest.mark.parametrize("request_text", REQUESTS)
@pytest.mark.parametrize("actor", ["officer", "stranger", "admin"])
def test_a_server_answers_as_memory_does(request_text: str, actor: str, mongod_uri: str, on_server: tuple[str, ...]) -> None:
    asked = ("--actor", actor_json(demo.ACTORS[actor]), request_text)
    assert good("query", *CLASS, *on_server, *asked).json == good("query", "--demo", *asked).json


def test_nothing_of_the_driver_is_shown(mongod_uri: str, on_server: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cq, "Settings", partial(cq.Settings, limits=cq.Limits(server_selection_timeout_ms=50)))
    done = run("query", *CLASS, *ONE, "--mongodb", "mongodb://user:secret@127.0.0.1:1", "--database", "d", "")
    assert (done.code, done.out, done.err) == (3, "", "cubequery: the database cannot be reached\n")
    done = run("query", *CLASS, *ONE, "--mongodb", mongod_uri.replace("mongodb://", "mongodb://user:secret@"), "--database", "d", "")
    assert (done.code, done.out, done.err) == (3, "", "cubequery: the database does not know these credentials\n")
