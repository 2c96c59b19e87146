"""Agreement for embedders: deciding in memory is deciding as their own store does."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bson import encode

import cubequery as cq
from cubequery.testing.asking import Asked, Asker
from cubequery.testing.bug import disagreement
from cubequery.testing.case import Case, StoreFactory, sources
from cubequery.testing.channels import CHANNELS, draw_requests
from cubequery.testing.pairs import one_store
from cubequery.testing.recording import Loop, RecordedStore, fill, stored
from cubequery.testing.rights import actors_for
from cubequery.testing.shrinking import smallest
from cubequery.testing.told import Told, told
from cubequery.testing.values import Document


@dataclass
class Compared:
    """What a run has compared: stores, requests, and those that were answered with something else than nothing."""

    stores: int = 0
    requests: int = 0
    answered: int = 0


def assert_memory_agrees_with_store(
    classes: Iterable[cq.ClassSchema],
    store_factory: StoreFactory,
    *,
    actors: Iterable[cq.Actor] | None = None,
    user_id_type: str = "Integer",
    examples: int = 150,
    seed: int = 0,
) -> Compared:
    """A store answers and writes as memory does: ``assert_memory_agrees_with_store(CLASSES, lambda: cq.MongoStore(database))``.

    Puts one to five requests of one of the ``actors`` to an engine over memory and to one over ``store_factory()``, sync or async, both
    with the same records, awkward ones among them; compares every answer and every stored byte. Only sums of doubles may differ in their
    last bits. The collections of the classes ARE EMPTIED. A server that refuses an order by two arrays, which memory answers, is let be.
    Raises AssertionError with a small case as a Python test and as lines of curl, and where the run has not tested anything.
    """
    schemas, tally, loop = list(classes), Compared(), Loop()
    asking = list(actors_for(schemas, user_id_type) if actors is None else actors)
    try:
        for number in range(seed, seed + examples):
            random = Random(number)
            pair = one_store(random, schemas, asking, user_id_type)
            asked = draw_requests(Asker(pair, random, user_id_type), number % len(CHANNELS) + 1)
            case = Case(pair.classes, pair.actor, [(each.method, each.args, dict(each.named)) for each in asked], pair.left)
            found = _difference(case, store_factory, user_id_type, loop, tally)
            if found:
                small = smallest(case, lambda one: bool(_difference(one, store_factory, user_id_type, loop)))
                what = _difference(small, store_factory, user_id_type, loop) or found
                raise AssertionError(disagreement(small, what, store_factory, number))
    finally:
        loop.close()
    if tally.answered < 0.4 * tally.requests or not tally.requests:
        raise AssertionError(f"DID NOT TEST: {tally.answered} of {tally.requests} requests were answered")
    return tally


def check_memory_agrees_with_store(store_factory: StoreFactory, case: Case, *, user_id_type: str = "Integer") -> None:
    """One case, as a failure of :func:`assert_memory_agrees_with_store` prints it. Raises AssertionError."""
    found = _difference(case, store_factory, user_id_type, loop := Loop())
    loop.close()
    assert not found, found


def _difference(case: Case, store_factory: StoreFactory, user_id_type: str, loop: Loop, tally: Compared | None = None) -> str:
    """What differs, or nothing."""
    memory, other = cq.MemoryStore(), store_factory()
    engines = []
    for store in (memory, other):
        fill(store, case.classes, case.both, loop)
        recorded, kind = RecordedStore(store), cq.AsyncEngine if inspect.iscoroutinefunction(store.execute) else cq.Engine
        engines.append((kind(recorded, case.classes, settings=cq.Settings(user_id_type=user_id_type), **sources()), recorded))
    for place, asked in enumerate(case.asked(), 1):
        left, right = (told(engine, recorded, asked, case.actor, loop.settled) for engine, recorded in engines)
        if _two_arrays(asked, right):
            return ""
        if not _close(json.loads(left.answer), json.loads(right.answer)):
            return f"the answer to request {place}\n\nmemory: {left.answer}\nstore:  {right.answer}"
        if tally is not None:
            tally.requests += 1
            tally.answered += not left.refused
    if tally is not None:
        tally.stores += 1
    sides = [stored(store, case.classes, loop) for store in (memory, other)]
    for schema in case.classes:
        one, two = ({repr(each["_id"]): _exact(each) for each in side[schema.name]} for side in sides)
        if one != two:
            differing = sorted(key for key in {**one, **two} if one.get(key) != two.get(key))
            return f"what is stored of class {schema.name} afterwards: {differing}"
    return ""


def _two_arrays(asked: Asked, answer: Told) -> bool:
    """Whether a server may have refused an order of several keys for records that hold (foreign) arrays under two of them."""
    text = f"{asked.args[-1]}{asked.named.get('form', '')}"
    return asked.method == "list" and "sort_" in text and "," in text and answer.answer.startswith("[[500")


def _close(left: Any, right: Any) -> bool:
    """Equal, types and the order of keys included; doubles up to their last bits."""
    if isinstance(left, float) and isinstance(right, float):
        return left == right or math.isclose(left, right, rel_tol=2**-50)
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(_close(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_close, left, right))
    return type(left) is type(right) and bool(left == right)


def _exact(document: Document) -> Mapping[str, Any]:
    """Every value in its stored bytes. The order of the rights' keys, and an empty ``_acl``, carry no meaning."""
    shown: dict[str, Any] = {name: encode({"": value}) for name, value in document.items() if name != "_acl"}
    return {**shown, "_acl": document.get("_acl") or None}
