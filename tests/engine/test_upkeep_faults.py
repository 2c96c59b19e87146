"""Upkeep that is cut at any command: every record is whole or untouched, a repeat finishes, and nothing is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count, product
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import MemoryStore, MongoStore
from tests.engine.broken import ALWAYS, FAULTS, LINES, Broken, Disturbed, calm
from tests.support.fixture import NOW
from tests.support.mongod import Document

DEAL = cq.ClassSchema("deal", {"n": cq.Integer(stored="num"), "next": cq.Array(cq.Integer)}, parents=["deal"])
SMALL = cq.Settings(limits=cq.Limits(write_batch=2))
OLD: list[Document] = [{"_id": ObjectId(f"{place:024x}"), "by": place, "guests": [place + 1], "num": place} for place in range(1, 6)]
NEW: list[dict[str, Any]] = [{"n": 1}, {"n": "x"}, {"n": 2}, {"n": 3}, {"n": 4}, {"n": 5}]
IDS = [f"{place:024x}" for place in range(11, 16)]
PARENTS = [IDS[1], None, IDS[1], IDS[4], None]
TREE: list[dict[str, Any]] = [{"_id": own, "_parent_id": parent, "user_id": 7} for own, parent in zip(IDS, PARENTS, strict=True)]
"""The second and the fifth line are parents of the others, the first and the fourth of which come before them."""
Run = Callable[[Engine], dict[str, Any]]
RUNS: Mapping[str, Run] = {
    "adopt": lambda engine: engine.adopt("deal", owner="by", shared=["guests"]),
    "import": lambda engine: engine.import_records("deal", NEW, owner=7),
    "import a tree": lambda engine: engine.import_records("deal", TREE, keep=True),
    "audit": lambda engine: engine.audit("deal"),
}
DONE = {
    "adopt": ("adopted", "had_tokens", 5), "import": ("created", "already", 5), "import a tree": ("created", "already", 5),
    "audit": ("records", "no_owner", 10),
}  # fmt: skip
every_run = pytest.mark.parametrize("name", RUNS)
_names = count(1)


def engine(store: Any) -> Engine:
    return Engine(store, [DEAL], settings=SMALL, clock=lambda: NOW)


def outcome(run: Run, store: Any) -> tuple[str, dict[str, Any]]:
    try:
        return "done", run(engine(store))
    except cq.RequestError as error:
        return error.code, {}


def shape(records: list[Document]) -> list[str]:
    """What is stored, less the ids that were drawn."""
    kept = {each["_id"] for each in OLD} | {ObjectId(own) for own in IDS}
    return sorted(str(sorted((name, str(value)) for name, value in each.items() if name != "_id" or value in kept)) for each in records)


def check(name: str, said: str, now: list[str], before: list[str], after: list[str]) -> None:
    """Every record is as it was or as it shall be; nothing acknowledged is lost, nothing done is denied."""
    assert set(now) <= {*before, *after}, f"{name}: half a record"
    assert said in ("done", "unavailable", "outcome_unknown")
    if said != "outcome_unknown":
        assert now == (after if said == "done" else before), f"{name}: said {said}"


def check_repeat(name: str, again: tuple[str, dict[str, Any]], now: list[str], after: list[str]) -> None:
    assert (again[0], now) == ("done", after), f"{name}: a repeat leaves another state"
    new, old, whole = DONE[name]
    assert again[1][new] + again[1][old] == whole


@every_run
@pytest.mark.parametrize(("code", "applied"), [("unavailable", False), ("outcome_unknown", False), ("outcome_unknown", True)])
@pytest.mark.parametrize("times", [1, ALWAYS])
def test_a_memory_store_that_fails_at_any_command(name: str, code: str, applied: bool, times: int) -> None:
    def filled() -> MemoryStore:
        store = MemoryStore()
        store.insert("deal", OLD)
        return store

    whole, said = filled(), Counter[str]()
    before = shape(list(whole.records("deal").values()))
    counting = Broken(whole, ALWAYS, code, applied=applied)
    assert outcome(RUNS[name], counting)[0] == "done"
    after = shape(list(whole.records("deal").values()))
    for place in range(counting.asked):
        store = filled()
        word, _ = outcome(RUNS[name], Broken(store, place, code, applied=applied, times=times))
        check(name, word, shape(list(store.records("deal").values())), before, after)
        said[word] += 1
        check_repeat(name, outcome(RUNS[name], store), shape(list(store.records("deal").values())), after)
    print(f"{name}: {counting.asked} commands, {dict(said)}")


@pytest.fixture
def fresh(mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Database[Document]]:
    own: Database[Document] = mongo_client[f"{database.name}_upkeep_{next(_names)}"]
    yield own
    calm(own)
    mongo_client.drop_database(own.name)


@every_run
def test_a_server_that_fails_at_any_command(fresh: Database[Document], name: str) -> None:
    disturb(fresh, name, FAULTS)


@pytest.mark.parametrize("name", ["adopt", "import"])
def test_a_server_that_is_lost_at_the_last_command(fresh: Database[Document], name: str) -> None:
    disturb(fresh, name, LINES, places=1)


def disturb(database: Database[Document], name: str, faults: dict[str, dict[str, Any]], places: int = 100) -> None:
    deals = database["deal"]

    def renew() -> None:
        deals.delete_many({})
        deals.insert_many(OLD)

    renew()
    before = shape(list(deals.find()))
    counting = Disturbed(database, -1, {}, 1)
    assert outcome(RUNS[name], counting)[0] == "done"
    after, said = shape(list(deals.find())), Counter[str]()
    for place, fault in product(range(counting.asked)[-places:], faults):
        for times in (1, ALWAYS) if fault == "conflict" else (1,):
            renew()
            word, _ = outcome(RUNS[name], Disturbed(database, place, faults[fault], times))
            calm(database)
            check(f"{name}, {fault} x {times} at {place}", word, shape(list(deals.find())), before, after)
            said[word] += 1
            check_repeat(name, outcome(RUNS[name], MongoStore(database)), shape(list(deals.find())), after)
    print(f"{name}: {counting.asked} commands, {sum(said.values())} faults, {dict(said)}")
