"""A parameter name of lists that was seen before: how its plain values are read, and for a criterion where and how it is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cubequery.ast import Field
from cubequery.check import Settings, Slot
from cubequery.compile.mongo_filter import compile_leaf
from cubequery.errors import Refused
from cubequery.operators import CALC, GROUP_KINDS, Pattern, Plain
from cubequery.parse.generated import LISTED, MATCHED, OTHER, SCALAR, Reading, maker_of, reader_of
from cubequery.parse.plainly import FLAG, paging, shortcut
from cubequery.parse.plainly import OTHER as OTHERWISE
from cubequery.schema import ClassSchema

Read = Callable[[str], Any]
NO_FIELD: Any = None


class Known:
    """``read`` takes text as received, without escapes; ``full`` any decoded text; ``filter`` makes the comparison with an operand."""

    __slots__ = (
        *("field", "filter", "form", "full", "grouped", "identity", "is_criterion"),
        *("operator", "path", "read", "reading", "role", "slot"),
    )

    def __init__(self, slot: Slot, identity: int, schema: ClassSchema, settings: Settings) -> None:
        self.slot, self.identity, self.role = slot, identity, slot.role
        self.field: Field = slot.field if slot.field is not None else NO_FIELD
        self.is_criterion = slot.role == "compare" and slot.field is not None
        self.full: Read = CONTROLS[slot.role](slot, schema, settings) if slot.role in CONTROLS else slot.text
        self.reading: Reading = shortcut(slot, settings.limits) if self.is_criterion else _control(slot.role, self.full, settings)
        self.read = reader_of(*self.reading)
        self.grouped, self.path, self.operator, self.form = False, "", "", OTHER
        if self.is_criterion:
            self._compare(slot)

    def _compare(self, slot: Slot) -> None:
        row, kind = slot.row, self.field.type
        self.grouped, self.path = row.grouped, self.field.compared
        path = self.path
        if isinstance(row.compile, Plain):
            self.operator = row.compile.operator
            self.form = OTHER if kind.element.kind == "Location" else LISTED if row.shape == "list" else SCALAR
        elif isinstance(row.compile, Pattern):
            self.operator, self.form = row.compile.prefix, MATCHED
        self.filter = maker_of(self.form, path, self.operator, lambda operand: compile_leaf(row, path, operand))


def _control(role: str, read: Read, settings: Settings) -> Reading:
    if role in ("skip", "limit"):
        return paging(read, settings.limits.max_skip if role == "skip" else settings.limits.max_limit)
    return FLAG if role == "count" else OTHERWISE, read, 0


def _between(number: int, least: int, most: int | None) -> int:
    if number < least or (most is not None and number > most):
        raise Refused("out_of_range")
    return number


def _fields(schema: ClassSchema, settings: Settings, takes: Callable[[Field], bool]) -> dict[str, Field]:
    """Fields by public name, those inside Objects by their whole name."""

    def below(fields: Any) -> Iterator[Field]:
        for field in fields:
            yield field
            yield from below(field.leaves)

    return {field.name: field for field in below(schema.names(settings.user_id_type).values()) if takes(field)}


def _sort(slot: Slot, schema: ClassSchema, settings: Settings) -> Read:
    return _fields(schema, settings, lambda field: field.type.kind != "Object").__getitem__


def _projected(slot: Slot, schema: ClassSchema, settings: Settings) -> Read:
    names, most = _fields(schema, settings, lambda field: True), settings.limits.max_list_items

    def read(text: str) -> tuple[Field, ...]:
        found = text.split(",")
        if len(found) > most:
            raise Refused("too_large")
        return tuple([names[name] for name in dict.fromkeys(found)])

    return read


def _group(slot: Slot, schema: ClassSchema, settings: Settings) -> Read:
    return _fields(schema, settings, lambda field: field.type.kind in GROUP_KINDS).__getitem__


CONTROLS: dict[str, Callable[[Slot, ClassSchema, Settings], Read]] = {
    "sort": _sort, "include": _projected, "exclude": _projected, "group_by": _group,
    "skip": lambda slot, schema, settings: lambda text: _between(slot.text(text), 0, settings.limits.max_skip),
    "limit": lambda slot, schema, settings: lambda text: min(_between(slot.text(text), 1, None), settings.limits.max_limit),
    "count": lambda slot, schema, settings: slot.text,
    "calc": lambda slot, schema, settings: lambda text: [*map(CALC.__getitem__, text.split(","))],
}  # fmt: skip
"""Readers of controls that say the plain thing; whatever else they may say they leave to the usual way, by Refused or KeyError."""
