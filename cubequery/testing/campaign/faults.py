"""Schedules of faults: whatever commands fail, requests that are sent again until they are acknowledged end where undisturbed ones do."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import cubequery as cq
from cubequery import errors
from cubequery.stores import MemoryStore, MongoStore
from cubequery.stores.calls import Dialect
from cubequery.testing.campaign import courses
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.tally import Cell, Tally
from cubequery.testing.recording import Loop, fill, stored

SCHEDULES, ON_SERVER, MOST = 60, 3, 4
"""Schedules of a batch in memory, those that are tried on the server, and the faults of one."""
KINDS: Mapping[str, tuple[str, bool]] = {
    "refused before": ("unavailable", False), "lost before": ("outcome_unknown", False), "lost after applying": ("outcome_unknown", True),
}  # fmt: skip
"""What happens to a command in memory: the code that a write is answered with, and whether it was applied. A read is always refused."""
POINTS: Mapping[str, Mapping[str, Any]] = {
    "conflict": {"errorCode": 112}, "out of time": {"errorCode": 50}, "interrupted": {"errorCode": 262},
    "not on enough members": {"writeConcernError": {"code": 64, "errmsg": "x"}},
}  # fmt: skip
"""What fail points do to a command on the server. Those after which the driver looks for the server anew are for the test suite."""
SENT = ["find", "aggregate", "insert", "update", "findAndModify", "delete", "commitTransaction"]
Schedule = Mapping[int, str]
"""By the place of a command what happens to it."""


class Broken:
    """A memory store whose commands fail as a schedule says; ``met`` are the faults that came to pass."""

    transactions = False

    def __init__(self, store: MemoryStore, schedule: Schedule) -> None:
        self.store, self.schedule, self.asked = store, schedule, 0
        self.met: list[str] = []

    def execute(self, command: Any) -> Any:
        """The answer of one command, or the fault of its place. Raises RequestError."""
        kind, self.asked = self.schedule.get(self.asked), self.asked + 1
        if kind is None:
            return self.store.execute(command)
        code, applied = KINDS[kind]
        self.met.append(kind)
        if applied and command.writes:
            self.store.execute(command)
        raise cq.RequestError([errors.plain(code if command.writes else "unavailable")])


class Disturbed(MongoStore):
    """A store that arms a fail point before the commands of a schedule, for its own client alone."""

    def __init__(self, bench: Bench, schedule: Schedule, times: int) -> None:
        super().__init__(bench.database, settings=cq.Settings(limits=cq.Limits(call_timeout_ms=1_500)))
        self.bench, self.schedule, self.times, self.asked = bench, schedule, times, 0
        self.met: list[str] = []

    def carry_out(self, command: Any, dialect: Dialect, session: Any) -> Any:
        """One command, also of a transaction."""
        kind, self.asked = self.schedule.get(self.asked), self.asked + 1
        if kind is not None:
            self.met.append(kind)
            self.bench.fail(POINTS[kind], SENT, self.times)
        return super().carry_out(command, dialect, session)


def run(seed: int, bench: Bench) -> Tally:
    """Schedules over drawn courses. Counts ``schedules``, ``disturbed`` ones, ``faults`` met and requests sent ``again``."""
    tally = Tally()
    for place in range(SCHEDULES):
        own = seed * SCHEDULES + place
        _schedule(own, tally, None)
        if place < ON_SERVER and bench.has_fail_points:
            _schedule(own, tally, bench)
    return tally


def _schedule(seed: int, tally: Tally, bench: Bench | None) -> None:
    random, loop = Random(seed), Loop()
    steps = courses.draw_steps(random)
    kinds = list(KINDS if bench is None else POINTS)
    schedule = {random.randint(0, 6 * len(steps)): random.choice(kinds) for _ in range(random.randint(1, MOST))}
    calm, inner = MemoryStore(), MemoryStore()
    store: Any = Broken(inner, schedule) if bench is None else Disturbed(bench, schedule, random.choice([1, 2, 3]))
    where: Any = inner if bench is None else MongoStore(bench.database)
    for each in (calm, where):
        fill(each, courses.CLASSES, courses.records(), loop)
    batch = random.randint(0, 2**32)
    wanted, _ = courses.play(steps, courses.engine(calm, Random(batch)))
    try:
        said, again = courses.play(steps, courses.engine(store, Random(batch)))
    finally:
        if bench is not None:
            bench.calm()
    left = [courses.shape(stored(each, courses.CLASSES, loop)) for each in (calm, where)]
    if said != wanted or left[0] != left[1]:
        place = "in memory" if bench is None else "on the server"
        apart = [f"only undisturbed {line}" for line in left[0] if line not in left[1]]
        apart += [f"only disturbed   {line}" for line in left[1] if line not in left[0]]
        tally.differ("\n".join([f"{place}, schedule {seed}: {schedule}", f"expected {wanted}", f"said     {said}", *apart]))
    tally.case(repr((seed, bench is None)).encode())
    tally.counts.update({"schedules": 1, "disturbed": int(bool(store.met)), "faults": len(store.met), "again": again})
    tally.counts["schedules on the server"] += bench is not None
    tally.cells.update((step.name, kind) for step in steps for kind in store.met)


def expected() -> set[Cell]:
    """Every request beside every fault."""
    return {(step, kind) for step in courses.STEPS for kind in (*KINDS, *POINTS)}
