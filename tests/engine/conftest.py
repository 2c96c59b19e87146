"""The store that a test runs over, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.engine.stores import ENDS, End, make_end


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all async engines."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="session", params=ENDS)
def end(request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """Where the records are."""
    return make_end(request.param, request, runner)
