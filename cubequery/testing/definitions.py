"""Classes, drawn: fields of every type and option under every strategy of rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import cubequery as cq
from cubequery.values import FieldType

_TYPES: Sequence[Callable[[], FieldType]] = (
    cq.Integer, cq.Float, cq.String, cq.Boolean, cq.Date, cq.Location, cq.File, cq.Array,
    lambda: cq.Array(cq.Integer), lambda: cq.Array(cq.Float, max_length=2), lambda: cq.Array(cq.Boolean),
    lambda: cq.Integer(minimum=0, maximum=9), lambda: cq.Float(minimum=-1.5), lambda: cq.String(choices=["a", "b"]),
    lambda: cq.String(max_length=3, default="x"), lambda: cq.Integer(required=True), lambda: cq.Date(resolution="ms"),
    lambda: cq.Float(stored="amt"), lambda: cq.Array(cq.String, choices=["a", "ab"]),
    lambda: cq.Object({"city": cq.String, "gt": cq.Integer(stored="v"), "deep": cq.Object({"x": cq.Float})}),
)  # fmt: skip
_NAMES = ("n", "s", "tags", "gt", "address", "été")
_PRIMARY: Sequence[dict[str, Any]] = (
    {"access": "open"}, {"access": "open_for_groups", "groups": ["a"]}, {"access": "open_for_users_ids", "ids": [1, 2]},
    {"access": "not_allowed"},
)  # fmt: skip


def draw_class(random: Random, name: str) -> cq.ClassSchema:
    """A class of this name."""
    chosen = random.sample(_TYPES, random.randint(1, len(_NAMES)))
    fields: dict[str, Any] = {own: make() for own, make in zip(_NAMES, chosen, strict=False)}
    strategy = random.choice(["tokens", "tokens", "class", "owner"])
    acl: Any = strategy
    if strategy == "owner":
        fields |= {"who": cq.Integer(), "guests": cq.Array(cq.Integer)}
        acl = {"owner": "who", "shared": ["guests"]}
    permissions = {}
    for action in ("read", "update", "delete"):
        if random.random() < 0.3:
            permissions[action] = {**random.choice(_PRIMARY), "primary": True}
        elif strategy == "tokens" and random.random() < 0.3:
            permissions[action] = {"access": random.choice(["open", "owner"])}
    return cq.ClassSchema(name, fields, acl=acl, permissions=permissions, id_type=random.choice(["ObjectId"] * 3 + ["Integer", "String"]))
