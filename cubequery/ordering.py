"""MongoDB's order and equality of stored values: by class of type first, then by value.

Every rule was compared with a real server (MongoDB 6.0). Python alone would be wrong in the places that matter: ``True == 1``,
``nan != nan``, and documents whose keys stand in another order.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

from bson import Binary, Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp


class Missing:
    """The one value of a path that leads nowhere; apart from a stored null only for ``$exists``."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()

NULL, NUMBER, STRING, DOCUMENT, ARRAY, BINARY, OBJECT_ID, BOOL, DATE = 5, 10, 15, 20, 25, 30, 35, 40, 45

_CLASSES: dict[type, int] = {
    MinKey: -1, type(None): NULL, Missing: NULL, int: NUMBER, float: NUMBER, Int64: NUMBER, Decimal128: NUMBER, str: STRING, dict: DOCUMENT,
    list: ARRAY, tuple: ARRAY, bytes: BINARY, Binary: BINARY, ObjectId: OBJECT_ID, bool: BOOL, dt.datetime: DATE, DatetimeMS: DATE,
    Timestamp: 47, Regex: 50, DBRef: DOCUMENT, MaxKey: 127,
}  # fmt: skip

_ALIASES: dict[int, str] = {
    -1: "minKey", NULL: "null", STRING: "string", DOCUMENT: "object", ARRAY: "array", BINARY: "binData", OBJECT_ID: "objectId",
    BOOL: "bool", DATE: "date", 47: "timestamp", 50: "regex", 60: "javascript", 65: "javascriptWithScope", 127: "maxKey",
}  # fmt: skip
_INT32 = range(-(2**31), 2**31)

_EPOCH = dt.datetime(1970, 1, 1)
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


def type_class(value: object) -> int:
    """Rank of the value's class of types; values of two classes never meet in a range, and sort by this rank."""
    found = _CLASSES.get(type(value))
    if found is None:
        found = _inherited(value)
    return found


def _inherited(value: object) -> int:
    """Subclasses (SON, an application's own str) count as what they are stored as."""
    if isinstance(value, Mapping):
        return DOCUMENT
    if isinstance(value, Code):
        return 60 if value.scope is None else 65
    for base in type(value).__mro__:
        if base in _CLASSES:
            return _CLASSES[base]
    raise TypeError(f"no BSON value: {type(value).__name__}")


def stored_type(value: object) -> str:
    """MongoDB's own name for the type of a stored value."""
    kind = type_class(value)
    if kind != NUMBER:
        return _ALIASES[kind]
    if isinstance(value, float | Decimal128):
        return "double" if isinstance(value, float) else "decimal"
    return "long" if isinstance(value, Int64) or value not in _INT32 else "int"


def milliseconds(value: dt.datetime | DatetimeMS) -> int:
    """A stored date as MongoDB keeps it: whole milliseconds, cut down; a date without zone is UTC."""
    if isinstance(value, DatetimeMS):
        return int(value)
    return (value - (_EPOCH if value.tzinfo is None else _EPOCH_UTC)) // _MILLISECOND


def is_nan(value: object) -> bool:
    """Whether a number of any stored type is NaN."""
    if isinstance(value, float):
        return value != value
    return isinstance(value, Decimal128) and value.to_decimal().is_nan()


def _number(value: Any) -> Any:
    return value.to_decimal() if isinstance(value, Decimal128) else value


def compare_numbers(left: Any, right: Any) -> int:
    """By exact value; NaN equals NaN and is below every other number."""
    if is_nan(left) or is_nan(right):
        return is_nan(right) - is_nan(left)
    left, right = _number(left), _number(right)
    if isinstance(left, float) and isinstance(right, Decimal):
        left = _decimal(left)
    elif isinstance(right, float) and isinstance(left, Decimal):
        right = _decimal(right)
    return int(left > right) - int(left < right)


def _decimal(value: float) -> Decimal:
    return Decimal(value) if math.isfinite(value) else Decimal(str(value))


def _plain(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _documents(left: Any, right: Any) -> int:
    """Key by key in stored order: class of type, then key, then value; the shorter one is smaller."""
    a, b = list(_pairs(left)), list(_pairs(right))
    for (name, value), (other, against) in zip(a, b, strict=False):
        found = _plain(type_class(value), type_class(against)) or _plain(name.encode(), other.encode()) or compare(value, against)
        if found:
            return found
    return _plain(len(a), len(b))


def _pairs(document: Any) -> Any:
    return (document.as_doc() if isinstance(document, DBRef) else document).items()


def _arrays(left: Any, right: Any) -> int:
    for a, b in zip(left, right, strict=False):
        found = compare(a, b)
        if found:
            return found
    return _plain(len(left), len(right))


def _binary(left: bytes, right: bytes) -> int:
    a, b = getattr(left, "subtype", 0), getattr(right, "subtype", 0)
    return _plain((len(left), a, bytes(left)), (len(right), b, bytes(right)))


def _same(left: object, right: object) -> int:
    return 0


_WITHIN: dict[int, Callable[[Any, Any], int]] = {
    -1: _same, NULL: _same, 127: _same, NUMBER: compare_numbers, STRING: _plain, DOCUMENT: _documents, ARRAY: _arrays, BINARY: _binary,
    OBJECT_ID: _plain, BOOL: _plain, DATE: lambda a, b: _plain(milliseconds(a), milliseconds(b)),
    47: lambda a, b: _plain((a.time, a.inc), (b.time, b.inc)), 50: lambda a, b: _plain((a.pattern, a.flags), (b.pattern, b.flags)),
    60: lambda a, b: _plain(str(a), str(b)), 65: lambda a, b: _plain(str(a), str(b)) or _documents(a.scope, b.scope),
}  # fmt: skip


def compare(left: object, right: object) -> int:
    """-1, 0 or 1: MongoDB's total order of two values (arrays as whole values, not by element)."""
    a, b = type_class(left), type_class(right)
    return _plain(a, b) or _WITHIN[a](left, right)


def equal(left: object, right: object) -> bool:
    """Whether two values are the same to ``$eq``, ``$in``, ``$pull`` and ``$addToSet``."""
    a = type_class(left)
    return a == type_class(right) and _WITHIN[a](left, right) == 0


in_order = cmp_to_key(compare)
"""Key function for ``sorted``: MongoDB's order of whole values."""
