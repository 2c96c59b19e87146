"""A dialect of declared endpoints over one engine: what those of the package have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server.dialects.served import Asked

Answer = tuple[int, Any]


class OverEngine:
    """Subclasses have a method for each operation: ``_list``, ``_get``, ``_create``, ``_update``, ``_delete``."""

    def __init__(self, dialect: Any, engine: Engine | AsyncEngine) -> None:
        self.dialect, self.engine = dialect, engine
        self.rate_limit: str | None = dialect.rate_limit

    def route(self, method: str, segments: Sequence[str]) -> Any:
        """What a wrong path and a wrong method are refused with is told to everybody."""
        return self.dialect.route(method, segments)

    def class_name(self, route: Any) -> str:
        """The class of the endpoint."""
        name: str = self.dialect.endpoint(route.path).schema
        return name

    def refusal(self, error: RequestError) -> tuple[int, Any, Mapping[str, str]]:
        """As the dialect words it."""
        status, body = self.dialect.answer(error)
        return status, body, {}

    async def carry_out(self, asked: Asked) -> Answer:
        """The answer of one operation."""
        answer: Answer = await getattr(self, f"_{asked.route.operation}")(asked, asked.route)
        return answer
