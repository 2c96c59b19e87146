"""What pairs of stores are made of: records of a world with rights drawn for one actor, notes below them, classes and scopes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

from bson import ObjectId

import cubequery as cq
from cubequery.testing.pools import TEXTS
from cubequery.testing.rights import ACTIONS, Keys
from cubequery.testing.values import Document
from tests.support.stored_rights import RIGHTS
from tests.support.worlds import World, world_class

OPEN = {action: {"access": "open", "primary": True} for action in ACTIONS}
RIGHTS_KEYS = ("_read", "_update", "_delete", "_acl", "user_id", "who", "guests")
SIZE, SPARE = 8, 5
"""Records of a world that stand in a pair, and those whose values serve for other versions of them."""


@cache
def classes_of(rights: str, *, opened: bool = False) -> tuple[cq.ClassSchema, ...]:
    """Classes world, with these rights, and note; ``opened``: the same where everybody may do everything."""
    given = RIGHTS[rights]
    return world_class("ms", {**given, "permissions": OPEN} if opened else given), cq.ClassSchema(
        "note", {"text": cq.String}, permissions=OPEN if opened else None
    )


class Draw:
    """What the kinds of pairs have in common: records of a world with rights drawn for one actor, and notes below them."""

    def __init__(self, random: Random, seed: int, rights: str, actor: cq.Actor) -> None:
        self.random, self.rights, self.actor = random, rights, actor
        self.classes = classes_of(rights)
        self.world = World(seed, SIZE + SPARE, self.classes[0])
        self.world.random = random
        for document in self.world.documents:
            self._tame(document)
        self.documents, self.spare = self.world.documents[:SIZE], self.world.documents[SIZE:]
        self.keys, self.note_keys = (Keys(schema, actor, random) for schema in self.classes)

    def _tame(self, document: Document) -> None:
        """No index of several paths takes a record with two arrays, so that one field of such indexes never holds any."""
        if isinstance(document.get("amt"), list):
            del document["amt"]
        if self.random.random() < 0.2:
            document["secret"] = self.random.choice(TEXTS)

    def chance(self, share: float) -> bool:
        """True in so many of all cases."""
        return self.random.random() < share

    def keyed(self, document: Document, read: float = 0.75, write: float = 0.5) -> Document:
        """The record with rights: how likely the actor may read it, and update or delete it."""
        return self.keys.put(document, read=self.chance(read), update=self.chance(write), delete=self.chance(write))

    def other(self, document: Document) -> Document:
        """Another version of a record under the same rights: one other value, or all of them."""
        spare = self.random.choice(self.spare)
        if self.chance(0.1):
            return {**document, "_parent_class": self.random.choice(["note", "world", "gone", None])}
        if self.chance(0.4):
            name = self.random.choice([name for name in spare if name not in (*RIGHTS_KEYS, "_id")])
            return {**document, name: spare[name]}
        kept = {name: document[name] for name in ("_id", "_parent_id", "_parent_class", *RIGHTS_KEYS) if name in document}
        same = {"updated_at": document["updated_at"]} if self.chance(0.7) and "updated_at" in document else {}
        return {**{name: value for name, value in spare.items() if name not in RIGHTS_KEYS}, **same, **kept}

    def below(self, document: Document, parents: Sequence[ObjectId]) -> Document:
        """The record below one of these parents."""
        parent_class = self.random.choice([{"_parent_class": "world"}, {"_parent_class": "world"}, {}])
        return {**document, "_parent_id": self.random.choice(parents), **parent_class}

    def notes(self, parents: Sequence[ObjectId], count: int, read: float = 0.75) -> list[Document]:
        """Notes, most of them below one of these parents."""
        made: list[Document] = []
        for _ in range(count):
            number = len(made) + (1 if read else 9)
            note = {"_id": ObjectId(f"6500000000000000000001{number:02x}"), "text": self.random.choice(TEXTS)}
            note = self.note_keys.put(note, read=self.chance(read), update=self.chance(0.5), delete=self.chance(0.5))
            made.append(self.below(note, parents) if parents and self.chance(0.75) else note)
        return made
