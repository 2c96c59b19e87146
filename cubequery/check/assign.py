"""Changes of single fields: what each parameter of a write sets, with the field's options judged and conflicts found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Assign, Field
from cubequery.check.faults import Faults
from cubequery.check.merge import Merged
from cubequery.errors import Refused
from cubequery.operators import IN, SET, SET_INDEX, UNSET_FIELD, Removal
from cubequery.values import Location

_PAIR = Location()


def keyed(prefix: str, name: str) -> str:
    """Key of a fault: in a multi request the field stands behind its record."""
    return f"{prefix}[{name}]" if prefix else name


def within(leaf: Field, field: Field) -> bool:
    """Whether a field lies somewhere inside an Object."""
    above = leaf.parent
    while above is not None and above != field:
        above = above.parent
    return above is not None


def check_conflicts(merged: Sequence[Merged], prefix: str, faults: Faults) -> None:
    """A field may be changed once; an Object set to null excludes changes inside it. The second one is at fault."""
    seen: dict[str, Merged] = {}
    for each in merged:
        field = each.slot.field
        if field is None or each.slot.role in ("reserved", "file", "fixed"):
            continue
        other = seen.setdefault(field.name, each)
        if other is not each and other.slot.group != each.slot.group:
            faults.add(each.entry, errors.changed_twice(keyed(prefix, field.name)))
    for whole in (each for each in merged if each.slot.role == "unset_all"):
        for each in merged:
            if (
                each is not whole
                and each.slot.field is not None
                and each.slot.role != "fixed"
                and whole.slot.field is not None
                and within(each.slot.field, whole.slot.field)
            ):
                faults.add(max(each.entry, whole.entry), errors.changed_twice(keyed(prefix, whole.slot.field.name)))
                break


def assigns(each: Merged, prefix: str, faults: Faults) -> list[Assign]:
    """What one parameter changes; nothing where it is ignored, or at fault."""
    slot, value = each.slot, each.value
    if slot.field is None or slot.role not in ("change", "shared", "pair", "unset_all", "index", "file"):
        return []
    if slot.role == "unset_all":
        return _unset_object(each, prefix, faults)
    if slot.role == "file":
        return [Assign(slot.field, UNSET_FIELD, None)] if any(read(one) is None for read, one in value) else []
    if slot.role == "pair":
        try:
            value = _PAIR.read_json(value)
        except Refused as refused:
            faults.add(each.entry, errors.refused(refused.code, "Location", slot.key))
            return []
    if value is None:
        if slot.field.type.required:
            faults.add(each.entry, errors.missing(slot.key))
        return [Assign(slot.field, UNSET_FIELD, None)]
    return _judged(each, value, faults)


def _unset_object(each: Merged, prefix: str, faults: Faults) -> list[Assign]:
    assert each.slot.field is not None
    if each.slot.field.type.required:
        faults.add(each.entry, errors.missing(each.slot.key))
    return [Assign(leaf, UNSET_FIELD, None) for leaf in each.slot.extra]


def _judged(each: Merged, value: Any, faults: Faults) -> list[Assign]:
    """The change with its operand, once the field's options accept what it writes."""
    slot = each.slot
    assert slot.field is not None
    kind = slot.field.type
    if slot.row is SET_INDEX:
        written: Any = [value]
        value = (slot.extra, value)
    elif slot.row.name == "add_to_set":
        value = written = _without_repeats(value)
    elif slot.row.name in ("pull", "pull_all", "pop", "inc"):
        written = None
        if slot.row.name == "pull":
            value = Removal(((IN, value),))
    else:
        written = value
    code = None if written is None else kind.judge(written)
    if code:
        faults.add(each.entry, errors.plain(code, slot.key))
    return [Assign(slot.field, slot.row, value)]


def _without_repeats(items: Sequence[Any]) -> list[Any]:
    """Elements are cast: all of one hashable type, and equal where Python says so."""
    return list(dict.fromkeys(items)) if len(items) > 1 else [*items]


def pulls(merged: Sequence[Merged]) -> list[Assign]:
    """All ``pull`` conditions of one field are one change: they must hold for one element together."""
    fields: dict[Field, list[Merged]] = {}
    for each in merged:
        if each.slot.role == "pull" and each.slot.field is not None:
            fields.setdefault(each.slot.field, []).append(each)
    return [Assign(field, its[0].slot.row, Removal(tuple((each.slot.extra, each.value) for each in its))) for field, its in fields.items()]


def joined_indexes(changes: Sequence[Assign]) -> list[Assign]:
    """Several indexes of one field are one change, in ascending order, where the first of them stands."""
    indexes: dict[Field, list[Any]] = {}
    for change in changes:
        if change.operator is SET_INDEX:
            indexes.setdefault(change.field, []).append(change.operand)
    result: list[Assign] = []
    for change in changes:
        if change.operator is not SET_INDEX:
            result.append(change)
        elif (its := indexes.pop(change.field, None)) is not None:
            result.append(Assign(change.field, SET_INDEX, tuple(sorted(its, key=lambda pair: pair[0]))))
    return result


def reserved(merged: Sequence[Merged], prefix: str, faults: Faults, *, admin: bool) -> list[Assign]:
    """System and owner fields: ignored for everybody but an admin, whose values are then read; null unsets.

    Every change sets ``updated_at``, so null for it says nothing. ``user_id`` and the class's own owner field are two names of one
    field: an answer that is sent back holds both, but they must say the same.
    """
    if not admin:
        return []
    changes: dict[str, Assign] = {}
    for each in merged:
        if each.slot.role != "reserved" or each.slot.field is None:
            continue
        if len(each.value) > 1:
            faults.add(each.entry, errors.plain("repeated", each.slot.key))
        read, value = each.value[0]
        try:
            operand = read(value)
        except Refused as refused:
            faults.add(each.entry, errors.refused(refused.code, each.slot.type_name, each.slot.key))
            continue
        if operand is None and each.slot.field.name == "updated_at":
            continue
        change = Assign(each.slot.field, UNSET_FIELD if operand is None else SET, operand)
        other = changes.setdefault(change.field.path, change)
        if (other.operator, other.operand) != (change.operator, change.operand):
            faults.add(each.entry, errors.changed_twice(each.slot.key))
    return list(changes.values())
