"""From parameters that were read to an Update, a Create or a Many: conflicts, field options, what is ignored for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Assign, Condition, Create, Field, Many, Update
from cubequery.check.faults import Entry, Faults
from cubequery.check.permissions import read_levels
from cubequery.check.query import Merged, build_condition, merge
from cubequery.check.settings import Settings
from cubequery.check.write import CREATE, CREATE_MANY, CRITERIA
from cubequery.errors import Refused
from cubequery.operators import IN, SET, SET_INDEX, UNSET_FIELD, Removal
from cubequery.schema import ClassSchema
from cubequery.values import UNSET, Location

_PAIR = Location()


def build_write(
    entries: Sequence[Entry], schema: ClassSchema, settings: Settings, place: str, faults: Faults, *, admin: bool = False
) -> Update | Create | Many:
    """The tree of a write request of kind ``place``; faults are added, and the result is only good without any."""
    merged = merge(entries, settings, faults)
    if place in (CREATE_MANY, "update_many"):
        return _many(merged, schema, settings, place, faults, admin=admin)
    if place == CREATE:
        return _create(merged, schema, settings, "", faults, admin=admin)
    criteria = _criteria(merged, settings, faults) if place == CRITERIA else None
    return _update([each for each in merged if each.slot.record is None], schema, settings, "", faults, admin=admin, criteria=criteria)


def _criteria(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Condition:
    """The condition of by-criteria; what would match everything is refused as ``empty_criteria``."""
    given = [each for each in merged if each.slot.record == -1]
    condition = build_condition(given, settings, faults)
    if not given or all(matches_everything(each) for each in given):
        entry = next((each.entry for each in merged if each.slot.record == -1 or each.slot.role == "no_criteria"), None)
        faults.add(entry, errors.plain("empty_criteria", "search_criteria"))
    return condition


def matches_everything(each: Merged) -> bool:
    """Whether a criterion is no constraint at all: ``nin`` of an empty list."""
    return each.slot.role == "compare" and each.slot.row.name == "nin" and not each.value


def _many(merged: Sequence[Merged], schema: ClassSchema, settings: Settings, place: str, faults: Faults, *, admin: bool) -> Many:
    records: dict[int, list[Merged]] = {}
    for each in merged:
        if each.slot.record is not None:
            records.setdefault(each.slot.record, []).append(each)
    if not records:
        faults.add(merged[0].entry if merged else None, errors.missing("record", "Parameter"))
    if len(records) > settings.limits.max_records:
        faults.add(None, errors.too_large("records"))
        return Many(())
    build = _create if place == CREATE_MANY else _update
    numbered = sorted(records.items())
    return Many(tuple((number, build(its, schema, settings, f"record[{number}]", faults, admin=admin)) for number, its in numbered))


def _key(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _update(
    merged: Sequence[Merged], schema: ClassSchema, settings: Settings, prefix: str, faults: Faults, *, admin: bool,
    criteria: Condition | None = None,
) -> Update:  # fmt: skip
    _check_conflicts(merged, prefix, faults)
    assigned = [change for each in merged for change in _assigns(each, prefix, faults)]
    changes = _joined_indexes([*assigned, *_pulls(merged)])
    parent = next((change for change in changes if change.field.name == "_parent_id"), None)
    shared = tuple(change for change in changes if change.field.name in schema.strategy.shared)
    plain = tuple(change for change in changes if change is not parent and change not in shared)
    levels = read_levels([each for each in merged if each.slot.role == "permission"], settings, faults)
    return Update(
        plain, levels, criteria, parent, (*shared, *_reserved(merged, prefix, faults, admin=admin)), _record_id(merged, prefix, faults)
    )


def _record_id(merged: Sequence[Merged], prefix: str, faults: Faults) -> Any:
    """The record that a multi update names: ``id`` or ``_id``, both only if equal; not read yet, as it may be malformed."""
    ids = [each for each in merged if each.slot.role == "id"]
    if prefix:
        if not ids:
            faults.add(None, errors.missing(_key(prefix, "id")))
        for each in ids:
            if type(each.value) not in (str, int) or each.value != ids[0].value:
                faults.add(
                    each.entry, errors.conflict(_key(prefix, "id"), "_id") if len(ids) > 1 else errors.wrong_type("id", _key(prefix, "id"))
                )
    return ids[0].value if ids and prefix else None


def _create(merged: Sequence[Merged], schema: ClassSchema, settings: Settings, prefix: str, faults: Faults, *, admin: bool) -> Create:
    _check_conflicts(merged, prefix, faults)
    assigned = {
        change.field: None if change.operator is UNSET_FIELD else change.operand
        for each in merged
        for change in _assigns(each, prefix, faults)
    }
    parent = next((value for field, value in assigned.items() if field.name == "_parent_id"), None)
    given = {field: value for field, value in assigned.items() if field.name != "_parent_id"}
    for field in schema.fields.values():
        _complete(field, given, prefix, faults)
    levels = read_levels([each for each in merged if each.slot.role == "permission"], settings, faults)
    system = tuple((change.field, change.operand) for change in _reserved(merged, prefix, faults, admin=admin))
    return Create(tuple((field, value) for field, value in given.items() if value is not None), levels, parent, system)


def _complete(field: Field, given: dict[Field, Any], prefix: str, faults: Faults) -> None:
    """Defaults for what was not given, then ``required``; sub-fields count where their Object is given or required."""
    kind = field.type
    if kind.kind == "Object":
        inside = [leaf for leaf in given if _within(leaf, field)]
        if kind.required and not any(given[leaf] is not None for leaf in inside):
            faults.add(None, errors.missing(_key(prefix, field.name)))
        elif any(given[leaf] is not None for leaf in inside) or kind.required:
            for leaf in field.leaves:
                _complete(leaf, given, prefix, faults)
        return
    if field not in given and kind.default is not UNSET and kind.default is not None:
        given[field] = kind.read_json(kind.default)
    if kind.required and field not in given:
        faults.add(None, errors.missing(_key(prefix, field.name)))


def _within(leaf: Field, field: Field) -> bool:
    above = leaf.parent
    while above is not None and above != field:
        above = above.parent
    return above is not None


def _check_conflicts(merged: Sequence[Merged], prefix: str, faults: Faults) -> None:
    """A field may be changed once; an Object set to null excludes changes inside it. The second one is at fault."""
    seen: dict[str, Merged] = {}
    for each in merged:
        field = each.slot.field
        if field is None or each.slot.role in ("reserved", "file"):
            continue
        other = seen.setdefault(field.name, each)
        if other is not each and other.slot.group != each.slot.group:
            faults.add(each.entry, errors.changed_twice(_key(prefix, field.name)))
    for whole in (each for each in merged if each.slot.role == "unset_all"):
        for each in merged:
            if (
                each is not whole
                and each.slot.field is not None
                and whole.slot.field is not None
                and _within(each.slot.field, whole.slot.field)
            ):
                faults.add(max(each.entry, whole.entry), errors.changed_twice(_key(prefix, whole.slot.field.name)))
                break


def _assigns(each: Merged, prefix: str, faults: Faults) -> list[Assign]:
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
    return list(dict.fromkeys(items))


def _pulls(merged: Sequence[Merged]) -> list[Assign]:
    """All ``pull`` conditions of one field are one change: they must hold for one element together."""
    fields: dict[Field, list[Merged]] = {}
    for each in merged:
        if each.slot.role == "pull" and each.slot.field is not None:
            fields.setdefault(each.slot.field, []).append(each)
    return [Assign(field, its[0].slot.row, Removal(tuple((each.slot.extra, each.value) for each in its))) for field, its in fields.items()]


def _joined_indexes(changes: Sequence[Assign]) -> list[Assign]:
    """Several indexes of one field are one change, in ascending order."""
    result: list[Assign] = []
    places: dict[Field, int] = {}
    for change in changes:
        if change.operator.name != "set_index":
            result.append(change)
        elif change.field in places:
            old = result[places[change.field]]
            result[places[change.field]] = Assign(
                change.field, change.operator, tuple(sorted((*old.operand, change.operand), key=lambda pair: pair[0]))
            )
        else:
            places[change.field] = len(result)
            result.append(Assign(change.field, change.operator, (change.operand,)))
    return result


def _reserved(merged: Sequence[Merged], prefix: str, faults: Faults, *, admin: bool) -> list[Assign]:
    """System and owner fields: ignored for everybody but an admin, whose values are then read."""
    if not admin:
        return []
    changes = []
    for each in merged:
        if each.slot.role != "reserved" or each.slot.field is None:
            continue
        if len(each.value) > 1:
            faults.add(each.entry, errors.plain("repeated", each.slot.key))
        read, value = each.value[0]
        try:
            changes.append(Assign(each.slot.field, SET, read(value)))
        except Refused as refused:
            faults.add(each.entry, errors.refused(refused.code, each.slot.type_name, each.slot.key))
    return changes
