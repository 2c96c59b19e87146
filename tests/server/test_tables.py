"""Requests as text: those of every endpoint over every kind of engine and store, the others in memory, where no store decides."""

from __future__ import annotations

import asyncio

import pytest

from tests.attacks.covered import covers
from tests.engine.stores import End
from tests.server.conftest import serve
from tests.server.table import Block, blocks, check
from tests.server.wire import Wire


def table(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", blocks(name), ids=lambda block: block.id)


@table("routes")
def test_routes(block: Block, end: End, runner: asyncio.Runner) -> None:
    check(serve(end, runner).ask(block.method, block.target, block.headers, block.body), block.answer)


@covers(31, 32, 55, 81, 137)
@table("refused")
def test_refused(block: Block, wire: Wire) -> None:
    check(wire.ask(block.method, block.target, block.headers, block.body), block.answer)


@covers(115, 134, 172)
@table("reading")
def test_reading(block: Block, wire: Wire) -> None:
    check(wire.ask(block.method, block.target, block.headers, block.body), block.answer)
