"""The attacks of the harness over the entry points of the other dialects: every one is refused, and nothing is changed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.names import HIDDEN
from cubequery.testing.attacks import HIDDEN_NAMES, ON_LISTS, OPERATORS
from tests.dialects.connectnow import service
from tests.dialects.cubicl import office
from tests.server.wire import Wire

NAMES = (*sorted(HIDDEN), "permissions")
ROWS = sorted(
    {template.format(h=name, f="name") for template in (*HIDDEN_NAMES, *ON_LISTS) for name in NAMES}
    | {template.format(f="name") for template in OPERATORS}
)
SAID_OTHERWISE = {"connectnow": {"name%00=1"}, "cubicl": set[str]()}
"""Rows that are no attack there: in PHP a name ends at a NUL, so that this one changes the field ``name``."""
LISTS = {"connectnow": ("/api/companies", service), "cubicl": ("/api/v1/tasks", office)}
BODIES: list[dict[str, Any]] = [
    *({name: value} for name in NAMES for value in (["*"], "*", {"read": {"access": "open"}})), {"$where": "1"}, {"$set": {"name": "x"}},
    {"inc": {"age": 1}}, {"push": {"tags": ["x"]}}, {"name": {"$ne": 1}}, {"address": {"$set": {"city": "x"}}},
    {"address": {"__proto__": 1}},
    {"name.x": 1}, {"address[city]": "x"}, {"__proto__": {"x": 1}}, {"search_criteria": {"name": "x"}}, {"record": {"1": {"name": "x"}}},
]  # fmt: skip


async def authenticate(request: Request) -> cq.Actor | None:
    """User 1, who may change the records."""
    return cq.Actor(1)


def wire_of(name: str, runner: asyncio.Runner) -> tuple[Wire, cq.MemoryStore, str]:
    path, module = LISTS[name]
    store = cq.MemoryStore()
    own: Any = 1 if name == "connectnow" else "a"
    schema = service.COMPANY if name == "connectnow" else office.TASK
    store.insert(schema.name, [service.record(own, name="n"), service.record(2 if own == 1 else "b", "u9", name="hidden")])
    dialect = service.SERVICE if name == "connectnow" else office.OFFICE
    engine = cq.Engine(store, module.CLASSES)
    app = server.app(engine, authenticate=authenticate, dialect=dialect, rate_limit="100000/minute")
    return Wire(app, runner), store, f"{path}/{own}"


@pytest.mark.parametrize("name", LISTS)
def test_every_attack_is_refused_in_every_place(name: str, runner: asyncio.Runner) -> None:
    wire, store, record = wire_of(name, runner)
    listed = LISTS[name][0]
    before = {each: dict(store.records(each)) for each in ("Company", "Task")}
    head, form = [("Authorization", "Bearer x")], [("Content-Type", "application/x-www-form-urlencoded")]
    put, taken = 0, []
    for row in (each for each in ROWS if each not in SAID_OTHERWISE[name]):
        places = [("GET", f"{listed}?{row}", b""), ("GET", f"{record}?{row}", b""), ("DELETE", f"{record}?{row}", b"")]
        places += [
            ("PUT", f"{record}?{row}", b""),
            ("PUT", record, row.encode()),
            ("POST", listed, row.encode()),
            ("GET", listed, row.encode()),
        ]
        for method, target, body in places:
            reply = wire.ask(method, target, [*head, *(form if body else [])], body)
            put += 1
            if reply.status not in (400, 422):
                taken.append(f"{reply.status} {method} {target} {body!r}")
    for given in BODIES:
        for method, target in (("PUT", record), ("POST", listed)):
            reply = wire.ask(method, target, [*head, ("Content-Type", "application/json")], json.dumps(given).encode())
            put += 1
            if reply.status not in (400, 422):
                taken.append(f"{reply.status} {method} {target} {given!r}")
    assert not taken, "\n".join(taken)
    assert put > 700
    assert {each: dict(store.records(each)) for each in ("Company", "Task")} == before
