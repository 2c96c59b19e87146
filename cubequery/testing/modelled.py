"""Agreement with the plain model: an engine answers every history as the whole API over a dict does."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.testing.case import EngineFactory, StoreFactory
from cubequery.testing.histories import Histories, Step
from cubequery.testing.model import Actor, Model
from cubequery.testing.recording import Loop, fill
from cubequery.testing.report import actor_source, imports, source
from cubequery.testing.rights import actors_for

START = 1_700_000_000
"""Unix seconds at which a history begins; every request comes a minute after the one before."""
ANSWERED = 0.25
"""Share of requests that must be answered with something else than a refusal: else nothing was tested."""


@dataclass
class Followed:
    """What a run has followed: histories, requests by method, those that were answered, and the writes among those."""

    histories: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    written: int = 0


def left_out(classes: Iterable[cq.ClassSchema]) -> list[str]:
    """Why the model does not cover some classes; nothing where it covers all."""
    found = []
    for schema in classes:
        if schema.strategy.kind == "owner":
            found.append(f"{schema.name}: the model knows no owner fields")
        if schema.id_type != "ObjectId":
            found.append(f"{schema.name}: the model knows ids of type ObjectId only")
    return found


def assert_agrees_with_model(
    engine_factory: EngineFactory,
    classes: Iterable[cq.ClassSchema],
    *,
    actors: Iterable[cq.Actor] | None = None,
    store_factory: StoreFactory = cq.MemoryStore,
    examples: int = 60,
    length: int = 25,
    seed: int = 0,
) -> Followed:
    """An engine answers as the plain model of the API does: ``assert_agrees_with_model(cq.Engine, CLASSES)``.

    Puts ``examples`` histories of ``length`` requests to an engine over ``store_factory()``, whose classes ARE EMPTIED, and to
    :class:`cubequery.testing.model.Model`: the whole API over a dict, slow and obvious, written from the specification and not from the
    engine. Compares every answer and refusal, and at the end what each actor sees of each class.

    ``engine_factory(store, classes, clock=..., ids=..., random=...)`` makes what is tested, sync or async. Raises AssertionError with
    the history cut down to what it needs, as a Python test; and where nothing was tested. Raises ValueError for a class of which the
    model says nothing (owner fields, ids that are no ObjectIds).
    """
    schemas = list(classes)
    if problems := left_out(schemas):
        raise ValueError("; ".join(problems))
    followed, asking = Followed(), list(actors_for(schemas) if actors is None else actors)
    for number in range(seed, seed + examples):
        steps = Histories(Random(number), schemas, asking).draw(length)
        found = difference(engine_factory, schemas, steps, store_factory, followed)
        if found:
            small = fewer(steps, lambda some: bool(difference(engine_factory, schemas, some, store_factory)))
            what = difference(engine_factory, schemas, small, store_factory) or found
            raise AssertionError(_told(what, engine_factory, schemas, small, number))
        followed.histories += 1
    if followed.answered < ANSWERED * followed.requests.total() or not followed.written:
        told = f"{followed.answered} of {followed.requests.total()} requests were answered, {followed.written} of them writes"
        raise AssertionError(f"DID NOT TEST: {told}")
    return followed


def check_agrees_with_model(
    engine_factory: EngineFactory, classes: Iterable[cq.ClassSchema], steps: Sequence[Step], *, store_factory: StoreFactory = cq.MemoryStore
) -> None:
    """One history, as a failure of :func:`assert_agrees_with_model` prints it. Raises AssertionError."""
    found = difference(engine_factory, list(classes), steps, store_factory)
    assert not found, found


def difference(
    engine_factory: EngineFactory, classes: Sequence[cq.ClassSchema], steps: Sequence[Step], store_factory: StoreFactory,
    followed: Followed | None = None,
) -> str:  # fmt: skip
    """What the engine answers otherwise than the model, or nothing."""
    both, loop = _Both(engine_factory, classes, store_factory()), Loop()
    try:
        fill(both.store, classes, {}, loop)
        for step in (*steps, *_looks(steps, classes)):
            left, right = both.answers(step, loop)
            if followed is not None:
                followed.requests[step.method] += 1
                followed.answered += left.startswith("done")
                followed.written += left.startswith("done") and step.method not in ("list", "get")
            if left != right:
                return f"{_step_source(step)}\n\nengine: {left}\nmodel:  {right}"
    finally:
        loop.close()
    return ""


def _looks(steps: Sequence[Step], classes: Sequence[cq.ClassSchema]) -> Iterator[Step]:
    """At the end everybody looks at everything."""
    number = max((each.number for each in steps), default=0)
    for actor in dict.fromkeys([*(each.actor for each in steps), cq.ADMIN, cq.ANONYMOUS]):
        yield from (Step(number + 1, "list", schema.name, ({},), actor) for schema in classes)


class _Both:
    """An engine and the model, with one clock and the same ids."""

    def __init__(self, engine_factory: EngineFactory, classes: Sequence[cq.ClassSchema], store: Any) -> None:
        self.store, self.now = store, START
        self.ids: Mapping[str, Iterator[str]] = {}
        epoch, texts = dt.datetime(1970, 1, 1), iter(range(1_000_000))
        self.engine = engine_factory(
            store, list(classes), clock=lambda: epoch + dt.timedelta(seconds=self.now),
            ids=lambda schema: ObjectId(next(self.ids["engine"])), random=lambda: f"op{next(texts)}",
        )  # fmt: skip
        definitions = [json.loads(json.dumps(each.to_json())) for each in classes]
        self.model = Model(definitions, clock=lambda: self.now, ids=lambda: next(self.ids["model"]))

    def answers(self, step: Step, loop: Loop) -> tuple[str, str]:
        """What both say: the answer as JSON, or status and body of the refusal, whose faults have no order."""
        self.now = START + 60 * step.number
        self.ids = {"engine": iter(step.ids()), "model": iter(step.ids())}
        plain = Actor(step.actor.user_id, frozenset(step.actor.groups), step.actor.admin)
        return _answer(lambda: loop.settled(step.put(self.engine, step.actor))), _answer(lambda: step.put(self.model, plain))


def _answer(ask: Any) -> str:
    try:
        return f"done {json.dumps(ask())}"
    except cq.RequestError as error:
        body: dict[str, Any] = error.body()
        if sum(len(texts) for texts in body["errors"].values()) > 1:
            body.pop("code", None)  # it is that of the first, and faults have no order
        return f"{error.status} {json.dumps(body, sort_keys=True)}"


def fewer(steps: Sequence[Step], fails: Any) -> list[Step]:
    """The history without whatever it fails without: first the longer parts, then single requests."""
    kept, size = list(steps), max(len(steps) // 2, 1)
    while size:
        place = 0
        while place < len(kept):
            less = kept[:place] + kept[place + size :]
            if less and fails(less):
                kept = less
            else:
                place += size
        size //= 2
    return kept


def _step_source(step: Step) -> str:
    return f"Step({step.number}, {step.method!r}, {step.name!r}, {source(step.given, 2)}, {actor_source(step.actor)})"


def _told(what: str, factory: EngineFactory, classes: Sequence[cq.ClassSchema], steps: Sequence[Step], seed: int) -> str:
    name, module = getattr(factory, "__qualname__", ""), getattr(factory, "__module__", "")
    known = name.isidentifier() and module not in ("", "__main__")
    imported = f"from {module} import {name}" if known else "factory = ...  # the one given to the assertion that failed"
    lines = "".join(f"        {_step_source(each)},\n" for each in steps)
    return f"""
THE ENGINE DISAGREES WITH THE MODEL: {what}

As a test:

{imports(lines)}
from cubequery.testing import Step, check_agrees_with_model

{imported}


def test_the_engine_agrees_with_the_model():
    classes = {source(list(classes), 1)}
    steps = [
{lines}    ]
    check_agrees_with_model({name if known else "factory"}, classes, steps)
(seed {seed})
"""
