"""Dialects over classes that change while they are served: rights and fields are those of the engine, at every request."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

import pytest

import cubequery as cq
from cubequery import server
from cubequery.dialects import connectnow, cubicl
from cubequery.engine import AsyncEngine, new_id
from cubequery.schema import VERDICTS
from tests.server.wire import Pause, Wire

OPEN = {"read": {"access": "open"}, "create": {"access": "open"}, "update": {"access": "open"}}
SHUT = {"read": {"access": "not_allowed"}, "create": {"access": "open"}, "update": {"access": "not_allowed"}}
WIDE = cq.ClassSchema("thing", {"n": cq.Integer, "more": cq.String}, acl="class", permissions=OPEN)
NARROW = cq.ClassSchema("thing", {"n": cq.Integer}, acl="class", permissions=OPEN)
HIDDEN = cq.ClassSchema("thing", {"n": cq.Integer, "more": cq.String}, acl="class", permissions=SHUT)
PATHS = {"connectnow": "/api/thing", "cubicl": "/api/v1/thing"}
MADE = {
    "connectnow": connectnow.ConnectNow([WIDE], [connectnow.Endpoint("thing", "thing")]),
    "cubicl": cubicl.Cubicl([WIDE], [cubicl.Endpoint("thing", "thing")]),
}
HEAD = [("Authorization", "Bearer x"), ("Content-Type", "application/json")]
dialects = pytest.mark.parametrize("dialect", PATHS)


def engine_over(kind: str, schema: cq.ClassSchema = WIDE) -> Any:
    store = cq.MemoryStore()
    store.insert("thing", [{"_id": new_id(WIDE), "n": 1, "more": "text"}])
    return cq.Engine(store, [schema]) if kind == "sync" else AsyncEngine(cq.AsyncMemoryStore(store), [schema])


def serve(engine: Any, dialect: Any, runner: asyncio.Runner) -> Wire:
    return Wire(server.app(engine, authenticate=lambda request: cq.Actor(1), dialect=dialect), runner)


def define(engine: Any, schema: cq.ClassSchema, runner: asyncio.Runner) -> None:
    found = engine.define(schema, allow=VERDICTS[-1])
    if inspect.iscoroutine(found):
        runner.run(found)


def records(body: Any) -> Any:
    return body["data"] if isinstance(body, dict) else body


@dialects
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("named", [True, False])
def test_what_a_class_no_longer_shows_is_shown_no_more(dialect: str, kind: str, named: bool, runner: asyncio.Runner) -> None:
    engine = engine_over(kind)
    wire, path = serve(engine, dialect if named else MADE[dialect], runner), PATHS[dialect]
    (record,) = records(wire.ask("GET", path, HEAD).json)
    own = f"{path}/{record.get('id') or record['_id']}"
    assert record["more"] == "text"
    define(engine, NARROW, runner)
    assert "more" not in records(wire.ask("GET", path, HEAD).json)[0]
    assert wire.ask("PUT", own, HEAD, b'{"more":"x"}').status == 422
    define(engine, HIDDEN, runner)
    assert records(wire.ask("GET", path, HEAD).json) == []
    assert [wire.ask(method, own, HEAD, body).status for method, body in (("GET", b""), ("PUT", b'{"n":2}'))] == [404, 404]
    define(engine, WIDE, runner)
    assert records(wire.ask("GET", path, HEAD).json) == [record]


@dialects
def test_rights_are_the_engines_whatever_classes_a_dialect_was_made_with(dialect: str, runner: asyncio.Runner) -> None:
    wire = serve(engine_over("async", HIDDEN), MADE[dialect], runner)
    assert records(wire.ask("GET", PATHS[dialect], HEAD).json) == []


@dialects
def test_a_body_that_is_long_in_coming_is_judged_by_the_rights_of_then(dialect: str, runner: asyncio.Runner) -> None:
    engine = engine_over("async")
    wire = serve(engine, dialect, runner)

    async def both() -> Any:
        from tests.server.wire import scope_of

        scope = scope_of("POST", PATHS[dialect], [*HEAD, ("Content-Length", "12")])
        sending = asyncio.create_task(wire.send(scope, [b'{"more"', Pause(0.2), b':"x"}']))
        await asyncio.sleep(0.05)
        await engine.define(NARROW, allow=VERDICTS[-1])
        return await sending

    assert runner.run(both()).status == 422


@dialects
def test_declarations_that_do_not_fit_are_told_at_the_start(dialect: str, runner: asyncio.Runner) -> None:
    other = cq.ClassSchema("other", {"n": cq.Integer})
    with pytest.raises(cq.DefinitionError, match="there is no class thing"):
        serve(AsyncEngine(cq.AsyncMemoryStore(), [other]), MADE[dialect], runner)


ASKING_MORE = {
    "connectnow": connectnow.ConnectNow(
        [WIDE], [connectnow.Endpoint("thing", "thing", filters=(connectnow.Filter("more", "equals", "more"),))]
    ),
    "cubicl": cubicl.Cubicl([WIDE], [cubicl.Endpoint("thing", "thing", (cubicl.Parameter("more", "equals", "more"),))]),
}


@dialects
def test_declarations_that_fit_no_longer_let_nobody_in(dialect: str, runner: asyncio.Runner) -> None:
    engine = engine_over("async")
    wire = serve(engine, ASKING_MORE[dialect], runner)
    assert len(records(wire.ask("GET", f"{PATHS[dialect]}?more=text", HEAD).json)) == 1
    define(engine, NARROW, runner)
    reply = wire.ask("GET", f"{PATHS[dialect]}?more=text", HEAD)
    assert (reply.status, b"more" in reply.body) == (500, False)
    define(engine, WIDE, runner)
    assert wire.ask("GET", f"{PATHS[dialect]}?more=text", HEAD).status == 200
