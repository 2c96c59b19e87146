"""Operands that come later: a request is compiled once with places in their stead, and what comes of it is a template for others.

A place knows the type of its operand and nothing else. Code that would look at the value itself gets a TypeError, so that what was made
with places alone holds for every value; the one question that updates put to numbers, their sign, is kept and asked of each value again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from cubequery.evaluate.source import function


class Place:
    """Where an operand will stand. ``source`` is the expression that gives it, ``sample`` the operand of the request at hand."""

    __slots__ = ("asked", "sample", "source")

    def __init__(self, source: str, sample: Any, asked: list[str] | None = None) -> None:
        self.source, self.sample, self.asked = source, sample, asked

    @property  # type: ignore[misc]  # what isinstance is told: operands of one parameter are of one type
    def __class__(self) -> type:
        return type(self.sample)

    def __gt__(self, other: int) -> bool:
        return self._ask(">", other, lambda: self.sample > other)

    def __lt__(self, other: int) -> bool:
        return self._ask("<", other, lambda: self.sample < other)

    def _ask(self, sign: str, other: int, answer: Callable[[], bool]) -> bool:
        if type(other) is not int or type(self.sample) is not int or self.asked is None:
            self._value()
        found = answer()
        self.asked.append(f"{'' if found else 'not '}{self.source} {sign} {other}")
        return found

    def __rsub__(self, other: int) -> Place:
        if type(other) is not int or type(self.sample) is not int:
            self._value()
        return Place(f"({other} - {self.source})", other - self.sample)

    def _value(self, *_: object) -> NoReturn:
        raise TypeError("the operand is not there yet")

    __eq__ = __ne__ = __ge__ = __le__ = __hash__ = __bool__ = __str__ = __format__ = _value


def source_of(document: Any, parameters: list[Any]) -> str:
    """An expression that makes a document anew, places filled in; what is constant in it becomes a parameter ``c0``, ``c1``, .."""
    kind = type(document)
    if kind is Place:
        return f"[*{document.source}]" if type(document.sample) is list else str(document.source)
    if kind is dict:
        return f"{{{', '.join(f'{_constant(key, parameters)}: {source_of(value, parameters)}' for key, value in document.items())}}}"
    if kind is list:
        return f"[{', '.join(source_of(item, parameters) for item in document)}]"
    if isinstance(document, list | tuple | Mapping):
        raise TypeError(f"no part of a command: {kind.__name__}")
    return _constant(document, parameters)


def _constant(value: Any, parameters: list[Any]) -> str:
    place = next((place for place, other in enumerate(parameters) if other is value), len(parameters))
    if place == len(parameters):
        parameters.append(value)
    return f"c{place}"


def template(documents: Sequence[Any], given: Sequence[str], values: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function of the tuple of what is ``given``, the first a sequence of ``values``, that makes the documents."""
    parameters: list[Any] = []
    made = "".join(f"{source_of(document, parameters)}, " for document in documents)
    constants = "".join(f", c{place}" for place in range(len(parameters)))
    unpacked = f"[{''.join(f'{name}, ' for name in values)}], {', '.join(given[1:])} = given" if values else f"{', '.join(given)} = given"
    return function(f"def make(given{constants}):\n {unpacked}\n return {made}\n", parameters)


def condition(asked: Sequence[str], values: Sequence[str]) -> Callable[[Sequence[Any]], bool] | None:
    """Whether other values answer as the samples did; None where nothing was asked."""
    if not asked:
        return None
    return function(f"def holds(values):\n {''.join(f'{name}, ' for name in values)}= values\n return {' and '.join(asked)}\n", ())
