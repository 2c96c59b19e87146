"""The application where it stands: mounted, asked from other origins, watched by a log, its bodies counted and waited for."""

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

import cubequery as cq
from cubequery import server
from tests.attacks.covered import covers
from tests.engine.stores import End, MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Leave, Pause, Piece, Reply, Wire
from tests.support.fixture import IDS

A = str(IDS["A"])
OWN = [("CB-Token", "O")]
JSON = [*OWN, ("Content-Type", "application/json")]


def told(reply: Reply) -> str:
    return f"{reply.status} {reply.json['code']} {' '.join(reply.json['errors'])}"


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


# --- bodies -------------------------------------------------------------------------------------------------------------------------

ONE_MIB = 1_048_576
START = b'{"s": "'


def sized(size: int) -> bytes:
    return START + b"x" * (size - len(START) - 2) + b'"}'


@covers(115)
@pytest.mark.parametrize("lengths", [[], [("Content-Length", "5")], [("Content-Length", "-1")], [("Transfer-Encoding", "chunked")]])
def test_a_body_is_counted_and_not_believed(lengths: list[tuple[str, str]], wire: Wire) -> None:
    headers = [*JSON, *lengths]
    whole = sized(ONE_MIB)
    assert told(wire.ask("POST", "/data/item", headers, [whole[:1000], whole[1000:]])) == "422 too_big base"  # read, and too big to store
    assert told(wire.ask("POST", "/data/item", headers, sized(ONE_MIB + 1))) == "400 too_large base"
    reply = wire.ask("POST", "/data/item", headers, [sized(ONE_MIB), b"x", *[b"y" * 1000] * 2000])
    assert (told(reply), reply.header("connection")) == ("400 too_large base", "close")
    little = wire.ask("POST", "/data/item", headers, [sized(ONE_MIB), b"x", *[b"y" * 1000] * 100])
    assert (told(little), little.header("connection")) == ("400 too_large base", None)
    form = [*OWN, ("Content-Type", "application/x-www-form-urlencoded"), *lengths]
    assert told(wire.ask("PUT", f"/data/item/{A}", form, b"s=" + b"x" * ONE_MIB)) == "400 too_large base"


def test_a_query_string_is_counted_before_it_is_read(wire: Wire) -> None:
    for target in (f"/data/item?s={'x' * 8_190}", f"/data/item/{A}/file?field_name=pic&token={'x' * 8_171}"):
        assert len(target.partition("?")[2]) == 8_192
        assert wire.ask("GET", target, OWN).status in (200, 404)
        assert told(wire.ask("GET", target + "x", [*OWN, ("Content-Type", "text/plain")], b"never read")) == "400 too_large base"


def test_a_body_in_pieces_is_the_same_body(wire: Wire) -> None:
    pieces = [b"", b'{"s": ', b"", b'"', "é".encode()[:1], "é".encode()[1:], b'"}', b""]
    reply = wire.ask("POST", "/data/item", JSON, pieces)
    assert (reply.status, reply.json["s"]) == (201, "é")
    assert reply.header("connection") is None


@pytest.mark.parametrize("pieces", [[Pause()], [b'{"s":', Pause()], [b'{"s":', Pause(0.02), b" ", Pause(0.02), b" ", Pause(0.02), b"1}"]])
def test_a_slow_body_is_not_waited_for(pieces: list[Piece], memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, body_seconds=0.05)
    reply = wire.ask("POST", "/data/item", [*JSON, ("Transfer-Encoding", "chunked")], pieces)
    assert (told(reply), reply.header("connection")) == ("400 malformed base", "close")
    assert len(memory.store.records("item")) == 5


def test_a_client_that_leaves_gets_nothing_and_changes_nothing(end: End, runner: asyncio.Runner, caplog: Any) -> None:
    wire = serve(end, runner)
    before = end.stored(["item"])
    with caplog.at_level(logging.INFO, "cubequery.server"):
        assert wire.ask("POST", "/data/item", JSON, [b'{"s": "x"', Leave()]).status == 0
    assert end.stored(["item"]) == before
    assert [record.getMessage().split(" [")[0].rsplit(" ", 3)[0] for record in caplog.records] == ["POST create item"]


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


def test_limits_are_those_of_the_engine(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    settings = cq.Settings(limits=cq.Limits(max_body_bytes=20, max_query_bytes=10))
    wire = serve(memory, runner, engine={"settings": settings})
    assert wire.ask("POST", "/data/item", JSON, b'{"s": "12345678901"}').status == 201
    assert told(wire.ask("POST", "/data/item", JSON, b'{"s": "123456789012"}')) == "400 too_large base"
    assert wire.ask("GET", "/data/item?s=12345678", OWN).status == 200
    assert told(wire.ask("GET", "/data/item?s=123456789", OWN)) == "400 too_large base"
