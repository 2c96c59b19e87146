"""Whole histories: requests of several actors, one after the other, over classes that begin empty; every one of them decoded JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from cubequery.acl import Actor
from cubequery.ast import Field
from cubequery.operators import SEARCH
from cubequery.operators.aggregate import CALCULATIONS, GROUP_KINDS
from cubequery.schema import ClassSchema
from cubequery.testing.bodies import Bodies, Body, nest
from cubequery.testing.plain import Plain
from cubequery.testing.rights import actors_for
from cubequery.values import FieldType

NOWHERE = "f" * 24
"""An id of no record."""
READS = ("list", "count", "groups", "get", "get_many", "permissions")
WRITES = ("create", "create", "create_many", "update", "update", "update", "update_many", "update_by_criteria", "delete", "delete_many")


@dataclass(frozen=True)
class Step:
    """One request: a method of an engine, a class, what it is given, and who asks. Its number decides which ids it draws."""

    number: int
    method: str
    name: str
    given: tuple[Any, ...]
    actor: Actor

    def put(self, system: Any, actor: Any) -> Any:
        """The answer of an engine, or of what answers like one. Raises RequestError."""
        before = self.given[:1] if self.method == "get" else self.given
        return getattr(system, self.method)(self.name, *before, actor, *self.given[len(before) :])

    def ids(self) -> Iterable[str]:
        """The ids that it draws, in order."""
        return (f"{self.number:08x}{place:016x}" for place in range(1_000))


class Histories:
    """Draws histories of some classes. Requests are aimed at records that may be there, by actors who may do something with them."""

    def __init__(self, random: Random, classes: Sequence[ClassSchema], actors: Sequence[Actor] | None = None) -> None:
        self.random = random
        self.values = {schema.name: Plain(random, schema) for schema in classes}
        self.bodies = {name: _Bodies(values) for name, values in self.values.items()}
        self.levels = {schema.name: schema.strategy.kind == "tokens" for schema in classes}
        self.actors = list(actors_for(classes) if actors is None else actors)
        self.drawn: dict[str, list[str]] = {name: [] for name in self.values}

    def draw(self, length: int) -> list[Step]:
        """So many requests; the first of them create something."""
        return [self._step(number + 1, "create" if number < 4 else self._kind()) for number in range(length)]

    def _kind(self) -> str:
        return self.random.choice(WRITES if self.random.random() < 0.6 else READS)

    def _step(self, number: int, kind: str) -> Step:
        name, actor = self.random.choice(list(self.values)), self.random.choice(self.actors)
        given: tuple[Any, ...] = getattr(self, f"_{kind}")(name, actor)
        method = {"count": "list", "groups": "list", "get_many": "get", "permissions": "get", "delete_many": "delete"}.get(kind, kind)
        if kind == "delete" and self.random.random() < 0.3:
            method, given = "delete_by_criteria", (self._criteria(name),)
        step = Step(number, method, name, given, actor)
        if method in ("create", "create_many"):
            made = len(given[0]["record"]) if method == "create_many" else 1
            self.drawn[name] += list(step.ids())[:made]
        return step

    def _id(self, name: str) -> str:
        """The id of a record that may be there, mostly one of this class."""
        known = self.drawn[name] if self.random.random() < 0.9 else [each for ids in self.drawn.values() for each in ids]
        return self.random.choice([*known, NOWHERE] if len(known) < 3 or self.random.random() < 0.1 else known)

    def _create(self, name: str, actor: Actor) -> tuple[Body]:
        body = self.bodies[name].created()
        if actor.admin:
            body["user_id"] = self.random.choice([each.user_id for each in self.actors if each.user_id])
        return (self._placed(body, name, share=0.2, rights=0.5),)

    def _create_many(self, name: str, actor: Actor) -> tuple[Body]:
        numbers = self.random.sample(["1", "2", "10", "9", "0"], self.random.randint(1, 3))
        return ({"record": {number: self._create(name, actor)[0] for number in numbers}},)

    def _update(self, name: str, actor: Actor) -> tuple[str, Body]:
        return self._id(name), self._changes(name)

    def _update_many(self, name: str, actor: Actor) -> tuple[Body]:
        return ({"record": {str(number): {"id": self._id(name), **self._changes(name)} for number in range(1, self.random.randint(2, 4))}},)

    def _update_by_criteria(self, name: str, actor: Actor) -> tuple[Body]:
        return ({"search_criteria": self._criteria(name), **self._changes(name)},)

    def _delete(self, name: str, actor: Actor) -> tuple[str]:
        return (self._id(name),)

    def _delete_many(self, name: str, actor: Actor) -> tuple[str]:
        return (f"{self._id(name)},{self._id(name)}",)

    def _get(self, name: str, actor: Actor) -> tuple[str]:
        return (self._id(name),)

    def _get_many(self, name: str, actor: Actor) -> tuple[str]:
        return (f"{self._id(name)},{self._id(name)},",)

    def _permissions(self, name: str, actor: Actor) -> tuple[str, ...]:
        return (self._id(name), "permissions=1") if self.levels[name] else (self._id(name),)

    def _count(self, name: str, actor: Actor) -> tuple[Body]:
        return ({"count": 1, **self._criteria(name)},)

    def _list(self, name: str, actor: Actor) -> tuple[Body]:
        fields = [each for each in self.values[name].fields if each.type.kind in SEARCH["gt"][0].kinds or each.type.kind == "String"]
        sort: Body = (
            {self.random.choice(["sort_asc", "sort_desc"]): [self.random.choice(fields).name]} if self.random.random() < 0.5 else {}
        )
        pages: list[Body] = [{}, {}, {"limit": -1}, {"skip": 1, "limit": 3}, {"output": {"exclude": ["_id"]}}]
        page = self.random.choice(pages)
        return ({**sort, **page, **(self._criteria(name) if self.random.random() < 0.6 else {})},)

    def _groups(self, name: str, actor: Actor) -> tuple[Body]:
        fields = self.values[name].fields
        numbers = [each for each in fields if each.type.kind in ("Integer", "Float")]
        if not numbers:
            return self._count(name, actor)
        body: Body = {"group_by": self.random.choice([each for each in fields if each.type.kind in GROUP_KINDS]).name}
        words = self.random.sample([row.name for row in CALCULATIONS], self.random.randint(1, 2))
        nest(body, self.random.choice(numbers), {"calc": words})
        return (body,)

    def _criteria(self, name: str) -> Body:
        """One or two conditions on fields; several with `or` are one group."""
        body: Body = {}
        for field in self.random.sample(self.values[name].fields, self.random.choice([1, 1, 2])):
            nest(body, field, self._condition(name, field))
        return body

    def _condition(self, name: str, field: Field) -> Any:
        kind, values = field.type.kind, self.values[name]
        row = SEARCH.row(self.random.choice([each for each in SEARCH.names_for(kind) if each != "near"]), kind)
        assert row is not None
        if row.shape == "literal":
            return {row.name: self.random.choice(["a", "b", "1", "5", "ab"])}
        own = [None if row.null and self.random.random() < 0.15 else values.asked(field) for _ in range(self.random.randint(1, 3))]
        return {row.name: own if row.shape == "list" else own[0]}

    def _changes(self, name: str) -> Body:
        body = self.bodies[name].body()
        body.pop("permissions", None)
        body.pop("_parent_id", None)
        if "user_id" in body:
            body["user_id"] = self.random.choice([1, 2, 3])
        return self._placed(tame(body), name, share=0.15, rights=0.2)

    def _placed(self, body: Body, name: str, *, share: float, rights: float) -> Body:
        """The body, in a share of cases with a parent, in another with levels."""
        if self.random.random() < share:
            body["_parent_id"] = self.random.choice([None, self._id(self.random.choice(list(self.values)))])
        if self.levels[name] and self.random.random() < rights:
            body["permissions"] = self.bodies[name].permissions()
        return body


class _Bodies(Bodies):
    """Bodies whose values are written as answers show them."""

    def json_value(self, kind: FieldType) -> Any:
        """A JSON value that the type and its options allow."""
        return kind.show(self.values.fitting(kind))


def tame(body: Any) -> Any:
    """The body without amounts after which sums are no longer exact."""
    if isinstance(body, dict):
        return {name: tame(value) for name, value in body.items()}
    return 8 if type(body) in (int, float) and abs(body) > 1e9 else body
