"""From parameters to the tree that PHP makes of them: lists, maps and texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from cubequery.dialects.connectnow.splitting import Parameter
from cubequery.values import INT64_MAX

Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"
_INTEGER = re.compile(r"0|[1-9][0-9]{0,18}")


class _Level(dict[str, Any]):
    """One array of PHP: its keys in the order in which they came, and the integer that ``[]`` takes next."""

    __slots__ = ("next",)

    def __init__(self) -> None:
        self.next = 0

    def take(self, key: str | None) -> str:
        """The key of a value that is coming."""
        if key is None:
            key = str(self.next)
            self.next += 1
        elif _INTEGER.fullmatch(key) and self.next <= int(key) <= INT64_MAX:
            self.next = int(key) + 1
        return key

    def plain(self) -> Tree:
        """A list where the keys are 0, 1, .. in order, else a map."""
        return list(self.values()) if all(key == str(place) for place, key in enumerate(self)) else dict(self)


def tree(parameters: Iterable[Parameter]) -> dict[str, Tree]:
    """What the parameters come to, by name: texts, lists and maps of them.

    The last value of a name counts: a text replaces a list or map, and the other way round; lists and maps grow. ``[]`` takes the
    next integer; keys that are not 0, 1, .. in order make a map. Nothing is recursive, so no depth is too much.
    """
    top = _Level()
    levels: list[tuple[_Level, str, _Level]] = []
    for parameter in parameters:
        here, last = top, parameter.name
        for key in parameter.keys:
            below = here.get(last)
            if not isinstance(below, _Level):
                below = here[last] = _Level()
                levels.append((here, last, below))
            here, last = below, below.take(key)
        here[last] = parameter.value
    for holder, key, level in reversed(levels):  # what lies deeper was made later
        if holder.get(key) is level:
            holder[key] = level.plain()
    return dict(top)
