"""From parameters that were read to a Query: repetitions, the or group, order, page, projection, aggregation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import EVERYTHING, Aggregate, AnyOf, Calc, Compare, Condition, Field, Page, Projection, Query, SortKey, all_of
from cubequery.check.faults import Entry, Faults
from cubequery.check.search import find_field
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Slot
from cubequery.errors import Fault, Refused
from cubequery.names import split_brackets
from cubequery.operators import CALC, EQ, GROUP_KINDS
from cubequery.schema import ClassSchema
from cubequery.values import Location

_PAIR = Location()


class Merged:
    """Parameters of one identity: the slot, the value (united where the slot unites), and where each value came from."""

    __slots__ = ("entry", "origin", "slot", "value")

    def __init__(self, slot: Slot, value: Any, entry: int) -> None:
        self.slot, self.entry = slot, entry
        self.value: Any = list(value) if slot.union else value
        self.origin = [(entry, item) for item in range(len(value))] if slot.union else []


def merge(entries: Sequence[Entry], settings: Settings, faults: Faults, first: int = 0) -> list[Merged]:
    """Parameters in order of appearance, repetitions united or reported as ``repeated`` at the second occurrence."""
    merged: dict[Any, Merged] = {}
    for number, (slot, value) in enumerate(entries, first):
        seen = merged.get(slot.identity)
        if seen is None:
            merged[slot.identity] = Merged(slot, value, number)
        elif not (slot.union and seen.slot.union):
            faults.add(number, errors.plain("repeated", slot.key))
        else:
            seen.value += value
            seen.origin += [(number, item) for item in range(len(value))]
            if len(seen.value) > settings.limits.max_list_items:
                faults.add(number, errors.too_large("values in a list"))
    return list(merged.values())


def build_condition(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Condition:
    """The criteria as one condition: members in order of appearance, the one ``or`` group last, as a member of its own."""
    members: list[Condition] = []
    group: list[Condition] = []
    for each in merged:
        if each.slot.role == "unset":
            members += [Compare(leaf, EQ, None) for leaf in each.slot.extra]
        elif each.slot.role == "pair":
            members += _pair(each, faults)
        elif each.slot.role == "compare":
            assert each.slot.field is not None
            (group if each.slot.row.grouped else members).append(Compare(each.slot.field, each.slot.row, each.value))
    if len(members) + len(group) > settings.limits.max_conditions:
        faults.add(None, errors.too_large("conditions"))
    if len(group) > settings.limits.max_or_conditions:
        faults.add(None, errors.too_large("conditions of the or group"))
    if any(each.slot.role == "unset" for each in merged):  # an Object and its sub-field may say the same twice
        members = [member for place, member in enumerate(members) if member not in members[:place]]
    return all_of(*members, AnyOf(tuple(group))) if group else all_of(*members)


def _pair(each: Merged, faults: Faults) -> list[Condition]:
    try:
        assert each.slot.field is not None
        return [Compare(each.slot.field, each.slot.row, _PAIR.read_json(each.value))]
    except Refused as refused:
        faults.add(each.entry, errors.refused(refused.code, "Location", each.slot.key))
        return []


def build_query(entries: Sequence[Entry], schema: ClassSchema, settings: Settings, faults: Faults) -> Query:
    """The Query of a list, count or aggregation request; faults are added, and the result is only good without any."""
    merged = merge(entries, settings, faults)
    roles: dict[str, list[Merged]] = {}
    for each in merged:
        roles.setdefault(each.slot.role, []).append(each)
    condition = build_condition(merged, settings, faults) if len(merged) else EVERYTHING
    if len(roles) <= 1 and (not roles or "compare" in roles):
        return Query(condition, page=Page(limit=min(settings.limits.default_limit, settings.limits.max_limit)))
    for each in roles.get("permissions", ()):
        switch = str(each.value) in ("0", "1")
        faults.add(each.entry, errors.plain("not_here", "permissions") if switch else each.slot.extra)
    aggregate = _aggregate(roles, schema, settings, faults)
    return Query(
        condition, _sort(entries, aggregate, schema, settings, faults), _page(merged, settings, faults),
        _count(roles, faults), _projection(roles, schema, settings, faults), aggregate,
    )  # fmt: skip


def build_record_query(entries: Sequence[Entry], schema: ClassSchema, settings: Settings, faults: Faults) -> Query:
    """The Query of a read by id: what is shown, and whether the permissions are asked for."""
    roles: dict[str, list[Merged]] = {}
    for each in merge(entries, settings, faults):
        roles.setdefault(each.slot.role, []).append(each)
    permissions = False
    for each in roles.get("permissions", ()):
        if str(each.value) not in ("0", "1"):
            faults.add(each.entry, each.slot.extra)
        permissions = str(each.value) == "1"
    return Query(projection=_projection(roles, schema, settings, faults), permissions=permissions)


def named(text: str, key: str, schema: ClassSchema, settings: Settings, *extra: str) -> Field:
    """The field that a value names (``age``, ``address[city]``). Raises BadName ``unknown_field`` under the parameter."""
    parts = split_brackets(text)
    names = [*schema.names(settings.user_id_type), *extra]
    if parts is None:
        raise BadName(0, errors.unknown_field(text, names, key))
    try:
        field, end = find_field(schema, settings, parts, key=key)
    except BadName as bad:
        raise BadName(0, errors.unknown_field(text, names, key) if bad.part == 0 else bad.fault) from None
    if end < len(parts):
        raise BadName(0, errors.unknown_field(text, names, key))
    return field


def _sort(
    entries: Sequence[Entry], aggregate: Aggregate | None, schema: ClassSchema, settings: Settings, faults: Faults
) -> tuple[SortKey, ...]:
    keys: list[SortKey] = []
    for number, (slot, value) in enumerate(entries):
        if slot.role != "sort":
            continue
        for item, name in enumerate(value):
            try:
                target = _sort_target(name, slot.key, aggregate, schema, settings, keys)
                keys.append(SortKey(target, bool(slot.extra)))
            except BadName as bad:
                faults.add(number, bad.fault, item)
    if len(keys) > settings.limits.max_sort_keys:
        faults.add(None, errors.too_large("sort keys"))
    return tuple(keys)


def _sort_target(
    name: str, key: str, aggregate: Aggregate | None, schema: ClassSchema, settings: Settings, keys: list[SortKey]
) -> Field | str:
    if aggregate is not None:
        return _group_target(name, key, aggregate, keys)
    field = named(name, key, schema, settings)
    if field.type.kind == "Object":
        raise BadName(0, errors.operator_type(key, "Object", key))
    if any(field == other.field for other in keys):
        raise BadName(0, errors.conflict(key, name[: errors.NAME_SHOWN]))
    if _many(field) and any(isinstance(other.field, Field) and _many(other.field) for other in keys):
        raise BadName(0, errors.conflict(key, "another Array or Location"))
    return field


def _many(field: Field) -> bool:
    return field.type.kind.endswith("_a") or field.type.kind == "Location"


def _group_target(name: str, key: str, aggregate: Aggregate, keys: list[SortKey]) -> Field | str:
    """Groups are ordered by the group field, a calculation's key, or the field of the only calculation on it."""
    of_field = [calc.key for calc in aggregate.calcs if calc.field.name == name]
    if name == aggregate.group_by.name:
        target: Field | str = aggregate.group_by
    elif any(calc.key == name for calc in aggregate.calcs):
        target = name
    elif len(of_field) == 1:
        target = of_field[0]
    else:
        known = {aggregate.group_by.name, *(calc.key for calc in aggregate.calcs)}
        raise BadName(0, errors.unknown_field(name, known, key))
    if any(target == other.field for other in keys):
        raise BadName(0, errors.conflict(key, name[: errors.NAME_SHOWN]))
    return target


def _page(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Page:
    given = {each.slot.role: each for each in merged if each.slot.role in ("skip", "limit", "page", "per_page")}
    for role, least in (("skip", 0), ("page", 1), ("per_page", 1), ("limit", 1)):
        each = given.get(role)
        if each is not None and each.value < least and not (role == "limit" and each.value == -1):
            faults.add(each.entry, errors.plain("out_of_range", role))
            return Page()
    limits = settings.limits
    value = {role: each.value for role, each in given.items()}
    _exclude(given, faults)
    size = value.get("limit", value.get("per_page", limits.default_limit))
    limit = min(size, limits.max_limit)
    skip = value.get("skip", (value.get("page", 1) - 1) * limit)
    if skip > limits.max_skip:
        wrong = given.get("skip") or given["page"]
        faults.add(wrong.entry, errors.plain("out_of_range", wrong.slot.key))
    return Page(0, 1, last=True) if size == -1 else Page(skip, limit)


def _exclude(given: dict[str, Merged], faults: Faults) -> None:
    """The two spellings of paging exclude one another, and the last record cannot be skipped."""
    for numbered in ("page", "per_page"):
        for plain in ("skip", "limit"):
            if numbered in given and plain in given:
                second = max(given[numbered].entry, given[plain].entry)
                faults.add(second, errors.conflict(numbered, plain))
    if "limit" in given and given["limit"].value == -1 and "skip" in given and given["skip"].value > 0:
        _second(given["limit"], given["skip"], faults)


def _second(one: Merged, other: Merged, faults: Faults) -> None:
    first, second = sorted((one, other), key=lambda each: each.entry)
    faults.add(second.entry, errors.conflict(second.slot.key, first.slot.key))


def _count(roles: dict[str, list[Merged]], faults: Faults) -> bool:
    for each in roles.get("count", ()):
        if each.value and ("calc" in roles or "group_by" in roles):
            _second(each, (roles.get("group_by") or roles["calc"])[0], faults)
        return bool(each.value)
    return False


def _projection(roles: dict[str, list[Merged]], schema: ClassSchema, settings: Settings, faults: Faults) -> Projection:
    found: dict[str, list[Field]] = {"include": [], "exclude": []}
    for role, fields in found.items():
        for each in roles.get(role, ()):
            if "calc" in roles:
                _second(each, roles["calc"][0], faults)
            for place, name in enumerate(each.value):
                try:
                    fields.append(named(name, "output", schema, settings))
                except BadName as bad:
                    entry, item = each.origin[place]
                    faults.add(entry, bad.fault, item)
    include = tuple(dict.fromkeys(found["include"]))
    return Projection(include or None, tuple(dict.fromkeys(found["exclude"])))


def _aggregate(roles: dict[str, list[Merged]], schema: ClassSchema, settings: Settings, faults: Faults) -> Aggregate | None:
    calcs, groups = roles.get("calc", []), roles.get("group_by", [])
    if not calcs and not groups:
        return None
    if not calcs or not groups:
        faults.add(None, errors.missing("group_by" if calcs else "calc", "Parameter"))
        return None
    try:
        group_by = named(groups[0].value, "group_by", schema, settings)
        if group_by.type.kind not in GROUP_KINDS:
            raise BadName(0, errors.operator_type("group_by", group_by.type.name, "group_by"))
    except BadName as bad:
        faults.add(groups[0].entry, bad.fault)
        return None
    before = len(faults.found)
    built = _calcs(calcs, group_by, settings, faults)
    return Aggregate(group_by, built) if built and len(faults.found) == before else None


def _calcs(calcs: Sequence[Merged], group_by: Field, settings: Settings, faults: Faults) -> tuple[Calc, ...]:
    several = sum(len(each.value) for each in calcs) > 1
    built: dict[str, Calc] = {}
    for each in calcs:
        assert each.slot.field is not None
        if not each.value:
            faults.add(each.entry, errors.wrong_type("calculation", each.slot.key))
        for place, word in enumerate(each.value):
            entry, item = each.origin[place]
            fault = _calc_fault(word, each.slot.field, group_by, built, several=several)
            if fault is not None:
                faults.add(entry, fault, item)
            else:
                key = f"{word}_{each.slot.field.name}" if several else word
                built[key] = Calc(CALC[word], each.slot.field, key)
    if len(built) > settings.limits.max_calcs:
        faults.add(None, errors.too_large("calculations"))
    return tuple(built.values())


def _calc_fault(word: str, field: Field, group_by: Field, built: dict[str, Calc], *, several: bool) -> Fault | None:
    if word not in CALC:
        return errors.unknown_operator(word, CALC, field.name)
    key = f"{word}_{field.name}" if several else word
    if key in built or key == group_by.name:
        return errors.conflict(field.name, key)
    return None
