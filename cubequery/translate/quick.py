"""A plan for a combination of names seen before: filter first, tree only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cubequery.acl import Actor
from cubequery.ast import Condition, Query
from cubequery.check import Settings
from cubequery.compile.mongo_filter import compile_leaf, join_filters
from cubequery.compile.mongo_query import compile_sort
from cubequery.parse.shapes import Shape
from cubequery.schema import ClassSchema
from cubequery.translate.plan import Plan


class QuickPlan(Plan):
    """A list plan made of a shape and its fresh values; in everything that can be seen it is the Plan of the same request."""

    def __init__(  # the tree, which the usual plan begins with, is made later
        self,
        shape: Shape,
        values: Sequence[Any],
        schema: ClassSchema,
        actor: Actor,
        rights: Condition,
        where: Condition,
        settings: Settings,
    ) -> None:
        self.shape, self.values, self.schema, self.actor, self.settings = shape, values, schema, actor, settings
        self.rights, self.where, self.kind = rights, where, "list"
        self.skip, self.limit = shape.page(values)

    @cached_property
    def query(self) -> Query:  # type: ignore[override]  # the same attribute, made when it is asked for
        """The tree as the actor wrote it."""
        return self.shape.query(self.values)

    @cached_property
    def filter(self) -> dict[str, Any]:
        """MongoDB filter."""
        return self._filter()

    def _filter(self) -> dict[str, Any]:
        shape, values = self.shape, self.values
        members = [compile_leaf(row, field.compared, values[place]) for place, field, row in shape.members]
        if shape.group:
            members.append({"$or": [compile_leaf(row, field.compared, values[place]) for place, field, row in shape.group]})
        return join_filters(members, self.rights, self.where)

    @property
    def sort(self) -> list[tuple[str, int]]:
        """``(stored path, 1 or -1)``, ends in ``_id``."""
        return compile_sort(self.shape.order(self.values), _FORWARD)


_FORWARD = Query().page
