"""Operands of a host's filter: values of any BSON type, patterns that stand for plain texts, circles."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import Decimal128, Regex

from cubequery.errors import DefinitionError
from cubequery.operators import Circle
from cubequery.operators.near import EARTH
from cubequery.ordering import ARRAY, DOCUMENT, NULL, NUMBER, type_class
from cubequery.values import INT64_MAX, INT64_MIN

DEPTH: Final = 180
"""Levels of documents and arrays in the compiled filter; MongoDB itself ends at 200, and the filter is not alone in its query."""
PATTERN_BYTES: Final = 30_000
"""Longest escaped pattern; a little above, MongoDB finds it too large."""
PATTERNS: Final = (re.Pattern, Regex)

# In PCRE as in Python, a backslash before anything but a letter or a digit escapes it.
_LITERAL = re.compile(r"(\^?)((?:[^.^$*+?{}\[\]|()\\\0]|\\[^0-9A-Za-z\0])*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NO_FLAGS = (0, re.UNICODE)
"""Python's own patterns always say UNICODE, which changes nothing for a literal."""


def wrong(problem: str) -> DefinitionError:
    """The error for one thing that is refused."""
    return DefinitionError([problem])


def check_depth(depth: int) -> None:
    """Raises DefinitionError below the deepest level."""
    if depth > DEPTH:
        raise wrong(f"nested deeper than {DEPTH} levels")


def check_text(text: str) -> None:
    """Raises DefinitionError for a text that BSON cannot hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise wrong("a text holds half a surrogate pair") from None


def read_value(value: Any, depth: int) -> Any:
    """A copy of a BSON value; DefinitionError for what BSON does not hold."""
    check_depth(depth)
    try:
        kind = type_class(value)
    except TypeError:
        raise wrong(f"{type(value).__name__} is no BSON type") from None
    if kind == ARRAY:
        return [read_value(item, depth + 1) for item in value]
    if kind == DOCUMENT and isinstance(value, Mapping):
        return {_key(key): read_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        raise wrong("an integer is beyond 64 bits")
    return value


def _key(key: Any) -> str:
    if not isinstance(key, str) or "\0" in key:
        raise wrong("a key of a document must be a text without NUL")
    check_text(key)
    return key


def read_one(operator: str, operand: Any, depth: int) -> Any:
    """One value. A pattern is compared for equality only, with stored patterns."""
    if isinstance(operand, re.Pattern) or (isinstance(operand, Regex) and operator != "$eq"):
        raise wrong(f"{operator} takes no pattern")
    return read_value(operand, depth)


def read_list(operator: str, operand: Any, depth: int) -> list[Any]:
    """A list of values; MongoDB would run a pattern among them, and refuses operators."""
    if not isinstance(operand, list | tuple):
        raise wrong(f"{operator} needs a list")
    for item in operand:
        if isinstance(item, PATTERNS):
            raise wrong(f"{operator} takes no pattern")
        if isinstance(item, Mapping) and str(next(iter(item), "")).startswith("$"):
            raise wrong(f"{operator} takes no operators")
    return [read_value(item, depth + 1) for item in operand]


def read_truth(operator: str, operand: Any, depth: int) -> bool:
    """False for 0, false and null, true for any other value, as MongoDB reads it."""
    kind = type_class(read_value(operand, depth))
    if kind == NUMBER:
        return bool((operand.to_decimal() if isinstance(operand, Decimal128) else operand) != 0)
    return kind != NULL and operand is not False


OPERANDS: Mapping[str, Callable[[str, Any, int], Any]] = {"$in": read_list, "$nin": read_list, "$all": read_list, "$exists": read_truth}


def read_literal(pattern: Any, options: Any) -> tuple[bool, str]:
    """Whether a pattern is anchored, and the text it stands for. DefinitionError for options and any other pattern."""
    if isinstance(pattern, PATTERNS):
        if pattern.flags not in _NO_FLAGS:
            raise wrong("$regex takes no options")
        pattern = pattern.pattern
    if options != "":
        raise wrong("$regex takes no options")
    found = _LITERAL.fullmatch(pattern) if isinstance(pattern, str) else None
    if found is None:
        raise wrong("$regex takes an escaped literal only")
    literal = _ESCAPED.sub(r"\1", found[2])
    check_text(literal)
    if len(re.escape(literal).encode()) > PATTERN_BYTES:
        raise wrong(f"$regex is longer than {PATTERN_BYTES} bytes")
    return bool(found[1]), literal


def read_circle(operand: Any) -> Circle:
    """The circle of ``{"$centerSphere": [[longitude, latitude], radians]}``."""
    if not isinstance(operand, Mapping) or list(operand) != ["$centerSphere"]:
        raise wrong("$geoWithin needs $centerSphere alone")
    point, radius = _pair(operand["$centerSphere"])
    lng, lat = map(_number, _pair(point))
    radians = _number(radius)
    if not (-180 <= lng <= 180 and -90 <= lat <= 90 and radians >= 0):
        raise wrong("$centerSphere is out of range")
    return Circle(lng, lat, _metres(radians))


def _pair(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise wrong("$centerSphere needs [[longitude, latitude], radians]")
    return value


def _number(value: Any) -> float:
    if type_class(value) != NUMBER:
        raise wrong("$centerSphere needs numbers")
    return float(value.to_decimal() if isinstance(value, Decimal128) else value)


def _metres(radians: float) -> float:
    """The radius in metres that, divided again, gives the same radians; where no double does, the nearest."""
    metres = radians * EARTH
    near = (metres, math.nextafter(metres, 0.0), math.nextafter(metres, math.inf))
    return min(near, key=lambda candidate: abs(candidate / EARTH - radians))
