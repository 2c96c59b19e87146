"""From a query string to the operands of an endpoint's parameters, every fault with its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from cubequery import errors
from cubequery.dialects.cubicl.binding import Bound
from cubequery.dialects.cubicl.kinds import KINDS, Row
from cubequery.dialects.cubicl.refusals import Findings, refuse, together
from cubequery.errors import Fault, Refused
from cubequery.names import KnownNames
from cubequery.parse.received import Received, split
from cubequery.syntax import too_large

PROJECTIONS = ("include", "exclude")
"""Kinds of the parameters that a request about one record takes."""


def read_query(query: str, bound: Bound, found: Findings, *, ignore: bool, kinds: Container[str] = KINDS) -> dict[str, Any]:
    """The operands that a query string gives, by name; parameters of the path are none of its own. Unknown ones are faults or ignored.

    ``kinds`` are those of the parameters that the request takes; where they are not all, none is required.
    """
    limits = bound.settings.limits
    large = too_large(query, "query", limits)
    if large is not None:
        found.add(large)
        return {}
    received, faults = split(query, "query", limits)
    for fault in faults:
        found.add(fault)
    values: dict[str, Any] = {}
    known = [name for name, row in bound.rows.items() if name not in bound.endpoint.in_path and row.parameter.kind in kinds]
    given: set[str] = set()
    for each in received:
        name = _spelled(each)
        if name not in known:
            if not ignore:
                found.add(errors.unknown_field(name, KnownNames(known)).at("query", each.offsets[0]))
        elif name in given:
            found.add(errors.plain("repeated", name).at("query", each.offsets[0]))
        else:
            given.add(name)
            _read(each, name, bound.rows[name], bound, values, found)
    if kinds is KINDS:
        _check_given(given, bound, found)
    _check_apart(given, bound, found)
    return values


def _spelled(each: Received) -> str:
    """The name as it was written: brackets mean nothing here, so that no declared parameter has any."""
    return each.names[0] + "".join(f"[{name}]" for name in each.names[1:]) + ("[]" if each.listed else "")


def _read(each: Received, name: str, row: Row, bound: Bound, values: dict[str, Any], found: Findings) -> None:
    try:
        values[name] = row.kind.read(each.value, row, bound.settings.limits)
    except Refused as refused:
        found.add(_fault(refused, row, name).at("query", each.value_offset))


def _fault(refused: Refused, row: Row, name: str) -> Fault:
    if refused.code == "too_large":
        return errors.too_large(f"elements of {name}")
    return errors.refused(refused.code, row.kind.what, name)


def _check_given(given: set[str], bound: Bound, found: Findings) -> None:
    """What must be there, alone or beside another."""
    for parameter in bound.endpoint.parameters:
        if parameter.required and parameter.name not in given and parameter.name not in bound.endpoint.in_path:
            found.add(errors.missing(parameter.name, "Parameter"))
        pair = parameter.pair if parameter.kind == "interval_pair" else None
        if pair is not None and (parameter.name in given) != (pair in given):
            lacks, other = (pair, parameter.name) if parameter.name in given else (parameter.name, pair)
            found.add(together(lacks, other))
    for group in bound.endpoint.one_of:
        if not given.intersection(group):
            found.add(errors.missing(group[0], f"One of {', '.join(group)}"))


def _check_apart(given: set[str], bound: Bound, found: Findings) -> None:
    """What must not stand beside another."""
    for one, other in (("include", "exclude"), ("cursor_after", "cursor_before")):
        names = [parameter.name for parameter in bound.endpoint.parameters if parameter.kind in (one, other) and parameter.name in given]
        if len(names) > 1:
            found.add(errors.conflict(names[1], names[0]))


def read_path(given: Mapping[str, str], bound: Bound) -> dict[str, Any]:
    """The operands in a path; what cannot be read leads nowhere. Raises CubiclError 404."""
    values = {}
    for name in bound.endpoint.in_path:
        row = bound.rows[name]
        try:
            values[name] = row.kind.read(given[name], row, bound.settings.limits)
        except Refused:
            raise refuse(errors.plain("not_found"), 404) from None
    return values


def with_defaults(values: Mapping[str, Any], bound: Bound) -> dict[str, Any]:
    """The operands with those of absent parameters that have a default."""
    found = dict(values)
    for parameter in bound.endpoint.parameters:
        if parameter.default is not None and parameter.name not in found:
            row = bound.rows[parameter.name]
            found[parameter.name] = row.kind.read(parameter.default, row, bound.settings.limits)
    return found
