"""Every write operation meets others in memory, in every order of their commands: nothing lands that is not permitted by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from cubequery.operations import Modify, Remove
from cubequery.stores import MemoryStore
from cubequery.stores.memory import key
from tests.races.race import CONFLICTS, Race, Told, judged
from tests.races.requests import OTHERS, PETS, WRITES, Records, prepared, stored
from tests.races.turns import Turn, interleavings

START = prepared()
ONE, TWO, THREE = 1, 2, 3
"""How often the two may be interrupted in all. One: all of the other comes at each command; two: half of it, and the rest at the end."""


class Watched:
    """The memory store of one of two operations: it waits for its turn before each command, and tells what has landed."""

    transactions = False

    def __init__(self, store: MemoryStore, race: Race, place: int) -> None:
        self.store, self.race, self.place = store, race, place

    def execute(self, command: Any) -> Any:
        self.race.command(self.place)
        answer = self.carry_out(command)
        self.race.landed(self.place)
        return answer

    def carry_out(self, command: Any) -> Any:
        return self.store.execute(command)


class Careless(Watched):
    """A store that decides by what stood when its operation began, and then acts: the bug that these tests are for."""

    early: MemoryStore | None = None

    def carry_out(self, command: Any) -> Any:
        self.early = filled(stored(self.store)) if self.early is None else self.early
        if not isinstance(command, Modify | Remove):
            return self.store.execute(command)
        answer = self.early.execute(command)
        records = self.store.records(command.schema.name)
        if isinstance(command, Remove):
            for record in answer:
                records.pop(key(record["_id"]), None)
        elif answer is not None:
            records[key(answer["_id"])] = answer
        return answer


def filled(records: Records) -> MemoryStore:
    store = MemoryStore()
    for (name, _), record in records.items():
        store.insert(name, [record])
    return store


def meet(
    first: str, other: str, plan: Sequence[int], kind: Callable[[MemoryStore, Race, int], Watched] = Watched
) -> tuple[list[Turn], Told]:
    """One order of the two operations, over records of their own."""
    store = filled(START)
    pair = [(first, WRITES[first]), (other, OTHERS[other])]
    return Race(pair, partial(stored, store), partial(kind, store), strict=False).run(plan)


def meetings(first: str, other: str, interruptions: int) -> list[Told]:
    return judged(first, other, partial(meet, first, other), interruptions)


def test_what_lands_is_permitted() -> None:
    said, conflicts = Counter[str](), 0
    for first in WRITES:
        for other in OTHERS:
            told = meetings(first, other, ONE)
            said.update(f"{first}: {each.words[0]}" for each in told)
            conflicts += sum(each.conflict for each in told)
    whole = sum(said.values())
    print(f"{len(WRITES) * len(OTHERS)} pairs, {whole} orders, {conflicts} with a conflict; {dict(sorted(said.items()))}")
    assert conflicts >= CONFLICTS * whole
    assert {code.split(": ")[1] for code in said} == {"done", "forbidden", "needs_read", "not_found", "parent"}


@pytest.mark.parametrize("other", ["parent deleted", "child created", "grandchild created", "child moved out", "grandchild moved out"])
@pytest.mark.parametrize("first", ["delete", "create many"])
def test_cascades_that_are_half_done(first: str, other: str) -> None:
    meetings(first, other, TWO)


@pytest.mark.slow
@pytest.mark.parametrize("first", WRITES)
def test_what_lands_is_permitted_however_they_are_interrupted(first: str) -> None:
    whole = {other: len(meetings(first, other, THREE)) for other in OTHERS}
    print(f"{first}: {sum(whole.values())} orders; {whole}")


@pytest.mark.parametrize(
    ("first", "other"), [("update many", "rights withdrawn"), ("update by criteria", "leaves the criteria"), ("delete", "rights withdrawn")]
)
def test_a_store_that_decides_too_early_is_found(first: str, other: str) -> None:
    told = interleavings(partial(meet, first, other, kind=Careless), ONE)
    assert any(each.faults for each in told)


def test_of_two_appends_one_appends_and_the_other_replaces() -> None:
    lists = [each.records[PETS[1]]["tags"] for each in meetings("append", "appended as well", TWO)]
    assert sorted(lists) == [["a", "b", "ann's"], ["a", "b", "bob's"]]


def test_of_two_writes_of_rights_one_is_kept_whole() -> None:
    kept = [each.records[PETS[1]] for each in meetings("rights", "rights of an admin", TWO)]
    arrays = sorted([record["_read"], record["_update"], record["_delete"]] for record in kept)
    assert arrays == [[["u1"], ["*"], ["u2", "u1"]], [["u2", "u1"], ["u1"], ["*"]]]
