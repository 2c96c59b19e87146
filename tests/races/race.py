"""One meeting of two operations: their players, their judges, and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, pairwise
from typing import Any

from bson import ObjectId

from cubequery.engine import Engine
from tests.engine.scenario import CLASSES, NOW, number
from tests.races.judge import Judge, below, drift, orphans, parent_of
from tests.races.requests import Key, Operation, Records
from tests.races.turns import Player, Turn, interleavings, play

Pair = Sequence[tuple[str, Operation]]
Fetch = Callable[[], Records]
CONFLICTS = 0.3
"""Share of meetings in which one must write what the other is about, for them to have tested anything."""


@dataclass(frozen=True)
class Told:
    """How a meeting went: the words of both answers, what is stored, what was wrong, and whether one wrote what the other was about.

    ``serial`` is set where neither was interrupted, ``overlapped`` where one waited inside the server for the other, so that what it
    wrote cannot be told apart.
    """

    words: tuple[str, ...]
    records: Records
    faults: list[str]
    orphans: list[str]
    conflict: bool
    serial: bool
    overlapped: bool


class Race:
    """``store`` makes the store of an operation; it is to call ``command`` before each of its commands and ``landed`` after each write.

    ``fetch`` gives all that is stored, ``strict`` says that a transaction is judged as a whole.
    """

    def __init__(self, pair: Pair, fetch: Fetch, store: Callable[[Race, int], Any], *, strict: bool) -> None:
        self.operations = [operation for _, operation in pair]
        self.fetch, self.records = fetch, fetch()
        self.judges = [Judge(name, operation, strict=strict) for name, operation in pair]
        self._about = [_family(self.records, operation) for operation in self.operations]
        self.conflict = self.overlapped = False
        self.players = [Player(partial(self._act, place, store(self, place))) for place in (0, 1)]

    def run(self, plan: Sequence[int], patience: float | None = None) -> tuple[list[Turn], Told]:
        """Play both operations in the planned order."""
        turns = play(self.players, plan, patience)
        left = self.fetch()
        serial = sum(before.who != after.who for before, after in pairwise(turns)) == 1
        faults = [*(fault for judge in self.judges for fault in judge.faults), *drift(left)]
        words = tuple(player.word for player in self.players)
        return turns, Told(words, left, faults, list(orphans(left)), self.conflict, serial, self.overlapped)

    def command(self, place: int) -> None:
        """An operation is about to give its store a command."""
        self.players[place].park()
        self.judges[place].look(self.records)

    def landed(self, place: int) -> None:
        """An operation has written something, or has tried to."""
        before, self.records = self.records, self.fetch()
        if any(player.stuck for player in self.players):
            self.overlapped = True  # one that waited inside the server may have written in the same moment
        if self.overlapped or before == self.records:
            return
        self.judges[place].see(before, self.records)
        changed = {key for key in before.keys() | self.records.keys() if before.get(key) != self.records.get(key)}
        touched = changed | {parent for key in changed if (parent := parent_of(self.records.get(key, {})))}
        if self.players[1 - place].is_under_way and not self._about[1 - place].isdisjoint(touched):
            self.conflict = True

    def _act(self, place: int, store: Any) -> None:
        drawn, texts = count(0x1000 * (place + 1)), count()
        own = {"ids": lambda _: ObjectId(number(next(drawn))), "random": lambda: f"op-{place}-{next(texts)}"}
        engine = Engine(store, CLASSES, clock=lambda: NOW, **own)
        word = "refused"
        try:
            self.operations[place].ask(engine)
            word = "done"
        finally:
            if not self.overlapped:
                self.judges[place].end(self.records, word)


def _family(records: Records, operation: Operation) -> set[Key]:
    """What an operation is about: the records it asks for, those below them, and those it is to put something below."""
    return below(records, {*operation.parents, *(key for key, record in records.items() if operation.is_about(key, record))})


def judged(first: str, other: str, run: Callable[[Sequence[int]], tuple[list[Turn], Told]], interruptions: int) -> list[Told]:
    """Every order of two operations, none of which has done what was not permitted."""
    told = list(interleavings(run, interruptions))
    wrong = {fault for each in told for fault in each.faults + each.orphans}
    # What waited for a transaction comes after it, unless one of the two gave up.
    ends = [each.records for each in told if each.serial]
    waited = [each for each in told if each.overlapped and "unavailable" not in each.words]
    wrong |= {f"not as one after the other: {each.records}" for each in waited if each.records not in ends}
    assert not wrong, f"{first} and {other}: {wrong}"
    return told
