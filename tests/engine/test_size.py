"""A record never outgrows its limit: what would make it too large is refused, and nothing of it is written."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq

ITEM = cq.ClassSchema("item", {"s": cq.String, "n": cq.Integer, "tags": cq.Array(cq.String)})
SMALL = cq.Settings(limits=cq.Limits(max_record_bytes=4_000))
OWNER = cq.Actor(47592)


def refuses_growth(store: Any) -> None:
    engine = cq.Engine(store, classes=[ITEM], settings=SMALL)
    with pytest.raises(cq.RequestError) as refused:
        engine.create("item", {"s": "x" * 4_000}, OWNER)
    assert (refused.value.status, refused.value.code) == (422, "too_big")
    created = engine.create("item", {"s": "x" * 3_000}, OWNER)["_id"]
    for body in ({"push": {"tags": ["y" * 500, "z" * 500]}}, {"s": "x" * 3_900}):
        with pytest.raises(cq.RequestError) as refused:
            engine.update("item", created, body, OWNER)
        assert (refused.value.status, refused.value.code) == (422, "too_big")
        assert engine.get("item", created, OWNER)["tags"] is None
        assert len(engine.get("item", created, OWNER)["s"]) == 3_000
    assert engine.update("item", created, {"push": {"tags": ["y" * 100]}}, OWNER)["tags"] == ["y" * 100]
    assert engine.update("item", created, {"s": "short", "inc": {"n": 1}}, OWNER)["n"] == 1
    assert engine.delete("item", created, OWNER) is None


def test_in_memory() -> None:
    refuses_growth(cq.MemoryStore())


def test_on_a_server(database: Any) -> None:
    refuses_growth(cq.MongoStore(database))
