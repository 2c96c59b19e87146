"""The plain JSON value of a field, read at once: shortcuts in front of a slot's own reader, to which everything else is left.

Each gives exactly what the slot's reader would. ``{x}`` is the value, ``{read}`` that reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cubequery.check import Slot
from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.parse.body import check_value
from cubequery.values import INT64_MAX, INT64_MIN, Boolean, FieldType, Float, Integer, String

ONE: Mapping[type[FieldType], str] = {
    Integer: f"{{x}} if type({{x}}) is int and {INT64_MIN} <= {{x}} <= {INT64_MAX} else {{read}}({{x}})",
    Float: "{x} + 0.0 if type({x}) is float and {x} - {x} == 0 else {read}({x})",  # what is not finite is no number from itself
    String: "{x} if type({x}) is str and {x}.isascii() and '\\0' not in {x} else {read}({x})",
    Boolean: "{x} if type({x}) is bool else {read}({x})",
}
OTHER = "{read}({x})"


def json_reader(slot: Slot, level: int, limits: Limits) -> Callable[[Any], Any]:
    """A slot's own reader behind the checks that every value of a body passes. Objects, and what is read as null, are no plain values."""

    def read(value: Any) -> Any:
        if value is None or type(value) is dict:
            raise Refused("wrong_type")
        check_value(value, level, limits)
        if (found := slot.json(value)) is None:
            raise Refused("wrong_type")
        return found

    return read


def judging(slot: Slot, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader that also asks the options of the slot's field."""

    def read_judged(value: Any) -> Any:
        found = read(value)
        if slot.field is not None and (code := slot.field.type.judge(found)) is not None:
            raise Refused(code)
        return found

    return read_judged


def json_shortcut(slot: Slot) -> str:
    """The expression that reads one value of a slot's type, itself or the one element of its list."""
    condition = {"compare": slot.row, "pull": slot.extra}.get(slot.role)
    if slot.field is None or (condition is not None and condition.shape != "one") or slot.row.shape == "end":
        return OTHER  # a list of a condition may be one text; an end is no value of the field
    return ONE.get(type(slot.field.type.element), OTHER)
