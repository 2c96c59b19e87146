"""Writers that remember what they were told, and what must then be stored: nothing acknowledged is lost, nothing is applied twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from tests.engine.trials import outcome
from tests.support.mongod import Document

REPEATS = 100
GROUP = 5
"""Records that a writer changes by criteria."""
LOST = ("outcome_unknown", "unavailable")
SHARED = "shared"
COUNTER = {"name": SHARED, "age": 0, "user_id": 99, "permissions": {"update": {"access": "open"}}}
"""The body of the record that every writer increases."""
Told = tuple[str, Any]
"""``"done"`` and the answer, or the code of the refusal."""


@dataclass(frozen=True)
class Asked:
    """One call of an engine."""

    method: str
    args: tuple[Any, ...]
    named: dict[str, Any] = field(default_factory=dict)

    def put_to(self, engine: Engine | AsyncEngine) -> Any:
        """The answer of the engine; of an async one what is to be awaited."""
        return getattr(engine, self.method)(*self.args, **self.named)


Talk = Generator[Asked, Any, Any]


class Writer:
    """One client of an engine. ``requests`` yields what it asks for and receives what it is told, so that threads and tasks can play it."""

    def __init__(self, number: int) -> None:
        self.name, self.actor = f"w{number}", cq.Actor(number + 1)
        self.said = Counter[str]()
        self.single: dict[str, dict[str, str]] = {"create": {}, "delete": {}}
        """Word by name of what was created, and of what was deleted, by a request that may not be sent again."""
        self.increased: dict[str, Counter[str]] = {"own": Counter(), SHARED: Counter()}
        self.many: list[str] = []
        self.rounds = 0

    def requests(self, enough: Callable[[], bool], shared: str) -> Talk:
        """Rounds of requests, until it is enough. ``shared`` is the id of the record that every writer increases."""
        _, own = yield from self._insist("create_many", {"record": {"1": {"name": f"{self.name} own", "age": 0}}}, "own")
        counters = {"own": own["items"][0]["_id"], SHARED: shared}
        group = {str(place): {"name": f"{self.name} group {place}", "age": 0} for place in range(GROUP)}
        yield from self._insist("create_many", {"record": group}, "group")
        while not enough():
            yield from self._round(counters)
            self.rounds += 1

    def _round(self, counters: dict[str, str]) -> Talk:
        made = yield from self._create(f"{self.name} single {self.rounds}")
        for which, record_id in counters.items():
            word, _ = yield from self._ask("update", "pet", record_id, {"inc": {"age": 1}})
            self.increased[which][word] += 1
        names = [f"{self.name} many {self.rounds} {place}" for place in range(3)]
        record = {str(place): {"name": name, "age": 1} for place, name in enumerate(names)}
        _, many = yield from self._insist("create_many", {"record": record}, f"many {self.rounds}")
        self.many += names[1:]
        by = {"search_criteria": {"name": {"start_with": f"{self.name} group"}}, "inc": {"age": 1}}
        _, told = yield from self._insist("update_by_criteria", by, f"by {self.rounds}")
        assert told["total_found"] == GROUP
        yield from self._family(many["items"][0]["_id"])
        if made is not None and self.rounds % 2:
            word, _ = yield from self._ask("delete", "pet", made)
            self.single["delete"][f"{self.name} single {self.rounds}"] = word

    def _create(self, name: str) -> Talk:
        word, told = yield from self._ask("create", "pet", {"name": name, "age": 1})
        self.single["create"][name] = word
        return told["_id"] if word == "done" else None

    def _family(self, parent: str) -> Talk:
        """Children, and then their parent deleted until it is gone: no child may be left."""
        record = {str(place): {"label": f"{self.name} child", "_parent_id": parent} for place in range(3)}
        yield from self._insist("create_many", {"record": record}, f"family {self.rounds}", name="toy")
        before = self.said["outcome_unknown"]
        word, _ = yield from self._until_done("delete", ("pet", parent), {}, also=("not_found",))
        assert word == "done" or self.said["outcome_unknown"] > before, "a delete that was not carried out has found nothing to delete"

    def _insist(self, method: str, body: Any, request_id: str, *, name: str = "pet") -> Talk:
        return (yield from self._until_done(method, (name, body), {"request_id": request_id.replace(" ", "-")}))

    def _until_done(self, method: str, args: tuple[Any, ...], named: dict[str, Any], *, also: tuple[str, ...] = ()) -> Talk:
        """The answer of a request that may be sent again, and is, until it is acknowledged."""
        for _ in range(REPEATS):
            word, told = yield from self._ask(method, *args, also=also, **named)
            if word not in LOST:
                return word, told
        raise AssertionError(f"{method} was not acknowledged in {REPEATS} tries")

    def _ask(self, method: str, *args: Any, also: tuple[str, ...] = (), **named: Any) -> Talk:
        word, told = yield Asked(method, (*args, self.actor), named)
        assert word in ("done", *LOST, *also), f"{method} was answered {word}"
        self.said[word] += 1
        return word, told


def play(engine: Engine, writer: Writer, enough: Callable[[], bool], shared: str, note: Callable[[Told], None] = lambda told: None) -> None:
    """The writer's requests, one after the other; ``note`` is called with each answer."""
    steps = writer.requests(enough, shared)
    with suppress(StopIteration):
        asked = next(steps)
        while True:
            told = outcome(asked.put_to, engine)
            note(told)
            asked = steps.send(told)


async def play_async(engine: AsyncEngine, writer: Writer, enough: Callable[[], bool], shared: str, note: Callable[[Told], None]) -> None:
    """The same, awaited."""
    steps = writer.requests(enough, shared)
    with suppress(StopIteration):
        asked = next(steps)
        while True:
            try:
                told: Told = "done", await asked.put_to(engine)
            except cq.RequestError as error:
                told = error.code, None
            note(told)
            asked = steps.send(told)


def between(told: Counter[str]) -> range:
    """How often what was asked for may have been applied: an unknown outcome counts 0 or 1, an acknowledged one exactly 1."""
    return range(told["done"], told["done"] + told["outcome_unknown"] + 1)


def differences(writers: Iterable[Writer], pets: Iterable[Document], toys: Iterable[Document]) -> Iterator[str]:
    """What is stored otherwise than the writers were told."""
    ages: dict[str, list[int]] = {}
    for pet in pets:
        ages.setdefault(pet["name"], []).append(pet["age"])
    shared = Counter[str]()
    for writer in writers:
        shared.update(writer.increased[SHARED])
        for name in writer.single["create"]:
            yield from _count(name, len(ages.get(name, [])), _single(writer, name))
        for name in writer.many:
            yield from _count(name, len(ages.get(name, [])), range(1, 2))
        yield from _value(f"{writer.name} own", ages, between(writer.increased["own"]))
        for place in range(GROUP):
            yield from _value(f"{writer.name} group {place}", ages, range(writer.rounds, writer.rounds + 1))
        if gone := [name for name in ages if name.startswith(f"{writer.name} many") and name.endswith(" 0")]:
            yield f"deleted and still there: {gone}"
    yield from _value(SHARED, ages, between(shared))
    yield from (f"{toy['label']} has outlived its parent" for toy in toys)


def _single(writer: Writer, name: str) -> range:
    """How often a record that was created once, and perhaps deleted, may be there."""
    made, gone = writer.single["create"][name], writer.single["delete"].get(name, "unavailable")
    least = made == "done" and gone == "unavailable"
    most = made != "unavailable" and gone != "done"
    return range(least, most + 1)


def _count(name: str, found: int, right: range) -> Iterator[str]:
    if found not in right:
        yield f"{name} is there {found} times, not {list(right)}"


def _value(name: str, ages: dict[str, list[int]], right: range) -> Iterator[str]:
    found = ages.get(name, [])
    if len(found) != 1 or found[0] not in right:
        yield f"{name} has come to {found}, not {list(right)}"
