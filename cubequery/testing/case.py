"""One case of non-interference: two stores alike for an actor, and what he asks. It is played and told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bson import ObjectId, encode

from cubequery.acl import Actor
from cubequery.schema import ClassSchema
from cubequery.stores import MemoryStore
from cubequery.testing.asking import Asked
from cubequery.testing.pairs import Records
from cubequery.testing.recording import Loop, RecordedStore, fill, stored
from cubequery.testing.rights import may
from cubequery.testing.told import Told, parting, told
from cubequery.testing.values import Document

Call = tuple[str, tuple[Any, ...], Mapping[str, Any]]
"""A method of the engine, its arguments but for the actor, and those by name."""
EngineFactory = Callable[..., Any]
"""``factory(store, classes, clock=..., ids=..., random=...)``: an engine, sync or async, or what answers like one."""
StoreFactory = Callable[[], Any]
"""``factory()``: an empty store, or one that may be emptied."""
_NOW = dt.datetime(2024, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Case:
    """Records by class: ``both`` stand in two stores, ``left`` and ``right`` in one each, hidden from the actor; what he asks."""

    classes: Sequence[ClassSchema]
    actor: Actor
    calls: Sequence[Call]
    both: Records = field(default_factory=dict)
    left: Records = field(default_factory=dict)
    right: Records = field(default_factory=dict)

    def side(self, own: Records) -> Records:
        """The records of one store."""
        return {each.name: [*self.both.get(each.name, ()), *own.get(each.name, ())] for each in self.classes}

    def asked(self) -> list[Asked]:
        """The calls as requests."""
        return [Asked(0, *call) for call in self.calls]

    def sound(self) -> bool:
        """Whether the stores are alike for the actor, and no write names a hidden record on which he holds that very right."""
        hidden = [(schema, each) for schema in self.classes for side in (self.left, self.right) for each in side.get(schema.name, ())]
        if any(may(self.actor, "read", schema, each) for schema, each in hidden):
            return False
        for action in ("update", "delete"):
            held = [str(each["_id"]) for schema, each in hidden if may(self.actor, action, schema, each)]
            said = [repr(args) for method, args, _ in self.calls if method in (action, f"{action}_many")]
            if any(own in text for own in held for text in said):
                return False
        return True


class Interference(AssertionError):
    """What an actor may not read has changed what he is told; ``what`` differs, in a word and in detail."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}\n{detail}")
        self.kind, self.detail = kind, detail


def play(case: Case, engine_factory: EngineFactory, store_factory: StoreFactory = MemoryStore, *, commands: bool = True) -> list[Told]:
    """Ask the same of both stores and compare every answer, the commands, and the stores; what the left side told.

    Raises Interference.
    """
    loop = Loop()
    try:
        sides = [ask(case, case.side(own), engine_factory, RecordedStore(store_factory()), loop) for own in (case.left, case.right)]
    finally:
        loop.close()
    for place, (left, right) in enumerate(zip(sides[0][0], sides[1][0], strict=True), 1):
        if left.answer != right.answer:
            raise Interference(f"the answer to request {place} tells of what is hidden", f"one:   {left.answer}\nother: {right.answer}")
        if commands and left.commands != right.commands:
            raise Interference(f"the commands of request {place} depend on what is hidden", parting(left, right))
    if sides[0][1] != sides[1][1]:
        differing = sorted({key for key, _ in sides[0][1].items() ^ sides[1][1].items()})
        raise Interference("the stores are not alike afterwards", ", ".join(differing))
    return sides[0][0]


def ask(case: Case, records: Records, factory: EngineFactory, store: RecordedStore, loop: Loop) -> tuple[list[Told], dict[str, bytes]]:
    """What one store tells, and what of it the actor may read afterwards."""
    fill(store.store, case.classes, records, loop)
    engine = factory(store, list(case.classes), **sources())
    answers = [told(engine, store, each, case.actor, loop.settled) for each in case.asked()]
    left: dict[str, list[Document]] = stored(store.store, case.classes, loop)
    seen = {
        f"{schema.name} {each['_id']!r}": encode(each)
        for schema in case.classes
        for each in left[schema.name]
        if may(case.actor, "read", schema, each)
    }
    return answers, seen


def sources() -> dict[str, Any]:
    """Clock, ids and random texts of an engine, the same for every one."""
    numbers, texts = count(1), count(1)

    def ids(schema: ClassSchema) -> Any:
        number = next(numbers)
        made: Mapping[str, Any] = {"ObjectId": ObjectId(f"66{number:022x}"), "Integer": 1_000_000 + number, "String": f"new{number}"}
        return made[schema.id_type]

    return {"clock": lambda: _NOW, "ids": ids, "random": lambda: f"op{next(texts)}"}
