"""Shapes of JSON bodies: the names of a body with the kinds of what they hold, and a function that reads the values of such a body at once.

A shape is taken from a body that was read the usual way and holds for every body of the same names, lists of the same lengths and other
values that are no objects. The function judges each value as the usual way does and gives up on what it would not take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from cubequery.check import Entry, Slot
from cubequery.evaluate.source import function
from cubequery.operators import SET
from cubequery.parse.plain_json import OTHER, json_reader, json_shortcut, judging
from cubequery.parse.reader import Reader
from cubequery.record import replace
from cubequery.values import Anything

MOST, LONGEST, DEEPEST = 32, 8, 6
"""Values, elements of a list, and levels of a body that has a shape."""
ROLES = frozenset({"change", "shared", "index", "pull", "compare"})
"""What plain values are given to; everything else is read the usual way."""
Key = tuple[Any, ...]
Values = Sequence[Any]


class Leaf(NamedTuple):
    """One value of a body: its slot, where its operands stand among all (as many as ``size``), and whether they are a list.

    ``judged`` is the slot for an operand of which the field's options are known to accept it.
    """

    slot: Slot
    judged: Slot
    start: int
    size: int
    listed: bool


def key_of(body: Mapping[str, Any], left: int = MOST, level: int = 1) -> Key | None:
    """Names with the kinds of what they hold, in order; None for a body that has no shape."""
    found: list[Any] = []
    for name, value in body.items():
        kind = type(value)
        inner: Any = len(value) if kind is list else None
        if kind is dict:
            inner = key_of(value, left, level + 1) if value and level < DEEPEST else None
            if inner is None:
                return None
        if value is None or type(name) is not str or (kind is list and inner > LONGEST):
            return None
        left -= 1
        found += (name, inner)
    return tuple(found) if left >= 0 else None


class BodyShape:
    """``read(body)`` gives the operands of a body of this shape in order, and None, or raises, where it is of another one."""

    def __init__(self, reader: Reader, body: Mapping[str, Any]) -> None:
        """Of a body that the reader accepts. Raises TypeError where it has no shape."""
        self.reader = reader
        self.leaves: list[Leaf] = []
        self.size = 0
        self._lines: list[str] = []
        self._results: list[str] = []
        self._parameters: list[Any] = []
        self._object(body, "body", (), {})
        names = "".join(f", c{place}" for place in range(len(self._parameters)))
        lines = "\n ".join([*self._lines, f"return {''.join(f'{result}, ' for result in self._results) or '()'}"])
        self.read: Callable[[Mapping[str, Any]], Values | None] = function(f"def read(body{names}):\n {lines}\n", self._parameters)

    def entries(self, values: Values, *, judged: bool = False) -> list[Entry]:
        """The same values as the usual way reads them; ``judged``: what the options of fields say is left out, ``read`` has asked them."""
        return [
            (leaf.judged if judged else leaf.slot, [*values[leaf.start : leaf.start + leaf.size]] if leaf.listed else values[leaf.start])
            for leaf in self.leaves
        ]

    def _object(self, body: Mapping[str, Any], variable: str, above: tuple[str, ...], used: dict[str, int]) -> None:
        """Lines that take an object apart; the names of the outermost one were looked up already."""
        names = tuple(body)
        own = [f"x{used.setdefault('x', 0) + place}" for place in range(len(names))]
        used["x"] += len(names)
        if above and len(names) == 1:
            self._lines.append(f"if type({variable}) is not dict or len({variable}) != 1: return None")
            self._lines.append(f"{own[0]} = {variable}[{self._name(names[0])}]")
        else:
            if above:
                self._lines.append(f"if type({variable}) is not dict or tuple({variable}) != {self._name(names)}: return None")
            self._lines.append(f"{''.join(f'{each}, ' for each in own)}= {variable}.values()")
        for name, value, each in zip(names, body.values(), own, strict=True):
            if type(value) is dict:
                self._object(value, each, (*above, name), used)
            else:
                self._leaf((*above, name), value, each)

    def _leaf(self, path: tuple[str, ...], value: Any, variable: str) -> None:
        reader, limits = self.reader, self.reader.settings.limits
        slot = reader.path_slot(path, listed=isinstance(value, list))
        if slot.role not in ROLES:
            raise TypeError(f"no plain value: {slot.role}")
        read, judged = json_reader(slot, len(path) + 1, limits), _judged(slot)
        sample = read(value)
        listed = type(sample) is list and (type(value) is list or slot.row.shape in ("list", "removal"))
        size = len(sample) if listed else 1
        shortcut = OTHER if type(value) is list or judged is not slot else json_shortcut(slot)
        if shortcut == OTHER and listed:
            places = [f"v{self.size + place}" for place in range(size)]
            self._lines.append(f"[{', '.join(places)}] = {self._name(read)}({variable})")
            self._results += places
        else:
            one = _single(read) if listed else read if judged is slot else judging(slot, read)
            self._results.append(shortcut.format(x=variable, read=self._name(one)))
        self.leaves.append(Leaf(slot, judged, self.size, size, listed))
        self.size += size

    def _name(self, parameter: Any) -> str:
        self._parameters.append(parameter)
        return f"c{len(self._parameters) - 1}"


def _judged(slot: Slot) -> Slot:
    """The slot without the options of its field, where a scalar is set that they bind; else the slot itself."""
    field = slot.field
    if field is None or slot.row is not SET or field.type.element is not field.type or field.type.kind == "Location":
        return slot
    bound = any(option in field.type.options for option in ("choices", "minimum", "maximum", "max_length"))
    return replace(slot, field=replace(field, type=Anything())) if bound else slot


def _single(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read_one(value: Any) -> Any:
        (item,) = read(value)
        return item

    return read_one
