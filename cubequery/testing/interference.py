"""Non-interference for embedders: what an actor may not read changes no byte of any answer to him."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import cubequery as cq
from cubequery.testing.asking import Asked, Asker
from cubequery.testing.bug import report
from cubequery.testing.case import Call, Case, EngineFactory, Interference, StoreFactory, ask, play
from cubequery.testing.channels import CHANNELS, draw_requests
from cubequery.testing.pairs import NothingToHide, Pair, Records, hidden_pair
from cubequery.testing.recording import Loop, RecordedStore
from cubequery.testing.rights import actors_for
from cubequery.testing.shrinking import smallest

SHARE = 0.4
"""Of the requests that must tell the stores apart to somebody who may read everything: a run with fewer has not tested."""


@dataclass
class Tried:
    """What a run has tried: pairs, requests, and those that would have told of what is hidden."""

    pairs: int = 0
    requests: int = 0
    touching: int = 0


def assert_no_interference(
    engine_factory: EngineFactory,
    *,
    classes: Iterable[cq.ClassSchema],
    actors: Iterable[cq.Actor] | None = None,
    store_factory: StoreFactory = cq.MemoryStore,
    user_id_type: str = "Integer",
    examples: int = 300,
    seed: int = 0,
    commands: bool = True,
) -> Tried:
    """Hidden records change nothing that an actor is told: ``assert_no_interference(cq.Engine, classes=CLASSES)``.

    Draws ``examples`` pairs of stores that differ in records which one of the ``actors`` (those of the classes' levels and a few of each
    kind, where none are given) may not read, puts one to five requests to an engine over each, and compares answers byte for byte, what
    the stores were asked (unless ``commands`` is False), and what they hold afterwards.

    ``engine_factory(store, classes, clock=..., ids=..., random=...)`` makes what is tested: an engine, sync or async, or a
    :class:`cubequery.testing.Served` application. ``store_factory()`` makes its store; the collections of the classes are emptied.
    Raises AssertionError with a small case as a Python test and as lines of curl, and where the run has not tested anything.
    """
    schemas = list(classes)
    asking = list(actors_for(schemas, user_id_type) if actors is None else actors)
    tried = Tried()
    for number in range(seed, seed + examples):
        random = Random(number)
        try:
            pair = hidden_pair(random, schemas, asking, user_id_type)
        except NothingToHide:
            raise AssertionError("DID NOT TEST: no class hides a record from any of the actors") from None
        asked = draw_requests(Asker(pair, random, user_id_type), number % len(CHANNELS) + 1)
        case = case_of(pair, asked)
        try:
            play(case, engine_factory, store_factory, commands=commands)
        except Interference as found:
            raise _told(case, found, engine_factory, store_factory, commands=commands, seed=number) from None
        tried.pairs += 1
        tried.requests += len(asked)
        tried.touching += sum(touches(case, user_id_type))
    if tried.touching < SHARE * tried.requests:
        raise AssertionError(f"DID NOT TEST: {tried.touching} of {tried.requests} requests would have told of hidden records")
    return tried


def check_no_interference(
    engine_factory: EngineFactory, case: Case, *, store_factory: StoreFactory = cq.MemoryStore, commands: bool = True
) -> None:
    """One case, as a failure of :func:`assert_no_interference` prints it. Raises AssertionError."""
    assert case.sound(), "the stores differ in what the actor may read, or a write names a hidden record that he may change"
    play(case, engine_factory, store_factory, commands=commands)


def case_of(pair: Pair, asked: Sequence[Asked]) -> Case:
    """A pair and its requests as a case."""
    both = {name: [each for each in documents if each["_id"] not in pair.about] for name, documents in pair.left.items()}
    left, right = ({pair.title: [each for each in side[pair.title] if each["_id"] in pair.about]} for side in (pair.left, pair.right))
    return Case(pair.classes, pair.actor, [(each.method, each.args, dict(each.named)) for each in asked], both, left, right)


def touches(case: Case, user_id_type: str) -> list[bool]:
    """By request whether it tells the stores apart to an admin, who is asked in the actor's place, one by one."""
    settings = cq.Settings(user_id_type=user_id_type)

    def engine(store: Any, classes: Any, **options: Any) -> cq.Engine:
        return cq.Engine(store, classes, settings=settings, **options)

    def answers(call: Call, own: Records) -> list[str]:
        alone, loop = replace(case, actor=cq.ADMIN, calls=[call]), Loop()
        return [each.answer for each in ask(alone, alone.side(own), engine, RecordedStore(cq.MemoryStore()), loop)[0]]

    return [answers(call, case.left) != answers(call, case.right) for call in case.calls]


def _told(
    case: Case, found: Interference, engine_factory: EngineFactory, store_factory: StoreFactory, *, commands: bool, seed: int
) -> AssertionError:
    """The failure as a report of a bug, its case as small as it can be made."""

    def failure(one: Case) -> Interference | None:
        try:
            play(one, engine_factory, store_factory, commands=commands)
        except Interference as error:
            return error
        return None

    def fails(one: Case) -> bool:
        error = failure(one)
        return error is not None and error.kind.partition(" request")[0] == found.kind.partition(" request")[0]

    small = smallest(case, fails)
    return AssertionError(report(small, failure(small) or found, engine_factory, seed))
