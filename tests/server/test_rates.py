"""Rates of requests: one bucket an actor, by whichever door, and an address where there is no user."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymongo.database import Database

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from tests.attacks.covered import covers
from tests.engine.stores import MemoryEnd
from tests.server.conftest import authenticate, serve
from tests.server.wire import Wire
from tests.support.fixture import IDS, ITEM
from tests.support.mongod import Document

A = str(IDS["A"])
DOORS: list[tuple[str, str, list[tuple[str, str]], bytes]] = [
    ("GET", "/data/item", [], b""),
    ("GET", "/data/item.json?invented=1", [], b""),
    ("POST", "/data/item", [("Content-Type", "application/json")], b"not JSON"),
    ("DELETE", f"/data/item/{A}?x=1", [], b""),
    ("PATCH", "/nothing", [("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9")], b""),
    ("GET", f"/data/item/{A}/file?field_name=pic&token=x", [("QB-Token", "other")], b""),
]


@covers(127)
def test_one_bucket_an_actor(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, rate_limit="6/hour")
    for method, target, headers, body in DOORS:
        assert wire.ask(method, target, [("CB-Token", "O"), *headers], body).status != 429
    for method, target, headers, body in DOORS:
        reply = wire.ask(method, target, [("CB-Token", "O"), *headers], body)
        assert (reply.status, reply.json) == (429, {"errors": {"base": ["Too many requests"]}, "code": "too_many_requests"})
        assert 3_500 < int(reply.header("retry-after") or 0) <= 3_600
    assert wire.ask("GET", "/data/item", [("CB-Token", "S")]).status == 200
    assert wire.ask("GET", "/healthz").status == 200


@covers(127)
def test_an_address_where_there_is_no_user(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, rate_limit="3/hour")
    statuses = [
        wire.ask("GET", "/data/item", [("CB-Token", who)]).status for who in ("anonymous", "guess1", "admin", "guess2", "anonymous")
    ]
    assert statuses == [200, 401, 200, 429, 429]
    assert wire.ask("GET", "/data/item", [("CB-Token", "O")]).status == 200


def test_what_is_over_the_rate_is_not_read(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, rate_limit="1/hour")
    headers = [("CB-Token", "O"), ("Content-Type", "application/json"), ("Content-Length", "2")]
    assert wire.ask("POST", "/data/item", headers, b"{}").status == 201
    reply = wire.ask("POST", "/data/item", headers, b"{}")
    assert (reply.status, reply.header("connection")) == (429, None)
    assert len(memory.store.records("item")) == 6


def test_the_window_moves(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, rate_limit="2/second")
    runner.run(asyncio.sleep(0))
    seen = [wire.ask("GET", "/data/item", [("CB-Token", "O")]).status for _ in range(3)]
    assert seen == [200, 200, 429]
    runner.run(asyncio.sleep(1.1))
    assert wire.ask("GET", "/data/item", [("CB-Token", "O")]).status == 200


@pytest.mark.mongod
def test_counted_in_a_database(memory: MemoryEnd, runner: asyncio.Runner, mongod_uri: str, database: Database[Document]) -> None:
    address, _, options = mongod_uri.partition("?")
    uri = f"{address.rstrip('/')}/{database.name}?{options}"
    wires = [serve(memory, runner, rate_limit="3/hour", rate_limit_storage=uri) for _ in range(2)]
    statuses = [wire.ask("GET", "/data/item", [("CB-Token", "G")]).status for _ in range(2) for wire in wires]
    assert statuses == [200, 200, 200, 429]
    assert database["cubequery.windows"].count_documents({}) == 1


def test_a_place_that_cannot_be_asked_lets_nobody_in(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, rate_limit="3/hour", rate_limit_storage="mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50")
    reply = wire.ask("GET", "/data/item", [("CB-Token", "O")])
    assert (reply.status, reply.json["code"]) == (503, "unavailable")


@pytest.mark.parametrize("given", [{"rate_limit": "often"}, {"rate_limit": ""}, {"rate_limit": "1/minute", "rate_limit_storage": "x://"}])
def test_what_is_no_rate(given: dict[str, Any]) -> None:
    with pytest.raises(cq.DefinitionError):
        server.app(AsyncEngine(cq.AsyncMemoryStore(), [ITEM]), authenticate=authenticate, **given)


def test_without_a_rate_nothing_is_counted(wire: Wire) -> None:
    assert {wire.ask("GET", "/data/item?count=1", [("CB-Token", "O")]).status for _ in range(200)} == {200}
