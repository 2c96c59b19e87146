"""The attack catalogue over HTTP: every row of its tables by every carrier, and the rows that only a server can be asked."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

import pytest

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from tests.attacks import carriers
from tests.attacks.covered import covers
from tests.attacks.fixture import ACTORS, ATTACKER, PROFILE, RECORDS, H, M, R, X
from tests.attacks.table import FOLDER, SETTINGS, Sent, rows
from tests.server import parts
from tests.server.wire import Headers, Reply, Wire

METHODS = {
    "list": ("GET", ""), "delete_by_criteria": ("DELETE", "/by_criteria"), "by_criteria": ("PUT", "/by_criteria"), "update": ("PUT", "/{}"),
    "create": ("POST", ""), "create_many": ("POST", "/multi"), "update_many": ("PUT", "/multi"),
}  # fmt: skip
FORM, JSON = ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Type", "application/json")
SOME_ID = {"Integer": "5", "String": "m", "ObjectId": str(M)}


def ask_row(wire: Wire, sent: Sent) -> Reply:
    """A row as its carrier sends it."""
    method, rest = METHODS[carriers.PLACES[sent.place]]
    path = f"/data/{sent.schema.name}" + rest.format(SOME_ID[sent.schema.id_type])
    if sent.carrier == "Q":
        return wire.ask(method, f"{path}?{sent.request}")
    if sent.carrier == "F":
        return wire.ask(method, path, [FORM], sent.request.encode("utf-8", "surrogateescape"))
    return wire.ask(method, path, [JSON], (sent.request if isinstance(sent.request, str) else json.dumps(sent.request)).encode())


def agrees(reply: Reply, sent: Sent) -> bool:
    """Whether a refusal is what a row says: an answer tells the status, the first code and every key."""
    codes = {code for _, code, _ in sent.faults}
    said = {(status, key) for status, _, key in sent.faults}
    return {(str(reply.status), key) for key in reply.json["errors"]} == said and ("*" in codes or reply.json["code"] in codes)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.txt")))
def test_every_row_of_the_tables(name: str, runner: asyncio.Runner) -> None:
    stores: list[cq.MemoryStore] = []

    @cache
    def wire_for(schema: cq.ClassSchema, settings: cq.Settings) -> Wire:
        store = cq.MemoryStore()
        store.insert("profile", RECORDS if schema is PROFILE else [])
        stores.append(store)
        actor = ATTACKER if settings.user_id_type == "Integer" else cq.Actor("u51943")
        engine = AsyncEngine(cq.AsyncMemoryStore(store), [schema], settings=settings)
        return Wire(server.app(engine, authenticate=lambda request: actor), runner)

    wrong = []
    for sent in rows():
        if sent.where.startswith(f"{name}:") and sent.answer not in ("ignored", "nothing"):
            reply = ask_row(wire_for(sent.schema, SETTINGS[sent.users]), sent)
            if not agrees(reply, sent):
                wrong.append((sent.where, reply.status, reply.body))
    assert wrong == []
    assert all(list(store.records("profile").values()) in ([], RECORDS) for store in stores)


# --- rows that need routes ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def store() -> cq.MemoryStore:
    made = cq.MemoryStore()
    made.insert("profile", RECORDS)
    return made


@pytest.fixture
def wire(store: cq.MemoryStore, runner: asyncio.Runner) -> Wire:
    engine = AsyncEngine(cq.AsyncMemoryStore(store), [PROFILE])

    async def authenticate(request: Any) -> cq.Actor | None:
        return ACTORS.get(request.headers.get("cb-token"))

    return Wire(server.app(engine, authenticate=authenticate), runner)


def ask(wire: Wire, method: str, target: str, body: Any = None, *, actor: str = "attacker", headers: Headers = ()) -> Reply:
    typed = [JSON] if body is not None else []
    content = b"" if body is None else json.dumps(body).encode()
    return wire.ask(method, target, [("CB-Token", actor), *typed, *headers], content)


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/data/profile/{}", None),
    ("GET", "/data/profile/{}.json", None),
    ("GET", "/data/profile/{}?permissions=1", None),
    ("GET", "/data/profile/{}?output[include]=age", None),
    ("PUT", "/data/profile/{}", {"age": 1}),
    ("PUT", "/data/profile/{}", {"inc": {"age": 1}}),
    ("PUT", "/data/profile/{}", {"tags": {"5": "x"}}),
    ("PUT", "/data/profile/{}", {"permissions": {"read": {"access": "open"}}}),
    ("PUT", "/data/profile/{}", {"_parent_id": str(M)}),
    ("PUT", "/data/profile/{}", {}),
    ("DELETE", "/data/profile/{}", None),
    ("DELETE", "/data/profile/{},", None),
    ("DELETE", f"/data/profile/{{}},{R}", None),
    ("GET", f"/data/profile/{R},{{}}", None),
    ("GET", "/data/profile?_id={}", None),
    ("GET", "/data/profile?_id[or]={}&count=1", None),
    ("GET", "/data/profile?_parent_id={}", None),
    ("PUT", "/data/profile/multi", {"record": {"1": {"id": "{}", "age": 1}}}),
    ("PUT", "/data/profile/by_criteria", {"search_criteria": {"_id": "{}"}, "age": 1}),
    ("DELETE", "/data/profile/by_criteria?_id={}", None),
    ("POST", "/data/profile", {"_parent_id": "{}"}),
    ("GET", "/data/profile/{}/file?field_name=avatar", None),
    ("DELETE", "/data/profile/{}/file?field_name=avatar", None),
]


@covers(13, 18, 19, 20, 21, 24, 26, 102)
@pytest.mark.parametrize("actor", ["attacker", "officer", "anonymous"])
@pytest.mark.parametrize(("method", "target", "body"), ROUTES)
def test_hidden_is_answered_as_missing(method: str, target: str, body: Any, actor: str, wire: Wire, store: cq.MemoryStore) -> None:
    def answer(record_id: Any) -> Reply:
        given = None if body is None else json.loads(json.dumps(body).replace("{}", str(record_id)))
        reply = ask(wire, method, target.replace("{}", str(record_id)), given, actor=actor)
        return Reply(reply.status, reply.headers, reply.body.replace(str(record_id).encode(), b"<id>"), reply.complete)

    hidden = store.records("profile")
    before = [each for each in RECORDS if each["_id"] == H]
    assert answer(H) == answer(X)
    assert [each for each in hidden.values() if each["_id"] == H] == before


@covers(24)
@pytest.mark.parametrize("actor", ["attacker", "officer", "anonymous"])
def test_a_file_for_a_hidden_record_is_refused_as_for_a_missing_one(actor: str, wire: Wire, store: cq.MemoryStore) -> None:
    body = parts.form(parts.part("field_name", b"avatar"), parts.file(b"x"))
    hidden, missing = (wire.ask("POST", f"/data/profile/{each}/file", [("CB-Token", actor), parts.TYPE], body) for each in (H, X))
    assert hidden == missing
    assert hidden.status == (403 if actor == "anonymous" else 404)
    assert store.files.of("profile") == {}
    visible = wire.ask("POST", f"/data/profile/{R}/file", [("CB-Token", actor), parts.TYPE], body)
    assert (visible.status, visible.json["code"]) == (403, "need_user" if actor == "anonymous" else "forbidden")


@covers(18, 19, 21, 13)
def test_several_ids(wire: Wire) -> None:
    found = ask(wire, "GET", f"/data/profile/{R},{H},{X}").json
    assert [each["_id"] for each in found["items"]] == [str(R)]
    assert ask(wire, "GET", f"/data/profile/{R},{X},{H}").json == found
    statuses = [
        ask(wire, method, f"/data/profile/{R}", body).status for method, body in (("GET", None), ("PUT", {"age": 1}), ("DELETE", None))
    ]
    assert statuses == [200, 403, 403]
    refused = ask(wire, "GET", f"/data/profile/{R}?permissions=1")
    assert (refused.status, refused.json["code"]) == (403, "forbidden")
    deleted = ask(wire, "DELETE", f"/data/profile/{H},{X},{R},{M}").json
    assert deleted == {
        "SuccessfullyDeleted": {"ids": [str(M)]}, "WrongPermissions": {"ids": [str(R)]}, "NotFound": {"ids": [str(H), str(X)]},
    }  # fmt: skip


@covers(20)
def test_buckets_of_a_multi_update(wire: Wire) -> None:
    body = {"record": {"1": {"id": str(H), "age": 1}, "2": {"id": str(X), "age": 1}, "3": {"id": str(R), "age": 1}}}
    assert ask(wire, "PUT", "/data/profile/multi", body).json == {
        "class_name": "profile", "not_found": {"ids": [str(H), str(X)]}, "wrong_permissions": {"ids": [str(R)]}, "items": [],
    }  # fmt: skip


@covers(54, 119, 144)
def test_ids_of_a_path(wire: Wire) -> None:
    missing = ask(wire, "GET", f"/data/profile/{X}")
    for odd in ('{"$gt":""}', "123456789012", "..", "%2e%2e", "x" * 5_000, "%00", "null", "*", str(R) + "%20", "%EF%BC%91"):
        assert ask(wire, "GET", f"/data/profile/{odd}") == missing, odd
    many = ",".join(f"{place:024x}" for place in range(101))
    for method in ("GET", "DELETE"):
        reply = ask(wire, method, f"/data/profile/{many}")
        assert (reply.status, reply.json["code"]) == (400, "too_large")
        assert ask(wire, method, f"/data/profile/{many[:-25]},{f'{1:024X}'},,").status == 200
    upper = str(M).upper()
    assert ask(wire, "DELETE", f"/data/profile/{upper},{M},{upper}").json["SuccessfullyDeleted"] == {"ids": [str(M)]}


@covers(31)
def test_no_alias_of_a_route_skips_the_check(wire: Wire) -> None:
    for alias in (f"/data/profile/{H}.json", f"/data/%70rofile/{H}", f"/%64ata/profile/{H}"):
        assert ask(wire, "GET", alias) == ask(wire, "GET", f"/data/profile/{X}")
    body = {"search_criteria": {"full_name": "hidden"}, "age": 1}
    for method in ("POST", "PUT"):
        for suffix in ("", ".json"):
            assert ask(wire, method, f"/data/profile/by_criteria{suffix}", body).json["total_found"] == 0


@covers(172, 173, 174)
def test_a_key_tells_nothing_and_gives_nothing(wire: Wire, store: cq.MemoryStore) -> None:
    key = [("Idempotency-Key", "the-victims")]
    body = {"record": {"1": {"full_name": "mine", "permissions": {"read": {"access": "owner"}}}}}
    first = ask(wire, "POST", "/data/profile/multi", body, actor="owner", headers=key)
    attempt = ask(wire, "POST", "/data/profile/multi", body, headers=key)
    assert first.status == attempt.status == 201
    assert attempt.json["items"][0]["user_id"] == 51943
    assert attempt.json["items"][0]["_id"] != first.json["items"][0]["_id"]
    assert ask(wire, "POST", "/data/profile/multi", body, actor="owner", headers=key).json == first.json
    assert b"the-victims" not in repr(store.records("profile")).encode()
    for odd in ("", "a b", "x" * 256, "\xe9", "a\r\nX-Admin: 1"):
        reply = ask(wire, "POST", "/data/profile/multi", body, headers=[("Idempotency-Key", odd)])
        assert (reply.status, reply.json["code"]) == (400, "malformed")
    for fine in ('{"$ne":1}', "$where", "x" * 255):
        assert ask(wire, "POST", "/data/profile/multi", body, headers=[("Idempotency-Key", fine)]).status == 201
