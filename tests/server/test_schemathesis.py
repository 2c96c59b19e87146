"""Requests made up from the server's own OpenAPI document, fitting and not: no answer is a fault, and none is undocumented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.python import asgi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp

from cubequery import server
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMemoryStore, MemoryStore, MongoStore
from tests.server.conftest import NAMES, authenticate
from tests.support.fixture import ACTORS, IDS, SCHEMAS, documents

CHECKS = [
    checks.not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance, response_schema_conformance,
]  # fmt: skip
EMPTY = [checks.not_a_server_error, status_code_conformance]
"""For answers without a body, where their operation has one too: a delete of one record."""
TOKENS = [*ACTORS, *ACTORS, "nobody"]
PATHS = [*map(str, IDS.values()), f"{IDS['A']},{IDS['H']},zz", "1", "1,2"]
"""Ids that lead somewhere, for all that no made-up id does."""


FITTING, UNFITTING = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


class Campaign:
    """Requests against one application; ``fill`` puts the records back before each operation."""

    def __init__(self, app: ASGIApp, fill: Callable[[], None]) -> None:
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", app)
        self.app, self.fill = app, fill
        self.statuses: Counter[int] = Counter()

    def run(self, examples: dict[GenerationMode, int]) -> str:
        """So many requests of every operation; the figures."""
        application: Any = self.app
        with asgi.get_client(application) as client, catch_warnings():
            simplefilter("ignore")  # what the generator says about schemas that it cannot negate
            for found in self.schema.get_all_operations():
                assert isinstance(found, Ok), found
                operation = found.ok()
                self.fill()
                for mode, count in examples.items():
                    if mode is FITTING or operation.path != "/healthz":  # where nothing can be wrong
                        self._ask(operation, client, mode, count)
        shown = ", ".join(f"{count:,} x {status}" for status, count in sorted(self.statuses.items()))
        return f"{self.statuses.total():,} requests: {shown} "

    def _ask(self, operation: Any, client: Any, mode: GenerationMode, count: int) -> None:
        @settings(
            max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(mode), token=st.sampled_from(TOKENS), id=st.sampled_from([None, *PATHS]))
        def ask(case: Any, token: str, id: str | None) -> None:
            if id is not None and "id" in case.path_parameters:
                case.path_parameters["id"] = id
            answer = case.call(session=client, headers={"CB-Token": token})
            self.statuses[answer.status_code] += 1
            empty = answer.status_code == 200 and case.method == "DELETE" and not answer.content
            case.validate_response(answer, checks=EMPTY if empty else CHECKS)

        ask()


def in_memory(names: Sequence[str]) -> Campaign:
    store = MemoryStore()

    def fill() -> None:
        for name in names:
            store.records(name).clear()
            store.insert(name, documents(name))

    engine = AsyncEngine(AsyncMemoryStore(store), [SCHEMAS[name] for name in names])
    return Campaign(server.app(engine, authenticate=authenticate), fill)


def test_a_slice(capsys: Any) -> None:
    campaign = in_memory(["item", "order"])
    told = campaign.run({FITTING: 9, UNFITTING: 3})
    with capsys.disabled():
        print(told, end="")
    assert campaign.statuses.total() >= 300
    assert {200, 201, 400, 401, 404, 422} <= set(campaign.statuses)


SLOW = {FITTING: 75, UNFITTING: 25}


@pytest.mark.slow
def test_in_memory(capsys: Any) -> None:
    campaign = in_memory(NAMES)
    told = campaign.run(SLOW)
    with capsys.disabled():
        print(told, end="")
    assert campaign.statuses.total() >= 5_000


@pytest.mark.slow
def test_on_a_server(database: Any, capsys: Any) -> None:
    def fill() -> None:
        for name in NAMES:
            database[name].delete_many({})
            database[name].insert_many(documents(name))

    engine = Engine(MongoStore(database), [SCHEMAS[name] for name in NAMES])
    campaign = Campaign(server.app(engine, authenticate=authenticate), fill)
    told = campaign.run(SLOW)
    with capsys.disabled():
        print(told, end="")
    assert campaign.statuses.total() >= 5_000
