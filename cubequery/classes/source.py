"""Sources of classes: what engines ask of them, sync and async, and the one that needs no I/O."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable

from cubequery.classes.held import Classes, Clock, Held
from cubequery.schema import ClassSchema


class ClassSource(Held, ABC):
    """Where engines take their classes from. Several engines may share one; safe to share between threads.

    ``classes`` are those last found good, ``max_age`` for how many seconds they hold without a look. A source of one's own says how
    all are read and how one is written; ``read`` and ``write`` are called one at a time.
    """

    def __init__(self, *, max_age: float, clock: Clock = time.monotonic) -> None:
        super().__init__(max_age=max_age, clock=clock)
        self._lock = threading.Lock()

    def load(self) -> None:
        """Look at the classes where they are kept, unless that was done within ``max_age``.

        Raises DefinitionError where they are broken and none were good before, RequestError where they cannot be read.
        """
        asked = self._clock()
        with self._lock:
            if not self._answered(asked):
                self._look()

    def define(self, schema: ClassSchema, replaced: ClassSchema | None) -> None:
        """Put a class in the place of ``replaced``, or beside the others where that is None.

        Raises DefinitionConflict where somebody else has put another one there, DefinitionError where it does not go with the others.
        """
        with self._lock:
            self._look()
            while (wanted := self._with(schema, replaced)) is not None and not self.write(schema, wanted):
                self._look()
            if wanted is not None:
                self._hold(wanted)

    def _look(self) -> None:
        with self._looking():
            self._take(self.read())

    @abstractmethod
    def read(self) -> Iterable[ClassSchema] | None:
        """The classes as they are kept; None where nothing has changed since they were last read. Raises DefinitionError, RequestError."""

    @abstractmethod
    def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        """Keep one class anew, so that all are ``wanted``; False, and nothing done, where another was kept since they were read."""


class AsyncClassSource(Held, ABC):
    """A source for async engines; the same as :class:`ClassSource`, awaited."""

    def __init__(self, *, max_age: float, clock: Clock = time.monotonic) -> None:
        super().__init__(max_age=max_age, clock=clock)
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Look at the classes where they are kept, unless that was done within ``max_age``; raises as :meth:`ClassSource.load`."""
        asked = self._clock()
        async with self._lock:
            if not self._answered(asked):
                await self._look()

    async def define(self, schema: ClassSchema, replaced: ClassSchema | None) -> None:
        """Put a class in the place of ``replaced``; as :meth:`ClassSource.define`."""
        async with self._lock:
            await self._look()
            while (wanted := self._with(schema, replaced)) is not None and not await self.write(schema, wanted):
                await self._look()
            if wanted is not None:
                self._hold(wanted)

    async def _look(self) -> None:
        with self._looking():
            self._take(await self.read())

    @abstractmethod
    async def read(self) -> Iterable[ClassSchema] | None:
        """As :meth:`ClassSource.read`."""

    @abstractmethod
    async def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        """As :meth:`ClassSource.write`."""


class InThread:
    """A source that blocks, as an async engine asks it: whatever it reads or writes happens in a thread."""

    def __init__(self, source: ClassSource) -> None:
        self.source = source
        self.due, self.serve = source.due, source.serve

    @property
    def classes(self) -> Classes:
        """The classes last found good."""
        return self.source.classes

    async def load(self) -> None:
        """As :meth:`ClassSource.load`."""
        await asyncio.to_thread(self.source.load)

    async def define(self, schema: ClassSchema, replaced: ClassSchema | None) -> None:
        """As :meth:`ClassSource.define`."""
        await asyncio.to_thread(self.source.define, schema, replaced)


class StaticClasses(ClassSource):
    """Classes as they are given, and as :meth:`define` makes them in this process."""

    def __init__(self, classes: Iterable[ClassSchema]) -> None:
        super().__init__(max_age=math.inf)
        with self._looking():
            self._take(classes)

    def read(self) -> None:
        return None

    def write(self, schema: ClassSchema, wanted: Classes) -> bool:
        return True
