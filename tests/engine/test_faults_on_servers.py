"""Every command of every operation is made to fail, on a replica set and on a standalone server, sync and async."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from itertools import count, product

import pymongo.common
import pytest

from tests.engine.bench import FAULTS, WRITES, Bench
from tests.engine.ground import Ground
from tests.engine.promises import Uncut, check_files
from tests.engine.stores import SERVERS
from tests.engine.trials import OPERATIONS, Operation, Stored
from tests.support.mongod import own_name

Point = tuple[int, str]
"""The place of a command, and what happens to it."""
_numbers = count(1)


@pytest.fixture(scope="module")
def quick_driver() -> Iterator[None]:
    """The driver looks for a server that it has lost at most twice a second; here without delay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pymongo.common, "MIN_HEARTBEAT_INTERVAL", 0.01)
        yield


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.mongod) for name in ("mongod", "mongod, awaited", "standalone", "standalone, awaited")]
)
def bench(request: pytest.FixtureRequest, runner: asyncio.Runner, quick_driver: None) -> Iterator[Bench]:
    """A database of the test's own, on one deployment after the other."""
    server, _, awaited = request.param.partition(", ")
    if server == "mongod" and "MONGODB_URI" in os.environ:
        pytest.skip("THE FAULTS OF A REPLICA SET WERE NOT TRIED: a foreign server need not allow fail points")
    database = request.getfixturevalue(SERVERS[server][1])[f"{own_name()}_bench_{next(_numbers)}"]
    made = Bench(Ground(database), runner if awaited else None)
    yield made
    made.close()


def points_of(bench: Bench, every: int, number: int) -> list[Point]:
    """What can happen to the operation that has just run: one of so many, at least one, and always what is classic."""
    points = [(place, name) for (place, sent), name in product(enumerate(bench.names), FAULTS) if sent in WRITES or not FAULTS[name].writes]
    last = max((place for place, sent in enumerate(bench.names) if sent in WRITES), default=0)
    classic = (last, "fails after applying")  # after which nothing must be applied twice
    first = number % min(every, len(points))
    return [point for place, point in enumerate(points) if place % every == first or point == classic]


def survive(bench: Bench, uncut: Uncut, point: Point) -> str:
    """Let it happen; the code of the answer. What is not acknowledged is repeated; what no record names is swept, before that or after."""
    place, name = point
    said, answer = bench.disturbed(uncut.operation, place, FAULTS[name])
    now = bench.ground.stored()
    uncut.check(said, answer, now)
    assert said != "internal"
    if place % 2:
        sweep(bench, now)
    if said != "done" and uncut.operation.repeats:
        again = bench.repeated(uncut.operation)
        now = bench.ground.stored()
        uncut.check_repeat(*again, now)
    sweep(bench, now)
    return said


def sweep(bench: Bench, now: Stored) -> None:
    if now.orphans - bench.ground.orphans:
        assert bench.repeated(OPERATIONS["sweep"])[0] == "done"
        now = bench.ground.stored()
        assert not now.orphans, "an orphan outlives the sweep"
        check_files(now)


def try_all(bench: Bench, every: int) -> None:
    """One point of so many; ``every`` 1 is all of them."""
    listed = survived = 0
    lost: list[str] = []
    told = Counter[str]()
    transactions = "setName" in bench.ground.client.admin.command("hello")
    for number, (name, operation) in enumerate(OPERATIONS.items()):
        uncut = bench.undisturbed(name, operation)
        points = points_of(bench, every, number)
        if transactions and operation.batch == Operation.batch:
            assert len(uncut.steps) <= 2, f"{name}: something half-done was visible"
        if operation.repeats:
            uncut.check_repeat(*bench.repeated(operation), bench.ground.stored())
        listed += len(points)
        for point in points:
            try:
                told[survive(bench, uncut, point)] += 1
                survived += 1
            except AssertionError as error:
                lost.append(f"{name}, {point}: {error}".splitlines()[0])
    print(f"{'with' if transactions else 'without'} transactions: {listed} points listed, {survived} survived, {dict(told)}")
    assert survived == listed, "\n".join(lost)


def test_one_fault_of_many(bench: Bench) -> None:
    try_all(bench, 43)


@pytest.mark.slow
def test_every_fault(bench: Bench) -> None:
    """The async store makes the same calls (calls.py) through a driver of its own: a ninth of them there."""
    try_all(bench, 1 if bench.is_sync else 9)


def test_a_server_that_is_away_from_the_start(bench: Bench) -> None:
    """Nothing was sent: nothing has happened, and the answer says so."""
    for name in list(OPERATIONS)[::4]:
        assert bench.without_server(OPERATIONS[name]) == "unavailable"
    assert bench.ground.stored().orphans == bench.ground.orphans
