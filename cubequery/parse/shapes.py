"""Combinations of names seen before: what such a request comes to, ready for fresh values, without building its tree.

Only plain lists go this way: criteria, one sort, skip and limit, each name once. Everything else, and every value that is not read at
once, goes the usual way; a shape never refuses anything by itself, and remembers nothing of a value, an actor or an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cubequery.ast import EVERYTHING, AnyOf, Compare, Field, Page, Query, SortKey, all_of
from cubequery.check import Settings, Slot
from cubequery.errors import Refused
from cubequery.operators import SearchOperator

Read = Callable[[str], Any]
Leaf = tuple[int, Field, SearchOperator]
_ONCE = frozenset({"sort", "skip", "limit"})


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Readers of the values in order; which of them are criteria (members, and those of the ``or`` group), and which are controls."""

    readers: tuple[Read, ...]
    members: tuple[Leaf, ...]
    group: tuple[Leaf, ...]
    sort: tuple[int, bool] | None
    skip: int | None
    limit: int | None
    default_limit: int

    def page(self, values: Sequence[Any]) -> tuple[int, int]:
        """Effective skip and limit."""
        skip = 0 if self.skip is None else values[self.skip]
        return skip, self.default_limit if self.limit is None else values[self.limit]

    def order(self, values: Sequence[Any]) -> tuple[SortKey, ...]:
        """The sort key, if there is one."""
        return () if self.sort is None else (SortKey(values[self.sort[0]], self.sort[1]),)

    def query(self, values: Sequence[Any]) -> Query:
        """The tree of the request: the same that the usual way gives."""
        members = [Compare(field, row, values[place]) for place, field, row in self.members]
        group = AnyOf(tuple(Compare(field, row, values[place]) for place, field, row in self.group))
        condition = all_of(*members, group if self.group else EVERYTHING)
        return Query(condition, self.order(values), Page(*self.page(values)))


def shape_of(slots: Sequence[Slot], names: Mapping[str, Field], settings: Settings) -> Shape | None:
    """The shape of a request with these parameters, or None where it must go the usual way."""
    roles = [slot.role for slot in slots]
    plain = all(role == "compare" or (role in _ONCE and roles.count(role) == 1) for role in roles)
    if not plain or len({slot.identity for slot in slots}) < len(slots):
        return None
    leaves = [(place, slot.field, slot.row) for place, slot in enumerate(slots) if slot.role == "compare" and slot.field is not None]
    group = tuple(leaf for leaf in leaves if leaf[2].grouped)
    limits = settings.limits
    if len(leaves) > limits.max_conditions or len(group) > limits.max_or_conditions or len(slots) > min(limits.max_pairs, limits.max_names):
        return None
    place = {slot.role: number for number, slot in enumerate(slots)}
    sort = (place["sort"], bool(slots[place["sort"]].extra)) if "sort" in place else None
    readers = tuple(_reader(slot, names, settings) for slot in slots)
    return Shape(
        readers,
        tuple(leaf for leaf in leaves if not leaf[2].grouped),
        group,
        sort,
        place.get("skip"),
        place.get("limit"),
        limits.default_limit,
    )


def _reader(slot: Slot, names: Mapping[str, Field], settings: Settings) -> Read:
    """A criterion's own reader; controls are read where they say the plain thing, and refused to the usual way otherwise."""
    if slot.role == "sort":
        sortable = {name: field for name, field in names.items() if field.type.kind != "Object"}
        return lambda text: _known(sortable.get(text))
    if slot.role == "skip":
        return lambda text: _between(slot.text(text), 0, settings.limits.max_skip)
    if slot.role == "limit":
        return lambda text: min(_between(slot.text(text), 1, None), settings.limits.max_limit)
    return slot.text


def _known(field: Field | None) -> Field:
    if field is None:
        raise Refused("unknown_field")
    return field


def _between(number: int, least: int, most: int | None) -> int:
    if number < least or (most is not None and number > most):
        raise Refused("out_of_range")
    return number
