"""Requests as text, over every kind of engine and store."""

from __future__ import annotations

import asyncio

import pytest

from tests.engine.stores import End
from tests.server.conftest import serve
from tests.server.table import Block, blocks, check


@pytest.mark.parametrize("block", blocks("routes"), ids=lambda block: block.id)
def test_routes(block: Block, end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner)
    check(wire.ask(block.method, block.target, block.headers, block.body), block.answer)
