"""Ends that write down what a store is asked: in memory the calls that each command comes to, on a server the commands on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from pymongo import MongoClient
from pymongo.monitoring import CommandListener

import cubequery as cq
from cubequery.stores.commands import Command
from cubequery.testing.recording import text_of
from tests.engine.stores import MemoryEnd, MongoEnd, Records
from tests.support.mongod import Document

_OF_THE_SESSION = (
    "lsid",
    "txnNumber",
    "$clusterTime",
    "$db",
    "$readPreference",
    "maxTimeMS",
    "startTransaction",
    "autocommit",
    "readConcern",
)


class RecordedEnd(Protocol):
    """Where the records of one side are, and what was asked for."""

    @property
    def asked(self) -> list[str]:
        """Texts of the store's commands since the last engine was made."""

    def fill(self, records: Records) -> None:
        """Nothing but these records, by class."""

    def stored(self, names: Iterable[str]) -> dict[str, list[Document]]:
        """The records of these classes by id."""

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        """An engine over the store whose commands are written down."""


class RecordedMemory(MemoryEnd):
    """Records in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command, which is written down."""
        self.asked.append(text_of(command))
        return self.store.execute(command)

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        """An engine over the store whose commands are written down."""
        self.asked = []
        engine = super().engine(classes, **options)
        engine.store = self
        return engine


class Wire(CommandListener):
    """What a client sends to its server, less what belongs to the session and the clock."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def started(self, event: Any) -> None:
        kept = {name: value for name, value in event.command.items() if name not in _OF_THE_SESSION}
        self.asked.append(repr(kept))

    def succeeded(self, event: Any) -> None:
        """Of no interest."""

    def failed(self, event: Any) -> None:
        """Of no interest."""


class RecordedMongo(MongoEnd):
    """Records on a server, under indexes."""

    def __init__(self, uri: str, name: str) -> None:
        self.wire = Wire()
        # What is acknowledged need not be on disk: no server dies here.
        client = MongoClient[Document](uri, event_listeners=[self.wire], datetime_conversion="DATETIME_AUTO", w=1, journal=False)
        super().__init__(client[name], client)

    @property
    def asked(self) -> list[str]:
        return self.wire.asked

    def engine(self, classes: Iterable[cq.ClassSchema], **options: Any) -> Any:
        self.wire.asked = []
        return super().engine(classes, **options)
