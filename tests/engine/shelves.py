"""Where tests keep the classes of engines: each shelf makes sources that read the same classes, as several servers would."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMemoryStore, MemoryStore
from tests.engine.stores import InLoop, drawn
from tests.support.mongod import Document


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Shelf:
    """Classes kept in one place; engines over one store, each with a source of its own."""

    def __init__(self, runner: asyncio.Runner | None) -> None:
        self.runner, self.store = runner, MemoryStore()

    def source(self, clock: Callable[[], float], max_age: float = 1.0) -> Any:
        """A source with this clock."""
        raise NotImplementedError

    def put(self, *schemas: cq.ClassSchema) -> None:
        """Keep these classes and no others, by another program's hand."""
        self.put_json([schema.to_json() for schema in schemas])

    def put_json(self, definitions: list[Any]) -> None:
        """Keep these definitions, good or not."""
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        """The definitions that are kept, by class."""
        raise NotImplementedError

    def engine(self, clock: Callable[[], float], max_age: float = 1.0, **options: Any) -> Any:
        """An engine over the shelf's store, as another server would have it."""
        return self.over(self.source(clock, max_age), **options)

    def over(self, classes: Any, **options: Any) -> Any:
        """An engine with these classes."""
        if self.runner is None:
            return Engine(self.store, classes, **drawn(), **options)
        return InLoop(AsyncEngine(AsyncMemoryStore(self.store), classes, **drawn(), **options), self.runner)

    def load(self, source: Any) -> None:
        """What a program does at its start."""
        found = source.load()
        if self.runner is not None and asyncio.iscoroutine(found):
            self.runner.run(found)


class FileShelf(Shelf):
    """A class file."""

    def __init__(self, runner: asyncio.Runner | None, path: Path) -> None:
        super().__init__(runner)
        self.path = path

    def source(self, clock: Callable[[], float], max_age: float = 1.0) -> cq.FileClasses:
        return cq.FileClasses(self.path, clock=clock, max_age=max_age)

    def put_json(self, definitions: list[Any]) -> None:
        self.path.write_text(json.dumps({"classes": definitions}), encoding="utf-8")

    def kept(self) -> dict[str, Any]:
        return {each["name"]: each for each in json.loads(self.path.read_text(encoding="utf-8"))["classes"]}


class CollectionShelf(Shelf):
    """A collection, and the same one of an async client."""

    def __init__(self, runner: asyncio.Runner | None, collection: Any, awaited: Any) -> None:
        super().__init__(runner)
        self.collection, self.awaited = collection, awaited

    def source(self, clock: Callable[[], float], max_age: float = 1.0) -> Any:
        if self.runner is None:
            return cq.MongoClasses(self.collection, clock=clock, max_age=max_age)
        return cq.AsyncMongoClasses(self.awaited, clock=clock, max_age=max_age)

    def put_json(self, definitions: Iterable[Any]) -> None:
        made: list[Document] = [{"_id": each["name"], "definition": each, "hash": "by hand"} for each in definitions]
        self.collection.delete_many({})
        self.collection.insert_many(made)

    def kept(self) -> dict[str, Any]:
        return {each["_id"]: each["definition"] for each in self.collection.find()}


SHELVES = [
    "file",
    "file, awaited",
    pytest.param("collection", marks=pytest.mark.mongod),
    pytest.param("collection, awaited", marks=pytest.mark.mongod),
]
