"""Pairs of stores that must be one to an actor: they differ in records that he may not read, and in nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cubequery.acl import Actor
from cubequery.schema import ClassSchema
from cubequery.testing.rights import ACTIONS, Keys, can_hide, may
from cubequery.testing.values import Document, Values

Records = Mapping[str, Sequence[Document]]
"""Stored documents by class."""
SIZE = 5
"""Records of each class in a pair."""


@dataclass(frozen=True)
class Pair:
    """Two stores by class, who asks, and the engine's classes and scope.

    ``about`` are the ids of the records in which the stores differ. ``named`` are ids by action that a request may name although the
    actor holds that right on a hidden record. ``shown`` are two stores and an engine that differ for him wherever ``about`` counts.
    """

    title: str
    classes: tuple[ClassSchema, ...]
    actor: Actor
    left: Records
    right: Records
    about: tuple[Any, ...]
    scope: Mapping[str, Any] = field(default_factory=dict)
    untold: Mapping[str, frozenset[Any]] = field(default_factory=dict)
    hidden_children: bool = False
    shown: Pair | None = None

    @property
    def ids(self) -> list[Any]:
        """The ids of all records, those in which the stores differ first."""
        return list(dict.fromkeys([*self.about, *(each["_id"] for side in (self.left, self.right) for each in every(side))]))

    def versions(self, name: str) -> list[Document]:
        """The records of a class in which the stores differ, as they stand in either."""
        return [each for side in (self.left, self.right) for each in side.get(name, ()) if each["_id"] in self.about]

    def __str__(self) -> str:
        sides = [f"{name} {each}" for name, side in (("left ", self.left), ("right", self.right)) for each in every(side)]
        both = [line[6:] for line in sides if line.startswith("left") and f"right {line[6:]}" in sides]
        lines = [f"in both {line}" for line in both] + [f"only {line}" for line in sides if line[6:] not in both]
        return "\n".join([f"{self.title}; {self.actor!r}; scope {self.scope}", *lines])


def every(records: Records) -> list[Document]:
    """The records of all classes."""
    return [each for documents in records.values() for each in documents]


class NothingToHide(Exception):
    """No class can hide a record from any of the actors."""


def hidden_pair(random: Random, classes: Sequence[ClassSchema], actors: Sequence[Actor], user_id_type: str = "Integer") -> Pair:
    """Stores that differ in one to three records of one class that the actor may not read: there, not there, or otherwise.

    A hidden record has no parent, for a delete of a parent that takes it along costs a command; it may be one. Its id is untold to
    writes whose right the actor holds on it. Raises NothingToHide.
    """
    hiding = [(schema, actor) for schema in classes for actor in actors if can_hide(schema, actor)]
    if not hiding:
        raise NothingToHide
    chosen, actor = random.choice(hiding)
    draw = {schema.name: _Draw(random, schema, actor, user_id_type) for schema in classes}
    both = {schema.name: [draw[schema.name].record(number, random.random() < 0.75) for number in range(SIZE)] for schema in classes}
    sides: tuple[list[Document], list[Document]] = ([], [])
    for number in range(SIZE, SIZE + random.randint(1, 3)):
        shape = random.choice(["left", "right", "both", "both"])
        for name, side in zip(("left", "right"), sides, strict=True):
            if shape in (name, "both"):
                side.append(_root(draw[chosen.name].record(number, False)))
    hidden = [each for side in sides for each in side]
    parents = [(schema.name, each["_id"]) for schema in classes for each in both[schema.name]] + [
        (chosen.name, each["_id"]) for each in hidden
    ]
    for documents in both.values():
        documents[:] = [_below(random, each, parents) if random.random() < 0.3 else each for each in documents]
    left, right = ({**both, chosen.name: [*both[chosen.name], *side]} for side in sides)
    about = tuple(dict.fromkeys(each["_id"] for each in hidden))
    untold = {action: frozenset(each["_id"] for each in hidden if may(actor, action, chosen, each)) for action in ACTIONS}
    return Pair(chosen.name, tuple(classes), actor, left, right, about, untold=untold)


def one_store(random: Random, classes: Sequence[ClassSchema], actors: Sequence[Actor], user_id_type: str = "Integer") -> Pair:
    """One store and an actor who may do much in it: both sides are the same, and every record is worth asking about."""
    actor = random.choice(actors)
    draw = {schema.name: _Draw(random, schema, actor, user_id_type) for schema in classes}
    records = {name: [each.record(number, random.random() < 0.8) for number in range(SIZE + 2)] for name, each in draw.items()}
    about = tuple(dict.fromkeys(each["_id"] for documents in records.values() for each in documents))
    return Pair("one store", tuple(classes), actor, records, records, about)


class _Draw:
    """Draws records of one class with rights for one actor."""

    def __init__(self, random: Random, schema: ClassSchema, actor: Actor, user_id_type: str) -> None:
        self.random, self.values, self.keys = random, Values(random, schema, user_id_type), Keys(schema, actor, random, user_id_type)

    def record(self, number: int, readable: bool) -> Document:
        """A record with this number; what the class alone decides cannot be chosen."""
        document = self.values.awkward(number) if self.random.random() < 0.6 else self.values.valid(number)
        return self.keys.put(document, read=readable, update=self.random.random() < 0.4, delete=self.random.random() < 0.4)


def _root(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in ("_parent_id", "_parent_class")}


def _below(random: Random, document: Document, parents: Sequence[tuple[str, Any]]) -> Document:
    name, own = random.choice(parents)
    return {**document, "_parent_id": own, "_parent_class": name}
