"""One course of requests through three systems: engines over memory and over a server, and the plain model."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import count
from typing import Any

from bson import ObjectId
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from pymongo.database import Database

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import MemoryStore, MongoStore
from tests.engine.stateful import requests, words
from tests.engine.stateful.draws import UNKNOWN, Draw
from tests.engine.stateful.requests import Request
from tests.support.model import Actor, Model
from tests.support.mongod import Document

_RULES = (
    *(requests.create, requests.create_many, requests.update_values, requests.update_operators, requests.update_many),
    *(requests.update_by_criteria, requests.delete, requests.delete_many, requests.delete_by_criteria, requests.adopt),
    *(requests.cascade, requests.permissions, requests.owner, requests.search),
)
REQUESTS: Mapping[str, Callable[[Draw], Request]] = {each.__name__: each for each in _RULES}
RULES = (*REQUESTS, "class_permissions", "groups")
MOSTLY = st.sampled_from([False, *[True] * 99])
EPOCH, START = dt.datetime(1970, 1, 1), 1_700_000_000


class Seen:
    """What the courses of a test did: steps by rule, answers by code, steps of each course, records shown to an actor and hidden."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()
        self.lengths: list[int] = []
        self.shown = self.hidden = 0


class Course(RuleBasedStateMachine):
    """After every step all three systems have answered alike, byte for byte, and show actors the same records and counts.

    The rules take turns: none comes again before all others have, so that each has its share of the steps.
    """

    def __init__(self, database: Database[Document], seen: Seen) -> None:
        super().__init__()
        self.seen, self.actors, self.definitions = seen, dict(words.ACTORS), dict(words.CLASSES)
        self.turns = Counter(dict.fromkeys(RULES, 0))
        self.now, self.number = START, 0
        for name in self.definitions:
            database[name].delete_many({})
        self.stores: Mapping[str, Any] = {"memory": MemoryStore(), "mongod": MongoStore(database)}
        self.ids: dict[str, Iterator[str]] = {}
        self.model = Model(self.definitions.values(), clock=lambda: self.now, ids=lambda: next(self.ids["model"]))
        self.systems = self.built()
        for name, bodies, who in words.BEFORE:
            self.ask(Request("create_many", name, ({"record": {str(number): body for number, body in enumerate(bodies)}},), who))
        seen.lengths.append(0)

    def built(self) -> Mapping[str, Any]:
        """The systems, for the classes as they are now."""
        self.model.classes = dict(self.definitions)
        return {**{name: self.engine(name) for name in self.stores}, "model": self.model}

    def engine(self, name: str) -> Engine:
        """An engine over a store, with the course's clock and ids."""
        classes = [schema(json.dumps(each)) for each in self.definitions.values()]

        def clock() -> dt.datetime:
            return EPOCH + dt.timedelta(seconds=self.now)

        return Engine(self.stores[name], classes, clock=clock, ids=lambda _: ObjectId(next(self.ids[name])))

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One turn of a rule that is due."""
        least = min(self.turns.values())
        name = data.draw(st.sampled_from([each for each in RULES if self.turns[each] == least]), label="rule")
        self.turns[name] += 1
        if not data.draw(MOSTLY, label="not a rest"):
            return  # a failing course is cut down to the steps that it needs: the others are rests
        self.seen.rules[name] += 1
        self.seen.lengths[-1] += 1
        self.now += data.draw(st.sampled_from([0, 1, 60, -5]), label="seconds")
        draw = Draw(data.draw, self.model, self.actors)
        if name == "groups":
            who = draw.one(words.USERS)
            self.actors[who] = self.actors[who]._replace(groups=draw.one(words.GROUPS))
        elif name == "class_permissions":
            each = draw.name()
            self.definitions[each] = draw.class_permissions(self.definitions[each])
            self.systems = self.built()
        else:
            request = REQUESTS[name](draw)
            note(f"{request}")
            said = self.ask(request)
            self.seen.answers[said] += 1
            if said != "done":
                self.look(["admin"])  # nothing may have changed, which he sees best
                return
        self.look([*self.actors])

    def look(self, actors: list[str]) -> None:
        """What actors see of every class, and an admin of every record, permissions included."""
        for name, rows in self.model.records.items():
            for who in actors:
                self.ask(Request("list", name, ({},), who))
                self.ask(Request("list", name, ({"count": 1},), who))
                shown = self.model.list(name, {"count": 1}, self.actors[who])["items"]["count"]
                self.seen.shown += shown
                self.seen.hidden += len(rows) - shown
            self.ask(Request("get", name, (",".join([*rows, UNKNOWN]),), "admin"))

    def ask(self, request: Request) -> str:
        """Put a request to all systems, which draw the same ids; what they said, in a word."""
        self.number += 1
        self.ids = {name: numbers(self.number) for name in self.systems}
        answers = {name: answer(system, request, self.actors[request.who]) for name, system in self.systems.items()}
        assert len(set(answers.values())) == 1, f"{request}\n" + "\n".join(f"{name}: {said}" for name, said in answers.items())
        return answers["model"][0]


def numbers(start: int) -> Iterator[str]:
    """Fresh ids, above all that began with a smaller number."""
    return (f"{start:08x}{place:016x}" for place in count())


@lru_cache
def schema(definition: str) -> cq.ClassSchema:
    """A class; what it remembers of names outlives a course."""
    return cq.ClassSchema.from_json(definition)


def answer(system: Any, request: Request, actor: Actor) -> tuple[str, str]:
    """`done` and the answer as JSON, or code, and status and body of the refusal."""
    asker = actor if isinstance(system, Model) else cq.Actor(actor.user_id, actor.groups, admin=actor.admin)
    before = 1 if request.method == "get" else len(request.given)
    try:
        return "done", json.dumps(getattr(system, request.method)(request.name, *request.given[:before], asker, *request.given[before:]))
    except cq.RequestError as error:
        return error.code, f"{error.status} {json.dumps(error.body(), sort_keys=True)}"  # faults of one request have no order
