"""Properties of objects without a dict, which are made in less time: what is asked for once is kept in a slot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Kept(Generic[T]):
    """A property made when it is first asked for and kept in the slot of its name and ``_``, which the class declares."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make, self.__doc__ = make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._slot = f"{name}_"

    @overload
    def __get__(self, instance: None, owner: type) -> Kept[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> Kept[T] | T:
        if instance is None:
            return self
        try:
            found: T = getattr(instance, self._slot)
        except AttributeError:
            found = self._make(instance)
            setattr(instance, self._slot, found)
        return found


kept = Kept
"""The decorator."""
