"""What every source of classes decides without I/O: which classes hold, when to look again, what may take whose place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from cubequery.errors import DefinitionError, RequestError
from cubequery.schema import ClassSchema, together

log = logging.getLogger("cubequery.classes")

Classes = Mapping[str, ClassSchema]
"""A whole set of classes by name; replaced, never changed."""
Clock = Callable[[], float]
"""Seconds, from any start on, that never run backwards."""


class DefinitionConflict(DefinitionError):
    """A class was defined by somebody else since it was read: nothing is overwritten."""

    def __init__(self, name: str) -> None:
        super().__init__([f"class {name}: was defined by somebody else since it was read; look at it again and define it anew"])


class Held:
    """The set of classes that a source last found good.

    A class whose definition has the same hash keeps its object over a reload, and with it all that is remembered of its names. A set
    that is broken leaves the last good one in force and is told of once in the log; only where there is none it is raised.
    """

    def __init__(self, *, max_age: float, clock: Clock) -> None:
        given: Any = max_age
        if type(given) not in (int, float) or not given >= 0:  # NaN is not either
            raise DefinitionError(["max_age must be a number of seconds, 0 or more"])
        self.classes: Classes = MappingProxyType({})
        self._max_age, self._clock = max_age, clock
        self._given: dict[str, ClassSchema] = {}
        self._user_id_types: set[str] = set()
        self._looked: float | None = None
        self._broken: tuple[str, ...] = ()
        self._failed: tuple[float, RequestError] | None = None

    def due(self) -> bool:
        """Whether what is held is older than ``max_age``, or nothing is held yet."""
        return self._looked is None or self._clock() - self._looked >= self._max_age

    def serve(self, user_id_type: str) -> None:
        """Take only classes that fit an engine with these user ids. Raises DefinitionError where those that are held do not."""
        for schema in self.classes.values():
            schema.names(user_id_type)
        self._user_id_types.add(user_id_type)

    def _answered(self, asked: float) -> bool:
        """Whether another caller has looked while this one waited for its turn. Raises what that one was refused with."""
        if self._failed is not None and self._failed[0] > asked:
            raise RequestError(self._failed[1].faults) from self._failed[1]
        return not self.due()

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """A block that reads and takes the classes; what it raises is judged here."""
        began = self._clock()
        try:
            yield
        except DefinitionError as error:
            if self._looked is None:
                raise
            if self._broken != error.problems:
                self._broken = error.problems
                log.error("the classes stay as they were: %s", error)
        except RequestError as error:
            self._failed = (self._clock(), error)
            raise
        self._looked = began

    def _take(self, schemas: Iterable[ClassSchema] | None) -> None:
        """Hold these; None: they are as they were when last read, good or broken."""
        if schemas is not None:
            self._hold(self._set_of(schemas))
            self._broken = ()

    def _set_of(self, schemas: Iterable[ClassSchema]) -> Classes:
        """The set, of the objects held already where they are equal. Raises DefinitionError where they do not go together."""
        classes = together(self._known(schema) for schema in schemas)
        for schema in classes.values():
            for user_id_type in self._user_id_types:
                schema.names(user_id_type)
        return classes

    def _known(self, schema: ClassSchema) -> ClassSchema:
        held = self._given.get(schema.name)
        return held if held is not None and held == schema else schema

    def _hold(self, classes: Classes) -> None:
        before = self.classes
        if list(before) != list(classes) or any(before[name] is not schema for name, schema in classes.items()):
            self._given, self.classes = dict(classes), MappingProxyType(dict(classes))

    def _with(self, schema: ClassSchema, replaced: ClassSchema | None) -> Classes | None:
        """The set in which ``schema`` stands in the place of ``replaced``; None where it stands there already.

        Raises DefinitionConflict where another one does, DefinitionError where it does not go with the others.
        """
        if self._broken:
            raise DefinitionError(["the classes are broken where they come from, mend them there first", *self._broken])
        held = self._given.get(schema.name)
        if held == schema:
            return None
        if held != replaced:
            raise DefinitionConflict(schema.name)
        return self._set_of({**self._given, schema.name: schema}.values())
