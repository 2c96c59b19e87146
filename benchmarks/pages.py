"""A page of a hundred records, from memory and from a server: `Engine.list` against the same work written by hand."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any

import orjson
from pymongo import AsyncMongoClient, MongoClient

import cubequery as cq
from benchmarks.by_hand import TOKENS, above, is_one
from benchmarks.classes import ACTOR, PROFILE
from benchmarks.documents import documents
from benchmarks.measure import Row, Work, measure
from benchmarks.served import SCORE, USER, records, shown
from benchmarks.served import TOKENS as SCORE_TOKENS
from tests.support.mongod import server

PAGE, STORED = 100, 5_000
"""Records of a page, and of the class on the server."""
DATABASE = "cubequery_pages"
Document = dict[str, Any]


def workloads(count: int) -> Iterator[tuple[str, Callable[[int], Row]]]:
    """By name, each as a function of the number of rounds; ``count`` records in memory."""
    yield "page: MemoryStore", partial(_memory, count)
    yield "page: mongod, sync", partial(_mongod, False)
    yield "page: mongod, async", partial(_mongod, True)


def _memory(count: int, rounds: int) -> Row:
    """Filter, rights, sort and the first hundred: by hand over the very records that the store keeps."""
    store = cq.MemoryStore()
    store.insert(PROFILE.name, documents(count, 0.0))
    engine = cq.Engine(store, [PROFILE])
    kept = [*store.records(PROFILE.name).values()]

    def by_a_lambda(least: int) -> list[Document]:
        found = filter(lambda d: (v > least if type(v := d.get("visits")) is int else above(v, least)) and readable(d.get("_read")), kept)
        return sorted(found, key=lambda d: ((age := d.get("age")) is not None, age or 0, d["_id"]))[:PAGE]

    def ours(least: int) -> list[Document]:
        request = f"visits[gt]={least}&sort_asc=age&limit={PAGE}"
        return engine.rows(cq.translate(request, PROFILE, actor=ACTOR, where=engine.where))

    if [each["_id"] for each in ours(500)] != [each["_id"] for each in by_a_lambda(500)]:
        raise AssertionError("by hand another page is found")
    works: Mapping[str, Work] = {"lambda": by_a_lambda, "cubequery": ours}
    draw = random.Random(3)
    return measure(
        "page", f"first {PAGE} of {count:,} in memory", "lambda", works, lambda number: [draw.randrange(300, 700) for _ in range(number)],
        max(3, rounds // 3), size=str(count), speed=True, must=1.5, fill=0.01,
    )  # fmt: skip


def readable(read: Any) -> bool:
    """Whether the actor has one of a record's tokens."""
    if type(read) is list:
        return "*" in read or "u47592" in read or "gofficers" in read or "gstaff" in read
    return is_one(read, TOKENS)


def _mongod(asynchronous: bool, rounds: int) -> Row:
    """A request to the JSON of its page, CPU of this process: driver, translation, rendering, orjson."""
    with ExitStack() as held:
        uri = held.enter_context(server())
        client = held.enter_context(MongoClient[Document](uri))
        found = client[DATABASE].score
        found.drop()
        found.insert_many(records(STORED))
        found.create_index([("points", 1), ("_id", 1)])
        works = _async_works(held, uri) if asynchronous else _sync_works(client)
        if len({orjson.dumps(orjson.loads(_bytes(work(500))), option=orjson.OPT_SORT_KEYS) for work in works.values()}) != 1:
            raise AssertionError("by hand another page is answered")
        draw = random.Random(3)

        def fresh(number: int) -> Sequence[int]:
            return [draw.randrange(300, 700) for _ in range(min(number, 20))]

        name = f"{PAGE} of {STORED:,} from mongod, {'async' if asynchronous else 'sync'}"
        row = measure("page from mongod", name, "by hand", works, fresh, rounds * 3, size=str(STORED), must=1.25, fill=0.03)
        client.drop_database(DATABASE)
        return row


def _bytes(given: object) -> bytes:
    assert isinstance(given, bytes)
    return given


def _asked(least: int) -> Document:
    return {"filter": {"$and": [{"points": {"$gt": least}}, {"_read": {"$in": SCORE_TOKENS}}]}, "sort": [("points", 1), ("_id", 1)]}


def _answer(items: list[Document]) -> bytes:
    return orjson.dumps({"class_name": "score", "skip": 0, "limit": PAGE, "items": items})


def _sync_works(client: MongoClient[Document]) -> Mapping[str, Work]:
    engine, found = cq.Engine(cq.MongoStore(client[DATABASE]), [SCORE]), client[DATABASE].score

    def by(least: int) -> bytes:
        return _answer([shown(record) for record in found.find(**_asked(least)).limit(PAGE)])

    def ours(least: int) -> bytes:
        return orjson.dumps(engine.list("score", f"points[gt]={least}&sort_asc=points&limit={PAGE}", USER))

    return {"by hand": by, "cubequery": ours}


def _async_works(held: ExitStack, uri: str) -> Mapping[str, Work]:
    runner = held.enter_context(asyncio.Runner())
    client: AsyncMongoClient[Document] = AsyncMongoClient(uri)
    held.callback(lambda: runner.run(client.close()))
    engine, found = cq.AsyncEngine(cq.AsyncMongoStore(client[DATABASE]), [SCORE]), client[DATABASE].score

    async def by(least: int) -> bytes:
        return _answer([shown(record) async for record in found.find(**_asked(least)).limit(PAGE)])

    async def ours(least: int) -> bytes:
        return orjson.dumps(await engine.list("score", f"points[gt]={least}&sort_asc=points&limit={PAGE}", USER))

    return {"by hand": lambda least: runner.run(by(least)), "cubequery": lambda least: runner.run(ours(least))}
