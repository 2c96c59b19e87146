"""Every cell of updates, enumerated: each operator with each kind of operand on each type, alone and beside each other operator."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import cubequery as cq
from cubequery.ast import Field
from cubequery.operators import SEARCH, UPDATE, UpdateOperator
from cubequery.testing.bodies import Body, nest
from cubequery.testing.pools import OWN
from cubequery.testing.values import Values

_EDGES: dict[str, list[Any]] = {"Integer": [1, -1, 0, 2**31, 2**62, -(2**62)], "Float": [0.5, -2.0, 0.0, 1e308, 2.0**53]}
"""Amounts of `inc`."""
_PARTNERS = ("n", "f", "s", "nums", "tags")
"""Fields whose changes stand beside another field's in one body."""


def bodies(schema: cq.ClassSchema) -> Iterator[Body]:
    """Every operator on a field of every type with every kind of operand; then pairs of them on two fields."""
    fields = [each for each in Values(Random(0), schema).fields if not each.system and each.type.kind != "File"]
    for field in fields:
        for row in rows(field):
            yield from (_body((field, row, operand)) for operand in operands(field, row))
    partners = [each for each in fields if each.name in _PARTNERS]
    singles = [(field, row, next(iter(operands(field, row)))) for field in partners for row in rows(field)]
    yield from (_body(one, other) for one in singles for other in singles if one[0].name < other[0].name)


def rows(field: Field) -> list[UpdateOperator]:
    """The update operators that a field takes."""
    return [row for row in UPDATE.values() if field.type.kind in row.kinds or row.kinds == ("any",)]


def operands(field: Field, row: UpdateOperator) -> Iterator[Any]:
    """What a body may say for an operator on a field: values and edges, lists of none, one and more, conditions."""
    kind = field.type.element.kind
    values = [_json(field, value) for value in OWN[kind][:6] if value != "null"]
    match row.shape:
        case "value":
            yield from ([[], values[:1], values[:3], values[0]] if field.type.element is not field.type else values)
        case "nothing":
            yield None
        case "number":
            yield from _EDGES[field.type.kind]
        case "end":
            yield from (1, -1)
        case "indexes":
            yield from (
                {"0": values[0]},
                {"1": values[1]},
                {"0": values[0], "1": values[1]},
                {"2": values[0]},
                {"0": values[1], "2": values[0]},
            )
        case "removal":
            yield from (values[0], values[1], [], values[:1], values[:3])
            yield from _conditions(kind, values)
        case "list":
            yield from ([], values[:1], values[:3], [values[0], values[0]])


def _conditions(kind: str, values: list[Any]) -> Iterator[Body]:
    """What `pull` may ask of an element: each operator that is also an expression, alone and two together."""
    found = [row for name in SEARCH.names_for(kind) if (row := SEARCH.row(name, kind)) and row.expression and row.shape in ("one", "list")]
    alone = [{row.name: values[:2] if row.shape == "list" else value} for row in found for value in values[:3]]
    yield from alone
    yield from ({**one, **other} for one in alone[::3] for other in alone[::3] if list(one) < list(other))


def _json(field: Field, value: Any) -> Any:
    return value.isoformat() + "Z" if hasattr(value, "isoformat") else value


def _body(*changes: tuple[Field, UpdateOperator, Any]) -> Body:
    body: Body = {}
    for field, row, operand in changes:
        nest(body, field, operand, row.name if row.spelled else "")
    return body
