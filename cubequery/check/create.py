"""The tree of a create request: values given, defaults filled in, what is required."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Create, Field
from cubequery.check.assign import assigns, check_conflicts, keyed, reserved, within
from cubequery.check.faults import Faults
from cubequery.check.merge import Merged
from cubequery.check.permissions import read_levels
from cubequery.check.settings import Settings
from cubequery.operators import UNSET_FIELD
from cubequery.schema import ClassSchema
from cubequery.values import UNSET


def build_create(merged: Sequence[Merged], schema: ClassSchema, settings: Settings, prefix: str, faults: Faults, *, admin: bool) -> Create:
    """The tree of a create request, or of one record of many (``prefix``)."""
    check_conflicts(merged, prefix, faults)
    assigned = {
        change.field: None if change.operator is UNSET_FIELD else change.operand
        for each in merged
        for change in assigns(each, prefix, faults)
    }
    parent = next((value for field, value in assigned.items() if field.name == "_parent_id"), None)
    given = {field: value for field, value in assigned.items() if field.name != "_parent_id"}
    for field in schema.fields.values():
        _complete(field, schema, given, prefix, faults)
    levels = read_levels([each for each in merged if each.slot.role == "permission"], settings, faults)
    system = tuple((each.field, each.operand) for each in reserved(merged, prefix, faults, admin=admin) if each.operand is not None)
    return Create(tuple((field, value) for field, value in given.items() if value is not None), levels, parent, system)


def _complete(field: Field, schema: ClassSchema, given: dict[Field, Any], prefix: str, faults: Faults) -> None:
    """Defaults for what was not given, then ``required``; sub-fields count where their Object is given or required."""
    kind = field.type
    if kind.kind == "Object":
        inside = [leaf for leaf in given if within(leaf, field)]
        if kind.required and not any(given[leaf] is not None for leaf in inside):
            faults.add(None, errors.missing(keyed(prefix, field.name)))
        elif any(given[leaf] is not None for leaf in inside) or kind.required:
            for leaf in field.leaves:
                _complete(leaf, schema, given, prefix, faults)
        return
    if field.name in schema.fixed:
        return
    if field not in given and kind.default is not UNSET and kind.default is not None:
        given[field] = kind.read_json(kind.default)
    if kind.required and field not in given:
        faults.add(None, errors.missing(keyed(prefix, field.name)))
