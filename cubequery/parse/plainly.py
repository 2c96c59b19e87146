"""The plain spelling of a value, read at once: shortcuts in front of a slot's own reader, to which everything else is left.

Each takes text as received that is ASCII without escapes and NUL, and gives exactly what the slot's reader would. ``{x}`` is the text,
``{read}`` that reader, ``{most}`` the bound of the operand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from json import JSONDecoder
from typing import Annotated, Any

from bson import ObjectId

from cubequery.check import Slot
from cubequery.limits import Limits
from cubequery.operators import Circle
from cubequery.values import INT64_MAX, Boolean, Date, FieldType, Float, Integer, ObjectIdType, String, Time

Read = Callable[[str], Any]
DIGITS = 18
"""So many digits always fit 64 bits; a shortcut takes no longer number."""

_DIGITS = "{x}.isdigit() and {x} >= '1' and len({x}) < 19"
ONE: Mapping[type[FieldType], str] = {
    Integer: f"int({{x}}) if {_DIGITS} else {{read}}({{x}})",
    Float: "float({x}) if {x}.replace('.', '', 1).isdigit() and {x} >= '1' and {x}[-1] != '.' and len({x}) < 19 else {read}({x})",
    String: "{x} if {x} != 'null' else {read}({x})",
    Boolean: "True if {x} == 'true' or {x} == '1' else False if {x} == 'false' or {x} == '0' else {read}({x})",
}
LIST_OF_ONE = f"[int({{x}})] if {_DIGITS} else {{read}}({{x}})"
LITERAL = "{x} if len({x}) <= {most} else {read}({x})"
_FEW = "(len({x}) < {most} or {x}.count(',') < {most})"
LIST_OF_TEXTS = f"{{x}}.split(',') if {{x}}[-1:] not in ',]' and 'null' not in {{x}} and {_FEW} else {{read}}({{x}})"
NUMBER = f"n if {_DIGITS} and (n := int({{x}})) <= {{most}} else {{read}}({{x}})"
"""Of paging: a number that is not above its bound."""
FLAG = "True if {x} == '1' else {read}({x})"
OTHER = "{read}({x})"
_DIGITS_AND_COMMA = b"0123456789,"
_JSON = JSONDecoder().decode


def shortcut(slot: Slot, limits: Limits) -> tuple[str, Read, int]:
    """The expression that reads a criterion's value, the reader it falls back to, and its bound."""
    kind = slot.field.type.element if slot.field is not None else None
    if slot.role != "compare" or slot.listed or kind is None or limits.max_scalar_chars < DIGITS:
        return OTHER, slot.text, 0
    shape, own = slot.row.shape, type(kind)
    if shape == "one" and own in ONE:
        return ONE[own], slot.text, 0
    if shape == "literal" and min(limits.max_ctn_chars, limits.max_ctn_bytes) > 0:
        return LITERAL, slot.text, min(limits.max_ctn_chars, limits.max_ctn_bytes)
    if shape == "list" and own is String:
        return LIST_OF_TEXTS, slot.text, limits.max_list_items
    if shape == "list" and own is Integer:
        return LIST_OF_ONE, _integers(slot.text, limits.max_list_items), 0
    if shape == "circle" and limits.max_scalar_chars > 2 * DIGITS:
        return OTHER, _circle(slot.text), 0
    if shape == "one" and own in _FIXED:
        return OTHER, _FIXED[own](slot.text), 0
    return OTHER, slot.text, 0


def paging(read: Read, bound: int) -> tuple[str, Read, int]:
    """The same for a number that is not above ``bound``."""
    return NUMBER, read, bound


def _integers(read: Read, most: int) -> Read:
    """Digits and single commas, which are JSON's own integers; a list with anything else in it is read by its own reader."""
    decode = integer_decoder()

    def read_integers(text: str) -> Any:
        if text.encode().translate(None, _DIGITS_AND_COMMA):
            return read(text)
        try:
            found = decode(f"[{text}]")
        except ValueError:
            return read(text)
        return found if len(found) <= most else read(text)

    return read_integers


def integer_decoder() -> Callable[[str], list[int]]:
    """From a JSON list of digits to integers of 64 bits, with msgspec where it is installed. The decoder raises ValueError."""
    try:
        from msgspec import Meta
        from msgspec.json import Decoder
    except ImportError:
        return _integers_of_json
    return Decoder(list[Annotated[int, Meta(le=INT64_MAX)]]).decode


def _integers_of_json(text: str) -> list[int]:
    found: list[int] = _JSON(text)
    if max(found, default=0) > INT64_MAX:
        raise ValueError("more than 64 bits")
    return found


def _object_id(read: Read) -> Read:
    def read_id(text: str) -> Any:
        if len(text) == 24 and text.isalnum():
            try:
                return ObjectId(bytes.fromhex(text))
            except ValueError:  # no hex digits: its own reader says so
                return read(text)
        return read(text)

    return read_id


def _date(read: Read) -> Read:
    """``YYYY-MM-DD`` and ``YYYY-MM-DDThh:mm:ssZ``."""
    from_iso = dt.datetime.fromisoformat

    def read_date(text: str) -> Any:
        plain = len(text) == 20 and text[10::3] == "T::Z"
        if (plain or len(text) == 10) and text[4:8:3] == "--":
            try:
                return from_iso(text[:19])
            except ValueError:
                return read(text)
        return read(text)

    return read_date


def _circle(read: Read) -> Read:
    """Numbers without exponents, of no more digits than any bound has."""
    whole, fraction = "(-?(?:0|[1-9][0-9]{0,%d})", r"(?:\.[0-9]{1,12})?)"
    match = re.compile(f"{whole % 2}{fraction},{whole % 1}{fraction};{whole % 8}(?:\\.[0-9]{{1,6}})?)").fullmatch

    def read_circle(text: str) -> Any:
        found = match(text)
        if found is None:
            return read(text)
        lng, lat, radius = map(float, found.groups())
        if -180 <= lng <= 180 and -90 <= lat <= 90 and radius >= 0:
            return Circle(lng + 0.0, lat + 0.0, radius + 0.0)  # -0.0 + 0.0 is 0.0
        return read(text)

    return read_circle


_FIXED: Mapping[type[FieldType], Callable[[Read], Read]] = {ObjectIdType: _object_id, Date: _date, Time: _date}
