"""Class level x primary x record level x actor x request: every cell, in memory and on a server, against the rules written once more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import product
from typing import TypeVar

import pytest

import cubequery as cq
from tests.engine.acl_cells import REQUESTS, SETTINGS, WRITES, Table, table, table_without_tokens, tell
from tests.engine.acl_table import ACTIONS, IDS, PASSES, PRIMARY, READABLE, RECORD_LEVELS, WHO, Rights, actors, class_levels, levels, passes
from tests.engine.stores import End, MemoryEnd, make_end

T = TypeVar("T")
OPEN, OWNED = Rights("open", False, "open"), Rights("owner", False, "owner")
OWNERS = {action: [OWNED] for action in ACTIONS}
CLASS_LEVELS = class_levels()
PLACES = [
    "memory",
    pytest.param("mongod, a slice", marks=pytest.mark.mongod),
    pytest.param("mongod", marks=[pytest.mark.mongod, pytest.mark.slow]),
]
every_type_of_ids = pytest.mark.parametrize("user_ids", IDS)


def every_record(level: tuple[str, bool]) -> list[Rights]:
    """Every record level under one level of a class."""
    return [Rights(*level, record) for record in RECORD_LEVELS]


class Place:
    """Where cells are played: all of them, or a slice in which every record and actor has one request, and requests take turns."""

    def __init__(self, name: str, end: End, capsys: pytest.CaptureFixture[str]) -> None:
        self.name, self.end, self.sliced, self.capsys = name, end, name.endswith("slice"), capsys

    def turns(self, number: int, items: Sequence[T]) -> Sequence[T]:
        """All of these, or in a slice the one whose turn it is."""
        return [items[number % len(items)]] if self.sliced else items

    def play(self, tables: Iterable[Table]) -> int:
        """How many cells were right; the count is printed."""
        cells = sum((each.slice(number) if self.sliced else each).play(self.end) for number, each in enumerate(tables))
        with self.capsys.disabled():
            print(f"\n{self.name}: {cells} cells")
        return cells


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, runner: asyncio.Runner, capsys: pytest.CaptureFixture[str]) -> Place:
    """Where the cells are played."""
    return Place(request.param, make_end(request.param.partition(",")[0], request, runner), capsys)


@every_type_of_ids
@pytest.mark.parametrize("action", ACTIONS)
def test_every_level_of_one_action(place: Place, action: str, user_ids: str) -> None:
    """All requests, the two other actions once open and once the owner's."""
    cells = place.play(
        table({**{each: [others] for each in ACTIONS}, action: every_record(level)}, user_ids)
        for number, level in enumerate(CLASS_LEVELS)
        for others in place.turns(number, (OPEN, OWNED))
    )
    each = len(CLASS_LEVELS) * len(RECORD_LEVELS) * len(WHO)
    assert len(CLASS_LEVELS) == 6 + 6
    assert cells == (each if place.sliced else each * 2 * len(REQUESTS))


@pytest.mark.slow
@pytest.mark.parametrize("action", ["update", "delete"])
def test_every_pair_of_read_and_another_level(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Writes are answered by what may be read: all pairs of levels, in memory."""
    requests = [name for name in WRITES if name.startswith("delete") == (action == "delete")]
    pairs = product(CLASS_LEVELS, CLASS_LEVELS)
    cells = Place("memory", MemoryEnd(), capsys).play(
        table({**OWNERS, "read": every_record(read), action: every_record(other)}, "Integer", requests) for read, other in pairs
    )
    assert cells == (len(CLASS_LEVELS) * len(RECORD_LEVELS)) ** 2 * len(WHO) * len(requests)


@every_type_of_ids
def test_every_level_of_the_other_strategies(place: Place, user_ids: str) -> None:
    """Class only, and owner field: nothing but the class level, else nothing but owner and shared users; no token is looked at."""
    kinds = [(strategy, level) for strategy, level in product(("class", "owner"), PRIMARY) if (strategy, level) != ("class", "owner")]
    cells = place.play(table_without_tokens(strategy, action, level, user_ids) for (strategy, level), action in product(kinds, ACTIONS))
    assert cells == len(kinds) * len(ACTIONS) * len(WHO) * (1 if place.sliced else len(READABLE) + len(WRITES))


@every_type_of_ids
@pytest.mark.parametrize("level", [level for level in PRIMARY if level != "owner"])  # which the schema refuses
def test_every_level_of_create(place: Place, level: str, user_ids: str) -> None:
    schema = cq.ClassSchema("thing", {"n": cq.Integer}, permissions={"create": levels(user_ids)[level]})
    for who, many in product(WHO, (False, True)):
        place.end.fill({})
        engine, actor = place.end.engine([schema], settings=SETTINGS[user_ids]), actors(user_ids)[who]
        body = {"n": 1, "user_id": IDS[user_ids][0]} if who == "admin" else {"n": 1}
        said = tell(engine.create_many if many else engine.create, "thing", {"record": [body]} if many else body, actor)
        allowed = who == "admin" or who in PASSES[level]
        assert said == ("403 need_user" if who == "anonymous" else "403 forbidden") or allowed, who
        assert len(place.end.stored(["thing"])["thing"]) == allowed, who


def test_the_rules_say_both_yes_and_no() -> None:
    every = [rights for level in CLASS_LEVELS for rights in every_record(level)]
    said = [passes(rights, action, who) for rights, action, who in product(every, ACTIONS, WHO)]
    assert 0.2 < sum(said) / len(said) < 0.8
