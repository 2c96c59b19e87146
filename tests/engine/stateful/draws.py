"""Draws of a course: actors, ids and bodies, from words and from what the model holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from hypothesis import strategies as st

from tests.engine.stateful import words
from tests.engine.stateful.words import Body
from tests.support.model import Actor, Model

T = TypeVar("T")
UNKNOWN = "f" * 24


def joined(*bodies: Body) -> Body:
    """Several bodies as one; what they give under one name is put together."""
    found: Body = {}
    for body in bodies:
        for name, value in body.items():
            old = found.get(name)
            found[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return found


@dataclass(frozen=True)
class Draw:
    """Draws from a course's present state."""

    draw: Callable[..., Any]
    model: Model
    actors: Mapping[str, Actor]

    def one(self, items: Sequence[T]) -> T:
        """One of these."""
        found: T = self.draw(st.sampled_from(items))
        return found

    def some(self, items: Sequence[Body], least: int, most: int) -> Body:
        """Several bodies as one."""
        return joined(*self.draw(st.lists(st.sampled_from(items), min_size=least, max_size=most)))

    def often(self) -> bool:
        """Yes, three times in four."""
        return self.one([True, True, True, False])

    def half(self) -> bool:
        """Yes, half of the time."""
        return self.one([True, False])

    def seldom(self) -> bool:
        """Yes, once in eight times."""
        eighth: int = self.one(range(8))
        return eighth == 7

    def name(self) -> str:
        """A class."""
        return self.one(["pet", "pet", "toy"])

    def id(self, name: str) -> str:
        """The id of a record of the class, now and then of another one or of none."""
        ids = sorted(self.model.records[name])
        return self.one([*ids, UNKNOWN, "zz"] if ids else [UNKNOWN])

    def who(self, name: str = "", id: str = "") -> str:
        """An actor; half of the time one that may change or delete the record, where one is given."""
        held = [who for who in words.USERS if self.may("update", name, id, who) or self.may("delete", name, id, who)]
        return self.one(held) if held and self.half() else self.one(words.ASKING)

    def may(self, action: str, name: str, id: str, who: str) -> bool:
        """Whether there is such a record, and the actor may do this to it."""
        row = self.model.records.get(name, {}).get(id)
        return row is not None and self.model.may(action, name, row, self.actors[who])

    def only_updated(self, name: str) -> tuple[str, str]:
        """A record, and half of the time an actor that may update but not delete it."""
        pairs = [(id, who) for id in sorted(self.model.records[name]) for who in words.USERS if self.may("update", name, id, who)]
        kept = [(id, who) for id, who in pairs if not self.may("delete", name, id, who)]
        id = self.id(name)
        return self.one(kept) if kept and self.half() else (id, self.who(name, id))

    def values(self, name: str) -> Body:
        """Plain values."""
        return self.some(words.VALUES if name == "pet" else words.TOY_VALUES, 0, 4)

    def perhaps_wrong(self, name: str, body: Body) -> Body:
        """The body, seldom with a value that the class refuses: one, as the specification gives faults no order."""
        return {**body, **self.one(words.WRONG)} if name == "pet" and self.seldom() else body

    def operations(self, name: str) -> Body:
        """Update operators, seldom with plain values."""
        found = self.some(words.OPERATIONS if name == "pet" else words.TOY_OPERATIONS, 1, 2)
        if name == "pet" and self.seldom():
            return self.one(words.OTHER_SPELLINGS)
        return found if self.often() else {**self.values(name), **found}

    def changes(self, name: str) -> Body:
        """Whatever may be changed without a parent."""
        return self.operations(name) if self.half() else self.values(name)

    def new(self, name: str, who: str) -> Body:
        """A body to create, mostly a good one."""
        body = self.values(name)
        if self.often():
            body = {"name": "ada", **body}
        if self.often():
            body["permissions"] = self.levels()
        if self.actors[who].admin and self.often():
            body["user_id"] = self.one([1, 2, 3])
        return body

    def levels(self) -> Body:
        """Levels of some actions."""
        actions = self.draw(st.lists(st.sampled_from(["read", "update", "delete"]), min_size=2, max_size=3, unique=True))
        return {action: self.one(words.LEVELS) for action in actions}

    def class_permissions(self, definition: Body) -> Body:
        """The class with another level for one action."""
        action = self.one(["create", "read", "update", "delete"])
        level = self.one(words.CREATE_LEVELS if action == "create" else words.CLASS_LEVELS)
        return {**definition, "permissions": {**definition.get("permissions", {}), action: level}}

    def conditions(self, name: str) -> Body:
        """Conditions that constrain something."""
        return self.some(words.PET_CONDITIONS if name == "pet" else words.CONDITIONS, 1, 2)

    def criteria(self, name: str) -> Body:
        """The same, but seldom what would match everything."""
        return self.one(words.EVERYTHING) if self.seldom() else self.conditions(name)

    def parent(self) -> str | None:
        """The id of a record of any class, or null."""
        ids = sorted(id for rows in self.model.records.values() for id in rows)
        return self.one([*ids, None, UNKNOWN])
