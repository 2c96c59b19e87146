"""Classes in a MongoDB collection: the documents, who wins of two writers, hand-made documents, and a server that does not answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

import cubequery as cq
from cubequery import errors
from cubequery.classes import Classes
from tests.engine.shelves import SHELVES, Hands, Shelf
from tests.support.mongod import Document

ONE, TWO = cq.ClassSchema("x", {"one": cq.Integer}), cq.ClassSchema("x", {"two": cq.Integer})
WIDE = cq.ClassSchema(
    "wide",
    {
        "big": cq.Integer(minimum=-(2**63), maximum=2**63 - 1, default=2**40, choices=[2**40, 1]),
        "real": cq.Float(minimum=0, maximum=1e300),
        "seen": cq.Date(resolution="ms", minimum=0),
        "é": cq.Object({"a": cq.Array(cq.Boolean, max_length=3)}),
    },
    permissions={"read": {"access": "open_for_users_ids", "ids": [2**60], "primary": True}},
    scopes={"$recent": f"a.b[gt]={2**62}"},
)


def engine(source: Any) -> cq.Engine:
    return cq.Engine(cq.MemoryStore(), source)


def test_one_document_a_class(collection: Collection[Document]) -> None:
    """Its name, its canonical definition, its hash; what a host keeps beside stays."""
    own = engine(cq.MongoClasses(collection))
    own.define(ONE)
    assert list(collection.find()) == [{"_id": "x", "definition": ONE.to_json(), "hash": ONE.hash}]
    collection.update_one({"_id": "x"}, {"$set": {"owner": "ann"}})
    own.define(cq.ClassSchema("x", {"one": cq.Integer, "two": cq.Integer}))
    (document,) = collection.find()
    assert (document["owner"], list(document["definition"]["fields"])) == ("ann", ["one", "two"])
    assert document["hash"] == own.classes["x"].hash


def test_every_definition_comes_back_as_it_was(collection: Collection[Document]) -> None:
    """Whole numbers of 64 bits, keys with dots and dollars, any text."""
    engine(cq.MongoClasses(collection)).define(WIDE)
    found = engine(cq.MongoClasses(collection)).classes["wide"]
    assert (found, found.hash, found.to_json()) == (WIDE, WIDE.hash, WIDE.to_json())


@pytest.mark.parametrize(
    "options", [{"fields": {"f": cq.Float(maximum=2**70)}}, {"fields": {}, "scopes": {"a": "\ud800"}}], ids=["number", "text"]
)
def test_a_definition_that_cannot_be_stored(collection: Collection[Document], options: Any) -> None:
    with pytest.raises(cq.DefinitionError, match="class x: holds a value that MongoDB cannot store"):
        engine(cq.MongoClasses(collection)).define(cq.ClassSchema("x", **options))


class Overtaken(cq.MongoClasses):
    """A source that another program overtakes between its look and its write."""

    before_write: Callable[[], object] = staticmethod(lambda: None)

    def write(self, schema: cq.ClassSchema, wanted: Classes) -> bool:
        self.before_write()
        self.before_write = staticmethod(lambda: None)
        return super().write(schema, wanted)


@pytest.mark.parametrize("there", [True, False], ids=["replaced", "new"])
def test_the_write_itself_compares(collection: Collection[Document], there: bool) -> None:
    """Whoever is overtaken after his look is told; where the other wrote the very same there is nothing to tell."""
    other = engine(cq.MongoClasses(collection, max_age=0))
    if there:
        other.define(cq.ClassSchema("x", {}))
    three = cq.ClassSchema("x", {"three": cq.Integer})
    for theirs, wins in ((TWO, False), (ONE, True)):
        source = Overtaken(collection)
        own = engine(source)
        source.before_write = lambda theirs=theirs: other.define(theirs)  # type: ignore[misc]
        if wins:
            own.define(theirs)
        else:
            with pytest.raises(cq.DefinitionConflict):
                own.define(three)
        assert list(own.classes["x"].fields) == list(theirs.fields)
        assert [each["hash"] for each in collection.find()] == [theirs.hash]


def test_a_write_that_was_overtaken_and_then_undone(collection: Collection[Document]) -> None:
    """The document is another one, the class is not: the define goes through."""
    engine(cq.MongoClasses(collection)).define(ONE)
    source = Overtaken(collection)
    own = engine(source)
    source.before_write = lambda: collection.update_one({"_id": "x"}, {"$set": {"hash": "another"}})
    own.define(TWO)
    assert [each["hash"] for each in collection.find()] == [TWO.hash]


def by_hand(name: Any, definition: Any) -> Document:
    return {"_id": name, "definition": definition}


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (by_hand("x", {"name": "y", "fields": {}}), "class x: its definition is of class y"),
        (by_hand("x", None), "a class is a JSON object"),
        (by_hand("x", [1]), "a class is a JSON object"),
        (by_hand("x", {"name": "x", "fields": {"a": b"\0"}}), "a class is a JSON object"),
        (by_hand("x", {"name": "x", "fields": {"a": {"type": "String", "max_length": 5.0}}}), "max_length must be a positive integer"),
        (by_hand(5, {"name": "5", "fields": {}}), "the _id of a class's document is its name"),
        (by_hand({"a": 1}, {"name": "x", "fields": {}}), "the _id of a class's document is its name"),
        ({"_id": "x"}, "a class is a JSON object"),
    ],
)
def test_documents_that_are_none(collection: Collection[Document], document: Document, text: str) -> None:
    collection.insert_one(document)
    with pytest.raises(cq.DefinitionError, match=text):
        engine(cq.MongoClasses(collection))


def test_a_change_by_hand_is_honoured(collection: Collection[Document]) -> None:
    """Without a new hash too: rights that are taken away in the shell are gone; a define begins with what is there."""
    own = engine(cq.MongoClasses(collection, max_age=0))
    own.define(ONE)
    shut = {"access": "not_allowed", "primary": True}
    collection.update_one({"_id": "x"}, {"$set": {"definition.permissions.read": shut}})
    own.list("x", "", cq.Actor(1))
    assert own.classes["x"].permissions["read"].access == "not_allowed"
    assert [each.what for each in own.define(TWO).differences] == ["permissions read", "field two", "field one"]


@pytest.mark.parametrize("shelf", SHELVES[2:], indirect=True)
def test_a_server_that_does_not_answer(shelf: Shelf, mongo_client: MongoClient[Document]) -> None:
    """Requests are refused while it is away, and served when it is back; a write whose fate is open is told so."""
    shelf.put(ONE)
    clock = Hands()
    own = shelf.engine(clock)
    own.list("x", "one=1", cq.ADMIN)
    asked: list[tuple[str, Callable[[], Any], str]] = [
        ("find", lambda: own.list("x", "", cq.ADMIN), "unavailable"),
        ("find", lambda: own.define(TWO), "unavailable"),
        ("update", lambda: own.define(TWO), "outcome_unknown"),
    ]
    for command, ask, code in asked:
        clock.seconds += 1
        data = {"failCommands": [command], "errorCode": 50}  # the time is over
        mongo_client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data})
        try:
            with pytest.raises(cq.RequestError) as refused:
                ask()
        finally:
            mongo_client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
        assert (refused.value.code, refused.value.status) == (code, 503)
        assert own.list("x", "one=1", cq.ADMIN)["items"] == []
    own.define(TWO)
    assert own.list("x", "two=1", cq.ADMIN)["items"] == []


def test_a_server_that_does_not_answer_at_the_start(collection: Collection[Document], mongo_client: MongoClient[Document]) -> None:
    """A sync engine says so when it is made; there is nothing to stay with."""
    mongo_client.admin.command(
        {"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": {"failCommands": ["find"], "errorCode": 50}}
    )
    with pytest.raises(cq.RequestError) as refused:
        engine(cq.MongoClasses(collection))
    assert refused.value.body() == {"errors": {"base": ["Service is temporarily unavailable"]}, "code": "unavailable"}


class Away(cq.ClassSource):
    """A source that is away, which takes until it is told to end; its clock moves whenever it is looked at."""

    def __init__(self) -> None:
        super().__init__(max_age=1, clock=self.tick)
        self.ticks, self.looks, self.end = count(1), 0, threading.Event()
        self.latest = 0

    def tick(self) -> int:
        self.latest = next(self.ticks)
        return self.latest

    def read(self) -> None:
        self.looks += 1
        self.end.wait(10)
        raise cq.RequestError([errors.plain("unavailable")])

    def write(self, schema: cq.ClassSchema, wanted: Classes) -> bool:
        raise AssertionError


def test_those_who_wait_for_a_look_share_its_failure() -> None:
    """A server that is away costs one time limit, not one for each request after the other; the next one tries again."""
    source, codes = Away(), []

    def ask() -> None:
        try:
            source.load()
        except cq.RequestError as error:
            codes.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for each in threads:
        each.start()
    while source.latest < 6:  # each asks the time once, and the one that looks once more
        time.sleep(0.002)
    source.end.set()
    for each in threads:
        each.join(10)
    assert (codes, source.looks) == (["unavailable"] * 5, 1)
    ask()
    assert (len(codes), source.looks) == (6, 2)
