"""Plans of list requests: of names seen before the filter first, and the tree only where somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery.acl import Actor, permitted
from cubequery.ast import EVERYTHING, Condition, Query, Request
from cubequery.check import Settings
from cubequery.compile.mongo_filter import join_filters
from cubequery.compile.mongo_query import compile_sort
from cubequery.parse import Reader, Sources, reader_for
from cubequery.parse.reader import NOT_PLAIN
from cubequery.parse.shapes import Shape, with_rights
from cubequery.parse.slow import LateError
from cubequery.schema import ClassSchema
from cubequery.translate.kept import kept
from cubequery.translate.plan import Plan, Shown, shown, whole

WARM = 8
"""Requests of one combination after which functions are written for it: writing them costs as much as some dozens of requests."""
_FORWARD = Query().page
_new = object.__new__


def new_quick(schema: ClassSchema, settings: Settings) -> Quick:
    """Quick plans of a class, kept with it as its readers are; under the settings alone, for the most frequent of keys needs no tuple."""
    quick = Quick(reader_for(schema, settings))
    schema.memory[settings] = quick
    return quick


class Quick:
    """List requests of a class by the combinations of names that its reader remembers. Safe to share between threads.

    ``kinds`` are those of actors whose requests it may be asked for, ``by_tokens`` says whether their tokens alone decide what they may
    read.
    """

    __slots__ = ("by_tokens", "kinds", "most", "reader", "shapes")

    def __init__(self, reader: Reader) -> None:
        self.reader, self.shapes = reader, reader.shapes
        self.kinds = (None, reader.settings.user_id_type)
        self.by_tokens = reader.schema.read_by_tokens
        self.most = reader.settings.limits.max_query_bytes

    def learn(self, text: str, parts: Sequence[str], names: str, shape: Shape | None, actor: Actor) -> Plan:
        """The plan of a request that no function answers: ``parts`` are its names and texts in turn. Raises RequestError.

        Where its combination of names comes often, the next one has a function.
        """
        try:
            draft = self.reader.draft(text, parts, names, shape)
        except NOT_PLAIN:
            draft = None
        if draft is None:
            return self.usual(text, actor)
        shape, values, members = draft
        shape.seen += 1
        if shape.seen >= WARM and shape.built is None:
            shape.write(ReadyPlan)
        if actor.admin or not self.by_tokens:
            return QuickPlan(shape, values, actor, EVERYTHING)
        plan = _new(ReadyPlan)
        plan.shape, plan.values, plan.actor, plan.filter = shape, values, actor, with_rights(members, actor.tokens)
        return plan

    def usual(self, text: str, actor: Actor) -> Plan:
        """The plan of any request for a known actor, read whole. Raises RequestError."""
        if self.reader.refuses(text):
            raise LateError(self.reader.why, text)
        return plan_for(self.reader.read(Sources(text)), self.reader.schema, actor, EVERYTHING, self.reader.settings)


def plan_for(tree: Request, schema: ClassSchema, actor: Actor, where: Condition, settings: Settings) -> Plan:
    """A tree that was read already, joined with what ``actor`` may read and with the host's condition."""
    assert isinstance(tree, Query)
    return Plan(tree, schema, actor, permitted(actor, "read", schema, settings.user_id_type), where, settings)


def within(plan: Plan, where: Condition) -> Plan:
    """The search of ``plan`` within a condition of the host, which takes no part in reading it."""
    if isinstance(plan, QuickPlan):
        return QuickPlan(plan.shape, plan.values, plan.actor, where)
    return Plan(plan.query, plan.schema, plan.actor, plan.rights, where, plan.settings)


class QuickPlan(Plan):
    """A plan made of a shape and its fresh values; in everything that can be seen it is the Plan of the same request."""

    __slots__ = ("query_", "rights_", "shape", "values")

    shape: Shape
    values: Sequence[Any]
    rights_: Condition

    def __init__(self, shape: Shape, values: Sequence[Any], actor: Actor, where: Condition) -> None:
        self.shape, self.values, self.actor, self.where = shape, values, actor, where
        # A class that knows no such actor says so now, as it does of a plan that is made whole.
        self.rights_ = permitted(actor, "read", shape.schema, shape.settings.user_id_type)

    def __copy__(self) -> QuickPlan:
        return QuickPlan(self.shape, self.values, self.actor, self.where)

    @property
    def schema(self) -> ClassSchema:  # type: ignore[override]  # the shape knows it
        """The class."""
        return self.shape.schema

    @property
    def settings(self) -> Settings:  # type: ignore[override]  # as above
        """Bounds and the type of user ids."""
        return self.shape.settings

    @kept
    def query(self) -> Query:  # type: ignore[override]  # the same attribute, made when it is asked for
        """The tree as the actor wrote it."""
        return self.shape.query(self.values)

    @kept
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
        return join_filters(self.shape.filters(self.values), self.rights, self.where)

    @kept
    def _shown(self) -> Shown:
        controls = self.shape.controls
        if "include" in controls or "exclude" in controls:
            return shown(self.shape.projection(self.values), self._names)
        return whole(self.schema, self.settings.user_id_type)

    @property
    def sort(self) -> list[tuple[str, int]]:
        """``(stored path, 1 or -1)``, ends in ``_id``."""
        return compile_sort(self.shape.order(self.values), _FORWARD)


class ReadyPlan(QuickPlan):
    """The same where the tokens of the actor alone decide what may be read, with its filter.

    Its slots are filled where it is made: an ``__init__`` would cost as much again.
    """

    __slots__ = ("filter",)

    filter: dict[str, Any]  # there from the start
    where = EVERYTHING

    def _filter(self) -> dict[str, Any]:
        return self.shape.build(self.values, self.actor.tokens)
