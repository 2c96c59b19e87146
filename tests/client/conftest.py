"""The client and the server it asks: one of each for all tests of a worker, with other records for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.client.install import Installed, NoClient, installed
from tests.client.live import Client, Stage, running, staged
from tests.engine.stores import End, make_end
from tests.server.conftest import serve
from tests.support.needed import needed


@pytest.fixture(scope="session")
def sdk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The official client; in CI its absence is a failure, elsewhere a loud skip."""
    cache = getattr(request.config, "cache", None)
    folder = tmp_path_factory.getbasetemp().parent if cache is None else cache.mkdir("client")
    with needed(installed(folder), "OFFICIAL CLIENT", NoClient) as found:
        yield found


@pytest.fixture(scope="session")
def stage() -> Stage:
    """What stands at the server's port."""
    return Stage()


@pytest.fixture(scope="session")
def client(sdk: Installed, stage: Stage) -> Iterator[Client]:
    """The client, asking the stage."""
    with staged(stage) as url, running(sdk, url) as found:
        yield found


@pytest.fixture(scope="session", params=["memory", pytest.param("mongod", marks=pytest.mark.mongod)])
def end(request: pytest.FixtureRequest, runner: asyncio.Runner) -> End:
    """Where the records are."""
    return make_end(request.param, request, runner)


@pytest.fixture
def fresh(end: End, stage: Stage, runner: asyncio.Runner) -> Stage:
    """The stage with the server over the shared fixture's records, made anew."""
    stage.app, stage.seen = serve(end, runner).app, []
    return stage
