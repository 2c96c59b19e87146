"""The writers of the failover test, over a store in memory that fails at random: they find what is lost or doubled, and nothing else."""

from __future__ import annotations

import random
from functools import partial
from typing import Any

import pytest

import cubequery as cq
from cubequery import errors
from cubequery.engine import Engine
from cubequery.operations import Insert, Modify
from cubequery.stores import MemoryStore
from tests.engine.ledger import COUNTER, Writer, differences, play
from tests.engine.scenario import CLASSES

ROUNDS = 30


class Flaky:
    """A store of which every tenth command fails before it is applied, and every tenth write after that; ``bug`` is what it does wrong."""

    transactions = False

    def __init__(self, bug: str) -> None:
        self.store, self.bug, self.random = MemoryStore(), bug, random.Random(bug)

    def execute(self, command: Any) -> Any:
        luck = self.random.random()
        if luck < 0.1:
            raise cq.RequestError([errors.plain("unavailable")])
        if self.bug == "loses" and isinstance(command, Insert) and luck > 0.95:
            return []
        answer = self.store.execute(command)
        if self.bug == "doubles" and isinstance(command, Modify) and luck > 0.95:
            self.store.execute(command)
        if command.writes and luck < 0.2:
            raise cq.RequestError([errors.plain("unavailable" if self.bug == "denies" else "outcome_unknown")])
        return answer


def played_out(writer: Writer) -> bool:
    return writer.rounds >= ROUNDS


def found(bug: str) -> list[str]:
    """What two writers find over a store with this bug."""
    store, writers = Flaky(bug), [Writer(0), Writer(1)]
    shared = Engine(store.store, CLASSES).create("pet", COUNTER, cq.ADMIN)["_id"]
    try:
        for writer in writers:
            play(Engine(store, CLASSES), writer, partial(played_out, writer), shared)
    except AssertionError as error:
        return [str(error)]
    assert all(writer.said["outcome_unknown"] > 9 for writer in writers) or bug == "denies"
    return list(differences(writers, store.store.records("pet").values(), store.store.records("toy").values()))


@pytest.mark.parametrize("bug", ["loses", "doubles", "denies"])
def test_a_bug_is_found(bug: str) -> None:
    assert found(bug)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found("") == []
