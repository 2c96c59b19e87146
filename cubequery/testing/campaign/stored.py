"""Kinds of stored values, as campaigns count what their operators have met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from bson import Decimal128

from cubequery.ast import Field
from cubequery.testing.pools import FOREIGN
from cubequery.testing.values import Document
from cubequery.values import FieldType

ABSENT, NULL, OWN = "absent", "null", "own"
_MISSING = object()


def stored_kind(value: Any, kind: FieldType) -> str:
    """What a value is to a field of this type: its own, or the kind of BSON value that stands there instead."""
    if value is _MISSING:
        return ABSENT
    if value is None:
        return NULL
    if kind.owns(value):
        return OWN
    if isinstance(value, list):
        return "nested array" if any(isinstance(each, list) for each in value) else "array"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float | Decimal128):
        return "number"
    if isinstance(value, Mapping):
        return "document"
    return "date" if isinstance(value, dt.datetime) else "text" if isinstance(value, str) else "other"


def kind_at(document: Document, field: Field) -> str:
    """The kind of what a record stores of a field; an array on the way to a sub-field is told as such."""
    value: Any = document
    for part in field.path.split("."):
        if isinstance(value, list):
            return "array on the way"
        value = value.get(part, _MISSING) if isinstance(value, Mapping) else _MISSING
    return stored_kind(value, field.type)


def kinds_met(kind: FieldType) -> set[str]:
    """Every kind that records of a campaign can store under a field of this type."""
    return {ABSENT, NULL, OWN, *(stored_kind(each, kind) for each in FOREIGN)}


def present(fields: Iterable[Field], documents: Iterable[Document]) -> dict[str, dict[str, int]]:
    """By field name how many records store which kind."""
    listed = list(documents)
    found: dict[str, dict[str, int]] = {}
    for field in fields:
        kinds = found[field.name] = {}
        for document in listed:
            kind = kind_at(document, field)
            kinds[kind] = kinds.get(kind, 0) + 1
    return found
