"""Cursors of pages: the values of the last record shown, as an opaque text; read again, they are operands like any others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bson.codec_options import DatetimeConversion

from cubequery import errors
from cubequery.ast import After, Field, SortKey
from cubequery.errors import Refused, RequestError
from cubequery.ordering import BINARY, BOOL, DATE, MISSING, NULL, NUMBER, OBJECT_ID, STRING, type_class

if TYPE_CHECKING:
    from bson.json_util import JSONOptions

LONGEST = 4_096
"""Characters of a cursor; it must fit a query string beside everything else."""
SCALARS = frozenset({NULL, NUMBER, STRING, BINARY, OBJECT_ID, BOOL, DATE})
Order = Sequence[tuple[Field, bool]]
"""The fields of an order and whether each descends; ``_id`` is among them."""


def full_order(keys: Sequence[SortKey], names: Mapping[str, Field]) -> list[tuple[Field, bool]]:
    """The order of a list, with the ``_id`` that makes it a total one."""
    order = [(key.field, key.descending) for key in keys if isinstance(key.field, Field)]
    return order if any(field.path == "_id" for field, _ in order) else [*order, (names["_id"], False)]


def write_cursor(document: Mapping[str, Any], order: Order) -> str:
    """The cursor behind a stored document. Raises RequestError 422 where a value is too long, or of a kind no page can go on from."""
    values = [None if (value := _at(document, field.compared)) is MISSING else value for field, _ in order]
    if any(type_class(value) not in SCALARS for value in values):
        raise RequestError([errors.operator_type("_after", "the stored value", "_after")])
    from base64 import urlsafe_b64encode

    from bson.json_util import dumps

    text = dumps([_spelled(order), values], json_options=_options(), separators=(",", ":"))
    cursor = urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()
    if len(cursor) > LONGEST:
        raise RequestError([errors.plain("too_big", "_after")])
    return cursor


def read_cursor(text: str, order: Order) -> After:
    """The values of a cursor of this very order; ``""`` is the first page. Raises Refused for anything else."""
    if not text:
        return After()
    if len(text) > LONGEST or not text.isascii():
        raise Refused("wrong_type")
    from base64 import b64decode

    try:
        raw = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        spelled, values = json.loads(raw, object_hook=_value)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise Refused("wrong_type") from None
    sound = isinstance(values, list) and len(values) == len(order) and all(map(_is_scalar, values))
    if spelled != _spelled(order) or not sound:
        raise Refused("wrong_type")
    return After(tuple(values))


def _spelled(order: Order) -> list[str]:
    return [f"{'-' if descending else '+'}{field.name}" for field, descending in order]


@lru_cache(maxsize=1)
def _options() -> JSONOptions:
    """Every kind of value by its own name. Extended JSON is brought in with the first cursor: most processes see none."""
    from bson.json_util import JSONMode, JSONOptions

    return JSONOptions(json_mode=JSONMode.CANONICAL, tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_AUTO)


def _value(document: dict[str, Any]) -> Any:
    from bson.json_util import object_hook

    return object_hook(document, _options())


def _is_scalar(value: Any) -> bool:
    """Whether a value is one that was written; an integer that BSON cannot hold was not."""
    try:
        return type_class(value) in SCALARS and not (isinstance(value, int) and not -(2**63) <= value < 2**63)
    except TypeError:
        return False


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for part in path.split("."):
        value = value.get(part, MISSING) if isinstance(value, Mapping) else MISSING
    return value
