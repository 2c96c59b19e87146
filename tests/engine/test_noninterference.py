"""Non-interference: what an actor may not read changes no byte of any answer to him, and no command that a store is asked for him."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from bson import encode

from cubequery.stores.commands import Command, Count, Select
from cubequery.testing.asking import Asked
from cubequery.testing.pairs import Pair
from cubequery.testing.rights import may
from cubequery.testing.told import Told
from tests.attacks.fixture import ATTACKER, MINE, PROFILE, RECORDS, SECRET, VISIBLE, H, M, R
from tests.engine.playing import Sides, campaign, play, slice_of
from tests.engine.recorded import RecordedMemory
from tests.engine.stores import Records
from tests.support.mongod import Document
from tests.support.pairs import hidden_pair


def alike(pair: Pair, left: Records, right: Records) -> None:
    """Every record that the actor may read in either store stands in both, byte for byte."""
    for schema in pair.classes:
        one, other = (
            {each["_id"]: encode(each) for each in side[schema.name] if may(pair.actor, "read", schema, each)} for side in (left, right)
        )
        assert one == other, f"THE STORES ARE NOT ALIKE: {sorted(dict(one.items() ^ other.items()))}"


def test_hidden_records(sides: Sides) -> None:
    tally = slice_of(hidden_pair, sides, alike, in_memory=14)
    tally.check(2)
    assert len(tally.titles) == 8


@pytest.mark.slow
def test_many_hidden_records(sides: Sides, capsys: pytest.CaptureFixture[str]) -> None:
    """20,000 pairs: 18,000 in memory, and 2,000 others on a server."""
    in_memory = isinstance(sides[0], RecordedMemory)
    with capsys.disabled():
        tally = campaign(hidden_pair, sides, alike, range(18_000) if in_memory else range(100_000, 102_000), every=4 if in_memory else 1)
    tally.check(50)


BODIES: list[dict[str, Any]] = [
    {}, {"age": 1}, {"inc": {"age": 1}}, {"tags": {"0": "x"}}, {"permissions": {"read": {"access": "open"}}}, {"_parent_id": None},
    {"_parent_id": str(R)}, {"_parent_id": str(H)}, {"push": {"scores": [1]}, "_parent_id": str(M)}, {"tags": ["x"], "age": None},
]  # fmt: skip
ABOUT_ONE = [
    Asked(8, "get", ("profile", str(H))),
    Asked(8, "get", ("profile", str(H)), {"query": "permissions=1"}),
    Asked(8, "delete", ("profile", str(H))),
    Asked(9, "get", ("profile", f"{H},{R}")),
    Asked(9, "delete", ("profile", [str(H), str(R)])),
    Asked(11, "create", ("profile", {"_parent_id": str(H)})),
    Asked(11, "create_many", ("profile", {"record": [{"_parent_id": str(H)}]})),
    Asked(11, "list", ("profile", f"_parent_id={H}")),
    *(Asked(8, "update", ("profile", str(H), body)) for body in BODIES),
    *(Asked(9, "update_many", ("profile", {"record": [{"id": str(H), **body}, {"id": str(M)}]})) for body in BODIES),
]


def told_alike(left: list[Document], right: list[Document], asked: Asked, sides: Sides) -> Told:
    """What the attacker is told of either store."""
    (told,) = play(Pair("profile", (PROFILE,), ATTACKER, {"profile": left}, {"profile": right}, (H,)), [asked], sides, alike)
    return told


@pytest.mark.parametrize("asked", ABOUT_ONE, ids=str)
def test_a_hidden_id_costs_what_a_missing_one_costs(asked: Asked, sides: Sides) -> None:
    """The same commands in number and text, whatever is said about it."""
    assert told_alike(RECORDS, [VISIBLE, MINE], asked, sides).commands


BLIND = {**SECRET, "_update": ["u51943"], "_delete": ["u51943"]}
OTHERWISE = {"_id": H, "age": "x", "tags": None, "_parent_id": M, "_parent_class": "gone", "updated_at": SECRET["updated_at"]}


@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_blind_writer_is_told_nothing_of_what_is_stored(body: dict[str, Any], sides: Sides) -> None:
    other = {**OTHERWISE, "user_id": 5, "_read": [], "_update": ["*"], "_delete": ["gx", "u51943"]}
    for asked in (
        Asked(8, "update", ("profile", str(H), body)),
        Asked(9, "update_many", ("profile", {"record": [{"id": str(H), **body}]})),
        Asked(10, "update_by_criteria", ("profile", {"search_criteria": {"_id": {"ne": str(R)}}, "age": 7, **body})),
    ):
        told_alike([VISIBLE, BLIND, MINE], [VISIBLE, other, MINE], asked, sides)


AGAIN = [
    Asked(10, "update_by_criteria", ("profile", {"search_criteria": {"age": {"gt": 0}}, "inc": {"age": 1}}), {"request_id": "k"}),
    Asked(9, "update_many", ("profile", {"record": [{"id": str(own), "inc": {"age": 1}} for own in (H, M)]}), {"request_id": "k"}),
]


@pytest.mark.parametrize("asked", AGAIN, ids=str)
def test_a_repeat_is_told_nothing_of_what_is_hidden_by_now(asked: Asked, sides: Sides) -> None:
    """A record that carries the operation's own stamp, and that the actor may neither read nor update any more."""
    first = RecordedMemory()
    first.fill({"profile": [VISIBLE, {**BLIND, "_read": ["*"]}, MINE]})
    asked.put(first.engine([PROFILE]), ATTACKER)
    visible, done, mine = first.stored(["profile"])["profile"]
    assert (done["age"], mine["age"]) == (100, 6)
    hidden = {**done, **{name: SECRET[name] for name in ("_read", "_update", "_delete")}}
    for other in ([], [{**hidden, "updated_at": None}], [SECRET]):
        told_alike([visible, hidden, mine], [visible, *other, mine], asked, sides)


def nothing_differs(random: Random, seed: int) -> Pair:
    """A pair that cannot fail."""
    pair = hidden_pair(random, seed)
    assert pair.shown is not None
    return replace(pair, right=pair.left, shown=replace(pair.shown, right=pair.left))


def test_a_run_that_tests_nothing_fails() -> None:
    tally = campaign(nothing_differs, (RecordedMemory(), RecordedMemory()), alike, range(40))
    with pytest.raises(AssertionError, match="DID NOT TEST"):
        tally.check(1)


class Leaking(RecordedMemory):
    """A store that forgets the rights in one kind of command."""

    def __init__(self, kind: type[Command[Any]]) -> None:
        super().__init__()
        self.kind = kind

    def execute(self, command: Command[Any]) -> Any:
        answer = super().execute(command)
        if type(command) is not self.kind:
            return answer
        every = [dict(each) for each in self.store.records(command.schema.name).values()]
        return len(every) if isinstance(command, Count) else every


@pytest.mark.parametrize("kind", [Count, Select])
def test_a_leak_is_found(kind: type[Command[Any]]) -> None:
    """The measure itself."""
    with pytest.raises(AssertionError, match=r"seed .* ANSWER"):
        campaign(hidden_pair, (Leaking(kind), Leaking(kind)), alike, range(100))
