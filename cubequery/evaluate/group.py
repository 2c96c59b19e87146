"""Groups and calculations over the class's own values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.ast import Aggregate, Field
from cubequery.evaluate.order import rank
from cubequery.evaluate.paths import expression_value
from cubequery.ordering import MISSING


def group(documents: Iterable[Mapping[str, Any]], aggregate: Aggregate) -> list[dict[str, Any]]:
    """One row a group, ``{"_id": value, key: result, ..}``, by value ascending; the group of unset values, None, comes first.

    Null and values foreign to the field's type count as unset: in the group as None, in a calculation not at all. A group is shown
    by its first value, a calculation sees its values in the order given.
    """
    groups: dict[tuple[Any, ...], tuple[Any, list[Mapping[str, Any]]]] = {}
    for document in documents:
        value = own_value(document, aggregate.group_by)
        groups.setdefault(rank(value), (value, []))[1].append(document)
    return [_row(value, members, aggregate) for _, (value, members) in sorted(groups.items(), key=lambda item: item[0])]


def own_value(document: Mapping[str, Any], field: Field) -> Any:
    """The stored value of a field where it is of the field's type, otherwise None."""
    value = expression_value(document, field.path)
    return value if value is not None and value is not MISSING and field.type.owns(value) else None


def _row(value: Any, members: list[Mapping[str, Any]], aggregate: Aggregate) -> dict[str, Any]:
    row: dict[str, Any] = {"_id": value}
    for calc in aggregate.calcs:
        values = (own_value(member, calc.field) for member in members)
        row[calc.key] = calc.operator.decide([value for value in values if value is not None])
    return row
