"""Combinations of names: what such a request comes to, ready for fresh values, without building its tree.

Criteria, sorting, paging, count, projection and aggregation go this way where each name stands once and says the plain thing. Everything
else, and every value that is not read at once, goes the usual way; a shape never refuses anything by itself, and remembers nothing of a
value, an actor or an error. A combination that comes again and again gets functions written for it (``generated``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cubequery.acl import TOKEN_FIELDS
from cubequery.ast import EVERYTHING, Aggregate, AnyOf, Calc, Compare, Page, Projection, Query, SortKey, all_of
from cubequery.check import Settings
from cubequery.operators import IN, Calculation, Plain
from cubequery.parse.escapes import decode
from cubequery.parse.generated import Leaf, answer_function, build_function
from cubequery.parse.known import CONTROLS, Known
from cubequery.schema import ClassSchema

WARM = 8
"""Requests of one combination after which functions are written for it: writing them costs as much as some dozens of requests."""
Filter = dict[str, Any]
assert isinstance(IN.compile, Plain)
RIGHTS = TOKEN_FIELDS["read"].path, IN.compile.operator


class Shape:
    """The names of a request in order: which are criteria (``members``, and those of the ``or`` group), where the controls stand."""

    # What most combinations lack is not made for each: containers are what the collector of garbage looks through.
    group: Sequence[int] = ()
    controls: Mapping[str, int] = MappingProxyType({})
    agrees: Callable[[Sequence[Any]], bool] | None = None
    suffix = ""
    _seen = _built = 0

    def __init__(self, names: Sequence[Known], schema: ClassSchema, settings: Settings) -> None:
        self.names, self.schema, self.settings = names, schema, settings
        self.by_tokens = schema.read_by_tokens
        self.members: list[int] = []
        self.plain = b"=&" * (len(names) - 1) + b"="

    def answer(self, parts: Sequence[str], tokens: Sequence[str]) -> Draft:
        """The shape itself, the values of a request from its parts, names and texts in turn, and the filter made of them and tokens."""
        self._seen += 1
        if self._seen == WARM:
            written = answer_function(self, [known.reading for known in self.names], *self._leaves(), RIGHTS)
            self.answer = written  # type: ignore[assignment,method-assign]  # in the place of the method, for this combination alone
        values = [known.read(text) for known, text in zip(self.names, parts[1::2], strict=True)]
        return self, values, self.build(values, tokens)

    def answer_escaped(self, parts: Sequence[str], tokens: Sequence[str]) -> Draft:
        """The same where some texts have escapes: what is decoded is read by the slot's own reader."""
        values = [
            (known.full(decode(text)) if "%" in text or "+" in text else known.read(text))
            for known, text in zip(self.names, parts[1::2], strict=True)
        ]
        return self, values, self.build(values, tokens)

    def _leaves(self) -> tuple[list[Leaf], list[Leaf]]:
        members, group = ([self._leaf(place) for place in places] for places in (self.members, self.group))
        return members, group

    def _leaf(self, place: int) -> Leaf:
        known = self.names[place]
        return place, known.form, known.path, known.operator, known.filter

    def build(self, values: Sequence[Any], tokens: Sequence[str]) -> Filter:
        """The whole filter from values and an actor's tokens."""
        self._built += 1
        if self._built == WARM:
            written = build_function(len(self.names), *self._leaves(), RIGHTS)
            self.build = written  # type: ignore[assignment,method-assign]  # as above
        members = self.filters(values)
        members.append({RIGHTS[0]: {RIGHTS[1]: [*tokens]}})
        return {"$and": members} if len(members) > 1 else members[0]

    def filters(self, values: Sequence[Any]) -> list[Filter]:
        """The members of the filter without any rights: criteria in order, the ``or`` group last."""
        names = self.names
        found = [names[place].filter(values[place]) for place in self.members]
        if self.group:
            found.append({"$or": [names[place].filter(values[place]) for place in self.group]})
        return found

    def _agree(self, values: Sequence[Any]) -> bool:
        """Whether the controls of an aggregation say nothing about one another; an order of groups only by the group itself."""
        controls = self.controls
        group, rows = values[controls["group_by"]], values[controls["calc"]]
        if "sort" in controls and values[controls["sort"]] is not group:
            return False
        if len(rows) == 1:
            return bool(rows[0].name != group.name)
        shown = {row.name for row in rows}
        # A group whose name may be the key of some figure goes the usual way, whichever figures are asked for.
        return not group.name.endswith(self.suffix) and len(rows) == len(shown) <= self.settings.limits.max_calcs

    def kind(self, values: Sequence[Any]) -> str:
        """``list``, ``count`` or ``groups``."""
        if "group_by" in self.controls:
            return "groups"
        return "count" if "count" in self.controls and values[self.controls["count"]] else "list"

    def page(self, values: Sequence[Any]) -> tuple[int, int]:
        """Effective skip and limit."""
        controls, limits = self.controls, self.settings.limits
        skip = values[controls["skip"]] if "skip" in controls else 0
        return skip, values[controls["limit"]] if "limit" in controls else min(limits.default_limit, limits.max_limit)

    def order(self, values: Sequence[Any]) -> tuple[SortKey, ...]:
        """The sort key, if there is one."""
        place = self.controls.get("sort")
        return () if place is None else (SortKey(values[place], bool(self.names[place].slot.extra)),)

    def projection(self, values: Sequence[Any]) -> Projection:
        """The fields included and excluded."""
        include, exclude = (values[self.controls[role]] if role in self.controls else () for role in ("include", "exclude"))
        return Projection(include or None, exclude)

    def query(self, values: Sequence[Any]) -> Query:
        """The tree of the request: the same that the usual way gives."""
        compares, group = ([self._compare(place, values) for place in places] for places in (self.members, self.group))
        condition = all_of(*compares, AnyOf(tuple(group)) if group else EVERYTHING)
        aggregate = Aggregate(values[self.controls["group_by"]], self._calcs(values)) if "group_by" in self.controls else None
        page = Page(*self.page(values))
        return Query(condition, self.order(values), page, self.kind(values) == "count", self.projection(values), aggregate)

    def _compare(self, place: int, values: Sequence[Any]) -> Compare:
        known = self.names[place]
        return Compare(known.field, known.slot.row, values[place])

    def _calcs(self, values: Sequence[Any]) -> tuple[Calc, ...]:
        place = self.controls["calc"]
        rows = values[place]
        return tuple(Calc(row, self.names[place].field, self._key(row) if len(rows) > 1 else row.name) for row in rows)

    def _key(self, row: Calculation) -> str:
        return row.name + self.suffix


Draft = tuple[Shape, Sequence[Any], Filter]
"""A shape, the values read, and the filter that they make with the tokens given."""


def shape_of(names: Sequence[Known], schema: ClassSchema, settings: Settings) -> Shape | None:
    """The shape of a request with these parameters, or None where it must go the usual way."""
    limits, size = settings.limits, len(names)
    if size > limits.max_pairs or size > limits.max_names or size > limits.max_conditions:
        return None
    if len({known.identity for known in names}) < size:
        return None
    shape = Shape(names, schema, settings)
    members, group, controls = shape.members, list[int](), dict[str, int]()
    for place, known in enumerate(names):
        if known.is_criterion:
            (group if known.grouped else members).append(place)
        elif known.role in CONTROLS and known.role not in controls:
            controls[known.role] = place
        else:
            return None
    if group:
        if len(group) > limits.max_or_conditions:
            return None
        shape.group = group
    if not controls:
        return shape
    shape.controls = controls
    if "calc" not in controls and "group_by" not in controls:
        return shape
    if "calc" not in controls or "group_by" not in controls or "count" in controls or "include" in controls or "exclude" in controls:
        return None
    shape.agrees, shape.suffix = shape._agree, f"_{names[controls['calc']].field.name}"
    return shape
