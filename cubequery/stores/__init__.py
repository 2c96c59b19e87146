"""Stores: where records are kept. Each executes the same few commands."""

from __future__ import annotations

from collections.abc import Awaitable
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from cubequery.stores.commands import Command
from cubequery.stores.memory import MemoryStore

if TYPE_CHECKING:
    from cubequery.stores.mongo import MongoStore
    from cubequery.stores.mongo_async import AsyncMongoStore

__all__ = ["AsyncMongoStore", "AsyncStore", "MemoryStore", "MongoStore", "Store"]

_LATE = {"MongoStore": "cubequery.stores.mongo", "AsyncMongoStore": "cubequery.stores.mongo_async"}


def __getattr__(name: str) -> Any:
    """The stores that need the driver, which is slow to import: brought in when they are asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)


class Store(Protocol):
    """What a sync engine needs of a store."""

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command."""


class AsyncStore(Protocol):
    """What an async engine needs of a store."""

    def execute(self, command: Command[Any]) -> Awaitable[Any]:
        """The answer of one command."""
