"""MongoStore: commands over a pymongo database, each call with a time limit; of the stand-in mongomock only the keeping is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any, TypeVar

import pymongo
from pymongo import ReadPreference
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from cubequery.check import DEFAULTS, Settings
from cubequery.schema import ClassSchema
from cubequery.stores.calls import Call, Dialect, Pause, calls
from cubequery.stores.commands import Command, Document
from cubequery.stores.explain import explain_command, read_explained
from cubequery.stores.faults import FAMILIES, jitter, refusal
from cubequery.stores.files import DropFiles, FileCommand
from cubequery.stores.grid import Bucket
from cubequery.stores.home import Fate, Home, commit_again, has_transactions, try_again
from cubequery.stores.indexes import Index
from cubequery.translate import Plan

R = TypeVar("R")


class MongoStore:
    """Records in the collections of one database, or in one collection for the store's only class.

    A class's collection has its name, or the one that ``collections`` gives. The bounds are those of ``settings``; hand the engine the
    same. Safe to share between threads. The write concern is the database's own: what is acknowledged is as safe as that says.
    """

    def __init__(
        self,
        target: Database[Document] | Collection[Document],
        *,
        settings: Settings = DEFAULTS,
        collections: Mapping[str, str] | None = None,
    ) -> None:
        single = not hasattr(type(target), "list_collection_names")  # an instance has every attribute
        self._home = Home(target, dict(collections or {}), real=isinstance(target, Database | Collection), single=single)
        self._seconds, self._whole = settings.limits.call_timeout_ms / 1000, settings.limits.database_time_ms / 1000

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command. Raises RequestError: what the driver raises never leaves the store."""
        return self.carry_out(command, Dialect(self._home.real), None)

    @cached_property
    def transactions(self) -> bool:
        """Whether the server has transactions; asked once."""
        if not self._home.real:
            return False
        try:
            with pymongo.timeout(self._seconds):
                return has_transactions(self._home.database.command("hello"))
        except FAMILIES as error:
            raise refusal(error, None, writes=False) from error

    def bounded(self) -> AbstractContextManager[object]:
        """A block whose calls together take no more than ``database_time_ms``."""
        return pymongo.timeout(self._whole)

    def within(self, session: ClientSession) -> _Inside:
        """The store within a transaction of the host's own. What may be run again as a whole is raised as the driver raised it."""
        return _Inside(self, session, Fate())

    def in_transaction(self, run: Callable[[Any], R]) -> R:
        """What ``run`` gives for a store whose commands are all applied or none; it is run again where the server asks for that.

        Where there are no transactions, ``run`` is given the store itself.
        """
        if not self.transactions:
            return run(self)
        attempt = 0
        while True:
            try:
                return self._attempt(run)
            except PyMongoError as error:
                try_again(error, attempt)
            time.sleep(jitter(attempt))
            attempt += 1

    def _attempt(self, run: Callable[[Any], R]) -> R:
        session = self._home.client.start_session()
        try:
            session.start_transaction(read_preference=ReadPreference.PRIMARY)
            answer = run(_Inside(self, session, Fate()))
            attempt = 0
            while True:
                try:
                    with pymongo.timeout(self._seconds):
                        session.commit_transaction()
                    return answer
                except PyMongoError as error:
                    commit_again(error, attempt)
                attempt += 1
        finally:
            with pymongo.timeout(self._seconds):  # it ends a transaction that was not committed
                session.end_session()

    def create_indexes(self, schema: ClassSchema, indexes: Sequence[Index]) -> list[str]:
        """Names of the indexes, made where they are not there yet. What the driver raises is raised as it is: this is the host's call."""
        names: list[str] = self._home.collection(schema).create_indexes([index.model() for index in indexes])
        return names

    def explain(self, plan: Plan) -> dict[str, Any]:
        """How the server carries out a plan: the index, the keys and records it examined. The host's call, as :meth:`create_indexes`."""
        command = explain_command(self._home.collection(plan.schema).name, plan)
        return read_explained(self._home.database.command("explain", command, verbosity="executionStats"))

    def carry_out(self, command: Command[Any], dialect: Dialect, session: ClientSession | None) -> Any:
        """The answer of one command, within a session where one is given."""
        collection, steps = self._home.collection(command.schema), calls(command, dialect)
        if isinstance(command, FileCommand):
            return self._home.bucket(command.schema, Bucket, self._seconds).execute(command)
        try:
            step = next(steps)
            while True:
                try:
                    answer = self._make(collection, step, session)
                except FAMILIES as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as stop:
            return stop.value

    def _make(self, collection: Any, call: Call | Pause, session: ClientSession | None) -> Any:
        if isinstance(call, Pause):
            return time.sleep(call.seconds)
        options = dict(call.options) if session is None else {**call.options, "session": session}
        with pymongo.timeout(self._seconds):
            answer = getattr(collection, call.method)(*call.args, **options)
            return list(answer) if call.method in ("find", "aggregate") else answer


class _Inside:
    """The store as an operation sees it within a transaction."""

    def __init__(self, store: MongoStore, session: ClientSession, fate: Fate) -> None:
        self._store, self._session, self._fate = store, session, fate

    def bounded(self) -> AbstractContextManager[object]:
        return self._store.bounded()

    def execute(self, command: Command[Any]) -> Any:
        if isinstance(command, DropFiles):
            return None  # what the transaction takes back would name them again; they stay for the sweep
        with self._fate:
            return self._store.carry_out(command, Dialect(inside=True), self._session)
