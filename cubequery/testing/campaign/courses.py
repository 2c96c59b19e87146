"""Courses of writes that may be repeated until they are acknowledged, drawn over two small classes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.acl import Actor
from cubequery.testing.values import Document

NOW = dt.datetime(2024, 5, 6, 7, 8, 9)
WHO = Actor(1)
THINGS = 8
THING = cq.ClassSchema("thing", {"n": cq.Integer, "s": cq.String, "tags": cq.Array(cq.String)}, parents=[])
PART = cq.ClassSchema("part", {"label": cq.String}, parents=["thing", "part"])
CLASSES = [THING, PART]
REPEATS = 12
"""Times that a request is sent again at most; there are fewer faults than that in a schedule."""
NOT_DONE = ("unavailable", "outcome_unknown")


@dataclass(frozen=True)
class Step:
    """One request; ``gone``: what it took is not found by a repeat, and that is an answer too."""

    name: str
    ask: Callable[[Any], Any]
    gone: bool = False


def identity(number: int) -> ObjectId:
    """The id of a record that is there from the start."""
    return ObjectId(f"{number:024x}")


def records() -> Mapping[str, list[Document]]:
    """What is there before: things, and parts below some of them and below each other."""
    rights: Document = {"user_id": 1, "created_at": NOW, "updated_at": NOW, "_read": ["*"], "_update": ["u1"], "_delete": ["u1"]}
    things = [{"_id": identity(number), "n": number % 5, "s": f"s{number % 3}", "tags": ["a"], **rights} for number in range(1, THINGS + 1)]
    first = THINGS + 1
    parts: list[Document] = []
    for place, own in enumerate([1, 1, 2, first, 3, first + 1]):
        above = {"_parent_id": identity(own), "_parent_class": "thing" if own < first else "part"}
        parts.append({"_id": identity(first + place), "label": f"l{place % 2}", **above, **rights})
    return {"thing": things, "part": parts}


def draw_steps(random: Random) -> list[Step]:
    """One to four requests, each with an operation id of its own where it needs one to be repeated."""
    return [_DRAWN[name](random, f"r{place}") for place, name in enumerate(random.choices(list(_DRAWN), k=random.randint(1, 4)))]


def engine(store: Any, random: Random) -> cq.Engine:
    """An engine that works in small batches; what it draws is never drawn twice."""
    ids, texts = count(1_000_000), count(1)
    settings = cq.Settings(limits=cq.Limits(write_batch=random.choice([1, 2, 3, 500])))
    options: dict[str, Any] = {"ids": lambda schema: identity(next(ids)), "random": lambda: f"op{next(texts)}", "clock": lambda: NOW}
    return cq.Engine(store, CLASSES, settings=settings, **options)


def play(steps: list[Step], asked: Any) -> tuple[list[str], int]:
    """What became of each request, sent again until it is acknowledged or refused, and how often one had to be sent again."""
    sent = [_sent(step, asked) for step in steps]
    return [f"{step.name}: {said}" for step, (said, _) in zip(steps, sent, strict=True)], sum(again for _, again in sent)


def _sent(step: Step, asked: Any) -> tuple[str, int]:
    for again in range(REPEATS):
        try:
            step.ask(asked)
        except cq.RequestError as error:
            if error.code in NOT_DONE:
                continue
            return ("gone" if step.gone and error.code == "not_found" else error.code), again
        return ("gone" if step.gone else "done"), again
    return "never acknowledged", REPEATS


def shape(left: Mapping[str, list[Document]]) -> list[str]:
    """What records say, less the ids that a repeat draws anew and the stamps of operations."""
    return sorted(f"{name} {_said(each)}" for name, documents in left.items() for each in documents)


def _said(document: Document) -> str:
    fresh = int(str(document["_id"]), 16) >= 1_000_000
    return str(sorted((name, str(value)) for name, value in document.items() if name != "_op" and not (fresh and name == "_id")))


def _many(random: Random) -> dict[str, Any]:
    chosen = random.sample(range(1, THINGS + 2), random.randint(1, 4))
    changes: list[dict[str, Any]] = [{"inc": {"n": 1}}, {"push": {"tags": ["x"]}}, {"s": "set"}]
    named = [{"id": str(identity(own)), **changes[random.randrange(3)]} for own in chosen]
    return {"record": {str(place): each for place, each in enumerate(named, 1)}}


def _new(random: Random) -> dict[str, Any]:
    return {"record": {str(place): {"n": place, "s": random.choice("xy")} for place in range(1, random.randint(2, 5))}}


def _under(random: Random) -> dict[str, Any]:
    return {"record": {str(place): {"label": "new", "_parent_id": str(identity(place))} for place in range(1, random.randint(2, 4))}}


def _criteria(random: Random) -> dict[str, Any]:
    return random.choice([{"n": {"gt": random.randint(0, 4)}}, {"s": f"s{random.randint(0, 2)}"}, {"n": {"lt": 9}}])


def _thing(random: Random) -> str:
    return str(identity(random.randint(1, THINGS)))


def _where(random: Random, operation: str) -> Step:
    changes: list[dict[str, Any]] = [{"inc": {"n": 1}}, {"push": {"tags": ["by"]}}, {"inc": {"n": 10}, "s": "moved"}]
    body = {"search_criteria": _criteria(random), **changes[random.randrange(3)]}
    return Step("update_by_criteria", lambda asked: asked.update_by_criteria("thing", body, WHO, request_id=operation))


def _moved(random: Random, operation: str) -> Step:
    body = {"search_criteria": {"label": "l0"}, "_parent_id": _thing(random)}
    return Step("move", lambda asked: asked.update_by_criteria("part", body, WHO, request_id=operation))


def _gone(random: Random, operation: str) -> Step:
    text = random.choice(["n[lt]=2", "s=s1", "n[gt]=3", "tags=a&n=2"])
    return Step("delete_by_criteria", lambda asked: asked.delete_by_criteria("thing", text, WHO, request_id=operation))


def _one(random: Random, operation: str) -> Step:
    own, body = _thing(random), {"s": "one"}
    return Step("update", lambda asked: asked.update("thing", own, body, WHO))


def _several(random: Random, operation: str) -> Step:
    body = _many(random)
    return Step("update_many", lambda asked: asked.update_many("thing", body, WHO, request_id=operation))


def _created(random: Random, operation: str) -> Step:
    name, body = ("thing", _new(random)) if random.random() < 0.5 else ("part", _under(random))
    return Step("create_many", lambda asked: asked.create_many(name, body, WHO, request_id=operation))


def _deleted(random: Random, operation: str) -> Step:
    own = _thing(random)
    return Step("delete", lambda asked: asked.delete("thing", own, WHO), gone=True)


def _deleted_many(random: Random, operation: str) -> Step:
    ids = [_thing(random) for _ in range(3)]
    return Step("delete_many", lambda asked: asked.delete("thing", ids, WHO))


_DRAWN: Mapping[str, Callable[[Random, str], Step]] = {
    "create_many": _created, "update": _one, "update_many": _several, "update_by_criteria": _where, "move": _moved, "delete": _deleted,
    "delete_many": _deleted_many, "delete_by_criteria": _gone,
}  # fmt: skip
STEPS = tuple(_DRAWN)
"""Names of the requests that courses are made of."""
