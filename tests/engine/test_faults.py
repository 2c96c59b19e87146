"""Every command of every operation is made to fail, in memory: nothing acknowledged is lost, a repeat finishes, no orphan stays."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

import cubequery as cq
from cubequery.stores import MemoryStore
from tests.engine import trials
from tests.engine.broken import ALWAYS, Broken
from tests.engine.promises import Uncut, check_files
from tests.engine.trials import CLASSES, OPERATIONS, Operation, Stored


class Watched:
    """A memory store of which is told what it held before each command."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.states: list[list[str]] = []

    def execute(self, command: Any) -> Any:
        self.states.append(held(self.store).shape)
        return self.store.execute(command)


def held(store: MemoryStore) -> Stored:
    files = {own: file.data for each in CLASSES for own, file in store.files.of(each.name).items()}
    return Stored({each.name: list(store.records(each.name).values()) for each in CLASSES}, files)


@cache
def base() -> MemoryStore:
    store = MemoryStore()
    trials.prepare(store)
    return store


def prepared() -> MemoryStore:
    store = MemoryStore()
    for each in CLASSES:
        store.insert(each.name, base().records(each.name).values())
        store.files.of(each.name).update(base().files.of(each.name))
    return store


def asked(operation: Operation, store: Any) -> tuple[str, Any]:
    return trials.outcome(operation.ask, cq.Engine(store, CLASSES, **trials.options_of(operation)))


def undisturbed(name: str) -> Uncut:
    counting = Watched(prepared())
    said, answer = asked(OPERATIONS[name], counting)
    assert said == "done"
    return Uncut(name, OPERATIONS[name], [*counting.states, held(counting.store).shape], answer)


def sweep(store: MemoryStore) -> None:
    assert asked(OPERATIONS["sweep"], store)[0] == "done"
    check_files(held(store))
    assert not held(store).orphans, "an orphan outlives the sweep"


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize(
    ("code", "applied"), [("unavailable", False), ("outcome_unknown", False), ("outcome_unknown", True), ("internal", True)]
)
@pytest.mark.parametrize("stays", [False, True])
def test_a_memory_store_that_fails_at_any_command(name: str, code: str, applied: bool, stays: bool) -> None:
    uncut, said = undisturbed(name), Counter[str]()
    points = range(len(uncut.states) - 1)
    for place in points:
        store = prepared()
        word, answer = asked(uncut.operation, Broken(store, place, code, applied=applied, times=ALWAYS if stays else 1))
        uncut.check(word, answer, held(store))
        said[word] += 1
        sweep(store)
        if uncut.operation.repeats:
            uncut.check_repeat(*asked(uncut.operation, store), held(store))
            sweep(store)
    print(f"{name}: {len(points)} commands, {dict(said)}")
    assert sum(said.values()) == len(points) > 0


def test_the_operations_are_worth_disturbing() -> None:
    """Those that write change something, and those in batches pass several states where there are no transactions."""
    found = {name: undisturbed(name) for name in OPERATIONS}
    reads = {"list", "count", "groups", "get", "get_many", "permissions", "download"}
    assert {name for name, uncut in found.items() if uncut.reads} == reads
    assert all(len(uncut.steps) > 2 for name, uncut in found.items() if name.endswith("in_batches"))
