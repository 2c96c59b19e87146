"""``ctn`` on numbers: the text that MongoDB makes of a number, compiled and decided."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from bson import Decimal128

from cubequery.ordering import NUMBER, type_class


def number_contains(path: str, needle: str) -> dict[str, Any]:
    """The total form: ``$isNumber`` in front, so that no stored value can make it raise; ``$literal`` keeps the text a text."""
    number = f"${path}"
    found = {"$gte": [{"$indexOfCP": [{"$toString": number}, {"$literal": needle}]}, 0]}
    return {"$expr": {"$cond": [{"$isNumber": number}, found, False]}}


def contains_number(needle: str) -> Callable[[Sequence[Any]], bool]:
    """The same decision on the value of the path, arrays unopened."""

    def decide(values: Sequence[Any]) -> bool:
        for value in values:  # noqa: SIM110 -- a plain loop: whole collections are searched this way
            if (type(value) is int or type_class(value) == NUMBER) and needle in number_text(value):
                return True
        return False

    return decide


def number_text(value: Any) -> str:
    """``$toString`` of MongoDB 6.0: integers in full, doubles as C ``%g`` with six significant digits."""
    if type(value) is int:
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return f"{value:g}" if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    return str(value) if isinstance(value, Decimal128) else str(int(value))
