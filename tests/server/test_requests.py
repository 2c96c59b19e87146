"""Every request of the API documentation and of real clients, over HTTP; where an answer is known, it is compared field by field.

Ids and times are the server's own and compared as such; where the project answers otherwise than was printed, that counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from bson import ObjectId

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from tests.server import parts
from tests.server.wire import Headers, Reply, Wire
from tests.support.fixture import Fields
from tests.support.mongod import Document
from tests.test_requests import CLASSES, ID, LINES, REFUSED, filled, record, records, request_of, schema_of, segments

Record = dict[str, Any]
IDS = [f"5c0d5b7fca8bf40c948cf4{number}" for number in range(10, 20)]
SYSTEM = {"_id", "_parent_id", "user_id", "created_at", "updated_at", "permissions"}
MORE: Fields = {
    "completed_levels": cq.Array(cq.Integer), "date": cq.Date, "expert_mode": cq.Boolean, "progress": cq.Float, "user_avatar": cq.File,
    "score_value": cq.Integer, "game_mode_name": cq.String, "user_location": cq.Location,
}  # fmt: skip
PHOTO = bytes(277_132)


def answer_of(number: int) -> Any:
    return LINES[number]["response"]


def items(number: int) -> list[Record]:
    """The records that an answer shows."""
    shown = answer_of(number)
    if not isinstance(shown, dict):
        return []
    return [each for each in shown.get("items", [shown] if "_id" in shown else []) if "_id" in each]


def before(number: int, **changed: Any) -> list[Record]:
    """The records of an answer as they were, but for what the request changes."""
    return [{**each, "_parent_id": None, **changed} for each in items(number)]


def bare(number: int, **values: Any) -> Record:
    return {"_id": IDS[number], "user_id": 47592, **values}


def of(owner: int, id_: str, **values: Any) -> Record:
    return {"_id": id_, "user_id": owner, **values}


PROFILES = segments(14)[1].split(",")
WORLDS: Mapping[int, list[Record]] = {
    4: before(4),
    8: [*before(8), bare(0, age=28), bare(1)],
    9: [of(47592, segments(9)[1], permissions=answer_of(9)["permissions"])],
    10: before(10, age=21, job="director"),
    11: [*before(11, country_of_birth="Sweden"), bare(0, age=30)],
    12: before(12, age=1, country_of_birth="Sweden"),
    13: [of(47592, segments(13)[1])],
    14: [of(47592, PROFILES[0]), of(51941, PROFILES[1])],
    15: [bare(0, age=41), bare(1, age=50), bare(2, age=40)],
    29: [of(47592, segments(29)[1])],
    30: [of(47592, segments(30)[1])],
    31: [of(47592, segments(31)[1])],
    66: [bare(0, age=5), bare(1, age=6), bare(2, age=4)],
    67: [*(bare(place, score=100) for place in range(5)), bare(5, score=1)],
    69: [bare(0), of(51941, IDS[1])],
    70: [*before(70), bare(0, score_value=1000)],
    83: [bare(place, _parent_id=IDS[9 - place // 2], rating=rating) for place, rating in enumerate((5.0, 4.0, 2.0, 1.0, 0.0, 0.0))],
}
"""What is there before a line whose answer is known. Everything else finds the records of `tests.test_requests`."""
PARENTS = {LINES[118]["body"]["_parent_id"], *(each["_parent_id"] for each in WORLDS[83])}
OWN_CLASS = {65: "MyScoreTable", 66: "MyScoreTable", 67: "MyScoreTable"}
OWN_FIELDS: Mapping[int, Fields] = {66: {"age": cq.Integer, "score": cq.Integer}, 67: {"score": cq.Integer}}
OWN_PATH = {69: f"/data/MyScoreTable/{IDS[0]},{IDS[1]},{IDS[2]}.json"}
NOT_AS_PRINTED: Mapping[int, Mapping[str, Any]] = {
    66: {"skip": 0, "items": "shortened"},  # a by-criteria answer has no page of its own
}


def known_schema(number: int) -> cq.ClassSchema:
    """A class of just the fields that the answer shows: the earliest samples lack one that came later."""
    name = OWN_CLASS.get(number, segments(number)[0])
    all_fields: Fields = {**CLASSES.get(name, {}), **MORE}
    shown = {field for each in items(number) for field in each} - SYSTEM
    fields = {field: all_fields[field] for field in shown} or {**CLASSES.get(name, {}), **OWN_FIELDS.get(number, {})}
    permissions = {"update": {"access": "open_for_groups", "groups": ["world"]}} if number == 55 else {}
    return cq.ClassSchema(name, fields, permissions=permissions)


def wire_of(
    runner: asyncio.Runner, schema: cq.ClassSchema, world: Sequence[Record] = (), user_id: int = 47592, stored: Sequence[Document] = ()
) -> Wire:
    """The application, for one user, over records that an admin has created, or that are stored as they are; and the parents they name."""
    store = cq.MemoryStore()
    store.insert(schema.name, stored)
    store.insert("other", [{"_id": ObjectId(parent), "_read": ["*"]} for parent in PARENTS])
    engine = AsyncEngine(cq.AsyncMemoryStore(store), [schema, cq.ClassSchema("other", {})])

    async def fill() -> None:
        for each in world:
            await engine.create(schema.name, {name: value for name, value in each.items() if value is not None}, cq.ADMIN)

    runner.run(fill())
    return Wire(server.app(engine, authenticate=lambda request: cq.Actor(user_id)), runner)


def path_of(number: int) -> str:
    path = OWN_PATH.get(number) or filled(number, LINES[number]["path"])
    return path.replace("/Thing", f"/{OWN_CLASS[number]}") if number in OWN_CLASS else path


def send(wire: Wire, number: int, path: str) -> Reply:
    """The line as it stands."""
    query, form, body = request_of(number)
    line = LINES[number]
    kind = line["content_type"] or ("application/x-www-form-urlencoded" if line["method"] == "PUT" else None)
    if line["content_type"] == "multipart/form-data":
        sent = parts.form(parts.part("field_name", b"avatar"), parts.file(PHOTO, "profile_photo.jpeg"))
        return wire.ask("POST", path, [parts.TYPE], sent)
    headers: Headers = [] if kind is None else [("Content-Type", kind)]
    content = (json.dumps(body) if body is not None else form).encode()
    return wire.ask(line["method"], f"{path}?{query}" if query else path, headers, content)


def own(value: Any, key: str = "") -> Any:
    """An answer without what is the server's own: ids and times."""
    if key == "_parent_id" and not value:
        return None
    if key in ("_id", "_parent_id", "record_id", "file_id", "created_at", "updated_at"):
        return f"<{key}>"
    if key == "ids":
        return len(value)
    if isinstance(value, dict):
        return {name: own(each, name) for name, each in value.items()}
    return [own(each) for each in value] if isinstance(value, list) else value


KNOWN = sorted(number for number, line in LINES.items() if line["response"] is not None and number not in (78, 88, 91))


@pytest.mark.parametrize("number", KNOWN)
def test_answers_are_those_that_are_known(number: int, runner: asyncio.Runner) -> None:
    shown = items(number)
    user_id = shown[0].get("user_id", 47592) if shown else 47592
    reply = send(wire_of(runner, known_schema(number), WORLDS.get(number, []), user_id), number, path_of(number))
    line = LINES[number]
    assert reply.status == (line["status"] or (201 if line["method"] == "POST" else 200)), reply.body
    expected = {**own(answer_of(number)), **NOT_AS_PRINTED.get(number, {})}
    found = own(reply.json)
    if expected.get("items") == "shortened":
        expected["items"] = found["items"]
    if number == 55:  # its sample shows a parent that the request does not name
        expected["_parent_id"] = None
    assert json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_only_requested_ids_appear(runner: asyncio.Runner) -> None:
    """Lines 9, 14 and 69: the samples show others."""
    assert send(wire_of(runner, known_schema(9), WORLDS[9]), 9, path_of(9)).json["record_id"] == segments(9)[1]
    for number, ids in ((14, PROFILES), (69, IDS[:3])):
        answer = send(wire_of(runner, known_schema(number), WORLDS[number]), number, path_of(number)).json
        assert [answer[bucket]["ids"] for bucket in ("SuccessfullyDeleted", "WrongPermissions", "NotFound")] == [[each] for each in ids]


def test_files(runner: asyncio.Runner) -> None:
    """Lines 29 to 32: sent, read, read with a token in the query string, deleted."""
    wire = wire_of(runner, known_schema(29), WORLDS[29])
    assert send(wire, 30, path_of(30)).status == 404
    assert send(wire, 29, path_of(29)).status == 201
    read = send(wire, 30, path_of(30))
    assert (read.status, read.body, read.header("content-type")) == (200, PHOTO, "image/jpeg")
    gone = send(wire, 31, path_of(31))
    assert (gone.status, gone.body) == (200, b"")
    cars = wire_of(runner, cq.ClassSchema("cars", {"motors": cq.File}), [of(47592, ID)])
    assert send(cars, 32, f"/data/cars/{ID}/file.json").json["code"] == "file_not_found"


def test_what_the_project_answers_otherwise(runner: asyncio.Runner) -> None:
    """Lines 78, 88, 91: a route that is not served, an unknown class, no session."""
    profile = wire_of(runner, cq.ClassSchema("profile", {}))
    assert (send(profile, 78, path_of(78)).status, send(profile, 88, path_of(88)).status) == (404, 404)
    assert send(profile, 88, path_of(88)).json == {"errors": {"base": ["Undefined class"]}, "code": "undefined_class"}
    nobody = Wire(server.app(AsyncEngine(cq.AsyncMemoryStore(), []), authenticate=lambda request: None), runner)
    reply = send(nobody, 91, path_of(91))
    assert (reply.status, reply.json) == (401, {**answer_of(91), "code": "no_session"})


BY_ITSELF = {29, 30, 31, 32, 78, 88, 91}


@pytest.mark.parametrize("number", sorted(set(LINES) - BY_ITSELF))
def test_every_line_is_answered(number: int, runner: asyncio.Runner) -> None:
    schema = schema_of(number)
    stored = [*records(schema), *[record(schema, own_id) for own_id in ids_of(number)]]
    reply = send(wire_of(runner, schema, stored=stored), number, filled(number, LINES[number]["path"]))
    if number in REFUSED:
        status, code, key = REFUSED[number]
        assert (reply.status, reply.json["code"], next(iter(reply.json["errors"]))) == (status, code, key)
        return
    created = LINES[number]["method"] == "POST" and segments(number)[1:] in ([], ["multi"])
    assert reply.status == (201 if created else 200), reply.body


def ids_of(number: int) -> list[ObjectId]:
    """The ids of a path that can be ids."""
    named = segments(number)[1:2]
    return [ObjectId(each) for each in (named[0].split(",") if named else []) if ObjectId.is_valid(each)]
