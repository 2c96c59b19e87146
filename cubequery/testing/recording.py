"""A store that writes down what it is asked, and how a store of any kind is filled and read."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.ast import EVERYTHING
from cubequery.schema import ClassSchema
from cubequery.stores.calls import Call, Dialect, calls
from cubequery.stores.commands import Command, Count, Find, Groups, Insert, Modify, Remove, Select, Tally
from cubequery.testing.pairs import Records
from cubequery.testing.values import Document

_ABOUT_RECORDS = (Count, Find, Groups, Insert, Modify, Remove, Select, Tally)
_EMPTY: Mapping[str, Any] = {"find": [], "aggregate": [], "count_documents": 0}


def text_of(command: Command[Any]) -> str:
    """Every call of the driver that a command may come to: those it comes to where the store holds nothing."""
    made = [type(command).__name__]
    if isinstance(command, _ABOUT_RECORDS):
        steps = calls(command, Dialect())
        answer: Any = None
        try:
            while True:
                call = steps.send(answer)
                assert isinstance(call, Call)
                made.append(repr(call))
                answer = _EMPTY.get(call.method)
        except StopIteration:
            pass
    return "\n".join(made)


class RecordedStore:
    """A store, sync or async, behind which another one does the work; ``asked`` are the texts of the commands."""

    def __init__(self, store: Any, asked: list[str] | None = None) -> None:
        self.store = store
        self.asked: list[str] = [] if asked is None else asked

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command, or what is awaited for it."""
        self.asked.append(text_of(command))
        return self.store.execute(command)

    def __getattr__(self, name: str) -> Any:
        """Whatever else the store can do; within a transaction its commands are written down as well."""
        found = getattr(self.store, name)
        if name != "in_transaction":
            return found
        return lambda run: found(lambda inside: run(self if inside is self.store else RecordedStore(inside, self.asked)))


class Loop:
    """Awaits what is awaitable, in one event loop that is made when it is needed."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def settled(self, value: Any) -> Any:
        """The value itself, or what it comes to."""
        if not inspect.isawaitable(value):
            return value
        if self._runner is None:
            self._runner = asyncio.Runner()

        async def awaited() -> Any:
            return await value

        return self._runner.run(awaited())

    def close(self) -> None:
        """Close the loop, if there is one."""
        if self._runner is not None:
            self._runner.close()


def fill(store: Any, classes: Iterable[ClassSchema], records: Records, loop: Loop) -> None:
    """Nothing but these records."""
    for schema in classes:
        loop.settled(store.execute(Remove(schema, EVERYTHING)))
        if documents := [dict(each) for each in records.get(schema.name, ())]:
            loop.settled(store.execute(Insert(schema, documents)))


def stored(store: Any, classes: Iterable[ClassSchema], loop: Loop) -> dict[str, list[Document]]:
    """The records by class."""
    return {schema.name: loop.settled(store.execute(Find(schema, EVERYTHING))) for schema in classes}
