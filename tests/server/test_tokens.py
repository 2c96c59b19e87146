"""Who a token is: places, files that change under the server, and nothing of a token anywhere else."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from cubequery import server
from tests.attacks.covered import covers
from tests.engine.stores import MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Wire
from tests.support.fixture import IDS, O, S

A = str(IDS["A"])
TOKENS = {"Tok-Oscar.1": O, "Tok-Sam.2": S, "Tok-Nobody.3": cq.ANONYMOUS, "Tok-Admin.4": cq.ADMIN}
OSCAR, SAM = "Tok-Oscar.1", "Tok-Sam.2"
FILE = f"/data/item/{A}/file?field_name=pic"


@pytest.fixture
def wire(memory: MemoryEnd, runner: asyncio.Runner) -> Wire:
    return serve(memory, runner, authenticate=server.Tokens(TOKENS).authenticate)


def owner(wire: Wire, headers: list[tuple[str, str]], target: str = "/data/item") -> int | None:
    """Who a create is for; None where there is no session."""
    reply = wire.ask("POST", target, [*headers, ("Content-Type", "application/json")], b"{}")
    if reply.status == 401:
        assert reply.json == {"errors": {"base": ["Required session does not exist"]}, "code": "no_session"}
        return None
    return int(reply.json["user_id"])


@covers(83)
@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ([("CB-Token", OSCAR)], 47592),
        ([("QB-Token", OSCAR)], 47592),
        ([("Authorization", f"Bearer {OSCAR}")], 47592),
        ([("authorization", f"bearer   {OSCAR}")], 47592),
        ([], None),
        ([("CB-Token", "")], None),
        ([("CB-Token", OSCAR[:-1])], None),
        ([("CB-Token", OSCAR + "=")], None),
        ([("CB-Token", OSCAR + "\0")], None),
        ([("CB-Token", OSCAR.lower())], None),
        ([("CB-Token", OSCAR.upper())], None),
        ([("CB-Token", f"Bearer {OSCAR}")], None),
        ([("CB-Token", f"{OSCAR}, {OSCAR}")], None),
        ([("CB-Token", "\xff")], None),
        ([("CB-Token", "x" * 60_000)], None),
        ([("CB-Token", "*")], None),
        ([("CB-Token", "anonymous")], None),
        ([("Authorization", OSCAR)], None),
        ([("Authorization", f"Basic {OSCAR}")], None),
        ([("Authorization", "Bearer ")], None),
        ([("X-Token", OSCAR), ("X-Admin", "1")], None),
        ([("Cookie", f"token={OSCAR}")], None),
        # The first usable place decides, even when it is wrong; one that says two things says nothing.
        ([("CB-Token", OSCAR), ("QB-Token", SAM)], 47592),
        ([("QB-Token", SAM), ("CB-Token", OSCAR)], 47592),
        ([("CB-Token", "wrong"), ("QB-Token", OSCAR)], None),
        ([("CB-Token", "wrong"), ("Authorization", f"Bearer {OSCAR}")], None),
        ([("CB-Token", ""), ("QB-Token", OSCAR)], 47592),
        ([("Authorization", "Basic x"), ("QB-Token", SAM)], 51941),
        ([("QB-Token", "wrong"), ("Authorization", f"Bearer {OSCAR}")], None),
        ([("CB-Token", OSCAR), ("CB-Token", OSCAR)], None),
        ([("CB-Token", OSCAR), ("CB-Token", SAM)], None),
        ([("Authorization", f"Bearer {OSCAR}"), ("Authorization", f"Bearer {SAM}")], None),
    ],
)
def test_the_first_usable_place_decides(headers: list[tuple[str, str]], who: int | None, wire: Wire) -> None:
    assert owner(wire, headers) == who


@covers(83)
@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        (f"{FILE}&token={OSCAR}", [], 404),
        (f"{FILE}&token=Tok%2DOscar%2e1", [], 404),
        (f"{FILE}&t%6Fken={OSCAR}", [], 404),
        (f"/data/item/{A}/file.json?token={OSCAR}&field_name=pic", [], 404),
        (f"{FILE}&token={OSCAR}x", [], 401),
        (f"{FILE}&token=", [], 401),
        (f"{FILE}&token={OSCAR}&token={OSCAR}", [], 401),
        (f"{FILE}&token={OSCAR}", [("CB-Token", "wrong")], 401),
        (f"{FILE}&token=wrong", [("CB-Token", OSCAR)], 404),
        (f"{FILE}&token[]={OSCAR}", [], 401),
        (f"/data/item?token={OSCAR}", [], 401),
        (f"/data/item/{A}?token={OSCAR}", [], 401),
        (f"/data/item/multi/file?token={OSCAR}", [], 401),
        (f"/healthz?token={OSCAR}", [], 200),
    ],
)
def test_a_token_in_the_query_is_for_files_alone(target: str, headers: list[tuple[str, str]], status: int, wire: Wire) -> None:
    assert wire.ask("GET", target, headers).status == status


def test_kinds_of_actors(wire: Wire) -> None:
    def list_as(token: str) -> tuple[int, int]:
        reply = wire.ask("GET", "/data/item", [("CB-Token", token)])
        return reply.status, len(reply.json["items"])

    assert list_as("Tok-Nobody.3") == (200, 4)
    assert list_as("Tok-Admin.4") == (200, 5)
    assert wire.ask("DELETE", f"/data/item/{A}", [("CB-Token", "Tok-Nobody.3")]).status == 403


# --- files --------------------------------------------------------------------------------------------------------------------------

ACTORS = {OSCAR: {"user_id": 47592}, SAM: {"user_id": 51941, "groups": ["officers"]}, "n": {"user_id": None}, "a": {"admin": True}}


def write(path: Path, actors: Any, *, seconds_ago: float = 10.0) -> None:
    path.write_text(actors if isinstance(actors, str) else json.dumps(actors), encoding="utf-8")
    when = time.time() - seconds_ago
    os.utime(path, (when, when))


def test_a_file_of_tokens(tmp_path: Path) -> None:
    path = tmp_path / "actors.json"
    write(path, ACTORS)
    tokens = server.TokenFile(path)
    assert [tokens.actor(token) for token in ACTORS] == [cq.Actor(47592), cq.Actor(51941, ["officers"]), cq.ANONYMOUS, cq.ADMIN]
    assert tokens.actor("x") is None
    assert OSCAR not in repr(vars(tokens))


def test_a_token_that_is_taken_out_is_gone_at_the_next_request(tmp_path: Path) -> None:
    path = tmp_path / "actors.json"
    write(path, ACTORS, seconds_ago=100)
    tokens = server.TokenFile(path)
    assert tokens.actor(SAM) is not None
    write(path, {OSCAR: {"user_id": 47592}}, seconds_ago=50)
    assert (tokens.actor(SAM), tokens.actor(OSCAR)) == (None, cq.Actor(47592))
    write(path, {OSCAR: {"user_id": 51941}, SAM: {"user_id": 1}}, seconds_ago=20)
    assert (tokens.actor(SAM), tokens.actor(OSCAR)) == (cq.Actor(1), cq.Actor(51941))


def test_two_changes_within_one_tick_of_the_clock_are_both_seen(tmp_path: Path) -> None:
    path = tmp_path / "actors.json"
    write(path, {"aa": {"user_id": 1}}, seconds_ago=0)
    stamp = path.stat().st_mtime_ns
    tokens = server.TokenFile(path)
    for token, user in (("bb", 2), ("cc", 3), ("dd", 4)):
        path.write_text(json.dumps({token: {"user_id": user}}), encoding="utf-8")
        os.utime(path, ns=(stamp, stamp))
        assert (tokens.actor(token), tokens.actor("aa")) == (cq.Actor(user), None)


BROKEN = [
    ("", "not JSON"),
    ("[]", "no JSON object"),
    ('{"a": {"user_id": 1}, "a": {"user_id": 2}}', "not JSON"),
    ('{"a": {}}', "token 1: user_id is missing"),
    ('{"b": {"user_id": 1}, "a": {"user_id": 1, "admin": "false"}}', "token 2: admin must be"),
    ('{"a": {"user_id": "x"}}', "token 1: user ids are of type Integer"),
    ('{"a": {"user_id": 1, "group": []}}', "token 1: unknown key group"),
    ('{"a": 1}', "token 1: no JSON object"),
    ('{"": {"user_id": 1}}', "token 1: a token is visible ASCII"),
    ('{"t\\u00f6ken": {"user_id": 1}}', "token 1: a token is visible ASCII"),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_a_broken_file_keeps_the_last_good_one(text: str, problem: str, tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "actors.json"
    write(path, text)
    with pytest.raises(cq.DefinitionError, match=problem):
        server.TokenFile(path)
    write(path, ACTORS, seconds_ago=100)
    tokens = server.TokenFile(path)
    write(path, text, seconds_ago=50)
    with caplog.at_level(logging.ERROR, "cubequery.server"):
        assert [tokens.actor(OSCAR), tokens.actor(OSCAR), tokens.actor("x")] == [cq.Actor(47592), cq.Actor(47592), None]
    (record,) = caplog.records
    assert problem in record.getMessage()
    write(path, {"new": {"user_id": 7}}, seconds_ago=20)
    assert (tokens.actor("new"), tokens.actor(OSCAR)) == (cq.Actor(7), None)


def test_a_file_that_is_gone_keeps_the_tokens(tmp_path: Path, caplog: Any) -> None:
    path = tmp_path / "actors.json"
    with pytest.raises(FileNotFoundError):
        server.TokenFile(path)
    write(path, ACTORS)
    tokens = server.TokenFile(path)
    path.unlink()
    assert [tokens.actor(OSCAR), tokens.actor(OSCAR)] == [cq.Actor(47592)] * 2
    assert len(caplog.records) == 1
    write(path, {"new": {"user_id": 7}})
    assert tokens.actor(OSCAR) is None


def test_text_user_ids(tmp_path: Path) -> None:
    path = tmp_path / "actors.json"
    write(path, {"t": {"user_id": "*"}})
    assert server.TokenFile(path, "String").actor("t") == cq.Actor("*")
