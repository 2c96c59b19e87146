"""Aggregation: the group field, the calculations, and the keys of their results."""

from __future__ import annotations

from collections.abc import Sequence

from cubequery import errors
from cubequery.ast import Aggregate, Calc, Field
from cubequery.check.faults import Faults
from cubequery.check.merge import Merged, named
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName
from cubequery.errors import Fault
from cubequery.names import KnownNames
from cubequery.operators import CALC, GROUP_KINDS
from cubequery.schema import ClassSchema

_CALCULATIONS = KnownNames(CALC)


def build_aggregate(roles: dict[str, list[Merged]], schema: ClassSchema, settings: Settings, faults: Faults) -> Aggregate | None:
    """The aggregation of a request, or None where it has none (or a faulty one)."""
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
        return errors.unknown_operator(word, _CALCULATIONS, field.name)
    key = f"{word}_{field.name}" if several else word
    if key in built or key == group_by.name:
        return errors.conflict(field.name, key)
    return None
