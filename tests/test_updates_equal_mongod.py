"""The commands of a change leave on a real MongoDB what the change does in memory, for every stored state and every kind of actor."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from bson import Decimal128, Int64, encode
from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo.collection import Collection

import cubequery as cq
from cubequery.testing.bodies import Bodies
from cubequery.testing.values import Document
from tests.support.worlds import World

NOW = dt.datetime(2026, 1, 1)


def exact(document: Document) -> dict[str, Any]:
    """Every value in its stored bytes. The rights' own order of keys, and an empty ``_acl``, carry no meaning."""
    shown = {name: encode({"": value}) for name, value in document.items() if name != "_acl"}
    return {**shown, "_acl": document.get("_acl") or None}


def in_memory(change: cq.Change, document: Document) -> tuple[Document, str]:
    """The document afterwards, and why it was refused where it was."""
    try:
        return change.apply(document), ""
    except cq.RequestError as error:
        return document, error.code


def run(collection: Collection[Document], seeds: range, bodies: int) -> Counter[str]:
    """Every body on every fourth record of every world: apply in memory, and the pairs tried in order on the server."""
    wide: Collection[Document] = collection.with_options(
        CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
    )  # years that Python lacks
    counts: Counter[str] = Counter()
    for seed in seeds:
        world = World(seed, size=40)
        updates = Bodies(world)
        for _ in range(bodies):
            body, actor = updates.body(), world.random.choice([cq.ADMIN, world.actor(), world.actor()])
            try:
                change = cq.translate_update(body, world.schema, actor=actor, now=NOW)
            except cq.RequestError as error:
                if actor is not cq.ANONYMOUS and error.code not in ("not_here", "wrong_type", "out_of_range", "operator_type", "conflict"):
                    raise
                continue
            pairs = list(change.commands)
            assert len(pairs) <= 8
            for document in world.random.sample(world.documents, 5):
                collection.delete_many({})
                collection.insert_one(document)
                matched = any(collection.update_one(filter, update).matched_count for filter, update in pairs)
                after, refused = in_memory(change, document)
                stored = wide.find_one()
                assert stored is not None
                assert exact(stored) == exact(after), (seed, body, actor, document, refused)
                assert bool(refused) != matched, (seed, body, actor, document, refused)
                counts["cases"] += 1
                counts[refused or "changed"] += 1
    return counts


def test_changes(collection: Collection[Document], capsys: pytest.CaptureFixture[str]) -> None:
    counts = run(collection, range(100, 112), bodies=30)
    with capsys.disabled():
        print(f"\n{dict(counts)}")
    assert counts["changed"] >= 0.25 * counts["cases"]
    assert counts["changed"] <= 0.75 * counts["cases"]
    assert {"operator_type", "index", "forbidden", "not_found", "needs_read"} <= set(counts)


@pytest.mark.parametrize("acl", [None, "open", [], {}, {"read": {"access": "owner"}}, ...], ids=repr)
@pytest.mark.parametrize("user_id", [2, Int64(2), 2.0, Decimal128("2"), [2, 3]], ids=repr)
def test_an_owner_by_any_number_keeps_his_token(collection: Collection[Document], user_id: Any, acl: Any) -> None:
    """He is the owner, so that his token stands in what he writes, whatever pair wrote it."""
    schema = cq.ClassSchema("thing", {"n": cq.Integer})
    body = {"n": 1, "permissions": {"update": {"access": "open_for_groups", "groups": ["a"]}}}
    change = cq.translate_update(body, schema, actor=cq.Actor(2), now=NOW)
    document = {"_id": 1, "user_id": user_id, "_read": ["*"], "_update": ["u2"], **({} if acl is ... else {"_acl": acl})}
    collection.insert_one(document)
    assert any(collection.update_one(filter, update).matched_count for filter, update in change.commands)
    stored = collection.find_one()
    assert stored is not None
    assert stored["_update"] == ["ga", "u2"]
    assert exact(stored) == exact(change.apply(document))


@pytest.mark.slow
def test_many_changes(collection: Collection[Document], capsys: pytest.CaptureFixture[str]) -> None:
    counts = run(collection, range(2_000, 2_200), bodies=60)
    with capsys.disabled():
        print(f"\n{dict(counts)}")
    assert counts["cases"] >= 40_000
    assert counts["overflow"]
