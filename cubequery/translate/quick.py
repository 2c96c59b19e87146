"""A plan for a combination of names seen before: filter first, tree only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from cubequery.acl import Actor, permitted
from cubequery.ast import EVERYTHING, Condition, Query
from cubequery.check import Settings
from cubequery.compile.mongo_filter import join_filters
from cubequery.compile.mongo_query import compile_sort
from cubequery.parse.shapes import Draft, Shape
from cubequery.schema import ClassSchema
from cubequery.translate.plan import Plan

_FORWARD = Query().page
_new = object.__new__


def quick_plan(draft: Draft, actor: Actor, where: Condition = EVERYTHING) -> QuickPlan:
    """The plan of a request that was read without its tree, which is made later; an ``__init__`` would cost as much again."""
    plan = _new(QuickPlan)
    shape, plan.values, made = draft
    plan.shape = shape
    plan.actor = actor
    plan.where = where
    if where is EVERYTHING and shape.by_tokens and not actor.admin:
        plan.filter = made  # what the tokens alone decide; otherwise it is made when it is asked for
    return plan


class QuickPlan(Plan):
    """A plan made of a shape and its fresh values; in everything that can be seen it is the Plan of the same request."""

    shape: Shape
    values: Sequence[Any]

    @property
    def schema(self) -> ClassSchema:  # type: ignore[override]  # the shape knows it
        """The class."""
        return self.shape.schema

    @property
    def settings(self) -> Settings:  # type: ignore[override]  # as above
        """Bounds and the type of user ids."""
        return self.shape.settings

    @cached_property
    def query(self) -> Query:  # type: ignore[override]  # the same attribute, made when it is asked for
        """The tree as the actor wrote it."""
        return self.shape.query(self.values)

    @cached_property
    def rights(self) -> Condition:  # type: ignore[override]  # as above
        """What the actor may read."""
        return permitted(self.actor, "read", self.schema, self.settings.user_id_type)

    @property
    def kind(self) -> str:  # type: ignore[override]  # as above
        """``list``, ``count`` or ``groups``."""
        return self.shape.kind(self.values)

    @property
    def skip(self) -> int:  # type: ignore[override]  # as above
        """Records or groups skipped."""
        return self.shape.page(self.values)[0]

    @property
    def limit(self) -> int:  # type: ignore[override]  # as above
        """Records or groups at most."""
        return self.shape.page(self.values)[1]

    def _filter(self) -> dict[str, Any]:
        shape, actor = self.shape, self.actor
        if self.where is EVERYTHING and shape.by_tokens and not actor.admin:
            return shape.build(self.values, actor.tokens)
        return join_filters(shape.filters(self.values), self.rights, self.where)

    @property
    def sort(self) -> list[tuple[str, int]]:
        """``(stored path, 1 or -1)``, ends in ``_id``."""
        return compile_sort(self.shape.order(self.values), _FORWARD)
