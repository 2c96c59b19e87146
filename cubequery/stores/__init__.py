"""Stores: where records are kept. Each executes the same few commands."""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from cubequery.stores.commands import Command
from cubequery.stores.memory import MemoryStore

if TYPE_CHECKING:
    from cubequery.stores.memory_async import AsyncMemoryStore
    from cubequery.stores.mongo import MongoStore
    from cubequery.stores.mongo_async import AsyncMongoStore

__all__ = ["AsyncMemoryStore", "AsyncMongoStore", "AsyncStore", "MemoryStore", "MongoStore", "Store"]

_LATE = {
    "AsyncMemoryStore": "cubequery.stores.memory_async", "MongoStore": "cubequery.stores.mongo",
    "AsyncMongoStore": "cubequery.stores.mongo_async",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """The stores that few programs need at once, some with a driver that is slow to import: brought in when they are asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)


class Store(Protocol):
    """What a sync engine needs of a store. More it may have, each of it or nothing: ``in_transaction(run)``, ``within(session)``,
    ``bounded()``, ``create_indexes(schema, indexes)``, ``explain(plan)``; :class:`MongoStore` says what they do."""

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command."""


class AsyncStore(Protocol):
    """What an async engine needs of a store."""

    def execute(self, command: Command[Any]) -> Awaitable[Any]:
        """The answer of one command."""
