"""From parameters that were read to an Update, a Create or a Many: conflicts, field options, what is ignored for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Condition, Create, Many, Update
from cubequery.check.assign import assigns, check_conflicts, joined_indexes, keyed, pulls, reserved
from cubequery.check.create import build_create
from cubequery.check.faults import Entry, Faults
from cubequery.check.merge import Merged, merge
from cubequery.check.permissions import read_levels
from cubequery.check.query import build_condition
from cubequery.check.settings import Settings
from cubequery.check.write import CREATE, CREATE_MANY, CRITERIA
from cubequery.schema import ClassSchema
from cubequery.values import Location

_PAIR = Location()


def build_write(
    entries: Sequence[Entry], schema: ClassSchema, settings: Settings, place: str, faults: Faults, *, admin: bool = False
) -> Update | Create | Many:
    """The tree of a write request of kind ``place``; faults are added, and the result is only good without any."""
    merged = merge(entries, settings, faults)
    if place in (CREATE_MANY, "update_many"):
        return _many(merged, schema, settings, place, faults, admin=admin)
    if place == CREATE:
        return build_create(merged, schema, settings, "", faults, admin=admin)
    criteria = _criteria(merged, settings, faults) if place == CRITERIA else None
    return _update([each for each in merged if each.slot.record is None], schema, settings, "", faults, admin=admin, criteria=criteria)


def _criteria(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Condition:
    """The condition of by-criteria; what would match everything, or is no object, is refused as ``empty_criteria``."""
    given = [each for each in merged if each.slot.record == -1]
    condition = build_condition(given, settings, faults)
    no_object = [each for each in merged if each.slot.role == "no_criteria"]
    if no_object or all(matches_everything(each) for each in given):
        entry = next((each.entry for each in (*no_object, *given)), None)
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
    build = build_create if place == CREATE_MANY else _update
    numbered = sorted(records.items())
    return Many(tuple((number, build(its, schema, settings, f"record[{number}]", faults, admin=admin)) for number, its in numbered))


def _update(
    merged: Sequence[Merged], schema: ClassSchema, settings: Settings, prefix: str, faults: Faults, *, admin: bool,
    criteria: Condition | None = None,
) -> Update:  # fmt: skip
    check_conflicts(merged, prefix, faults)
    assigned = [change for each in merged for change in assigns(each, prefix, faults)]
    changes = joined_indexes([*assigned, *pulls(merged)])
    parent = next((change for change in changes if change.field.name == "_parent_id"), None)
    shared = tuple(change for change in changes if change.field.name in schema.strategy.shared)
    plain = tuple(change for change in changes if change is not parent and change not in shared)
    levels = read_levels([each for each in merged if each.slot.role == "permission"], settings, faults)
    return Update(
        plain, levels, criteria, parent, (*shared, *reserved(merged, prefix, faults, admin=admin)), _record_id(merged, prefix, faults)
    )


def _record_id(merged: Sequence[Merged], prefix: str, faults: Faults) -> Any:
    """The record that a multi update names: ``id`` or ``_id``, both only if equal; not read yet, as it may be malformed."""
    ids = [each for each in merged if each.slot.role == "id"]
    if prefix:
        if not ids:
            faults.add(None, errors.missing(keyed(prefix, "id")))
        for each in ids:
            if type(each.value) not in (str, int) or each.value != ids[0].value:
                faults.add(
                    each.entry,
                    errors.conflict(keyed(prefix, "id"), "_id") if len(ids) > 1 else errors.wrong_type("id", keyed(prefix, "id")),
                )
    return ids[0].value if ids and prefix else None
