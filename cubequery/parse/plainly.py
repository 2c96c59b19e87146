"""The plain spelling of a value, read at once: shortcuts in front of a slot's own reader, to which everything else is left.

Each takes text as received that is ASCII without NUL, and gives exactly what the slot's reader would of the decoded text. ``{x}`` is the
text, ``{read}`` that reader behind the decoder, ``{most}`` the bound of the operand. A shortcut tells by itself that nothing is escaped.
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
from cubequery.parse.escapes import decode
from cubequery.values import INT64_MAX, Boolean, Date, FieldType, Float, Integer, ObjectIdType, String, Time

Read = Callable[[str], Any]
_PLAIN_CHARS, _DATE_CHARS = 40, 20
"""Characters that the shortcuts of values take: of numbers 18 digits, which always fit 64 bits, of a date those of a second in UTC."""

_UNESCAPED = "'%' not in {x} and '+' not in {x}"
_DECIMAL = "{x}.replace('.', '', 1).isdigit() and ({x} >= '1' or {x}[:2] == '0.') and {x}[-1] != '.' and len({x}) < 19"
_DIGITS = "{x}.isdigit() and ({x} >= '1' or {x} == '0') and len({x}) < 19"
ONE: Mapping[type[FieldType], str] = {
    Integer: f"int({{x}}) if {_DIGITS} else {{read}}({{x}})",
    Float: f"float({{x}}) if {_DECIMAL} else {{read}}({{x}})",
    String: f"{{x}} if {_UNESCAPED} and {{x}} != 'null' else {{read}}({{x}})",
    Boolean: "True if {x} == 'true' or {x} == '1' else False if {x} == 'false' or {x} == '0' else {read}({x})",
}
LIST_OF_ONE = f"[int({{x}})] if {_DIGITS} else {{read}}({{x}})"
LITERAL = f"{{x}} if {_UNESCAPED} and len({{x}}) <= {{most}} else {{read}}({{x}})"
_FEW = "(len({x}) < {most} or {x}.count(',') < {most})"
_PLAIN_LIST = f"{_UNESCAPED} and {{x}} and {{x}}[-1] not in ',]' and 'null' not in {{x}} and {_FEW}"
LIST_OF_TEXTS = f"{{x}}.split(',') if {_PLAIN_LIST} else {{read}}({{x}})"
SKIP = f"n if {_DIGITS} and (n := int({{x}})) <= {{most}} else {{read}}({{x}})"
LIMIT = f"n if {{x}} != '0' and {_DIGITS} and (n := int({{x}})) <= {{most}} else {{read}}({{x}})"
"""Of paging: numbers that are not above their bound."""
FLAG = "True if {x} == '1' else {read}({x})"
NAME = "{read}[{x}] if {x} in {read} else {most}({x})"
"""Of an order: a field by its name, with the reader behind the decoder in the place of a bound."""
DATE = "{most}({x}[:19]) if {x}[4::3] == '--T::Z' and len({x}) == 20 else {read}({x})"
"""``YYYY-MM-DDThh:mm:ssZ``, read in the place of a bound; ValueError says all else that could stand between these signs."""
OTHER = "{read}({x})"
_DIGITS_AND_COMMA = b"0123456789,"
_JSON = JSONDecoder().decode


def received(read: Read) -> Read:
    """A reader of decoded text as one of text as received. Raises Unreadable and UnicodeError besides."""

    def read_received(text: str) -> Any:
        return read(decode(text) if "%" in text or "+" in text else text)

    return read_received


def roomy(limits: Limits) -> bool:
    """Whether the bounds of a value leave room for all that a shortcut takes, so that it needs not ask for them."""
    return limits.max_scalar_chars >= _PLAIN_CHARS and limits.max_date_chars >= _DATE_CHARS


def shortcut(slot: Slot, limits: Limits) -> tuple[str, Read, Any]:
    """The expression that reads a criterion's value, the reader it falls back to, and its bound."""
    read = received(slot.text)
    kind = slot.field.type.element if slot.field is not None else None
    if slot.role != "compare" or slot.listed or kind is None or not roomy(limits):
        return OTHER, read, 0
    shape, own = slot.row.shape, type(kind)
    if shape == "one" and own in ONE:
        return ONE[own], read, 0
    if shape == "literal":
        return LITERAL, read, min(limits.max_ctn_chars, limits.max_ctn_bytes)
    if shape == "list" and own is String:
        return LIST_OF_TEXTS, read, limits.max_list_items
    if shape == "list" and own is Integer:
        return LIST_OF_ONE, _integers(read, limits.max_list_items), 0
    if shape == "circle":
        return OTHER, _circle(read), 0
    if shape == "one" and own in (Date, Time):
        return DATE, _date(read), dt.datetime.fromisoformat
    if shape == "one" and own is ObjectIdType:
        return OTHER, _object_id(read), 0
    return OTHER, read, 0


def _integers(read: Read, most: int) -> Read:
    """Digits and single commas, which are JSON's own integers; a list with anything else in it is read by its own reader."""
    decode_list = integer_decoder()

    def read_integers(text: str) -> Any:
        # All that a list of integers may have beside digits and commas; fractions and exponents make no integers.
        if "-" in text or " " in text or "\t" in text or "\n" in text or "\r" in text:
            return read(text)
        try:
            found = decode_list(f"[{text}]")
        except ValueError:
            return read(text)
        return found if len(found) <= most else read(text)

    return read_integers


def integer_decoder() -> Callable[[str], list[int]]:
    """From a JSON list to integers of 64 bits, with msgspec where it is installed. The decoder raises ValueError for any other list."""
    try:
        from msgspec import Meta
        from msgspec.json import Decoder
    except ImportError:
        return _integers_of_json
    return Decoder(list[Annotated[int, Meta(le=INT64_MAX)]]).decode


def _integers_of_json(text: str) -> list[int]:
    if text[1:-1].encode().translate(None, _DIGITS_AND_COMMA):
        raise ValueError("not of integers alone")
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
    """``YYYY-MM-DD``."""
    from_iso = dt.datetime.fromisoformat

    def read_date(text: str) -> Any:
        if len(text) == 10 and text[4:8:3] == "--":
            try:
                return from_iso(text)
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
