"""Dialects over HTTP: which check comes first, what counts for a rate, and what answers to failures tell."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from tests.dialects.connectnow.service import CLASSES, SERVICE, stored
from tests.dialects.cubicl.office import CLASSES as OFFICE_CLASSES
from tests.dialects.cubicl.office import OFFICE
from tests.engine.stores import End
from tests.server.dialects.test_connectnow import ACTORS, ask, authenticate, serve
from tests.server.wire import Wire
from tests.support.fixture import IDS, ITEM

BIG = b'{"name":"' + b"x" * 3_000_000 + b'"}'
JSON = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("who", "target", "status"),
    [
        ("nobody", "users/11", 401),
        ("stranger", "users/11", 401),
        ("bob", "users/13", 404),
        ("bob", "users/11", 403),
        ("ann", "users/11", 422),
    ],
)
def test_a_body_that_is_not_taken_in_is_told_last(who: str, target: str, status: int, memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    head = [] if who == "nobody" else [("Authorization", f"Bearer {who}")]
    for headers, body in (([JSON], BIG), ([JSON, ("Content-Encoding", "gzip")], b"{}"), ([("Content-Type", "text/plain")], b"{}")):
        reply = wire.ask("PUT", f"/api/{target}", [*head, *headers], body)
        assert (reply.status, sorted(reply.json)) == (status, ["errors", "message"] if status == 422 else ["message"])


def test_nobody_is_told_of_a_missing_record_as_of_a_hidden_one(end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner, stored())
    for method, body in (("PUT", '{"name":"x"}'), ("PUT", '{"zzz":1}'), ("DELETE", "-")):
        hidden, missing, shown = (ask(wire, "anonymous", f"{method} /api/users/{number}", body) for number in (13, 99, 11))
        assert (hidden.status, hidden.body) == (404, missing.body)
        assert shown.status == 403


@pytest.mark.parametrize("query", ["api_token[]=bob", "api_token[x]=bob", "api_token=stranger"])
def test_a_wrong_token_is_refused_where_none_is_needed(query: str, memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    assert wire.ask("GET", "/api/pets").status == 200
    assert wire.ask("GET", f"/api/pets?{query}").status == 401


def test_a_query_string_that_cannot_be_read_holds_no_token(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    long = f"/api/users?api_token=bob&{'&'.join(f'a{number}=1' for number in range(5_000))}"
    assert [wire.ask("GET", long).status, ask(wire, "bob", f"GET {long}").status] == [401, 422]


def test_what_one_rate_refuses_counts_for_no_other(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    assert [ask(wire, "bob", "GET /api/slow/ones").status for _ in range(5)] == [200, 429, 429, 429, 429]
    assert ask(wire, "bob", "GET /api/users").header("x-ratelimit-remaining") == "58"


def test_a_failure_behind_the_rate_tells_of_it(runner: asyncio.Runner) -> None:
    class Broken(cq.AsyncMemoryStore):
        async def execute(self, command: Any) -> Any:
            raise ZeroDivisionError("secret")

    wire = Wire(server.app(AsyncEngine(Broken(), CLASSES), authenticate=authenticate, dialect=SERVICE), runner)
    reply = ask(wire, "bob", "GET /api/users")
    assert (reply.status, reply.body) == (500, b'{"message":"Server Error"}')
    assert reply.header("x-ratelimit-remaining") == "59"
    other = Wire(server.app(AsyncEngine(Broken(), OFFICE_CLASSES), authenticate=authenticate, dialect=OFFICE), runner)
    assert (other.ask("GET", "/api/v1/tasks", [("Authorization", "Bearer bob")]).body) == b'{"code":500}'


def test_one_engine_speaks_three_languages_under_three_prefixes(runner: asyncio.Runner) -> None:
    engine = AsyncEngine(cq.AsyncMemoryStore(), [ITEM])

    async def known(request: Request) -> cq.Actor | None:
        return ACTORS.get(server.token_of(request) or "")

    mounts = {"/data": None, "/now": "connectnow", "/cub": "cubicl"}
    apps = {path: server.app(engine, authenticate=known, dialect=dialect, rate_limit="2/hour") for path, dialect in mounts.items()}
    wire = Wire(Starlette(routes=[Mount(path, app) for path, app in apps.items()]), runner)
    core = wire.ask("POST", "/data/data/item", [("CB-Token", "ann"), JSON], b'{"s":"made"}')
    assert core.status == 201
    own, bearer = core.json["_id"], [("Authorization", "Bearer bob")]
    now = wire.ask("GET", "/now/api/item", bearer).json
    assert ([each["id"] for each in now["data"]], now["path"]) == ([own], "http://testserver/now/api/item")
    cub = wire.ask("GET", f"/cub/api/v1/item/{own}", bearer)
    assert (cub.status, cub.json["s"], cub.json["createdBy"]) == (200, "made", "1")
    assert str(IDS["A"]) != own
    assert wire.ask("GET", "/cub/openapi.json").status == wire.ask("GET", "/now/docs").status == 404
    assert wire.ask("GET", "/data/openapi.json").status == 200
    # Each language counts for itself.
    assert [wire.ask("GET", "/now/api/item", bearer).status for _ in range(2)] == [200, 429]
    assert wire.ask("GET", "/cub/api/v1/item", bearer).status == 200
