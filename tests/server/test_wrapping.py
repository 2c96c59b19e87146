"""Hidden names in every position of a request, over HTTP: refused by each carrier, and the store is as it was."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote

import pytest

import cubequery as cq
from cubequery import server
from cubequery.engine import AsyncEngine
from cubequery.testing.carriers import as_json
from tests.attacks import carriers
from tests.attacks.fixture import ACCOUNT, ATTACKER, HIDDEN
from tests.attacks.test_wrapping import POSITIONS
from tests.server.test_catalogue import FORM, JSON, METHODS
from tests.server.wire import Reply, Wire

NAMES = sorted({*HIDDEN, "permissions.read.access", "$where"})
SENT = {"Q": 1_755, "F": 1_755, "J": 1_755}
"""Requests of all positions and names by carrier; a change of these is meant."""
MINE = {"_id": 1, "user_id": 51943, "_read": ["*"], "_update": ["*"], "_delete": ["u51943"], "age": 1}


def ask(wire: Wire, carrier: str, text: str, place: str) -> Reply | None:
    method, rest = METHODS[carriers.PLACES[place]]
    path = f"/data/{ACCOUNT.name}" + rest.format(quote("650000000000000000000001"))
    if carrier == "J":
        body = as_json(text)
        return None if body is None else wire.ask(method, path, [JSON], json.dumps(carriers.wrapped_json(body, place)).encode())
    request = carriers.wrapped_text(text, place)
    return wire.ask(method, f"{path}?{request}") if carrier == "Q" else wire.ask(method, path, [FORM], request.encode())


@pytest.mark.parametrize("carrier", ["Q", "F", "J"])
def test_no_position_of_a_request_accepts_a_hidden_name(carrier: str, runner: asyncio.Runner) -> None:
    store = cq.MemoryStore()
    store.insert(ACCOUNT.name, [MINE])
    engine = AsyncEngine(cq.AsyncMemoryStore(store), [ACCOUNT])
    wire = Wire(server.app(engine, authenticate=lambda request: ATTACKER), runner)
    sent, accepted = 0, []
    for place, position in POSITIONS:
        for name in NAMES:
            reply = ask(wire, carrier, position.format(n=quote(name, safe=""), v=quote(name, safe="")), place)
            if reply is None:
                continue
            sent += 1
            if reply.status not in (400, 422):
                accepted.append((place, position, name, reply.status))
    assert accepted == []
    assert sent == SENT[carrier]
    assert [*store.records(ACCOUNT.name).values()] == [MINE]
