"""From the operands of a list to the one tree: condition, page, fields of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, Condition, Field, Page, Projection, Query, all_of
from cubequery.dialects.cubicl.binding import Bound
from cubequery.dialects.cubicl.kinds import Row
from cubequery.dialects.cubicl.refusals import Findings
from cubequery.errors import DefinitionError, Refused
from cubequery.names import KnownNames
from cubequery.operators import EQ
from cubequery.values import FieldType

Descendants = Callable[[Any], Iterable[Any]]
"""From the stored id of a record to those of all below it: the host's knowledge, asked at most once a request for each tree."""


def build_query(values: Mapping[str, Any], bound: Bound, descendants: Descendants | None, found: Findings) -> Query:
    """The tree of a list. Raises CubiclError for every fault found, before the host is asked for anything."""
    for row in _rows(bound, values):
        if row.kind.pair == "bound" and values[row.name] > values.get(str(row.parameter.pair), values[row.name]):
            found.add(errors.plain("out_of_range", row.name))
    projection = read_projection(values, bound, found)
    found.check()
    whole = {**values, **_trees(values, bound, descendants)}
    return Query(_condition(whole, bound), page=_page(whole, bound), projection=projection)


def record_query(values: Mapping[str, Any], in_path: Mapping[str, Any], record_id: Any, bound: Bound, found: Findings) -> Query:
    """The tree of a request about one record, which stands below what the path names; all its fields are shown unless some are named."""
    asked = all_of(Compare(bound.names.fields["_id"], EQ, record_id), _condition(in_path, bound))
    named = {kind: _named(kind, values, bound, found) for kind in ("include", "exclude")}
    return Query(asked, page=Page(limit=1), projection=Projection(named["include"] or tuple(bound.names.fields.values()), named["exclude"]))


def _rows(bound: Bound, values: Mapping[str, Any]) -> list[Row]:
    """The rows that the request uses, in the order of the declaration."""
    return [bound.rows[parameter.name] for parameter in bound.endpoint.parameters if parameter.name in values]


def _condition(values: Mapping[str, Any], bound: Bound) -> Condition:
    return all_of(*[row.kind.ask(row, values) for row in _rows(bound, values)])


def _of_kind(kind: str, values: Mapping[str, Any], bound: Bound) -> Any:
    """The operand of the one parameter of a kind, or None."""
    return next((values[row.name] for row in _rows(bound, values) if row.parameter.kind == kind), None)


def _page(values: Mapping[str, Any], bound: Bound) -> Page:
    """The latest records before a cursor are the last of the order."""
    limits = bound.settings.limits
    most = next((each.most for each in bound.endpoint.parameters if each.kind == "limit"), limits.default_limit)
    limit = _of_kind("limit", values, bound) or most
    last = _of_kind("cursor_before", values, bound) is not None
    return Page(_of_kind("skip", values, bound) or 0, min(limit, limits.max_limit), last)


def read_projection(values: Mapping[str, Any], bound: Bound, found: Findings) -> Projection:
    """The fields of the answer: those named, else those that the endpoint shows."""
    named = {kind: _named(kind, values, bound, found) for kind in ("include", "exclude")}
    shown = tuple(bound.names.fields.values()) if _of_kind("all_fields", values, bound) else bound.shown
    return Projection(named["include"] or shown, named["exclude"])


def _named(kind: str, values: Mapping[str, Any], bound: Bound, found: Findings) -> tuple[Field, ...]:
    fields = []
    for name in _of_kind(kind, values, bound) or ():
        field = bound.names.find(name)
        if field is None:
            found.add(errors.unknown_field(name, KnownNames(bound.names.fields), kind))
        else:
            fields.append(field)
    return tuple(dict.fromkeys(fields))


def _trees(values: Mapping[str, Any], bound: Bound, descendants: Descendants | None) -> dict[str, list[Any]]:
    """In the place of an id whose flag is set: the id and its descendants, each once."""
    found = {}
    for row in _rows(bound, values):
        if row.kind.pair == "flag" and row.parameter.pair is not None and values.get(row.parameter.pair):
            if descendants is None:
                raise DefinitionError([f"{bound.endpoint.path}: {row.name} needs descendants="])
            own, kind = values[row.name], row.fields[0].type
            found[row.name] = list(dict.fromkeys([own, *(_as_stored(each, kind) for each in descendants(own))]))
    return found


def _as_stored(given: Any, kind: FieldType) -> Any:
    """A descendant as the field keeps it. Raises DefinitionError for what can be no value of it."""
    if kind.owns(given):
        return given
    try:
        return kind.read_text(str(given))
    except Refused:
        raise DefinitionError([f"descendants: {type(given).__name__} is no {kind.name}"]) from None
