"""Endpoints held against classes: what every dialect of declared endpoints has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from copy import copy
from typing import Any, Generic, Protocol, Self, TypeVar

from cubequery.errors import DefinitionError
from cubequery.schema import ClassSchema

Classes = Mapping[str, ClassSchema]


class Declared(Protocol):
    """One endpoint: the ``path`` that it answers at, and the class of its records, ``schema``."""

    @property
    def path(self) -> str:
        """Below the dialect's prefix."""

    @property
    def schema(self) -> str:
        """By its name."""


E = TypeVar("E", bound=Declared)


class Endpoints(ABC, Generic[E]):
    """Endpoints by path, each bound to its class by :meth:`_bind`; what that gives has the ``endpoint`` it was made of."""

    _bound: dict[str, Any]

    def over(self, classes: Iterable[ClassSchema]) -> Self:
        """The same declarations over other classes, such as an engine's as they are now. Raises DefinitionError where they do not fit."""
        made = copy(self)
        made._hold({schema.name: schema for schema in classes}, self.endpoints, [])
        return made

    @property
    def endpoints(self) -> tuple[E, ...]:
        """All of them, in the order of their declaration."""
        return tuple(bound.endpoint for bound in self._bound.values())

    def endpoint(self, path: str) -> E:
        """The endpoint of a path, as declared."""
        found: E = self._bound[path].endpoint
        return found

    def _hold(self, classes: Classes, endpoints: Iterable[E], problems: Iterable[str]) -> None:
        """Bind each. Raises DefinitionError with the ``problems`` there were before, and every one of the declarations."""
        found, self._bound = [*problems], {}
        for endpoint in endpoints:
            if endpoint.path in self._bound:
                found.append(f"{endpoint.path}: declared more than once")
            elif endpoint.schema not in classes:
                found.append(f"{endpoint.path}: there is no class {endpoint.schema}")
            else:
                try:
                    self._bound[endpoint.path] = self._bind(endpoint, classes)
                except DefinitionError as error:
                    found += error.problems
        if found:
            raise DefinitionError(found)

    @abstractmethod
    def _bind(self, endpoint: E, classes: Classes) -> Any:
        """One endpoint with its class. Raises DefinitionError with every problem of it."""
