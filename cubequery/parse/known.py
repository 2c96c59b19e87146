"""A parameter name of lists that was seen before: how its plain values are read, and for a criterion where and how it is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cubequery.ast import Field
from cubequery.check import Settings, Slot
from cubequery.compile.mongo_filter import compile_leaf
from cubequery.errors import Refused
from cubequery.operators import CALC, GROUP_KINDS, Calculation, Pattern, Plain
from cubequery.parse.generated import LISTED, MADE, MATCHED, NO_LEAF, SCALAR, Reading, maker_of, taker_of
from cubequery.parse.plainly import FLAG, LIMIT, NAME, OTHER, SKIP, received, roomy, shortcut
from cubequery.schema import ClassSchema

Read = Callable[[str], Any]
Control = Callable[[Slot, ClassSchema, Settings], Reading]
NO_FIELD: Any = None
NO_ROLE = ""
"""Of a control that always goes the usual way."""
_SIGNS = 60
"""Names that have different signs are different; so many fit a small number."""


class Known:
    """``take`` gives the value of a text as received that is ASCII without NUL, and its comparison; ``filter`` that of a value alone."""

    __slots__ = (
        *("field", "filter", "form", "grouped", "identity", "is_criterion"),
        *("operator", "path", "reading", "role", "sign", "slot", "take"),
    )

    def __init__(self, slot: Slot, identity: int, schema: ClassSchema, settings: Settings) -> None:
        self.slot, self.identity = slot, identity
        self.role = NO_ROLE if slot.listed and slot.role in CONTROLS else slot.role  # ``include[]`` holds one name, whatever stands in it
        self.sign = 1 << identity % _SIGNS
        self.field: Field = slot.field if slot.field is not None else NO_FIELD
        self.is_criterion = slot.role == "compare" and slot.field is not None
        self.reading: Reading = CONTROLS[slot.role](slot, schema, settings) if self.role in CONTROLS else shortcut(slot, settings.limits)
        self.grouped, self.path, self.operator, self.form = False, "", "", MADE
        if self.is_criterion:
            self._compare(slot)
            self.take = taker_of(self.reading, self.form, self.path, self.operator, self.filter)
        else:
            self.take = taker_of(self.reading, NO_LEAF, "", "", None)

    def _compare(self, slot: Slot) -> None:
        row, kind = slot.row, self.field.type
        self.grouped, self.path = row.grouped, self.field.compared
        path = self.path
        if isinstance(row.compile, Plain):
            self.operator = row.compile.operator
            self.form = MADE if kind.element.kind == "Location" else LISTED if row.shape == "list" else SCALAR
        elif isinstance(row.compile, Pattern):
            self.operator, self.form = row.compile.prefix, MATCHED
        self.filter = maker_of(self.form, path, self.operator, lambda operand: compile_leaf(row, path, operand))


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


def _named(takes: Callable[[Field], bool]) -> Control:
    """A control that says one field by its name."""

    def reading(slot: Slot, schema: ClassSchema, settings: Settings) -> Reading:
        names = _fields(schema, settings, takes)
        return NAME, names, received(names.__getitem__)

    return reading


def _projected(slot: Slot, schema: ClassSchema, settings: Settings) -> Reading:
    names, most = _fields(schema, settings, lambda field: True).__getitem__, settings.limits.max_list_items

    def read(text: str) -> tuple[Field, ...]:
        found = text.split(",")
        if len(found) > most:
            raise Refused("too_large")
        return (*map(names, dict.fromkeys(found)),)

    return OTHER, received(read), 0


def _calc(slot: Slot, schema: ClassSchema, settings: Settings) -> Reading:
    most = settings.limits.max_list_items

    def read(text: str) -> tuple[Calculation, ...]:
        found = text.split(",")
        if len(found) > most:
            raise Refused("too_large")
        return (*map(CALC.__getitem__, found),)

    return NAME, {name: (row,) for name, row in CALC.items()}, received(read)


def _skip(slot: Slot, schema: ClassSchema, settings: Settings) -> Reading:
    most = settings.limits.max_skip
    return SKIP if roomy(settings.limits) else OTHER, received(lambda text: _between(slot.text(text), 0, most)), most


def _limit(slot: Slot, schema: ClassSchema, settings: Settings) -> Reading:
    most = settings.limits.max_limit
    return LIMIT if roomy(settings.limits) else OTHER, received(lambda text: min(_between(slot.text(text), 1, None), most)), most


CONTROLS: dict[str, Control] = {
    "sort": _named(lambda field: field.type.kind != "Object"), "group_by": _named(lambda field: field.type.kind in GROUP_KINDS),
    "include": _projected, "exclude": _projected, "skip": _skip, "limit": _limit,
    "count": lambda slot, schema, settings: (FLAG, received(slot.text), 0), "calc": _calc,
}  # fmt: skip
"""How controls are read that say the plain thing; whatever else they may say they leave to the usual way, by Refused or KeyError."""
