"""Combinations of names: what such a request comes to, ready for fresh values, without building its tree.

Criteria, sorting, paging, count, projection and aggregation go this way where each name stands once and says the plain thing. Everything
else, and every value that is not read at once, goes the usual way; a shape never refuses anything by itself, and remembers nothing of a
value, an actor or an error. For a combination that comes again and again functions can be written (``generated``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from cubequery.acl import TOKEN_FIELDS
from cubequery.ast import EVERYTHING, Aggregate, AnyOf, Calc, Compare, Page, Projection, Query, SortKey, all_of
from cubequery.check import Settings
from cubequery.operators import IN, Calculation, Plain
from cubequery.parse.generated import Answer, Build, Leaf, answer_function, build_function
from cubequery.parse.known import CONTROLS, Known
from cubequery.schema import ClassSchema

Filter = dict[str, Any]
assert isinstance(IN.compile, Plain)
RIGHTS = TOKEN_FIELDS["read"].path, IN.compile.operator
_IDENTITY = attrgetter("identity")
_NO_GROUP: tuple[int, ...] = ()
_NO_CONTROLS: Mapping[str, int] = {}


def _not_written(text: str, parts: Sequence[str], actor: Any) -> None:
    """The answer of a combination that no function was written for."""


class Shape:
    """The names of a request in order: which are criteria (``members``, and those of the ``or`` group), where the controls stand.

    ``agrees`` says whether values go together (None: always), ``built`` makes the filter once functions are written. Every new combination
    makes one of these: it is small, and without a dict.
    """

    __slots__ = ("agrees", "answer", "built", "controls", "group", "members", "names", "received", "schema", "seen", "settings", "suffix")

    def __init__(
        self, received: str, names: Sequence[Known], schema: ClassSchema, settings: Settings, members: Sequence[int],
        group: Sequence[int], controls: Mapping[str, int],
    ) -> None:  # fmt: skip
        self.received, self.names, self.schema, self.settings = received, names, schema, settings
        self.members, self.group, self.controls = members, group, controls
        self.agrees: Callable[[Sequence[Any]], bool] | None = None
        self.suffix, self.seen = "", 0
        self.answer: Answer = _not_written
        self.built: Build | None = None

    def draft(self, parts: Sequence[str]) -> Draft | None:
        """A request from its parts, names and texts in turn. Raises what readers raise for values that must be read in another way."""
        values: list[Any] = []
        members: list[Filter] = []
        group: list[Filter] = []
        for known, text in zip(self.names, parts[1::2]):  # noqa: B905 - as long by how they were split, and saying so costs a name
            value, leaf = known.take(text)
            values.append(value)
            if leaf is not None:
                (group if known.grouped else members).append(leaf)
        if self.agrees is not None and not self.agrees(values):
            return None
        if group:
            members.append({"$or": group})
        return self, values, members

    def write(self, made: type) -> None:
        """From here on one function does all of it, ``answer``: from text, parts and actor to an object of ``made``."""
        members, group = ([self._leaf(place) for place in places] for places in (self.members, self.group))
        self.built = build_function(len(self.names), members, group, RIGHTS)
        readings = [(name, known.reading) for name, known in zip(self.received.split("&"), self.names, strict=True)]
        self.answer = answer_function(made, self, readings, members, group, rights=RIGHTS, agrees=self.agrees)

    def _leaf(self, place: int) -> Leaf:
        known = self.names[place]
        return place, known.form, known.path, known.operator, known.filter

    def build(self, values: Sequence[Any], tokens: Sequence[str]) -> Filter:
        """The whole filter from values and an actor's tokens."""
        return with_rights(self.filters(values), tokens) if self.built is None else self.built(values, tokens)

    def filters(self, values: Sequence[Any]) -> list[Filter]:
        """The members of the filter without any rights: criteria in order, the ``or`` group last."""
        names = self.names
        found = [names[place].filter(values[place]) for place in self.members]
        if self.group:
            found.append({"$or": [names[place].filter(values[place]) for place in self.group]})
        return found

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


Draft = tuple[Shape, Sequence[Any], list[Filter]]
"""A shape, the values read, and the members of the filter that they make, without any rights."""


def with_rights(members: list[Filter], tokens: Sequence[str]) -> Filter:
    """The whole filter of its members, which it keeps, and an actor's tokens."""
    members.append({RIGHTS[0]: {RIGHTS[1]: [*tokens]}})
    return {"$and": members} if len(members) > 1 else members[0]


def shape_of(received: str, names: Sequence[Known], schema: ClassSchema, settings: Settings) -> Shape | None:
    """The shape of a request with these parameters, or None where it must go the usual way."""
    members: list[int] = []
    group, controls, signs = _NO_GROUP, _NO_CONTROLS, 0
    for place, known in enumerate(names):
        if signs & known.sign and len({*map(_IDENTITY, names)}) < len(names):
            return None
        signs |= known.sign
        if known.is_criterion:
            if known.grouped:
                group = (*group, place)
            else:
                members.append(place)
        elif known.role in CONTROLS and known.role not in controls:
            controls = {**controls, known.role: place}
        else:
            return None
    shape = Shape(received, names, schema, settings, members, group, controls)
    if not group and not controls:
        return shape
    limits = settings.limits
    if len(group) > limits.max_or_conditions:
        return None
    if "calc" not in controls and "group_by" not in controls:
        return shape
    if "calc" not in controls or "group_by" not in controls or "count" in controls or "include" in controls or "exclude" in controls:
        return None
    shape.suffix = f"_{names[controls['calc']].field.name}"
    shape.agrees = _agreement(controls, shape.suffix, limits.max_calcs)
    return shape


def _agreement(controls: Mapping[str, int], suffix: str, most: int) -> Callable[[Sequence[Any]], bool]:
    """Whether the controls of an aggregation say nothing about one another; an order of groups only by the group itself."""
    grouped, calc, order = controls["group_by"], controls["calc"], controls.get("sort")

    def agrees(values: Sequence[Any]) -> bool:
        group, rows = values[grouped], values[calc]
        if order is not None and values[order] is not group:
            return False
        if len(rows) == 1:
            return bool(rows[0].name != group.name)
        # A group whose name may be the key of some figure goes the usual way, whichever figures are asked for.
        return not group.name.endswith(suffix) and len(rows) == len({row.name for row in rows}) <= most

    return agrees
