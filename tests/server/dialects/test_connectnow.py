"""ConnectNow over HTTP, byte for byte: the table, the token's places, pages that are walked, the rate, and what nobody is told of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.dialects.connectnow import ConnectNow, Endpoint
from tests.dialects.connectnow.service import CLASSES, SERVICE, record, stored
from tests.engine.stores import End, InLoop, MemoryEnd
from tests.server.wire import Reply, Wire
from tests.support.fixture import NOW

ACTORS = {"ann": cq.Actor(1), "bob": cq.Actor(2), "anonymous": cq.ANONYMOUS}
ROWS = [
    tuple(part.strip() for part in line.split(" | "))
    for line in (Path(__file__).parent / "connectnow.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


async def authenticate(request: Request) -> cq.Actor | None:
    """The actor whose name is the token."""
    return ACTORS.get(server.token_of(request) or "")


def serve(end: End, runner: asyncio.Runner, records: dict[str, Any], dialect: Any = SERVICE, **options: Any) -> Wire:
    """The dialect over these records, made anew."""
    end.fill(records)
    made = end.engine(CLASSES)
    engine = made.engine if isinstance(made, InLoop) else made
    return Wire(server.app(engine, authenticate=authenticate, dialect=dialect, **options), runner)


def ask(wire: Wire, who: str, line: str, body: str = "-") -> Reply:
    method, _, target = line.partition(" ")
    head = [] if who == "nobody" else [("Authorization", f"Bearer {who}")]
    kind = [] if body == "-" else [("Content-Type", "application/x-www-form-urlencoded" if body.startswith("f:") else "application/json")]
    return wire.ask(method, target, [*head, *kind], b"" if body == "-" else body.removeprefix("f:").encode())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:3])[:80])
def test_table(row: tuple[str, str, str, str], end: End, runner: asyncio.Runner) -> None:
    who, line, body, expected = row
    reply = ask(serve(end, runner, stored(), rate_limit="1000/minute"), who, line, body)
    moment = f"{NOW.isoformat(timespec='microseconds')}Z"
    assert f"{reply.status} {reply.body.decode()}" == expected.replace("NOW", moment)


def test_what_is_hidden_changes_no_byte(end: End, runner: asyncio.Runner) -> None:
    lines = [line for who, line, body, _ in ROWS if who in ("bob", "nobody") and body == "-"]
    lines += [
        "GET /api/companies?with[]=users.pets&with[]=offices&withCount[]=offices&withCount[]=companyUsers&per_page=2",
        "GET /api/users?per_page=2",
    ]
    answers = []
    for hidden in (True, False):
        wire = serve(end, runner, stored(hidden=hidden), rate_limit="1000/minute")
        answers.append([(line, ask(wire, "bob", line).body) for line in lines])
    assert answers[0] == answers[1]


TOKENS: list[tuple[str, list[tuple[str, str]], bytes, int]] = [
    ("?api_token=ann", [("Authorization", "Bearer x")], b"", 200), ("?api_token=x", [("Authorization", "Bearer ann")], b"", 401),
    ("?api_token=", [("Authorization", "Bearer ann")], b"", 200), ("?api_token=0", [("Authorization", "Bearer ann")], b"", 200),
    ("?api_token[]=ann", [("Authorization", "Bearer ann")], b"", 401), ("", [("Authorization", "Bearer x, Bearer ann")], b"", 200),
    ("", [("Authorization", "bearer ann")], b"", 200), ("", [("Authorization", "Basic ann")], b"", 401),
    ("", [("CB-Token", "ann")], b"", 401),
    ("", [("Content-Type", "application/json")], b'{"api_token":"ann"}', 200), ("", [], b"api_token=ann", 200),
    ("", [("Content-Type", "application/json"), ("Authorization", "Bearer ann")], b'{"api_token":5}', 401),
    ("", [("Authorization", "Bearer ann")], b"api_token=x", 401), ("", [], b"", 401), ("", [("Authorization", "Bearer 0")], b"", 401),
]  # fmt: skip


@pytest.mark.parametrize(("query", "headers", "body", "status"), TOKENS)
def test_the_first_usable_place_of_the_token_counts(
    query: str, headers: list[tuple[str, str]], body: bytes, status: int, memory: End, runner: asyncio.Runner
) -> None:
    reply = serve(memory, runner, stored()).ask("GET", f"/api/users{query}", headers, body)
    assert reply.status == status
    assert b"ann" not in reply.body


def walk(wire: Wire, line: str) -> list[Any]:
    """The ids of all pages, each found by the last one's own words."""
    found: list[Any] = []
    path, size = line, line.partition("?")[2]
    while path:
        answer = ask(wire, "bob", f"GET {path}").json
        found += [each["id"] for each in answer["data"]]
        url = answer["next_page_url"]
        path = "" if url is None else f"{url.removeprefix('http://testserver')}&{size}"
    return found


@pytest.mark.parametrize("line", ["/api/users?per_page=3", "/api/users?per_page=3&scopes[]=latest", "/api/users?per_page=1"])
def test_pages_that_are_followed_show_every_readable_record_once(line: str, end: End, runner: asyncio.Runner) -> None:
    users = [record(number, "u1" if number % 3 == 1 else "*", created_at=NOW if number % 2 else None) for number in range(20)]
    wire = serve(end, runner, {**stored(), "User": users}, rate_limit="1000/minute")
    assert sorted(walk(wire, line)) == [number for number in range(20) if number % 3 != 1]


@settings(max_examples=25, deadline=None)
@given(hidden=st.lists(st.booleans(), max_size=34), size=st.integers(1, 16))
def test_pages_have_borders_as_if_hidden_records_were_not_there(hidden: list[bool], size: int) -> None:
    with asyncio.Runner() as runner:
        end = MemoryEnd()
        users = [record(number, "u1" if each else "*") for number, each in enumerate(hidden)]
        wire = serve(end, runner, {"User": users}, rate_limit="1000/minute")
        shown = walk(wire, f"/api/users?per_page={size}")
        first = ask(wire, "bob", f"GET /api/users?per_page={size}").json
    assert shown == [number for number, each in enumerate(hidden) if not each]
    assert (first["next_page_url"] is None) == (len(shown) <= size)


def test_the_rate_and_its_headers(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    told = [ask(wire, "bob", "GET /api/users?befor=1" if number == 1 else "GET /api/users") for number in range(62)]
    assert [reply.status for reply in told[:3]] == [200, 422, 200]
    assert [reply.header("x-ratelimit-remaining") for reply in told[:3]] == ["59", "58", "57"]
    assert {reply.status for reply in told[2:60]} == {200}
    for reply in told[60:]:
        assert (reply.status, reply.json) == (429, {"message": "Too Many Attempts."})
        assert (reply.header("x-ratelimit-limit"), reply.header("x-ratelimit-remaining")) == ("60", "0")
        assert 1 <= int(reply.header("retry-after") or 0) <= 60
        assert reply.header("x-ratelimit-reset")
    for line, who in (("GET /api/none", "bob"), ("PATCH /api/users", "bob"), ("GET /api/users", "stranger")):
        assert ask(wire, who, line).header("x-ratelimit-limit") is None
    assert ask(wire, "stranger", "GET /api/users").status == 401


def test_an_endpoint_may_have_a_rate_of_its_own(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    first, second = (ask(wire, "bob", "GET /api/slow/ones") for _ in range(2))
    assert (first.status, first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")) == (200, "1", "0")
    assert (second.status, second.header("x-ratelimit-limit")) == (429, "1")
    assert ask(wire, "bob", "GET /api/users").status == 200


def test_heads_hosts_and_proxies(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored())
    assert ask(wire, "bob", "HEAD /api/users").status == 200
    reply = wire.ask("GET", "/api/users/?page=2", [("Authorization", "Bearer bob"), ("Host", "api.example:8080")])
    assert reply.status == 404
    proxied = ConnectNow(CLASSES, [Endpoint("users", "User")], base_url="https://api.connectnow.org.uk/")
    answer = ask(serve(memory, runner, stored(), proxied), "bob", "GET /api/users").json
    assert answer["path"] == "https://api.connectnow.org.uk/api/users"


def test_a_page_that_no_store_can_count_to_is_empty(end: End, runner: asyncio.Runner) -> None:
    reply = ask(serve(end, runner, stored()), "bob", "GET /api/users?page=9223372036854775807")
    assert (reply.status, reply.json["data"], reply.json["from"]) == (200, [], None)
    beside = ask(serve(end, runner, stored()), "bob", "GET /api/users?page=614891469123651721")
    assert (beside.status, beside.json["data"]) == (200, [])


def test_each_class_has_an_endpoint_without_any_declaration(memory: End, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, stored(), dialect="connectnow")
    assert [each["id"] for each in ask(wire, "bob", "GET /api/User?with[]=pets&withCount[]=pets").json["data"]] == [11, 12]
    assert ask(wire, "bob", "GET /openapi.json").status == 404


def test_a_list_without_pages_that_is_too_long_is_refused(memory: End, runner: asyncio.Runner) -> None:
    limits = cq.Settings(limits=cq.Limits(max_related=3))
    dialect = ConnectNow(CLASSES, [Endpoint("pets", "Pet", paginated=False)], settings=limits)
    for count, status in ((3, 200), (4, 422)):
        wire = serve(memory, runner, {**stored(), "Pet": [record(str(number)) for number in range(count)]}, dialect)
        assert ask(wire, "bob", "GET /api/pets").status == status
