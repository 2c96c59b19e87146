"""The primary of a replica set is killed while engines write, again and again: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle

import pytest
from pymongo import AsyncMongoClient, MongoClient

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMongoStore, MongoStore
from tests.engine.ledger import COUNTER, Told, Writer, differences, play, play_async
from tests.engine.scenario import CLASSES
from tests.support.mongod import Document
from tests.support.needed import needed
from tests.support.replica import ReplicaSet, replica_set, wait_for

WRITERS, KILLS = 4, 12
BEFORE, AFTER = 200, 40
"""Acknowledged requests before a kill, and before the killed member is started again."""
SELECTION_MS = 3_000
MODES = (cq.Settings(), cq.Settings(limits=cq.Limits(call_timeout_ms=300)))
"""By turns among the writers: those that outlast an election, and those that give up and do not know what was applied."""

pytestmark = [pytest.mark.slow, pytest.mark.mongod]


@pytest.fixture(scope="module")
def replica() -> Iterator[ReplicaSet]:
    with needed(replica_set()) as found:
        yield found


class Pace:
    """How writers get on: what they were told in all, and the longest that one of them waited for an acknowledgement."""

    def __init__(self) -> None:
        self.writers = [Writer(number) for number in range(WRITERS)]
        self.over, self.stall = False, 0.0
        self._last = {writer.name: time.monotonic() for writer in self.writers}

    def note(self, writer: Writer, told: Told) -> None:
        if told[0] == "done":
            now = time.monotonic()
            self.stall, self._last[writer.name] = max(self.stall, now - self._last[writer.name]), now

    def is_over(self) -> bool:
        return self.over

    def said(self) -> Counter[str]:
        return sum((writer.said for writer in self.writers), Counter[str]())

    def await_more(self, number: int) -> None:
        """Wait until so many more requests have been acknowledged."""
        goal = self.said()["done"] + number
        wait_for(lambda: self.said()["done"] >= goal, f"{number} more acknowledged requests")


Jobs = Callable[[Pace, str], Sequence[Callable[[], object]]]


def campaign(replica: ReplicaSet, database: str, kills: int, jobs: Jobs) -> None:
    """Kill the primary while the jobs write, then hold what is stored against what they were told.

    ``jobs`` makes them of the writers and the id of the record that all of them increase. Servers are started by this thread: they die
    with the one that started them.
    """
    pace = Pace()
    with MongoClient[Document](replica.uri, serverSelectionTimeoutMS=SELECTION_MS) as client:
        engine = Engine(MongoStore(client[database]), CLASSES)
        made = jobs(pace, engine.create("pet", COUNTER, cq.ADMIN)["_id"])
        with ThreadPoolExecutor(len(made)) as pool:
            running = [pool.submit(job) for job in made]
            try:
                for _ in range(kills):
                    pace.await_more(BEFORE)
                    victim = replica.kill_primary()
                    pace.await_more(AFTER)
                    replica.start_again(victim)
            finally:
                pace.over = True
                for each in running:
                    each.result()
        pets = list(client[database]["pet"].find())
        found = list(differences(pace.writers, pets, client[database]["toy"].find()))
    said = pace.said()
    print(
        f"{kills} kills; {said['done']} acknowledged, {said['outcome_unknown']} unknown, {said['unavailable']} unavailable, "
        f"{said['not_found']} found gone; longest stall {pace.stall:.1f} s; {len(pets)} records; {len(found)} differences"
    )
    assert found == []


def test_nothing_acknowledged_is_lost_or_doubled(replica: ReplicaSet) -> None:
    with MongoClient[Document](replica.uri, serverSelectionTimeoutMS=SELECTION_MS) as client:
        engines = [Engine(MongoStore(client["threads"], settings=mode), CLASSES, settings=mode) for mode in MODES]

        def jobs(pace: Pace, shared: str) -> list[Callable[[], object]]:
            return [
                partial(play, engine, each, pace.is_over, shared, partial(pace.note, each))
                for engine, each in zip(cycle(engines), pace.writers, strict=False)
            ]

        campaign(replica, "threads", KILLS, jobs)


def test_nothing_acknowledged_is_lost_or_doubled_when_awaited(replica: ReplicaSet) -> None:
    async def everybody(pace: Pace, shared: str) -> None:
        async with AsyncMongoClient[Document](replica.uri, serverSelectionTimeoutMS=SELECTION_MS) as client:
            engines = [AsyncEngine(AsyncMongoStore(client["tasks"], settings=mode), CLASSES, settings=mode) for mode in MODES]
            async with asyncio.TaskGroup() as tasks:
                for engine, each in zip(cycle(engines), pace.writers, strict=False):
                    tasks.create_task(play_async(engine, each, pace.is_over, shared, partial(pace.note, each)))

    campaign(replica, "tasks", 1, lambda pace, shared: [lambda: asyncio.run(everybody(pace, shared))])
