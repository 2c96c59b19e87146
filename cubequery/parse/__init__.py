"""Reading requests: the grammar and its reference reader, the fast path proven equal to it, strict JSON."""

from __future__ import annotations

from cubequery.ast import Request
from cubequery.check import CREATE, CREATE_MANY, CRITERIA, DEFAULTS, UPDATE, UPDATE_MANY, Settings
from cubequery.parse.body import read_json
from cubequery.parse.reader import DELETE, DELETE_IDS, FILE, LIST, RECORD, Reader
from cubequery.parse.sources import Sources
from cubequery.schema import ClassSchema
from cubequery.values import UNSET

__all__ = [
    "CREATE",
    "CREATE_MANY",
    "CRITERIA",
    "DELETE",
    "DELETE_IDS",
    "FILE",
    "LIST",
    "RECORD",
    "UPDATE",
    "UPDATE_MANY",
    "Reader",
    "Sources",
    "read_json",
    "reader_for",
    "reference_parse",
    "sources",
]

PLACES = (LIST, RECORD, DELETE, DELETE_IDS, UPDATE, CRITERIA, CREATE, CREATE_MANY, UPDATE_MANY, FILE)
_MOST_READERS = 64


def reader_for(schema: ClassSchema, settings: Settings = DEFAULTS, place: str = LIST) -> Reader:
    """The reader of a class in one place; it lives with the class, so what it remembers is never another class's."""
    reader = schema.memory.get((settings, place))
    if reader is None:
        if place not in PLACES:
            raise ValueError(f"place must be one of {', '.join(PLACES)}")
        if len(schema.memory) >= _MOST_READERS:
            schema.memory.clear()
        reader = schema.memory[settings, place] = Reader(schema, settings, place)
    return reader


def sources(query: object = "", *, form: object = "", json: object = UNSET) -> Sources:
    """What a request came in; a ``query`` that is no text is a decoded JSON body, null too, or all of it, put together before.

    Texts may be bytes as received: bytes that are no UTF-8 are kept apart and refused by the reader.
    """
    if isinstance(query, Sources) and not form and json is UNSET:
        return query
    if not isinstance(query, str | bytes) and json is UNSET:
        query, json = "", query
    return Sources(_text(query), _text(form), json)


def _text(given: object) -> str:
    if isinstance(given, bytes):
        return given.decode("utf-8", "surrogateescape")
    if not isinstance(given, str):
        raise TypeError("a query string or form is text or bytes")
    return given if type(given) is str else str.__str__(given)


def reference_parse(
    query: str | bytes,
    schema: ClassSchema,
    *,
    place: str = LIST,
    form: str | bytes = "",
    settings: Settings = DEFAULTS,
    admin: bool = False,
) -> Request:
    """The tree as Lark reads it over the whole request: the definition that the fast path must equal. Raises RequestError."""
    from cubequery.parse import reference

    return reader_for(schema, settings, place).read_slowly(sources(query, form=form), admin=admin, split=reference.read)
