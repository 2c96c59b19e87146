"""Cubicl over HTTP, byte for byte: the table, the rate, and records that nobody is told of."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.dialects.cubicl import SERVICE, Cubicl, Endpoint
from tests.dialects.cubicl.office import CLASSES, ENDPOINTS, at, record
from tests.engine.stores import End, InLoop
from tests.server.wire import Wire
from tests.support.fixture import NOW

NOTE = cq.ClassSchema("Note", {"text": cq.String(required=True), "size": cq.Integer(maximum=5)})
OFFICE = Cubicl((*CLASSES, NOTE), (*ENDPOINTS, Endpoint("notes", "Note")))
ACTORS = {"ann": cq.Actor(1), "bob": cq.Actor(2), "anonymous": cq.ANONYMOUS}
ROWS = [
    tuple(part.strip() for part in line.split(" | "))
    for line in (Path(__file__).parent / "cubicl.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


async def authenticate(request: Request) -> cq.Actor | None:
    """The actor whose name is the token."""
    return ACTORS.get(server.token_of(request) or "")


def office() -> dict[str, list[dict[str, Any]]]:
    """What is stored: task `d` and group `g2` are Ann's alone, and `t` lies below the hidden group."""
    return {
        "Task": [
            record("a", name="Report", group="g1", deadline=at(1640341800)),
            record("b", name="Old", archived=True, desc=5, undeclared=1),
            record("d", "u1", name="Hidden", group="g"),
        ],
        "Customer": [record(5, name="Acme Ltd", phone="1"), record(8, name="Zed"), record(6, "u1", name="Acme hidden")],
        "Group": [record("g", name="top"), record("g1", name="in", _parent_id="g"), record("g2", "u1", name="no", _parent_id="g")],
        "Note": [record(ObjectId("650000000000000000000001"), text="n")],
        "Message": [],
        "User": [],
        "Node": [],
    }


def serve(end: End, runner: asyncio.Runner, records: dict[str, Any], dialect: Any = OFFICE, **options: Any) -> Wire:
    """The dialect over these records, made anew."""
    end.fill(records)
    made = end.engine((*CLASSES, NOTE))
    engine = made.engine if isinstance(made, InLoop) else made
    return Wire(server.app(engine, authenticate=authenticate, dialect=dialect, **options), runner)


def head(who: str) -> list[tuple[str, str]]:
    return [] if who == "nobody" else [("Authorization", f"Bearer {who}")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3]))
def test_table(row: tuple[str, str, str, str], end: End, runner: asyncio.Runner) -> None:
    who, line, body, expected = row
    method, _, target = line.partition(" ")
    wire = serve(end, runner, office(), rate_limit="1000/minute")
    reply = wire.ask(method, target, head(who), b"" if body == "-" else body.encode())
    seconds = str(int((NOW - at(0)).total_seconds()))
    assert f"{reply.status} {reply.body.decode()}" == expected.replace("NOW", seconds)
    assert reply.header("content-type") == "application/json"


def test_what_is_hidden_changes_no_byte(end: End, runner: asyncio.Runner) -> None:
    targets = [line for who, line, body, _ in ROWS if who == "bob" and body == "-"]
    answers = []
    for hidden in (True, False):
        kept = {name: [each for each in stored if hidden or each["_read"] != ["u1"]] for name, stored in office().items()}
        wire = serve(end, runner, kept, rate_limit="1000/minute")
        lines = [each.partition(" ") for each in targets]
        answers.append([(target, wire.ask(method, target, head("bob")).body) for method, _, target in lines])
    assert answers[0] == answers[1]


def test_methods_of_a_path(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, office())
    assert wire.ask("PATCH", "/api/v1/tasks").header("allow") == "GET, POST"
    assert wire.ask("POST", "/api/v1/tasks/a").header("allow") == "DELETE, GET, PUT"
    assert wire.ask("HEAD", "/api/v1/tasks", head("ann")).status == 200


@pytest.mark.parametrize(("limit", "most"), [(None, 60), ("120/minute", 120)])
def test_the_rate(limit: str | None, most: int, memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, office(), rate_limit=limit)
    told = [wire.ask("GET", "/api/v1/tasks?limit=abc", head("ann")) for _ in range(most + 2)]
    assert [reply.status for reply in told] == [400] * most + [429] * 2
    assert told[-1].json == {"code": 429}
    assert 1 <= int(told[-1].header("retry-after") or 0) <= 60
    assert not any(name.startswith("x-ratelimit") for reply in told for name, _ in reply.headers)
    assert wire.ask("GET", "/api/v1/tasks", head("bob")).status == 200
    assert [wire.ask("GET", "/api/v1/tasks", who).status for who in ([], head("stranger"))] == [401, 401]


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "ann")], [("Authorization", "Bearer")], [("Authorization", "Bearer ann bob")], [("Authorization", "Basic ann")],
        [("CB-Token", "ann")], [("Authorization", "Bearer ann"), ("Authorization", "Bearer ann")],
    ],
)  # fmt: skip
def test_what_is_no_token(headers: list[tuple[str, str]], memory: End, runner: asyncio.Runner) -> None:
    assert serve(memory, runner, office()).ask("GET", "/api/v1/tasks", headers).status == 401


def test_each_class_has_an_endpoint_without_any_declaration(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, office(), dialect="cubicl")
    assert wire.ask("GET", "/api/v1/Task?name=Report&include=name", head("bob")).json == [{"_id": "a", "name": "Report"}]
    assert wire.ask("GET", "/api/v1/Task?archived=true&include=name", head("bob")).json == [{"_id": "b", "name": "Old"}]
    assert wire.ask("GET", "/openapi.json", head("bob")).status == 404
    assert wire.ask("GET", "/healthz").status == 200


def test_the_services_endpoints_are_ready() -> None:
    activity = cq.ClassSchema("Activity", {"entry": cq.String}, id_type="String")
    ready = Cubicl((*CLASSES, activity), SERVICE)
    assert ready.route("GET", ["api", "v1", "bookkeeping", "activities"]).operation == "list"


def test_what_is_no_dialect(memory: End, runner: asyncio.Runner) -> None:
    with pytest.raises(cq.DefinitionError, match="dialect"):
        serve(memory, runner, office(), dialect="klingon")
    with pytest.raises(cq.DefinitionError, match="no rate"):
        serve(memory, runner, office(), rate_limit="often")


def test_a_failure_is_told_by_its_number(memory: End, runner: asyncio.Runner) -> None:
    async def broken(request: Request) -> cq.Actor | None:
        raise ZeroDivisionError

    memory.fill({})
    made = memory.engine((*CLASSES, NOTE))
    app = server.app(made.engine if isinstance(made, InLoop) else made, authenticate=broken, dialect=OFFICE)
    reply = Wire(app, runner).ask("GET", "/api/v1/tasks", head("ann"))
    assert (reply.status, json.loads(reply.body)) == (500, {"code": 500})
    assert reply.header("x-request-id")
