"""Calculations over groups: THE place to add one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from cubequery.record import Record
from cubequery.values import INT64_MAX, INT64_MIN

Number = int | float


class Calculation(Record):
    """One calculation: ``accumulator`` is MongoDB's name, ``decide`` the same over the group's own values, unset ones left out."""

    name: str
    accumulator: str
    decide: Callable[[Sequence[Number]], Number | None]
    sentence: str
    kinds: tuple[str, ...] = ("Integer", "Float", "user")

    def compile(self, value: Any) -> dict[str, Any]:
        """The accumulator over an expression that is null for unset and foreign values."""
        return {self.accumulator: value}

    def __repr__(self) -> str:
        return f"<Calculation {self.name}>"


def _two(a: float, b: float) -> tuple[float, float]:
    """The sum of two doubles and what rounding lost."""
    total = a + b
    back = total - a
    return total, (a - (total - back)) + (b - back)


def add(values: Sequence[Number]) -> Number:
    """MongoDB's own sum: integers exactly (past 64 bits a double), doubles compensated bit for bit as the server does."""
    if all(isinstance(value, int) for value in values):
        whole = sum(values)
        return whole if INT64_MIN <= whole <= INT64_MAX else float(whole)
    total = rest = special = 0.0
    for value in map(float, values):
        special += value
        part, lost = _two(value, rest)
        total, rest = _two(total, part)
        rest += lost
    return special if math.isnan(total) else total


def _average(values: Sequence[Number]) -> float | None:
    if not values:
        return None
    if all(isinstance(value, int) for value in values):
        return float(sum(values)) / len(values)
    return float(add(values)) / len(values)


CALCULATIONS: tuple[Calculation, ...] = (
    Calculation("avg", "$avg", _average, "the average of {field}"),
    Calculation("max", "$max", lambda values: max(values, default=None), "the greatest {field}"),
    Calculation("min", "$min", lambda values: min(values, default=None), "the smallest {field}"),
    Calculation("sum", "$sum", add, "the sum of {field}"),
)

CALC: dict[str, Calculation] = {row.name: row for row in CALCULATIONS}
GROUP_KINDS = ("Integer", "Float", "String", "Boolean", "user", "user_text", "parent")
"""Field types that ``group_by`` takes."""
