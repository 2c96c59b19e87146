"""From parameters that were read to a Query: repetitions, the or group, order, page, projection, aggregation."""

from __future__ import annotations

from collections.abc import Sequence

from cubequery import errors
from cubequery.ast import EVERYTHING, After, Aggregate, AnyOf, Compare, Condition, Field, Page, Projection, Query, SortKey, all_of
from cubequery.check.aggregate import build_aggregate
from cubequery.check.cursor import full_order, read_cursor
from cubequery.check.faults import Entry, Faults
from cubequery.check.merge import Merged, merge, named
from cubequery.check.paging import build_page, clash
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName
from cubequery.errors import Refused
from cubequery.names import KnownNames
from cubequery.operators import EQ
from cubequery.schema import ClassSchema
from cubequery.values import Location

_PAIR = Location()


def build_condition(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Condition:
    """The criteria as one condition: members in order of appearance, the one ``or`` group last, as a member of its own."""
    members: list[Compare] = []
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
    if any(each.slot.role == "unset" for each in merged):
        members = _without_repeated_nulls(members)
    return all_of(*members, AnyOf(tuple(group))) if group else all_of(*members)


def _without_repeated_nulls(members: Sequence[Compare]) -> list[Compare]:
    """An Object and a sub-field of it may both say that the sub-field is unset; once is enough."""
    nulls: set[str] = set()
    kept = []
    for member in members:
        is_null = member.operator is EQ and member.operand is None
        if not is_null or member.field.name not in nulls:
            kept.append(member)
        if is_null:
            nulls.add(member.field.name)
    return kept


def _pair(each: Merged, faults: Faults) -> list[Compare]:
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
    aggregate = build_aggregate(roles, schema, settings, faults)
    sort, page = _sort(entries, aggregate, schema, settings, faults), build_page(merged, settings, faults)
    after = _after(roles["after"][0], roles, sort, schema, settings, faults) if "after" in roles else None
    return Query(
        condition, sort, page, _count(roles, faults), _projection(roles, schema, settings, faults), aggregate, after=after,
    )  # fmt: skip


def _after(
    each: Merged, roles: dict[str, list[Merged]], sort: Sequence[SortKey], schema: ClassSchema, settings: Settings, faults: Faults
) -> After | None:
    """The page behind a record; nothing else may say where the page begins, and an order by elements has no place to go on from."""
    before = len(faults.found)
    for role in ("skip", "page", "group_by", "calc", "count", "limit"):
        for other in roles.get(role, ()):
            if role in ("skip", "page", "group_by", "calc") or (role == "count" and other.value) or other.value == -1:
                clash(each, other, faults)
    if any(isinstance(key.field, Field) and _many(key.field) for key in sort):
        faults.add(each.entry, errors.conflict("_after", "a sort by Array or Location"))
    if len(faults.found) > before:
        return None
    try:
        return read_cursor(each.value, full_order(sort, schema.names(settings.user_id_type)))
    except Refused as refused:
        faults.add(each.entry, errors.refused(refused.code, "cursor", "_after"))
        return None


def build_record_query(
    entries: Sequence[Entry], schema: ClassSchema, settings: Settings, faults: Faults, *, needs_file: bool = False
) -> Query:
    """The Query of a request about one record: what is shown, whether the permissions are asked for, which file it is about."""
    roles: dict[str, list[Merged]] = {}
    for each in merge(entries, settings, faults):
        roles.setdefault(each.slot.role, []).append(each)
    permissions = False
    for each in roles.get("permissions", ()):
        if str(each.value) not in ("0", "1"):
            faults.add(each.entry, each.slot.extra)
        permissions = str(each.value) == "1"
    file = roles["file"][0].value if "file" in roles else None
    if needs_file and file is None:
        faults.add(None, errors.missing("field_name", "Parameter"))
    return Query(projection=_projection(roles, schema, settings, faults), permissions=permissions, file=file)


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
        known = KnownNames({aggregate.group_by.name, *(calc.key for calc in aggregate.calcs)})
        raise BadName(0, errors.unknown_field(name, known, key))
    if any(target == other.field for other in keys):
        raise BadName(0, errors.conflict(key, name[: errors.NAME_SHOWN]))
    return target


def _count(roles: dict[str, list[Merged]], faults: Faults) -> bool:
    for each in roles.get("count", ()):
        if each.value and ("calc" in roles or "group_by" in roles):
            clash(each, (roles.get("group_by") or roles["calc"])[0], faults)
        return bool(each.value)
    return False


def _projection(roles: dict[str, list[Merged]], schema: ClassSchema, settings: Settings, faults: Faults) -> Projection:
    found: dict[str, list[Field]] = {"include": [], "exclude": []}
    for role, fields in found.items():
        for each in roles.get(role, ()):
            if "calc" in roles:
                clash(each, roles["calc"][0], faults)
            for place, name in enumerate(each.value):
                try:
                    fields.append(named(name, "output", schema, settings))
                except BadName as bad:
                    entry, item = each.origin[place]
                    faults.add(entry, bad.fault, item)
    include = tuple(dict.fromkeys(found["include"]))
    return Projection(include or None, tuple(dict.fromkeys(found["exclude"])))
