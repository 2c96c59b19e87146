"""What is known of an engine's classes by anybody: the OpenAPI document and its page, made again when a class has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Scope

from cubequery.engine import AsyncEngine, Engine
from cubequery.server.answers import HEADERS
from cubequery.server.openapi import document
from cubequery.server.page import POLICY, page

OPENAPI, DOCS = b"/openapi.json", b"/docs"


class Published:
    """The document and the page of an engine. ``limited``: whether its server counts requests."""

    def __init__(self, engine: Engine | AsyncEngine, *, limited: bool) -> None:
        self._engine, self._limited = engine, limited
        self._key: Any = None
        self._document = self._page = b""

    def openapi(self, scope: Scope) -> Response:
        """The document, its paths below the place where the application is mounted."""
        self._make()
        servers = orjson.dumps([{"url": scope.get("root_path", "").rstrip("/") or "/"}])
        return Response(b'{"servers":' + servers + b"," + self._document[1:], 200, HEADERS, "application/json")

    def docs(self) -> Response:
        """The page."""
        self._make()
        headers = {**HEADERS, "content-security-policy": POLICY, "referrer-policy": "no-referrer"}
        return Response(self._page, 200, headers, "text/html; charset=utf-8")

    def _make(self) -> None:
        classes: Mapping[str, Any] = self._engine.classes
        key = {name: schema.hash for name, schema in classes.items()}
        if key != self._key:
            made = document(classes.values(), self._engine.settings, limited=self._limited)
            self._key, self._document, self._page = key, orjson.dumps(made), page(made).encode()
