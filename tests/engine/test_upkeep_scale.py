"""Upkeep of a large collection: every record once, in memory that does not grow with it."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

import cubequery as cq
from tests.support.mongod import Document

MANY = 20_000
MOST_BYTES = 12_000_000
"""A batch of records, its commands and their answers, and what the driver keeps."""
DEAL = cq.ClassSchema("deal", {"n": cq.Integer, "s": cq.String, "tags": cq.Array(cq.String)})


@pytest.mark.slow
def test_a_large_collection(database: Database[Document]) -> None:
    database["deal"].drop()
    for start in range(0, MANY, 1_000):
        numbers = range(start, start + 1_000)
        old = [{"_id": ObjectId(f"{place:024x}"), "by": place + 1, "guests": [place + 2], "n": place, "s": None} for place in numbers]
        database["deal"].insert_many(old)
    engine = cq.Engine(cq.MongoStore(database), [DEAL])
    engine.ensure_indexes()

    def lines() -> Iterator[str]:
        return (json.dumps({"n": place, "s": f"text {place}", "tags": ["a", "b"]}) for place in range(MANY))

    runs: list[tuple[str, Callable[[], dict[str, Any]], dict[str, int]]] = [
        ("adopt", lambda: engine.adopt("deal", owner="by", shared=["guests"]), {"adopted": MANY}),
        ("adopt again", lambda: engine.adopt("deal", owner="by", shared=["guests"]), {"adopted": 0, "had_tokens": MANY}),
        ("import", lambda: engine.import_records("deal", lines(), owner=5), {"created": MANY}),
        ("import again", lambda: engine.import_records("deal", lines(), owner=5), {"created": 0, "already": MANY}),
        ("audit", lambda: engine.audit("deal"), {"records": 2 * MANY, "no_owner": 0}),
    ]
    for name, run, wanted in runs:
        began, used = time.monotonic(), time.process_time()
        tracemalloc.start()
        report = run()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"{name}: {time.process_time() - used:.0f} s of CPU, {time.monotonic() - began:.0f} s, {peak / 1e6:.0f} MB at most")
        assert {key: report[key] for key in wanted} == wanted
        assert peak < MOST_BYTES
    assert report["tokens"] == {"missing": 0, "malformed": 0, "drift": 0}
    assert database["deal"].count_documents({}) == 2 * MANY
    database["deal"].drop()
