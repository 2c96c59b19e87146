"""A slot is what one parameter name of a class means and how its value is read; names are resolved once and remembered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from cubequery.ast import Field
from cubequery.errors import Fault, Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.operators import SearchOperator, UpdateOperator, read_circle
from cubequery.record import Record
from cubequery.values import FieldType, Huge, String

Read = Callable[[Any], Any]
_TEXT = String()


class BadName(Exception):
    """A name that means nothing here; ``part`` counts the part of the name that is at fault."""

    def __init__(self, part: int, fault: Fault) -> None:
        self.part, self.fault = part, fault


class Slot(Record, eq=False):
    """Meaning of a parameter name.

    ``role`` says what its value becomes, ``key`` what faults are reported under. ``text`` reads decoded text, ``json`` a JSON value;
    both raise Refused. Two parameters of one ``identity`` are a repetition: a ``union`` where the slot says so, else refused. Of two
    with one ``group`` but different identities, the second is a conflict (writes only). ``listed`` names end in ``[]``.
    """

    role: str
    key: str
    type_name: str
    text: Read
    json: Read
    identity: Hashable
    group: Hashable = None
    union: bool = False
    listed: bool = False
    field: Field | None = None
    row: Any = None
    extra: Any = None
    record: int | None = None


def too_many(items: Sequence[Any], limits: Limits) -> None:
    """One counter for every spelling of a list, before any element is cast."""
    if len(items) > limits.max_list_items:
        raise Refused("too_large")


def split_search(text: str) -> list[str]:
    """List text of a search (Custom Objects API, lists): commas split, one trailing comma falls away, ``[a, b]`` as Dart prints it."""
    if text[:1] == "[" and text[-1:] == "]" and len(text) > 1:
        inner = text[1:-1].split(",")
        return _trimmed([inner[0], *(part[1:] if part[:1] == " " else part for part in inner[1:])])
    return split_write(text)


def split_write(text: str) -> list[str]:
    """List text of a write body: commas split, one trailing comma falls away, brackets are text."""
    return _trimmed(text.split(","))


def _trimmed(items: list[str]) -> list[str]:
    return items[:-1] if items[-1] == "" else items


def each(items: Sequence[Any], read: Read) -> list[Any]:
    """Every element read; a refusal says which element it was."""
    result = []
    for place, item in enumerate(items):
        try:
            result.append(read(item))
        except Refused as refused:
            raise Refused(refused.code, place) from None
    return result


def null_text(read: Read, kind: FieldType, *, null: bool) -> Read:
    """Text reader in which ``null`` is null (and ``""`` too for a parent); refused where null is no value."""
    nulls = ("null", "") if kind.kind == "parent" else ("null",)

    def read_text(text: str) -> Any:
        if text in nulls:
            if null:
                return None
            raise Refused("wrong_type")
        return read(text)

    return read_text


def null_json(read: Read, kind: FieldType, *, null: bool) -> Read:
    """JSON reader in which only ``null`` is null (and ``""`` too for a parent); lists and objects are no scalars."""

    def read_json(value: Any) -> Any:
        if value is None or (value == "" and kind.kind == "parent"):
            if null:
                return None
            raise Refused("wrong_type")
        return read(value)

    return read_json


def value_readers(kind: FieldType, limits: Limits, *, null: bool) -> tuple[Read, Read]:
    """Readers of one value of a type, from text and from JSON."""
    # Under the default limits the type's own method is the reader: one call less for every value of every request.
    own = kind.read_text if limits is DEFAULT else lambda value: kind.read_text(value, limits)
    text = null_text(own, kind, null=null)
    return text, null_json(lambda value: kind.read_json(value, limits), kind, null=null)


def search_readers(row: SearchOperator, kind: FieldType, limits: Limits, *, listed: bool) -> tuple[Read, Read]:
    """How the operand of a search operator is read from text and from JSON, for a field of this type."""
    if row.shape == "literal":
        return _literal(limits), _literal_json(limits)
    if row.shape == "circle":
        return lambda text: read_circle(text, limits), lambda value: read_circle(_only_text(value), limits)
    own = kind.element
    text, json = value_readers(own, limits, null=row.null)
    if row.shape == "one":
        return text, json
    return list_readers(text, json, split_search, limits, listed=listed)


def list_readers(text: Read, json: Read, split: Callable[[str], list[str]], limits: Limits, *, listed: bool) -> tuple[Read, Read]:
    """Readers of a list of what ``text`` and ``json`` read; a name ending in ``[]`` gives one element, never split."""

    def read_text(value: str) -> list[Any]:
        items = split(value)
        too_many(items, limits)
        return each(items, text)

    def read_json(value: Any) -> list[Any]:
        if isinstance(value, list):
            too_many(value, limits)
            return each(value, json)
        return read_text(value) if isinstance(value, str) else [json(value)]

    return (lambda value: [text(value)]) if listed else read_text, read_json


def _literal(limits: Limits) -> Read:
    def read(text: str) -> str:
        if len(text) > limits.max_ctn_chars or len(text.encode()) > limits.max_ctn_bytes:
            raise Refused("too_big")
        return _TEXT.read_text(text, limits)

    return read


def _literal_json(limits: Limits) -> Read:
    read = _literal(limits)

    def read_json(value: Any) -> str:
        if value is None or isinstance(value, list | dict):
            raise Refused("wrong_type")
        return str(read(_TEXT.read_json(value, limits)))

    return read_json


def _only_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Refused("too_big" if isinstance(value, Huge) else "wrong_type")
    return value


Row = SearchOperator | UpdateOperator


def refusing(role: str, key: str, type_name: str, identity: Any, *, empty: bool = True) -> Slot:
    """A name that stands for an object of its own: nothing is read from it but, where ``empty`` is legal, the empty object."""

    def json(value: Any) -> None:
        if value != {} or not empty:
            raise Refused("wrong_type")

    def text(value: str) -> None:
        raise Refused("wrong_type")

    return Slot(role, key, type_name, text, json, identity)
