"""Seeded worlds for volume: a class of every type with its records, and requests aimed at them."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import cubequery as cq
from cubequery.testing.queries import Queries
from cubequery.testing.rights import actors_for

STRATEGIES: list[dict[str, Any]] = [
    {},
    {},
    {"permissions": {"read": {"access": "owner", "primary": True}}},
    {"acl": {"owner": "who", "shared": ["guests"]}},
    {"acl": "class"},
    {"permissions": {"read": {"access": "open_for_groups", "groups": ["a"], "primary": True}}},
]
ACTORS = tuple(actors_for(()))


def world_class(resolution: str, rights: Mapping[str, Any]) -> cq.ClassSchema:
    """A class with a field of every type; ``rights`` are its strategy and levels."""
    fields: dict[str, Any] = {
        "n": cq.Integer,
        "f": cq.Float,
        "s": cq.String,
        "b": cq.Boolean,
        "at": cq.Date(resolution=resolution),
        "loc": cq.Location,
        "pic": cq.File,
        "tags": cq.Array,
        "nums": cq.Array(cq.Integer),
        "marks": cq.Array(cq.Float),
        "flags": cq.Array(cq.Boolean),
        "total": cq.Float(stored="amt"),
        "who": cq.Integer,
        "guests": cq.Array(cq.Integer),
        "address": cq.Object({"city": cq.String, "visits": cq.Integer(stored="v"), "deep": cq.Object({"x": cq.Float})}),
    }
    return cq.ClassSchema("world", fields, **rights)


class World(Queries):
    """One class with its records; everything follows from the seed, or from the seed and the class given."""

    def __init__(self, seed: int, size: int = 100, schema: cq.ClassSchema | None = None) -> None:
        random = Random(seed)
        drawn = world_class(random.choice(["s", "ms"]), random.choice(STRATEGIES)) if schema is None else schema
        super().__init__(random, drawn)
        self.documents = [self.awkward(number) for number in range(size)]

    def actor(self) -> cq.Actor:
        """Any kind of actor."""
        return self.random.choice(ACTORS)
