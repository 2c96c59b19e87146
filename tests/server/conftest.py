"""The application over every kind of engine and store, with tokens that are the actors' own names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from tests.engine.stores import ENDS, End, InLoop, make_end
from tests.server.wire import Wire
from tests.support.fixture import ACTORS, SCHEMAS, documents

Make = Callable[..., Wire]
NAMES = ("item", "note", "place", "order")


async def authenticate(request: Request) -> cq.Actor | None:
    """The actor whose name is the token."""
    return ACTORS.get(request.headers.get("cb-token", ""))


@pytest.fixture(scope="session", params=ENDS)
def end(request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """Where the records are: a sync engine in threads, or an async one."""
    return make_end(request.param, request, runner)


@pytest.fixture(scope="session")
def memory(request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """The embedded store alone, for what no store decides."""
    return make_end("memory, awaited", request, runner)


def serve(end: End, runner: asyncio.Runner, *, engine: dict[str, Any] | None = None, **options: Any) -> Wire:
    """The application over the shared fixture's records, made anew."""
    empty: dict[str, list[Any]] = {"item.files": [], "item.chunks": []} if not hasattr(end, "store") else {}
    end.fill({name: documents(name) for name in NAMES} | empty)
    made = end.engine(SCHEMAS.values(), **(engine or {}))
    return Wire(server.app(made.engine if isinstance(made, InLoop) else made, **{"authenticate": authenticate, **options}), runner)


@pytest.fixture
def wire(memory: End, runner: asyncio.Runner) -> Wire:
    """The application in memory, over fresh records."""
    return serve(memory, runner)
