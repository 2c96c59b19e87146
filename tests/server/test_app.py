"""The application where it stands: mounted, asked from other origins, watched by a log."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from cubequery import server
from tests.attacks.covered import covers
from tests.engine.stores import MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Wire, told
from tests.support.fixture import IDS

A = str(IDS["A"])
OWN = [("CB-Token", "O")]


# --- mounted ------------------------------------------------------------------------------------------------------------------------


def fastapi(path: str, app: Any) -> Any:
    host = FastAPI()
    host.mount(path, app)
    return host


def twice(path: str, app: Any) -> Any:
    return Starlette(routes=[Mount("/deep", routes=[Mount(path, app)])])


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    ("make", "path", "prefix", "root"),
    [
        (lambda path, app: Starlette(routes=[Mount(path, app)]), "/", "", ""),
        (lambda path, app: Starlette(routes=[Mount(path, app)]), "/api/v1", "/api/v1", ""),
        (lambda path, app: Starlette(routes=[Mount(path, app)]), "/api v1", "/api%20v1", ""),
        (fastapi, "/", "", ""),
        (fastapi, "/{tenant}/api", "/a%20b/api", ""),
        (twice, "/api", "/deep/api", ""),
        (lambda path, app: app, "", "/proxied", "/proxied"),
        (fastapi, "/api", "/proxied/api", "/proxied"),
        (lambda path, app: app, "", "", "/proxied"),
    ],
)
def test_mounted(make: Any, path: str, prefix: str, root: str, raw: bool, wire: Wire) -> None:
    host = Wire(make(path, wire.app), wire.runner)
    for target, status in (("/data/item?n[gt]=4", 200), (f"/data/item/{A}.json", 200), ("/data", 404), ("/healthz", 200)):
        assert host.ask("GET", prefix + target, OWN, root=root, raw=raw).status == status
    assert host.ask("DELETE", f"{prefix}/data/item/{A}", OWN, root=root, raw=raw).status == 200
    assert told(host.ask("GET", f"{prefix}/data/item%2F{A}", OWN, root=root)) == "404 undefined_class base"


def test_a_path_of_separators_costs_no_more_than_its_length(wire: Wire) -> None:
    host = Wire(Starlette(routes=[Mount("/api", wire.app)]), wire.runner)
    assert host.ask("GET", "/api" + "/" * 60_000, OWN).status == 404
    assert wire.ask("GET", "/" * 60_000, OWN, root="/a/b/c").status == 404


def test_over_httpx(wire: Wire) -> None:
    async def ask() -> list[Any]:
        transport = httpx.ASGITransport(wire.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers={"CB-Token": "O"}) as client:
            found = await client.get("/data/item", params={"n[gt]": "4", "sort_desc": "n"})
            made = await client.post("/data/item", json={"s": "x"})
            sent = await client.post(f"/data/item/{A}/file", data={"field_name": "pic"}, files={"file": ("a.txt", b"bytes", "text/plain")})
            read = await client.get(f"/data/item/{A}/file", params={"field_name": "pic"})
            gone = await client.request("DELETE", "/data/item/by_criteria", data={"n[gt]": "4"})
            return [len(found.json()["items"]), made.status_code, sent.json()["size"], read.content, gone.json()]

    assert wire.runner.run(ask()) == [2, 201, 5, b"bytes", {"total_deleted": 2}]


# --- other origins ------------------------------------------------------------------------------------------------------------------

PREFLIGHT = [("Origin", "https://app.example"), ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "cb-token")]


@covers(178)
def test_preflight_looks_at_nothing(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    async def nobody(request: Any) -> None:
        raise AssertionError

    wire = serve(memory, runner, cors=["https://app.example"], authenticate=nobody)
    targets = ["/data/item", f"/data/item/{A}", f"/data/item/{IDS['H']}", "/data/nothing", "/nothing", "/healthz"]
    replies = [wire.ask("OPTIONS", target, PREFLIGHT) for target in targets]
    assert all(reply == replies[0] for reply in replies)
    assert (replies[0].status, replies[0].header("access-control-allow-origin")) == (200, "https://app.example")
    assert replies[0].header("access-control-allow-headers") == "cb-token"
    plain = [wire.ask("OPTIONS", target, [("Origin", "https://app.example")]) for target in targets]
    assert all(reply == plain[0] for reply in plain)
    assert (plain[0].status, plain[0].body) == (200, b"")


@covers(178)
def test_without_cors_preflight_is_no_route(wire: Wire) -> None:
    for target in ("/data/item", "/data/nothing", "/nothing"):
        assert told(wire.ask("OPTIONS", target, [*OWN, *PREFLIGHT])) == "404 not_found base"
        assert told(wire.ask("OPTIONS", target, PREFLIGHT)) == "401 no_session base"
    assert wire.ask("GET", "/data/item", [*OWN, *PREFLIGHT]).header("access-control-allow-origin") is None


def test_answers_to_other_origins(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, cors=["https://app.example"])
    for headers, status in ((OWN, 200), ([], 401)):
        reply = wire.ask("GET", "/data/item", [*headers, ("Origin", "https://app.example")])
        assert (reply.status, reply.header("access-control-allow-origin")) == (status, "https://app.example")
        assert wire.ask("GET", "/data/item", [*headers, ("Origin", "https://x.example")]).header("access-control-allow-origin") is None
    anywhere = serve(memory, runner, cors=["*"])
    assert anywhere.ask("GET", "/data/item", [*OWN, ("Origin", "https://x.example")]).header("access-control-allow-origin") == "*"
    assert anywhere.ask("OPTIONS", "/data/item", [("Origin", "null"), *PREFLIGHT[1:]]).status == 200


# --- what stands around an answer ---------------------------------------------------------------------------------------------------


@covers(109)
def test_every_answer_is_json_that_no_browser_guesses_at(wire: Wire) -> None:
    for target in ("/data/item", "/data/item?<script>alert(1)</script>=1", "/data/nothing", "/nothing", "/healthz"):
        reply = wire.ask("GET", target, OWN)
        assert (reply.header("content-type"), reply.header("x-content-type-options")) == ("application/json", "nosniff")
        assert reply.header("cache-control") == "no-store"
    echoed = wire.ask("GET", f"/data/item?{'<b>' * 50}=secret", OWN)
    assert list(echoed.json["errors"]) == [("<b>" * 50)[:64]]
    assert b"secret" not in echoed.body


def test_the_same_request_has_the_same_bytes(wire: Wire) -> None:
    for target in ("/data/item", f"/data/item/{A}", "/data/item?nn=1", "/nothing"):
        assert wire.ask("GET", target, OWN) == wire.ask("GET", target, OWN)


@covers(109)
def test_one_line_a_request_without_a_value_or_a_token(wire: Wire, caplog: Any) -> None:
    requests = [
        ("GET", "/data/item?s=s3cret", OWN, "GET list item 200"),
        ("GET", "/data/nothing-s3cret?s=s3cret", OWN, "GET list - 404"),
        ("GET", f"/data/item/{A}/file?field_name=pic&token=s3cret", OWN, "GET download item 404"),
        ("GET", "/data/item%0as3cret", OWN, "GET list - 404"),
        ("GET", "/data/item", [("CB-Token", "s3cret")], "GET - - 401"),
        ("S3CRET", "/s3cret", OWN, "- - - 404"),
        ("GET", "/healthz?s3cret", [], "GET health - 200"),
    ]
    for method, target, headers, line in requests:
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            wire.ask(method, target, headers)
        (record,) = [each for each in caplog.records if each.name != "asyncio"]
        assert record.getMessage().startswith(line + " ")
        assert "s3cret" not in record.getMessage().lower()
        found = json.loads(server.JsonFormatter().format(record))
        assert "s3cret" not in json.dumps(found).lower()
        assert f"{found['method']} {found['operation']} {found['class']} {found['status']}" == line
        assert (found["logger"], found["level"], len(found["request_id"])) == ("cubequery.server", "INFO", 16)
        assert found["duration_ms"] >= 0


def test_a_failure_is_one_line_of_json_too() -> None:
    try:
        raise ValueError("one\ntwo")
    except ValueError as error:
        record = logging.LogRecord("cubequery.server", logging.ERROR, "x", 1, "failed %s", ("a\nb",), (type(error), error, None))
    text = server.JsonFormatter().format(record)
    assert "\n" not in text
    assert json.loads(text)["traceback"].startswith("ValueError: one\ntwo")


def test_a_websocket_is_closed(wire: Wire) -> None:
    sent: list[Any] = []

    async def ask() -> None:
        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "websocket", "path": "/data/item", "headers": [], "query_string": b"", "subprotocols": []}
        await wire.app(scope, receive, send)

    wire.runner.run(ask())
    assert [message["type"] for message in sent] == ["websocket.close"]
