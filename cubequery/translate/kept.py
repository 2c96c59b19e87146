"""Properties of objects without a dict, which are made in less time: what is asked for once is kept in a slot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functools import cached_property as kept
else:

    class kept:  # noqa: N801 - a decorator, as property is
        """A property made when it is first asked for and kept in the slot of its name and ``_``, which the class declares."""

        def __init__(self, make: Callable[[Any], Any]) -> None:
            self._make, self.__doc__ = make, make.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._slot = f"{name}_"

        def __get__(self, instance: Any, owner: type) -> Any:
            if instance is None:
                return self
            found = getattr(instance, self._slot, instance)
            if found is instance:
                found = self._make(instance)
                setattr(instance, self._slot, found)
            return found


__all__ = ["kept"]
