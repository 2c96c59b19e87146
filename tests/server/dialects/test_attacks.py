"""The attack catalogue over the dialects' HTTP entry points: nothing is accepted but what a rule of the dialect makes of it, row by row."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from cubequery.testing.attacks import attacks
from tests.attacks.fixture import ACTORS, ATTACKER, PROFILE, RECORDS, H, M, R, X
from tests.attacks.table import SETTINGS, Sent, rows
from tests.server.wire import Reply, Wire

PREFIX = {"connectnow": "/api", "cubicl": "/api/v1"}
FORM, JSON = ("Content-Type", "application/x-www-form-urlencoded"), ("Content-Type", "application/json")
METHODS = {"list": "GET", "update": "PUT", "create": "POST"}
SOME_ID = {"Integer": "5", "String": "m", "ObjectId": str(M)}
MEANT = {
    r"(\[.*\])?=.*": "a name that is empty or begins with [ is dropped with its value, as in PHP",
    r"page=\d+": "a page is never an error: 0 is page 1, one far behind is empty",
    r"full_name=%ff": "broken UTF-8 is U+FFFD",
    r"age=%2041": "every text is trimmed",
}
"""Requests of the tables that mean something in ConnectNow, by the rule that says so. In Cubicl there is none."""
dialects = pytest.mark.parametrize("dialect", PREFIX)


def wire_over(dialect: str, schema: cq.ClassSchema, actor: cq.Actor, runner: asyncio.Runner, settings: cq.Settings) -> Wire:
    store = cq.MemoryStore()
    store.insert("profile", RECORDS if schema is PROFILE else [])
    engine = AsyncEngine(cq.AsyncMemoryStore(store), [schema], settings=settings)
    return Wire(server.app(engine, authenticate=lambda request: actor, dialect=dialect, rate_limit="1000000/second"), runner)


def put(wire: Wire, dialect: str, sent: Sent) -> Reply:
    """A row as its carrier sends it."""
    path = f"{PREFIX[dialect]}/{sent.schema.name}" + (f"/{SOME_ID[sent.schema.id_type]}" if sent.place == "update" else "")
    head = [("Authorization", "Bearer x")]
    if sent.carrier == "Q":
        return wire.ask(METHODS[sent.place], f"{path}?{sent.request}", head)
    if sent.carrier == "F":
        return wire.ask(METHODS[sent.place], path, [*head, FORM], sent.request.encode("utf-8", "surrogateescape"))
    body = sent.request if isinstance(sent.request, str) else json.dumps(sent.request)
    return wire.ask(METHODS[sent.place], path, [*head, JSON], body.encode())


def spelled(sent: Sent) -> str:
    """A row as the table has it."""
    return sent.where.split(f" {sent.place} {sent.carrier} ", 1)[1]


@dialects
def test_every_row_of_the_tables(dialect: str, runner: asyncio.Runner) -> None:
    @cache
    def wire_for(schema: cq.ClassSchema, settings: cq.Settings) -> Wire:
        actor = ATTACKER if settings.user_id_type == "Integer" else cq.Actor("u51943")
        return wire_over(dialect, schema, actor, runner, settings)

    asked, wrong, meant = 0, [], set()
    for sent in rows():
        if sent.answer in ("ignored", "nothing") or sent.place not in METHODS:
            continue
        reply = put(wire_for(sent.schema, SETTINGS[sent.users]), dialect, sent)
        asked += 1
        rule = next((rule for rule in MEANT if dialect == "connectnow" and re.fullmatch(rule, spelled(sent))), None)
        if rule is None and reply.status not in (400, 403, 404, 422):
            wrong.append((sent.where, reply.status, reply.body))
        elif rule is not None and reply.status < 300:
            meant.add(rule)
        assert b"secret" not in reply.body, sent.where
        assert b'"hidden"' not in reply.body, sent.where
    assert wrong == []
    assert asked > 1_000
    assert meant == (set(MEANT) if dialect == "connectnow" else set())


def lists() -> Iterator[tuple[str, bytes]]:
    """Query string and form of every attack on lists that embedders are given."""
    for each in attacks(PROFILE):
        if each.method == "list":
            yield each.args[1], each.named.get("form", "").encode()


@dialects
@pytest.mark.parametrize("who", ["attacker", "admin"])
def test_the_attacks_that_embedders_are_given(dialect: str, who: str, runner: asyncio.Runner) -> None:
    wire = wire_over(dialect, PROFILE, ACTORS[who], runner, cq.Settings())
    given = list(lists())
    taken = []
    for query, form in given:
        reply = wire.ask("GET", f"{PREFIX[dialect]}/profile?{query}", [("Authorization", "Bearer x"), FORM], form)
        if reply.status not in (400, 422):
            taken.append((query, form, reply.status))
    assert taken == []
    assert len(given) > 100


@dialects
def test_ids_of_a_path(dialect: str, runner: asyncio.Runner) -> None:
    wire = wire_over(dialect, PROFILE, ATTACKER, runner, cq.Settings())

    def ask(method: str, own: object) -> Reply:
        body = b'{"age":1}' if method == "PUT" else b""
        return wire.ask(method, f"{PREFIX[dialect]}/profile/{own}", [("Authorization", "Bearer x"), *([JSON] if body else [])], body)

    for method in ("GET", "PUT", "DELETE"):
        missing = ask(method, X)
        assert missing.status == 404
        for odd in (H, '{"$gt":""}', "123456789012", "..", "%2e%2e", "x" * 5_000, "%00", "null", "*", f"{R}%20", f"{R},{M}", f"{R}.json"):
            reply = ask(method, odd)
            assert (reply.status, reply.body) == (404, missing.body), (method, odd)
        assert ask(method, R).status == (200 if method == "GET" else 403)


@dialects
@pytest.mark.parametrize("name", [b"\\ud800", b"x" * 200, b"\\u0000", b"__proto__", b"$where", b"_read", b"constructor"])
def test_names_of_a_body(dialect: str, name: bytes, runner: asyncio.Runner) -> None:
    wire = wire_over(dialect, PROFILE, ATTACKER, runner, cq.Settings())
    reply = wire.ask("POST", f"{PREFIX[dialect]}/profile", [("Authorization", "Bearer x"), JSON], b'{"full_name":"n","' + name + b'":1}')
    assert reply.status in (400, 422)
    assert len(reply.body) < 400
    json.loads(reply.body)
