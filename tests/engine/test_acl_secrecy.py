"""The ACL itself is not disclosed: rights of readable records of others may differ in all that does not concern the actor."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from bson import encode

from cubequery.testing.pairs import Pair
from cubequery.testing.rights import ACTIONS, is_user, may
from tests.engine.playing import Sides, campaign, slice_of
from tests.engine.recorded import RecordedMemory
from tests.engine.stores import Records
from tests.support.mongod import Document
from tests.support.pairs import secret_pair

RIGHTS = ("_read", "_update", "_delete", "_acl")


def equal_but_for_rights(pair: Pair, left: Records, right: Records) -> None:
    """Both stores hold the same records, byte for byte; the rights of those in which they differ are as they were on each side."""
    for schema in pair.classes:
        one, other = ({each["_id"]: encode(bare(pair, each)) for each in side[schema.name]} for side in (left, right))
        assert one == other, "THE STORES ARE NOT ALIKE"
    for before, after in ((pair.left, left), (pair.right, right)):
        given = {each["_id"]: rights(each) for each in before["world"] if each["_id"] in pair.about}
        assert all(given[each["_id"]] == rights(each) for each in after["world"] if each["_id"] in pair.about), "RIGHTS HAVE CHANGED"


def rights(document: Document) -> bytes:
    """The stored rights of a record."""
    return encode({name: document[name] for name in RIGHTS if name in document})


def bare(pair: Pair, document: Document) -> Document:
    """The record; without its rights where the stores differ in them."""
    return {name: value for name, value in document.items() if name not in RIGHTS} if document["_id"] in pair.about else document


def test_rights_of_others(sides: Sides) -> None:
    slice_of(secret_pair, sides, equal_but_for_rights).check(1)


@pytest.mark.slow
def test_many_rights_of_others(sides: Sides, capsys: pytest.CaptureFixture[str]) -> None:
    """2,800 pairs: 2,500 in memory, and 300 others on a server."""
    in_memory = isinstance(sides[0], RecordedMemory)
    with capsys.disabled():
        tally = campaign(secret_pair, sides, equal_but_for_rights, range(2_500) if in_memory else range(100_000, 100_300))
    tally.check(50 if in_memory else 10)


def test_every_list_is_varied_and_no_verdict() -> None:
    """The pairs are what they say."""
    varied: Counter[str] = Counter()
    for seed in range(300):
        pair = secret_pair(Random(seed), seed)
        other = {each["_id"]: each for each in pair.right["world"]}
        for each in pair.left["world"]:
            if each["_id"] not in pair.about:
                assert each is other[each["_id"]]
                continue
            assert not is_user(each.get("user_id"), pair.actor)
            for action in ACTIONS:
                verdicts = {may(pair.actor, action, pair.classes[0], side) for side in (each, other[each["_id"]])}
                assert len(verdicts) == 1
                varied[action] += each.get(f"_{action}") != other[each["_id"]].get(f"_{action}")
                varied[f"{action} {verdicts.pop()}"] += 1
            varied["_acl"] += each.get("_acl") != other[each["_id"]].get("_acl")
    print(dict(varied))
    assert min(varied[name] for name in (*ACTIONS, "_acl", "update True", "update False", "delete True", "delete False")) > 50
