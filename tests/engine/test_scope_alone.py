"""An engine under a scope answers, writes and asks its store as one over a store that holds only the records of that scope."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from bson import encode

import cubequery as cq
from cubequery.testing.asking import Asker
from cubequery.testing.channels import CHANNELS, draw_requests
from cubequery.testing.pairs import Pair
from cubequery.testing.told import told
from tests.engine.playing import Sides, campaign, engine_of, slice_of
from tests.engine.recorded import RecordedMemory
from tests.engine.stores import Records
from tests.support.pairs import scoped_pair

SHARE = 0.3
"""Of requests that would touch a record of another scope."""


def kept_apart(pair: Pair, left: Records, right: Records) -> None:
    """The records of the scope are the same in both stores, byte for byte; those of others are as they were."""
    for schema in pair.classes:
        now = {each["_id"]: encode(each) for each in left[schema.name]}
        others = {each["_id"]: encode(each) for each in pair.left[schema.name] if each["_id"] in pair.about}
        own = {each["_id"]: encode(each) for each in right[schema.name]}
        assert {name: each for name, each in now.items() if name in pair.about} == others, "ANOTHER SCOPE'S RECORD CHANGED"
        assert {name: each for name, each in now.items() if name not in pair.about} == own, "THE SCOPE'S RECORDS ARE NOT ALIKE"


def test_records_of_other_scopes(sides: Sides) -> None:
    tally = slice_of(scoped_pair, sides, kept_apart)
    tally.check(1, SHARE)
    assert tally.actors["admin"] > 0.05 * tally.pairs


@pytest.mark.slow
def test_many_records_of_other_scopes(sides: Sides, capsys: pytest.CaptureFixture[str]) -> None:
    """2,800 pairs: 2,500 in memory, and 300 others on a server."""
    in_memory = isinstance(sides[0], RecordedMemory)
    with capsys.disabled():
        tally = campaign(scoped_pair, sides, kept_apart, range(2_500) if in_memory else range(100_000, 100_300))
    tally.check(50 if in_memory else 10, SHARE)


def test_a_scope_says_no_more_than_a_store_of_its_own() -> None:
    """The same answers from an engine without a scope, over a store that holds nothing else, where requests cannot name the scope."""
    seen: Counter[str] = Counter()
    for seed in range(200):
        random = Random(seed)
        pair = scoped_pair(random, seed)
        if not set(pair.scope) <= {"app_id", "team"}:
            continue
        requests = draw_requests(Asker(pair, random), seed % len(CHANNELS) + 1)
        answers = []
        for each, records in ((pair, pair.left), (replace(pair, scope={}), pair.right)):
            end = RecordedMemory()
            end.fill(records)
            engine = engine_of(each, end)
            answers.append([told(engine, end, asked, pair.actor).answer for asked in requests])
        assert answers[0] == answers[1], f"seed {seed}: {requests}\n{pair}"
        seen.update(pairs=1, requests=len(requests), admin=pair.actor is cq.ADMIN)
    print(dict(seen))
    assert seen["pairs"] > 80
    assert seen["admin"] > 10
