"""A server as the command line starts it: from plain settings to the application, in this process or in each of several workers."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from pymongo import AsyncMongoClient
from starlette.applications import Starlette

from cubequery import demo
from cubequery.check import Settings
from cubequery.engine import AsyncEngine
from cubequery.schema import ClassSchema, load_classes
from cubequery.server.app import app
from cubequery.server.logs import log_to_stderr
from cubequery.server.rates import MEMORY
from cubequery.server.saving import SavedStore, saving
from cubequery.server.tokens import TokenFile, Tokens
from cubequery.stores import AsyncMongoStore, MemoryStore

VARIABLE = "CUBEQUERY_SERVING"
"""How workers are told what to serve."""
SELECTION_MS = 3_000


@dataclass(frozen=True)
class Serving:
    """What is served. Without ``classes`` and ``actors`` it is the demo; records are in memory, and in ``data``, without ``mongodb``."""

    classes: str | None = None
    actors: str | None = None
    mongodb: str | None = None
    database: str | None = None
    data: str | None = None
    cors: tuple[str, ...] = ()
    rate_limit: str | None = None
    rate_limit_storage: str | None = None
    user_id_type: str = "Integer"
    json_logs: bool = False
    docs: bool = True
    metrics: bool = False
    dialect: str | None = None

    def load_classes(self) -> dict[str, ClassSchema]:
        """The classes. Raises OSError, DefinitionError."""
        return demo.classes() if self.classes is None else load_classes(self.classes)

    def load_tokens(self) -> Tokens:
        """Who may ask. Raises OSError, DefinitionError."""
        return Tokens(demo.TOKENS) if self.actors is None else TokenFile(self.actors, self.user_id_type)

    def load_store(self) -> SavedStore:
        """The embedded store, the demo's records in it where it holds none. Raises OSError, DefinitionError."""
        store = MemoryStore(self.data)
        if self.classes is None and not any(store.records(name) for name in demo.DATA):
            for name, make in demo.DATA.items():
                store.insert(name, make())
        return SavedStore(store)

    def build(self) -> tuple[Starlette, SavedStore | None]:
        """The application, and the store that it saves. Raises OSError, DefinitionError, and what pymongo raises for a bad URI."""
        settings = Settings(user_id_type=self.user_id_type)
        options: dict[str, Any] = {
            "authenticate": self.load_tokens().authenticate, "cors": self.cors, "rate_limit": self.rate_limit,
            "rate_limit_storage": self.rate_limit_storage or MEMORY, "docs": self.docs, "metrics": self.metrics,
            "dialect": self.dialect,
        }  # fmt: skip
        classes = self.load_classes().values()
        if self.mongodb is None:
            saved = self.load_store()

            @asynccontextmanager
            async def lifespan(_: Starlette) -> AsyncIterator[None]:
                async with saving(saved):
                    yield

            return app(AsyncEngine(saved, classes, settings=settings), **options, lifespan=lifespan), saved
        # What the URI says itself has its way: an argument would override it.
        patience: dict[str, Any] = {} if "serverselectiontimeoutms=" in self.mongodb.lower() else {"serverSelectionTimeoutMS": SELECTION_MS}
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(self.mongodb, **patience)

        @asynccontextmanager
        async def closing(_: Starlette) -> AsyncIterator[None]:
            async with client:
                yield

        store = AsyncMongoStore(client[self.database or ""], settings=settings)
        return app(AsyncEngine(store, classes, settings=settings), **options, lifespan=closing), None

    def tell_workers(self) -> None:
        """Leave the settings where :func:`worker` finds them."""
        os.environ[VARIABLE] = json.dumps(asdict(self))


def worker() -> Starlette:
    """The application of one of several workers."""
    serving = Serving(**json.loads(os.environ[VARIABLE]))
    log_to_stderr(as_json=serving.json_logs)
    return serving.build()[0]
