"""Requests as data, and where their operands come from: ids and values of the records in which the stores of a pair differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bson import ObjectId

from cubequery.ast import Field
from cubequery.testing.bodies import Bodies
from cubequery.testing.pairs import Pair
from cubequery.testing.queries import Queries
from cubequery.testing.values import Document, stored_at

MISSING: Mapping[str, Any] = {"ObjectId": ObjectId("65000000000000000000ffff"), "Integer": 999_999, "String": "missing"}
"""An id that no record has, by the type of ids."""
Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""A method of the engine, its arguments but for the actor, and those by name."""


@dataclass(frozen=True)
class Asked:
    """One request: a method of the engine and its arguments but for the actor; ``channel`` says what it is aimed at."""

    channel: int
    method: str
    args: tuple[Any, ...]
    named: Mapping[str, Any] = field(default_factory=dict)

    def put(self, engine: Any, actor: Any) -> Any:
        """The answer of an engine. Raises RequestError."""
        return getattr(engine, self.method)(*self.args, actor=actor, **self.named)

    def __str__(self) -> str:
        given = [*map(repr, self.args), *(f"{name}={value!r}" for name, value in self.named.items())]
        return f"{self.method}({', '.join(given)})"


class Asker:
    """Draws requests for a pair. Half of what they say is taken from the records in which its stores differ."""

    def __init__(self, pair: Pair, random: Random, user_id_type: str = "Integer") -> None:
        self.pair, self.random = pair, random
        self.queries = {schema.name: Queries(random, schema, user_id_type) for schema in pair.classes}
        self.turn()

    def turn(self) -> None:
        """The next request is about another class: mostly about one whose records differ."""
        names = list(self.queries)
        differing = [name for name in names if self.pair.versions(name)]
        self.name = self.random.choice(differing if differing and self.random.random() < 0.9 else names)
        self.world = self.queries[self.name]
        self.updates = Bodies(self.world)
        self.versions = self.pair.versions(self.name)

    def other(self) -> str:
        """Any class."""
        return self.random.choice(list(self.queries))

    def search(self, *parts: str, name: str | None = None) -> Call:
        """A list of records, its query sent as such or as a form."""
        text, of = "&".join(part for part in parts if part), name or self.name
        return ("list", (of, ""), {"form": text}) if self.random.random() < 0.15 else ("list", (of, text), {})

    def pivot(self) -> str:
        """A criterion of a field with a value that a record in which the stores differ has there; any criterion where it has none."""
        document = self.random.choice(self.versions) if self.versions else {}
        owned = [each for each in self.world.fields if own_values(each, document)]
        if not owned or self.random.random() < 0.3:
            return self.world.criterion()
        chosen = self.random.choice(owned)
        return self.world.criterion(chosen, own_values(chosen, document))

    def criteria(self) -> str:
        """A few criteria, or none."""
        kind = self.random.choice(["pivot", "pivot", "request", "", ""])
        return self.pivot() if kind == "pivot" else self.world.request() if kind else ""

    def broad(self) -> str:
        """One criterion that many records meet."""
        return self.random.choice([self.pivot(), f"_id[ne]={self.id()}", f"user_id[ne]={self.user()}"])

    def user(self) -> Any:
        """A user that hardly any record names."""
        return 7 if self.world.user_id_type == "Integer" else "zed"

    def id(self, action: str = "read") -> str:
        """An id of a record, mostly of one in which the stores differ; never one of which this action may tell."""
        untold = self.pair.untold.get(action, frozenset())
        about = [each for each in self.pair.about if each not in untold]
        others = [each for each in self.pair.ids if each not in untold]
        pool = about if about and self.random.random() < 0.7 else [*others, MISSING[self.world.schema.id_type]]
        return str(self.random.choice(pool))

    def ids(self, action: str = "read") -> list[str]:
        """Two to four ids, some of them twice."""
        return [self.id(action) for _ in range(self.random.randint(2, 4))]

    def body(self, share: float = 0.1) -> dict[str, Any]:
        """Changes of a record; in a share of cases a new parent among them."""
        body = self.updates.body()
        return {**body, "_parent_id": self.id()} if self.random.random() < share else body

    def record(self, name: str | None = None) -> dict[str, Any]:
        """A body that creates a record."""
        body = Bodies(self.queries[name or self.name]).created()
        if self.pair.actor.admin:  # who may name an id, and must name an owner
            return {**body, "user_id": self.user()}
        draw = self.random.random()
        own = {"_id": self.id(), "user_id": 1} if draw < 0.2 else {"permissions": self.updates.permissions()} if draw < 0.3 else {}
        return body | own

    def names(self, *kinds: str) -> list[str]:
        """Names of fields of these kinds, system fields too."""
        return [each.name for each in self.world.fields if each.type.kind in kinds]


def own_values(field: Field, document: Document) -> list[Any]:
    """What the document holds of the field: its own values, element by element where they are a list."""
    value = stored_at(document, field.path)
    if value is None or not field.type.owns(value):
        return []
    return list(value) if field.type.kind.endswith("_a") else [value]
