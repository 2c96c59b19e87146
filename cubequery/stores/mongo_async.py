"""AsyncMongoStore: the commands of MongoStore over pymongo's own async client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import pymongo
from pymongo import ReadPreference
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

from cubequery.check import DEFAULTS, Settings
from cubequery.schema import ClassSchema
from cubequery.stores.calls import Call, Dialect, Pause, calls
from cubequery.stores.commands import Command, Document
from cubequery.stores.explain import explain_command, read_explained
from cubequery.stores.faults import FAMILIES, jitter, refusal
from cubequery.stores.files import DropFiles, FileCommand
from cubequery.stores.grid_async import AsyncBucket
from cubequery.stores.home import Fate, Home, commit_again, has_transactions, try_again
from cubequery.stores.indexes import Index
from cubequery.translate import Plan

R = TypeVar("R")


class AsyncMongoStore:
    """Records in the collections of one database, or in one collection for the store's only class; as :class:`MongoStore`, awaited."""

    def __init__(
        self,
        target: AsyncDatabase[Document] | AsyncCollection[Document],
        *,
        settings: Settings = DEFAULTS,
        collections: Mapping[str, str] | None = None,
    ) -> None:
        self._home = Home(target, dict(collections or {}), real=True, single=isinstance(target, AsyncCollection))
        self._seconds, self._whole = settings.limits.call_timeout_ms / 1000, settings.limits.database_time_ms / 1000
        self._transactions: bool | None = None

    async def execute(self, command: Command[Any]) -> Any:
        """The answer of one command. Raises RequestError: what the driver raises never leaves the store."""
        return await self.carry_out(command, Dialect(), None)

    async def transactions(self) -> bool:
        """Whether the server has transactions; asked once."""
        if self._transactions is None:
            try:
                with pymongo.timeout(self._seconds):
                    self._transactions = has_transactions(await self._home.database.command("hello"))
            except FAMILIES as error:
                raise refusal(error, None, writes=False) from error
        return self._transactions

    def bounded(self) -> AbstractContextManager[object]:
        """A block whose calls together take no more than ``database_time_ms``."""
        return pymongo.timeout(self._whole)

    def within(self, session: AsyncClientSession) -> _Inside:
        """The store within a transaction of the host's own. What may be run again as a whole is raised as the driver raised it."""
        return _Inside(self, session, Fate())

    async def in_transaction(self, run: Callable[[Any], Awaitable[R]]) -> R:
        """What ``run`` gives for a store whose commands are all applied or none; it is run again where the server asks for that.

        Where there are no transactions, ``run`` is given the store itself.
        """
        if not await self.transactions():
            return await run(self)
        attempt = 0
        while True:
            try:
                return await self._attempt(run)
            except PyMongoError as error:
                try_again(error, attempt)
            await asyncio.sleep(jitter(attempt))
            attempt += 1

    async def _attempt(self, run: Callable[[Any], Awaitable[R]]) -> R:
        session = self._home.client.start_session()
        try:
            await session.start_transaction(read_preference=ReadPreference.PRIMARY)
            answer = await run(_Inside(self, session, Fate()))
            attempt = 0
            while True:
                try:
                    with pymongo.timeout(self._seconds):
                        await session.commit_transaction()
                    return answer
                except PyMongoError as error:
                    commit_again(error, attempt)
                attempt += 1
        finally:
            with pymongo.timeout(self._seconds):  # it ends a transaction that was not committed
                await session.end_session()

    async def create_indexes(self, schema: ClassSchema, indexes: Sequence[Index]) -> list[str]:
        """Names of the indexes, made where they are not there yet. What the driver raises is raised as it is: this is the host's call."""
        names: list[str] = await self._home.collection(schema).create_indexes([index.model() for index in indexes])
        return names

    async def explain(self, plan: Plan) -> dict[str, Any]:
        """How the server carries out a plan: the index, the keys and records it examined. The host's call, as :meth:`create_indexes`."""
        command = explain_command(self._home.collection(plan.schema).name, plan)
        return read_explained(await self._home.database.command("explain", command, verbosity="executionStats"))

    async def carry_out(self, command: Command[Any], dialect: Dialect, session: AsyncClientSession | None) -> Any:
        """The answer of one command, within a session where one is given."""
        collection, steps = self._home.collection(command.schema), calls(command, dialect)
        if isinstance(command, FileCommand):
            return await self._home.bucket(command.schema, AsyncBucket, self._seconds).execute(command)
        try:
            step = next(steps)
            while True:
                try:
                    answer = await self._make(collection, step, session)
                except FAMILIES as error:
                    step = steps.throw(error)
                else:
                    step = steps.send(answer)
        except StopIteration as stop:
            return stop.value

    async def _make(self, collection: Any, call: Call | Pause, session: AsyncClientSession | None) -> Any:
        if isinstance(call, Pause):
            return await asyncio.sleep(call.seconds)
        options = dict(call.options) if session is None else {**call.options, "session": session}
        with pymongo.timeout(self._seconds):
            if call.method == "find":
                return await collection.find(*call.args, **options).to_list()
            answer = await getattr(collection, call.method)(*call.args, **options)
            return await answer.to_list() if call.method == "aggregate" else answer


class _Inside:
    """The store as an operation sees it within a transaction."""

    def __init__(self, store: AsyncMongoStore, session: AsyncClientSession, fate: Fate) -> None:
        self._store, self._session, self._fate = store, session, fate

    def bounded(self) -> AbstractContextManager[object]:
        return self._store.bounded()

    async def execute(self, command: Command[Any]) -> Any:
        if isinstance(command, DropFiles):
            return None  # what the transaction takes back would name them again; they stay for the sweep
        with self._fate:
            return await self._store.carry_out(command, Dialect(inside=True), self._session)
