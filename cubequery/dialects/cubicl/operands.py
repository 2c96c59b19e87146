"""How operands are read from the text of a query string; each reader raises Refused with a code that says what is wrong."""

from __future__ import annotations

import re
from typing import Any

from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.values import FieldType, short

IDS, TIMES = frozenset({"id", "parent", "user", "user_text"}), frozenset({"Date", "time"})
_SECONDS, _NATURAL = re.compile(r"-?[0-9]+", re.ASCII), re.compile(r"[0-9]+", re.ASCII)
_SWITCH = {"true": True, "false": False}


def read_value(text: str, kind: FieldType, limits: Limits) -> Any:
    """One value of a field's type. What cannot be an id is ``wrong_type`` whatever is wrong with it; a time is Unix seconds."""
    if not text:
        raise Refused("wrong_type")
    if kind.kind in TIMES:
        return read_seconds(text, kind, limits)
    try:
        return kind.element.read_text(text, limits)
    except Refused:
        if kind.kind in IDS:
            raise Refused("wrong_type") from None
        raise


def read_seconds(text: str, kind: FieldType, limits: Limits) -> Any:
    """Whole Unix seconds: digits with an optional minus. Outside the years 1 to 9999 ``out_of_range``."""
    if _SECONDS.fullmatch(short(text, limits.max_scalar_chars)) is None:
        raise Refused("wrong_type")
    return kind.read_json(int(text), limits)


def read_literal(text: str, limits: Limits) -> str:
    """A text to be searched for, as it is; never empty."""
    if not text or "\0" in text:
        raise Refused("wrong_type")
    if len(text) > limits.max_ctn_chars or len(text.encode()) > limits.max_ctn_bytes:
        raise Refused("too_big")
    return text


def read_list(text: str, limits: Limits) -> list[str]:
    """Elements between commas, one comma at the end allowed; none may be empty."""
    items = text.removesuffix(",").split(",")
    if len(items) > limits.max_list_items:
        raise Refused("too_large")
    if not all(items):
        raise Refused("wrong_type")
    return items


def read_natural(text: str, limits: Limits) -> int:
    """Digits only."""
    if _NATURAL.fullmatch(short(text, limits.max_scalar_chars)) is None:
        raise Refused("wrong_type")
    return int(text)


def read_switch(text: str) -> bool:
    """Exactly ``true`` or ``false``."""
    if text not in _SWITCH:
        raise Refused("wrong_type")
    return _SWITCH[text]
