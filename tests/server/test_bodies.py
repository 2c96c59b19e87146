"""Bodies: counted and not believed, in any pieces, waited for and no longer."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import cubequery as cq
from tests.attacks.covered import covers
from tests.engine.stores import End, MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Leave, Pause, Piece, Wire, told
from tests.support.fixture import IDS

A = str(IDS["A"])
OWN = [("CB-Token", "O")]
JSON = [*OWN, ("Content-Type", "application/json")]
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


def test_a_body_is_refused_at_the_first_byte_over(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    """And not when it ends: the client never sends the rest."""
    wire = serve(memory, runner, body_seconds=0.2)
    assert told(wire.ask("POST", "/data/item", JSON, [sized(ONE_MIB), Pause()])) == "400 malformed base"
    assert told(wire.ask("POST", "/data/item", JSON, [sized(ONE_MIB), b"x", Pause()])) == "400 too_large base"


def test_a_client_that_leaves_gets_nothing_and_changes_nothing(end: End, runner: asyncio.Runner, caplog: Any) -> None:
    wire = serve(end, runner)
    before = end.stored(["item"])
    with caplog.at_level(logging.INFO, "cubequery.server"):
        assert wire.ask("POST", "/data/item", JSON, [b'{"s": "x"', Leave()]).status == 0
    assert end.stored(["item"]) == before
    assert [record.getMessage().split(" [")[0].rsplit(" ", 3)[0] for record in caplog.records] == ["POST create item"]


def test_limits_are_those_of_the_engine(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    settings = cq.Settings(limits=cq.Limits(max_body_bytes=20, max_query_bytes=10))
    wire = serve(memory, runner, engine={"settings": settings})
    assert wire.ask("POST", "/data/item", JSON, b'{"s": "12345678901"}').status == 201
    assert told(wire.ask("POST", "/data/item", JSON, b'{"s": "123456789012"}')) == "400 too_large base"
    assert wire.ask("GET", "/data/item?s=12345678", OWN).status == 200
    assert told(wire.ask("GET", "/data/item?s=123456789", OWN)) == "400 too_large base"
