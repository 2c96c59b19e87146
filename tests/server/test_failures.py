"""What goes wrong behind the door: never open, never a cause in the answer, always an id in the log."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from pymongo.errors import OperationFailure
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores.faults import refusal
from tests.attacks.covered import covers
from tests.server.conftest import authenticate
from tests.server.wire import Reply, Wire
from tests.support.fixture import ACTORS, ITEM, O

SECRET = "s3cret-value"
INTERNAL = {"errors": {"base": ["Internal error"]}, "code": "internal"}
UNAVAILABLE = {"errors": {"base": ["Service is temporarily unavailable"]}, "code": "unavailable"}


class Failing:
    """A store that raises one error at every command."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def execute(self, command: Any) -> Any:
        raise self.error


class FailingInThreads(Failing):
    """The same for a sync engine."""

    def execute(self, command: Any) -> Any:
        raise self.error


REQUESTS = [
    ("GET", "/data/item", b""),
    ("GET", "/data/item/650000000000000000000001", b""),
    ("PUT", "/data/item/650000000000000000000001", b'{"n": 1}'),
    ("DELETE", "/data/item/650000000000000000000001,650000000000000000000002", b""),
    ("GET", "/data/item/650000000000000000000001/file?field_name=pic", b""),
]


def ask(wire: Wire, method: str, target: str, body: bytes = b"", actor: str = "O") -> Reply:
    typed = [("Content-Type", "application/json")] if body else []
    return wire.ask(method, target, [("CB-Token", actor), *typed], body)


@covers(34, 108, 110)
@pytest.mark.parametrize("in_threads", [False, True])
@pytest.mark.parametrize(("method", "target", "body"), REQUESTS)
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (KeyError(SECRET), 500),
        (RuntimeError(f"db.item.find({{name: {SECRET}}})"), 500),
        (refusal(OperationFailure(f"not authorized on {SECRET}", 13), ITEM, writes=False), 500),
        (refusal(OperationFailure(f"Authentication failed {SECRET}", 18), ITEM, writes=False), 500),
        (refusal(OperationFailure(f"operation exceeded time limit {SECRET}", 50), ITEM, writes=False), 503),
    ],
)
def test_a_failing_store(
    error: Exception, status: int, method: str, target: str, body: bytes, in_threads: bool, runner: asyncio.Runner, caplog: Any
) -> None:
    engine: Any = Engine(FailingInThreads(error), [ITEM]) if in_threads else AsyncEngine(Failing(error), [ITEM])
    with caplog.at_level(logging.INFO, "cubequery.server"):
        reply = ask(Wire(server.app(engine, authenticate=authenticate), runner), method, target, body)
    assert (reply.status, reply.json) == (status, INTERNAL if status == 500 else UNAVAILABLE)
    assert reply.header("retry-after") == ("5" if status == 503 else None)
    identity = reply.header("x-request-id") or "-"
    failure, line = [record for record in caplog.records if record.name == "cubequery.server"]
    assert identity in failure.getMessage()
    assert identity in line.getMessage()
    told = f"{failure.getMessage()} {line.getMessage()} {reply.headers}"
    assert SECRET not in told
    caused = failure.exc_info[1] if failure.exc_info else None
    assert caused is (error if not isinstance(error, cq.RequestError) else None)


def raising(error: BaseException) -> Any:
    def fail(request: Request) -> Any:
        raise error

    return fail


async def fail_later(request: Request) -> cq.Actor:
    raise RuntimeError(SECRET)


async def read_the_body(request: Request) -> cq.Actor:
    await request.body()
    return cq.ADMIN


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (raising(RuntimeError(SECRET)), 500),
        (raising(KeyError("token")), 500),
        (raising(ConnectionError(SECRET)), 503),
        (raising(TimeoutError()), 503),
        (raising(cq.RequestError([cq.Fault("unavailable", "base", "x")])), 503),
        (fail_later, 500),
        (read_the_body, 500),
        (lambda request: True, 500),
        (lambda request: {"user_id": 1, "admin": True}, 500),
        (lambda request: "admin", 500),
        (lambda request: cq.Actor("text"), 500),
        (lambda request: None, 401),
        (lambda request: O, 200),
    ],
)
def test_a_session_that_cannot_be_told_is_none(who: Any, status: int, runner: asyncio.Runner) -> None:
    engine = AsyncEngine(cq.AsyncMemoryStore(), [ITEM])
    reply = ask(Wire(server.app(engine, authenticate=who), runner), "GET", "/data/item")
    assert reply.status == status
    assert SECRET.encode() not in reply.body
    assert (reply.header("x-request-id") is not None) == (status >= 500)


class Asking:
    """An authentication that is an object."""

    async def __call__(self, request: Request) -> cq.Actor | None:
        assert (request.method, request.url.path) == ("GET", "/data/item")
        return ACTORS.get(request.headers["cb-token"])


def test_an_object_can_authenticate(runner: asyncio.Runner) -> None:
    wire = Wire(server.app(AsyncEngine(cq.AsyncMemoryStore(), [ITEM]), authenticate=Asking()), runner)
    assert [ask(wire, "GET", "/data/item", actor=actor).status for actor in ("O", "x")] == [200, 401]


class Breaking:
    """A download that breaks off after its first piece."""

    size, name, content_type, file_id = 10, "a", "text/plain", "f"

    async def chunks(self, start: int = 0, stop: int | None = None) -> Any:
        yield b"12345"
        raise cq.RequestError([cq.Fault("unavailable", "base", SECRET)])


def test_a_download_that_breaks_is_cut_and_not_ended(wire: Wire, runner: asyncio.Runner, caplog: Any, monkeypatch: Any) -> None:
    async def download(*args: Any) -> Any:
        return Breaking()

    engine = AsyncEngine(cq.AsyncMemoryStore(), [ITEM])
    monkeypatch.setattr(engine, "download", download)
    with caplog.at_level(logging.INFO, "cubequery.server"), pytest.raises(cq.RequestError):
        ask(Wire(server.app(engine, authenticate=authenticate), runner), "GET", "/data/item/1/file?field_name=pic")
    assert ["unavailable" in record.getMessage() for record in caplog.records] == [True, False]


def test_health(runner: asyncio.Runner) -> None:
    for engine, status in (
        (AsyncEngine(cq.AsyncMemoryStore(), [ITEM]), 200),
        (Engine(cq.MemoryStore(), [ITEM]), 200),
        (AsyncEngine(Failing(OSError()), []), 200),
        (AsyncEngine(Failing(refusal(OperationFailure("x", 50), None, writes=False)), [ITEM]), 503),
        (AsyncEngine(Failing(RuntimeError()), [ITEM]), 500),
    ):
        wire = Wire(server.app(engine, authenticate=raising(AssertionError())), runner)
        reply = wire.ask("GET", "/healthz")
        assert (reply.status, reply.json.get("status")) == (status, "ok" if status == 200 else None)
    assert wire.ask("POST", "/healthz").status == 500  # nothing but GET is let by without a session
