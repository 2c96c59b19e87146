"""What others do while a cascade is under way: what is moved away stays, what is put below is taken along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import cubequery as cq
from cubequery.engine import Engine
from cubequery.operations import Command, Find, Insert, Remove
from cubequery.stores import MemoryStore
from tests.engine.scenario import ANN, BOB, CLASSES, options

Interruptions = list[tuple[type[Command[Any]], Callable[[], object]]]


class Interrupted:
    """A store in whose way others come: each of them once, in order, before a command of its kind."""

    transactions = False

    def __init__(self, store: MemoryStore, others: Interruptions) -> None:
        self.store, self.others = store, others

    def execute(self, command: Any) -> Any:
        if self.others and isinstance(command, self.others[0][0]):
            self.others.pop(0)[1]()
        return self.store.execute(command)


class Family:
    """A pet with a toy, which has a part; and another pet."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.engine = Engine(self.store, CLASSES, **options())
        self.pet, self.other = (self.engine.create("pet", {"name": name}, ANN)["_id"] for name in ("Rex", "Tom"))
        self.toy = self.add(self.pet)
        self.part = self.add(self.toy)

    def add(self, parent: str) -> str:
        made: str = self.engine.create("toy", {"label": "x", "_parent_id": parent}, ANN)["_id"]
        return made

    def during(self, *others: tuple[type[Command[Any]], Callable[[], object]]) -> Engine:
        """An engine that is interrupted."""
        ids = options()["ids"]
        for _ in range(100):
            ids(CLASSES[0])
        return Engine(Interrupted(self.store, list(others)), CLASSES, **{**options(), "ids": ids})

    def toys(self) -> list[str]:
        return [str(record["_id"]) for record in self.store.records("toy").values()]


@pytest.mark.parametrize("which", ["toy", "part"])
def test_what_is_moved_away_is_not_deleted(which: str) -> None:
    family = Family()
    moved = getattr(family, which)
    engine = family.during((Remove, lambda: family.engine.update("toy", moved, {"_parent_id": family.other}, ANN)))
    engine.delete("pet", family.pet, ANN)
    assert family.toys() == [moved]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_what_is_put_below_is_deleted_as_well(depth: int) -> None:
    family = Family()
    parent = (family.pet, family.toy, family.part)[depth]
    engine = family.during((Remove, lambda: family.add(family.add(parent))))
    engine.delete("pet", family.pet, ANN)
    assert family.toys() == []


def test_what_is_put_below_a_record_that_is_taken_back_is_taken_back_as_well() -> None:
    family = Family()
    family.engine.update("pet", family.pet, {"permissions": {"read": {"access": "open"}}}, ANN)

    def below() -> None:
        (new,) = (record for record in family.store.records("toy").values() if record["label"] == "new")
        family.add(str(new["_id"]))

    engine = family.during((Insert, lambda: family.engine.delete("pet", family.pet, ANN)), (Find, below))
    with pytest.raises(cq.RequestError, match="Parent record not found"):
        engine.create("toy", {"label": "new", "_parent_id": family.pet}, BOB)
    assert family.toys() == []
