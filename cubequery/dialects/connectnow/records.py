"""Records as the dialect shows them: every field, unset ones as null, dates with six digits, then counts, then related records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from cubequery.ast import Field
from cubequery.dialects.cubicl.operands import TIMES
from cubequery.ordering import MISSING, milliseconds
from cubequery.schema import ClassSchema
from cubequery.schema.relations import Relation
from cubequery.translate.render import own_name, stored_value

_EPOCH = dt.datetime(1970, 1, 1)
SYSTEM = ("user_id", "created_at", "updated_at")
Document = Mapping[str, Any]


class Level(Protocol):
    """Related records as an engine expands them."""

    relation: Relation
    schema: ClassSchema
    below: Any

    def of(self, document: Document) -> list[Any]:
        """Those of one record."""


class Records:
    """Renders records of several classes; the fields of each in the order of its definition."""

    def __init__(self, user_id_type: str) -> None:
        self._user_id_type = user_id_type
        self._fields: dict[str, list[tuple[str, Field]]] = {}

    def one(self, schema: ClassSchema, document: Document, levels: Any = (), counts: Any = ()) -> dict[str, Any]:
        """One record with what was counted and read beside it."""
        shown = {name: _value(document, field) for name, field in self._named(schema)}
        shown |= {f"{each.relation.key}_count": each.of(document) for each in counts}
        return shown | {level.relation.key: self._related(level, document) for level in levels}

    def _related(self, level: Level, document: Document) -> Any:
        found = [self.one(level.schema, each, level.below) for each in level.of(document)]
        return found if level.relation.many else next(iter(found), None)

    def _named(self, schema: ClassSchema) -> list[tuple[str, Field]]:
        fields = self._fields.get(schema.name)
        if fields is None:
            names = schema.names(self._user_id_type)
            own = [(name, field) for name, field in schema.fields.items() if name not in SYSTEM]
            fields = self._fields[schema.name] = [("id", names["_id"]), *own, *((name, names[name]) for name in SYSTEM)]
        return fields


def _value(document: Document, field: Field) -> Any:
    if field.leaves:
        inside = {own_name(leaf): _value(document, leaf) for leaf in field.leaves}
        return inside if any(value is not None for value in inside.values()) else None
    stored, kind = stored_value(document, field.path), field.type
    if stored is MISSING or stored is None or not kind.owns(stored):
        return None
    if kind.kind in TIMES:
        return _date(milliseconds(stored), whole=getattr(kind, "resolution", "s") != "ms")
    return kind.show(stored)


def _date(instant: int, *, whole: bool) -> str | None:
    """UTC with six digits of a second; None for a year that no calendar has."""
    try:
        moment = _EPOCH + dt.timedelta(milliseconds=instant - instant % 1000 if whole else instant)
    except OverflowError:
        return None
    return f"{moment.isoformat(timespec='microseconds')}Z"
