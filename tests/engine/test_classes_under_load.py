"""A request sees one set of classes from its start to its end, whatever is defined meanwhile, by threads or by tasks."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.collection import Collection

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMemoryStore, MemoryStore
from tests.engine.shelves import CollectionShelf, FileShelf, Hands, Shelf
from tests.support.mongod import Document

ANN = cq.Actor(1)
ROUNDS, READERS = 40, 3


def set_of(edition: int) -> list[cq.ClassSchema]:
    """Three classes that belong together: each says by a field of which edition it is."""
    field = {f"v{edition % 2}": cq.Integer, "name": cq.String}
    return [cq.ClassSchema("top", field), cq.ClassSchema("mid", field, parents=["top"]), cq.ClassSchema("low", field, parents=["mid"])]


def edition_of(schema: cq.ClassSchema) -> str:
    return next(name for name in schema.fields if name != "name")


class Seen(MemoryStore):
    """A store that notes, for each thread or task, the editions of the classes that are asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.own = threading.local()

    def execute(self, command: Any) -> Any:
        self.own.editions = {*getattr(self.own, "editions", ()), edition_of(command.schema)}
        return super().execute(command)

    def editions(self) -> set[str]:
        """Those of the request that has just ended."""
        found: set[str] = self.own.editions
        self.own.editions = set()
        return found


def asks(engine: Engine, store: Seen, wrong: list[Any], done: threading.Event) -> None:
    """Requests over several classes, until told to end: all that one of them sees is of one edition."""
    while not done.is_set():
        top = engine.create("top", {}, ANN)["_id"]
        store.editions()
        mid = engine.create("mid", {"_parent_id": top}, ANN)["_id"]
        requests = [store.editions()]
        engine.create("low", {"_parent_id": mid}, ANN)
        requests.append(store.editions())
        engine.delete("top", top, ANN)
        requests.append(store.editions())
        held = engine.classes
        requests.append({edition_of(schema) for schema in held.values()})
        wrong += [each for each in requests if len(each) != 1]


def test_a_reload_under_load_is_whole(tmp_path: Path) -> None:
    """Threads share an engine while another program replaces the file again and again."""
    shelf = FileShelf(None, tmp_path / "classes.json")
    shelf.put(*set_of(0))
    store, wrong, done = Seen(), list[Any](), threading.Event()
    engine = Engine(store, cq.FileClasses(shelf.path))
    threads = [threading.Thread(target=asks, args=(engine, store, wrong, done)) for _ in range(READERS)]
    for each in threads:
        each.start()
    editions = set()
    for round_ in range(ROUNDS):
        shelf.path = tmp_path / "next.json"
        shelf.put(*set_of(round_))
        shelf.path.replace(tmp_path / "classes.json")
        engine.list("top", "", ANN)
        editions.add(edition_of(engine.classes["top"]))
        assert edition_of(engine.classes["low"]) == f"v{round_ % 2}"
    done.set()
    for each in threads:
        each.join(30)
    assert (wrong, editions) == ([], {"v0", "v1"})


def test_defines_under_load(collection: Collection[Document]) -> None:
    """Engines of several threads define classes of their own, and one that all want: none is lost, and every refusal is a conflict."""
    conflicts, others = list[str](), list[BaseException]()

    def defines(number: int) -> None:
        engine = Engine(MemoryStore(), cq.MongoClasses(collection, max_age=0))
        for round_ in range(10):
            engine.define(cq.ClassSchema(f"own{number}_{round_}", {}))
            try:
                engine.define(cq.ClassSchema("common", {f"f{number}_{round_}": cq.Integer}))
            except cq.DefinitionConflict as refused:
                conflicts.append(str(refused))
            except BaseException as error:
                others.append(error)

    threads = [threading.Thread(target=defines, args=(number,)) for number in range(READERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert not others
    engine = Engine(MemoryStore(), cq.MongoClasses(collection))
    assert set(engine.classes) == {"common", *(f"own{number}_{round_}" for number in range(READERS) for round_ in range(10))}


class Between:
    """A store in which the classes are replaced, and looked at, before the second command."""

    def __init__(self, shelf: Shelf, source: Any, *then: cq.ClassSchema) -> None:
        self.shelf, self.source, self.then, self.asked = shelf, source, then, list[tuple[str, str]]()

    def note(self, schema: cq.ClassSchema) -> bool:
        """Whether the classes are others from here on."""
        self.asked.append((schema.name, edition_of(schema)))
        if len(self.asked) != 2:
            return False
        self.shelf.put(*self.then)
        return True

    def execute(self, command: Any) -> Any:
        if self.note(command.schema):
            self.source.load()
        return self.shelf.store.execute(command)

    def create_indexes(self, schema: cq.ClassSchema, indexes: Any) -> Any:
        if self.note(schema):
            self.source.load()
        return []


class AwaitedBetween(Between):
    """The same, awaited."""

    async def execute(self, command: Any) -> Any:
        await self.look(command.schema)
        return self.shelf.store.execute(command)

    async def create_indexes(self, schema: cq.ClassSchema, indexes: Any) -> Any:
        await self.look(schema)
        return []

    async def look(self, schema: cq.ClassSchema) -> None:
        if self.note(schema) and asyncio.iscoroutine(found := self.source.load()):
            await found


def test_a_call_over_all_classes_keeps_them(shelf: Shelf) -> None:
    """Also where they are gone before it ends."""
    shelf.put(*set_of(0))
    source = shelf.source(Hands(), 0)
    engine = shelf.over(source)
    engine.list("top", "", ANN)
    own = engine.engine if shelf.runner else engine
    own.store = (AwaitedBetween if shelf.runner else Between)(shelf, source, cq.ClassSchema("new", {"v1": cq.Integer}))
    assert set(engine.ensure_indexes()) == {"top", "mid", "low"}
    assert {edition for _, edition in own.store.asked} == {"v0"}
    assert set(engine.ensure_indexes()) == set(own.classes) == {"new"}


def test_a_request_under_way_keeps_its_classes(shelf: Shelf) -> None:
    """A delete of a tree whose classes are replaced in its middle ends with those it began with; the next request has the new ones."""
    shelf.put(*set_of(0))
    source = shelf.source(Hands(), 0)
    engine = shelf.over(source)
    top = engine.create("top", {}, ANN)["_id"]
    engine.create("mid", {"_parent_id": top}, ANN)
    own = engine.engine if shelf.runner else engine
    store = own.store = (AwaitedBetween if shelf.runner else Between)(shelf, source, *set_of(1))
    engine.delete("top", top, ANN)
    assert set(store.asked) == {("top", "v0"), ("mid", "v0"), ("low", "v0")}
    assert edition_of(own.classes["top"]) == "v1"
    engine.list("top", "v1=null", ANN)
    assert store.asked[-1] == ("top", "v1")


@pytest.mark.mongod
def test_tasks_share_a_look(collection: Collection[Document], mongod_uri: str, runner: asyncio.Runner) -> None:
    """Many requests that find the classes too old make one look, and all see what it found."""
    CollectionShelf(None, collection, None).put(*set_of(0))

    class Looks(cq.AsyncMongoClasses):
        looks = 0

        async def read(self) -> Any:
            self.looks += 1
            return await super().read()

    async def ask() -> tuple[int, set[str]]:
        async with AsyncMongoClient[Document](mongod_uri) as client:
            source = Looks(client[collection.database.name][collection.name], clock=Hands())
            engine = AsyncEngine(AsyncMemoryStore(), source)
            made = await asyncio.gather(*(engine.create("top", {"name": "x"}, ANN) for _ in range(20)))
            return source.looks, {name for each in made for name in each if name.startswith("v")}

    assert runner.run(ask()) == (1, {"v0"})
