"""Classes kept in a MongoDB collection, one document a class: read again by age, written by compare-and-set."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from bson import encode
from bson.errors import BSONError
from pymongo import ReadPreference
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.collection import Collection
from pymongo.results import UpdateResult

from cubequery.check import DEFAULTS, Settings
from cubequery.classes.held import Classes, Clock
from cubequery.classes.source import AsyncClassSource, ClassSource
from cubequery.errors import DefinitionError
from cubequery.schema import ClassSchema, read_each
from cubequery.stores.faults import FAMILIES, refusal
from cubequery.stores.home import CODEC

Document = dict[str, Any]
FACTS = {"definition": 1, "hash": 1}
"""What of a document counts beside its ``_id``, the class's name. A host may keep more there."""
IN_ORDER = [("_id", 1)]


class Kept:
    """Documents of classes as they were last read, and what is decided about them without I/O."""

    def __init__(self, collection: Any, settings: Settings) -> None:
        # A define must be seen by the next look; a host's client may read from secondaries, or give other types.
        self.collection: Any = collection.with_options(codec_options=CODEC, read_preference=ReadPreference.PRIMARY)
        self._seconds = settings.limits.call_timeout_ms / 1000
        self._documents: dict[str, Document] = {}
        self._schemas: dict[str, ClassSchema] = {}

    def classes_of(self, documents: Iterable[Document]) -> list[ClassSchema]:
        """The classes of documents; those of unchanged ones are not read again. Raises DefinitionError."""
        found = list(documents)
        if any(not isinstance(document["_id"], str) for document in found):
            raise DefinitionError(["the _id of a class's document is its name"])
        before, self._documents = self._documents, {document["_id"]: document for document in found}
        kept = {name: self._schemas[name] for name, each in self._documents.items() if name in self._schemas and before[name] == each}
        fresh = [name for name in self._documents if name not in kept]
        self._schemas = kept
        for name, schema in zip(fresh, read_each(_definition(self._documents[name]) for name in fresh), strict=True):
            if schema.name != name:
                raise DefinitionError([f"class {name}: its definition is of class {schema.name}"])
            kept[name] = schema
        return [kept[name] for name in self._documents]

    def change(self, schema: ClassSchema) -> tuple[Document, Document, bool]:
        """Filter, update, and whether that is an upsert: a class put in the place of the one last read, and of no other.

        Raises DefinitionError where it cannot be stored.
        """
        facts = {"definition": schema.to_json(), "hash": schema.hash}
        try:
            encode(facts)
        except (BSONError, OverflowError, ValueError):  # UnicodeEncodeError is a ValueError
            raise DefinitionError([f"class {schema.name}: holds a value that MongoDB cannot store"]) from None
        if schema.name not in self._documents:
            return {"_id": schema.name}, {"$setOnInsert": facts}, True
        return {"_id": schema.name, "hash": self._documents[schema.name].get("hash")}, {"$set": facts}, False

    @contextmanager
    def call(self, *, writes: bool) -> Iterator[None]:
        """A block that calls the driver, within a time limit; what that raises is answered as a store answers it."""
        try:
            with pymongo.timeout(self._seconds):
                yield
        except FAMILIES as error:
            raise refusal(error, None, writes=writes) from error


def _definition(document: Document) -> Any:
    """The definition as JSON gives it: the driver has an integer type of its own. What is no JSON is no definition."""
    try:
        return json.loads(json.dumps(document.get("definition")))
    except (TypeError, ValueError):
        return None


def _done(result: UpdateResult) -> bool:
    """Whether a change has found what it was to replace; an upsert that matches has found what should not be there."""
    return result.upserted_id is not None or result.modified_count > 0


class MongoClasses(ClassSource):
    """The classes of a collection of pymongo's: ``{"_id": name, "definition": {..}, "hash": ".."}``, read again after ``max_age`` seconds.

    What one server defines is in force on every other after at most ``max_age``. A class is only replaced while it is the one that was
    read. The time limit of a call is that of ``settings``.
    """

    def __init__(
        self, collection: Collection[Any], *, max_age: float = 1.0, clock: Clock = time.monotonic, settings: Settings = DEFAULTS
    ) -> None:
        super().__init__(max_age=max_age, clock=clock)
        self._kept = Kept(collection, settings)

    def read(self) -> Iterable[ClassSchema]:
        with self._kept.call(writes=False):
            documents = list(self._kept.collection.find({}, FACTS, sort=IN_ORDER))
        return self._kept.classes_of(documents)

    def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        condition, update, upsert = self._kept.change(schema)
        with self._kept.call(writes=True):
            return _done(self._kept.collection.update_one(condition, update, upsert=upsert))


class AsyncMongoClasses(AsyncClassSource):
    """The classes of a collection of pymongo's async client; as :class:`MongoClasses`, awaited. ``await classes.load()`` reads them."""

    def __init__(
        self, collection: AsyncCollection[Any], *, max_age: float = 1.0, clock: Clock = time.monotonic, settings: Settings = DEFAULTS
    ) -> None:
        super().__init__(max_age=max_age, clock=clock)
        self._kept = Kept(collection, settings)

    async def read(self) -> Iterable[ClassSchema]:
        with self._kept.call(writes=False):
            documents = await self._kept.collection.find({}, FACTS, sort=IN_ORDER).to_list()
        return self._kept.classes_of(documents)

    async def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        condition, update, upsert = self._kept.change(schema)
        with self._kept.call(writes=True):
            return _done(await self._kept.collection.update_one(condition, update, upsert=upsert))
