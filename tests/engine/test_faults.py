"""Every command of every operation is made to fail: the answer is the documented one, nothing acknowledged is lost, a repeat finishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery import errors
from cubequery.stores import MemoryStore, MongoStore
from cubequery.stores.calls import Dialect
from tests.engine import trials
from tests.engine.scenario import CLASSES
from tests.engine.trials import REPEATABLE, REQUESTS
from tests.support.mongod import Document

SENT = ["find", "aggregate", "insert", "update", "findAndModify", "delete", "commitTransaction"]
FAULTS: dict[str, dict[str, Any]] = {
    "not on enough members": {"writeConcernError": {"code": 64, "errmsg": "x"}},
    "conflict": {"errorCode": 112},
    "out of time": {"errorCode": 50},
}
LINES: dict[str, dict[str, Any]] = {"stepped down": {"errorCode": 189}, "closed": {"closeConnection": True}}
"""After one of these the driver looks for the server anew, which takes half a second."""
ALWAYS = 1_000
IMPATIENT = cq.Settings(limits=cq.Limits(call_timeout_ms=1_500))
"""Under a time limit the driver tries until it is over."""
every_request = pytest.mark.parametrize("name", REQUESTS)
_names = count(1)


class Broken:
    """A memory store whose n-th command fails: before it is applied or after."""

    transactions = False

    def __init__(self, store: MemoryStore, place: int, code: str, *, applied: bool, times: int = 1) -> None:
        self.store, self.place, self.code, self.applied, self.times, self.asked = store, place, code, applied, times, 0

    def execute(self, command: Any) -> Any:
        place, self.asked = self.asked, self.asked + 1
        if not self.place <= place < self.place + self.times:
            return self.store.execute(command)
        if self.applied:
            self.store.execute(command)
        raise cq.RequestError([errors.plain(self.code if command.writes else "unavailable")])


def told(store: MemoryStore) -> list[str]:
    return trials.shape([(each.name, record) for each in CLASSES for record in store.records(each.name).values()])


@every_request
@pytest.mark.parametrize(("code", "applied"), [("unavailable", False), ("outcome_unknown", False), ("outcome_unknown", True)])
@pytest.mark.parametrize("times", [1, 2, ALWAYS])
def test_a_memory_store_that_fails_at_any_command(name: str, code: str, applied: bool, times: int) -> None:
    whole = MemoryStore()
    trials.prepare(whole)
    before = told(whole)
    counting = Broken(whole, ALWAYS, code, applied=applied)
    answer = trials.outcome(REQUESTS[name], trials.disturbed(counting))
    after, said = told(whole), Counter[str]()
    for place in range(counting.asked):
        store = MemoryStore()
        trials.prepare(store)
        word, _ = trials.outcome(REQUESTS[name], trials.disturbed(Broken(store, place, code, applied=applied, times=times)))
        trials.check(name, word, before=before, now=told(store), after=after)
        said[word] += 1
        if name in REPEATABLE:
            word, again = trials.outcome(REQUESTS[name], trials.disturbed(store))
            trials.check_repeat(name, word, now=told(store), after=after)
            trials.check_answers(name, again, answer[1])
    print(f"{name}: {counting.asked} commands, {dict(said)}")


class Disturbed(MongoStore):
    """A store that arms a fail point before its n-th command, also within a transaction, and none afterwards."""

    def __init__(self, database: Database[Document], place: int, fault: dict[str, Any], times: int) -> None:
        super().__init__(database, settings=IMPATIENT)
        self.admin, self.place, self.fault, self.times, self.asked = database.client.admin, place, fault, times, 0

    def carry_out(self, command: Any, dialect: Dialect, session: Any) -> Any:
        if self.asked == self.place:
            self.admin.command(
                {
                    "configureFailPoint": "failCommand",
                    "mode": "alwaysOn" if self.times == ALWAYS else {"times": self.times},
                    "data": {"failCommands": SENT, **self.fault},
                }
            )
        self.asked += 1
        return super().carry_out(command, dialect, session)


@pytest.fixture
def fresh(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    own: Database[Document] = mongo_client[f"{database.name}_faults_{next(_names)}"]
    yield own
    calm(own)
    mongo_client.drop_database(own.name)


def calm(database: Database[Document]) -> None:
    database.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def renewed(database: Database[Document], records: dict[str, list[Document]]) -> None:
    for name, documents in records.items():
        database[name].delete_many({})
        database[name].insert_many(documents)


def stored(database: Database[Document]) -> list[str]:
    return trials.shape([(each.name, record) for each in CLASSES for record in database[each.name].find()])


@every_request
@pytest.mark.parametrize("transactions", [True, False])
def test_a_server_that_fails_at_any_command(fresh: Database[Document], name: str, transactions: bool) -> None:
    disturb(fresh, name, FAULTS, transactions)


@pytest.mark.parametrize("name", ["list", "create_many", "update_by_criteria", "delete"])
def test_a_server_that_is_lost_at_the_last_command(fresh: Database[Document], name: str) -> None:
    disturb(fresh, name, LINES, transactions=True, places=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["list", "create_many", "update_by_criteria", "delete"])
@pytest.mark.parametrize("transactions", [True, False])
def test_a_server_that_stays_away(fresh: Database[Document], name: str, transactions: bool) -> None:
    disturb(fresh, name, LINES, transactions, places=2, times=(ALWAYS,))


@pytest.mark.slow
@every_request
@pytest.mark.parametrize("transactions", [True, False])
def test_a_server_that_is_lost_at_any_command(fresh: Database[Document], name: str, transactions: bool) -> None:
    disturb(fresh, name, LINES, transactions)


def disturb(
    database: Database[Document],
    name: str,
    faults: dict[str, dict[str, Any]],
    transactions: bool,
    *,
    places: int = ALWAYS,
    times: tuple[int, ...] = (),
) -> None:
    trials.prepare(MongoStore(database))
    records = {each.name: list(database[each.name].find()) for each in CLASSES}
    before = stored(database)
    counting = Disturbed(database, -1, {}, 1)
    counting.__dict__["transactions"] = transactions
    answer = trials.outcome(REQUESTS[name], trials.disturbed(counting))
    after, said = stored(database), Counter[str]()
    last = range(counting.asked)[-places:]  # the commands that write come last
    tried = [(fault, often) for fault in faults for often in times or ((1, ALWAYS) if fault == "conflict" else (1,))]
    for place, (fault, often) in product(last, tried):
        renewed(database, records)
        store = Disturbed(database, place, faults[fault], often)
        store.__dict__["transactions"] = transactions
        word, _ = trials.outcome(REQUESTS[name], trials.disturbed(store))
        calm(database)
        said[word] += 1
        trials.check(f"{name}, {fault} x {often} at {place}", word, before=before, now=stored(database), after=after)
        if name in REPEATABLE:
            word, again = trials.outcome(REQUESTS[name], trials.disturbed(MongoStore(database)))
            trials.check_repeat(name, word, now=stored(database), after=after)
            trials.check_answers(name, again, answer[1])
    print(f"{name}, transactions {transactions}: {len(last)} commands, {sum(said.values())} faults, {dict(said)}")
