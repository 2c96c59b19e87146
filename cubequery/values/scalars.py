"""Integer, Float, String, Boolean: the exact texts and JSON values each accepts."""

from __future__ import annotations

import math
import re
from typing import Any

from bson import Int64

from cubequery.errors import Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.values.base import FieldType, short

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
_SURELY = 18
"""So many digits always fit 64 bits."""
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SCALAR = frozenset({"required", "default", "stored", "choices"})


class Number(FieldType):
    """What Integer and Float share: bounds and choices."""

    takes = _SCALAR | {"minimum", "maximum"}

    def judge(self, value: Any) -> str | None:
        if self.choices is not None and value not in [self.read_json(choice) for choice in self.choices]:
            return "choice"
        low, high = self.minimum, self.maximum
        if (low is not None and value < self.read_json(low)) or (high is not None and value > self.read_json(high)):
            return "out_of_range"
        return None


class Integer(Number):
    """64-bit integer. Text ``-?(0|[1-9][0-9]*)``; JSON integers; never ``41.0``, ``1e3``, ``true``."""

    name, kind, bson = "Integer", "Integer", ("int", "long")
    same = frozenset({int, type(None)})

    def read_text(self, text: str, limits: Limits = DEFAULT) -> int:
        if (
            text.isdigit()
            and text.isascii()
            and (text[0] != "0" or len(text) == 1)
            and len(text) <= _SURELY
            and len(text) <= limits.max_scalar_chars
        ):
            return int(text)
        if _INTEGER.fullmatch(short(text, limits.max_scalar_chars)) is None:
            raise Refused("wrong_type")
        return whole(text)

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> int:
        if type(value) is int:
            return _bounded(value)
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def owns(self, stored: Any) -> bool:
        return type(stored) in (int, Int64)

    def show(self, stored: Any) -> int:
        return int(stored)


def whole(text: str) -> int:
    """A decimal text as an integer of 64 bits; a longer one is not even converted. Raises Refused ``out_of_range``."""
    if len(text) > len(str(INT64_MIN)):
        raise Refused("out_of_range")
    return _bounded(int(text))


def _bounded(value: int) -> int:
    if not INT64_MIN <= value <= INT64_MAX:
        raise Refused("out_of_range")
    return value


class Float(Number):
    """Finite double. JSON numbers, or text of that form; ``-0`` becomes ``0``."""

    name, kind, bson = "Float", "Float", ("int", "long", "double")

    def read_text(self, text: str, limits: Limits = DEFAULT) -> float:
        plain = text.isascii() and text.replace(".", "", 1).isdigit() and text >= "1" and text[-1] != "."
        if plain and len(text) <= min(_SURELY, limits.max_scalar_chars):
            return float(text)
        if _NUMBER.fullmatch(short(text, limits.max_scalar_chars)) is None:
            raise Refused("wrong_type")
        return _finite(text)

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> float:
        if type(value) in (int, float):
            return _finite(value)
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def owns(self, stored: Any) -> bool:
        return type(stored) in (float, int, Int64) and math.isfinite(stored)

    def show(self, stored: Any) -> float:
        return int(stored) if type(stored) is Int64 else stored

    def print(self, operand: Any) -> str:
        return repr(operand)


def _finite(value: str | float) -> float:
    try:
        number = float(value)
    except OverflowError:
        raise Refused("out_of_range") from None
    if not math.isfinite(number):
        raise Refused("out_of_range")
    return number + 0.0  # -0.0 + 0.0 is 0.0


class String(FieldType):
    """Text without NUL. JSON integers, floats and booleans are read as their JSON text."""

    name, kind, bson = "String", "String", ("string",)
    same = frozenset({str, type(None)})
    takes = _SCALAR | {"max_length"}

    def read_text(self, text: str, limits: Limits = DEFAULT) -> str:
        if "\0" in text:
            raise Refused("wrong_type")
        return text

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> str:
        if type(value) is bool:
            return "true" if value else "false"
        if type(value) in (int, float):
            return repr(value)
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def owns(self, stored: Any) -> bool:
        return type(stored) is str

    def judge(self, value: Any) -> str | None:
        if self.choices is not None and value not in [self.read_json(choice) for choice in self.choices]:
            return "choice"
        return "too_big" if self.max_length is not None and len(value) > self.max_length else None


class Boolean(FieldType):
    """``true`` ``false`` ``1`` ``0``, as text or JSON."""

    name, kind, bson = "Boolean", "Boolean", ("bool",)
    same = frozenset({bool, type(None)})
    _texts = {"true": True, "false": False, "1": True, "0": False}  # noqa: RUF012 -- a constant table, never written

    def read_text(self, text: str, limits: Limits = DEFAULT) -> bool:
        found = self._texts.get(short(text, limits.max_scalar_chars))
        if found is None:
            raise Refused("wrong_type")
        return found

    def read_json(self, value: Any, limits: Limits = DEFAULT) -> bool:
        if type(value) is bool:
            return value
        if type(value) is int and value in (0, 1):
            return bool(value)
        return super().read_json(value, limits)  # type: ignore[no-any-return]  # the base speaks of any type

    def owns(self, stored: Any) -> bool:
        return type(stored) is bool

    def print(self, operand: Any) -> str:
        return "true" if operand else "false"
