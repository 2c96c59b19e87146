"""What the hand-written conditions fall back on where a stored value is not of the usual type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from bson import DatetimeMS, Decimal128, Regex

STATUSES = frozenset({"gold", "silver", "bronze"})
COLOURS = ("red", "blue")
TOKENS = ("*", "u47592", "gofficers", "gstaff")
VISITS = frozenset(range(0, 1000, 5))
SINCE, UNTIL = datetime(1970, 1, 1), datetime(1990, 1, 1)
_EPOCH = datetime(1970, 1, 1)


def _some(value: Any, test: Callable[[Any], bool]) -> bool:
    """MongoDB opens a stored array one level."""
    return any(map(test, value)) if type(value) is list else test(value)


def _number(value: Any) -> Any:
    """A stored number as Python compares it; None for NaN and for what is no number."""
    if isinstance(value, Decimal128):
        value = value.to_decimal()
        return None if value.is_nan() else value
    return value if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None


def _date(value: Any) -> Any:
    if isinstance(value, DatetimeMS):
        return int(value)
    return (value - _EPOCH).total_seconds() * 1000 if isinstance(value, datetime) else None


def above(value: Any, least: float) -> bool:
    """``$gt`` of a number."""
    return value is not None and _some(value, lambda each: (n := _number(each)) is not None and n > least)


def at_least(value: Any, least: float) -> bool:
    """``$gte`` of a number."""
    return value is not None and _some(value, lambda each: (n := _number(each)) is not None and n >= least)


def below(value: Any, most: float) -> bool:
    """``$lt`` of a number."""
    return value is not None and _some(value, lambda each: (n := _number(each)) is not None and n < most)


def is_number(value: Any, wanted: float) -> bool:
    """``$eq`` of a number."""
    return value is not None and _some(value, lambda each: _number(each) == wanted)


def is_one_number(value: Any, wanted: frozenset[int]) -> bool:
    """``$in`` of numbers."""
    return value is not None and _some(value, lambda each: _number(each) in wanted)


def is_text(value: Any, wanted: str) -> bool:
    """``$eq`` of a text."""
    return _some(value, lambda each: type(each) is str and each == wanted)


def is_one(value: Any, wanted: Iterable[str]) -> bool:
    """``$in`` of texts."""
    return value is not None and _some(value, lambda each: type(each) is str and each in wanted)


def is_true(value: Any) -> bool:
    """``$eq`` of true."""
    return _some(value, lambda each: each is True)


def has_text(value: Any, needle: str) -> bool:
    """``$regex`` of a plain text; a stored pattern is found by its own text."""
    return _some(value, lambda each: needle in each if type(each) is str else isinstance(each, Regex) and each == Regex(needle))


def not_before(value: Any, since: datetime) -> bool:
    """``$gte`` of a date."""
    return value is not None and _some(value, lambda each: (ms := _date(each)) is not None and ms >= _date(since))


def before(value: Any, until: datetime) -> bool:
    """``$lt`` of a date."""
    return value is not None and _some(value, lambda each: (ms := _date(each)) is not None and ms < _date(until))


def city_is(address: Any, wanted: str) -> bool:
    """``address.city`` where ``address`` is no document: an array of them, or nothing to look into."""
    return type(address) is list and any(type(each) is dict and is_text(each.get("city"), wanted) for each in address)
