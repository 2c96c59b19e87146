"""Decisions in memory over many stored documents, against conditions written by hand and two Python matchers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import cubequery as cq
from benchmarks import by_hand, matchers
from benchmarks.classes import ACTOR, PROFILE
from benchmarks.documents import documents
from benchmarks.matchers import Select
from benchmarks.measure import Row, mean, measure

Documents = Sequence[Mapping[str, Any]]
ACTORS = {"user": ACTOR, "admin": cq.ADMIN}
USUAL, STRANGE = 0.002, 0.2
"""Shares of values of other types, in the documents that are timed and in those that decisions are checked on."""
CHECKED = 5_000
_collection = lru_cache(maxsize=2)(documents)


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of filters.txt."""

    name: str
    parts: dict[str, str]

    @property
    def plan(self) -> cq.Plan:
        """What it comes to for its actor."""
        request = self.parts["request"].replace("$visits", ",".join(map(str, sorted(by_hand.VISITS))))
        return cq.translate(request, PROFILE, actor=ACTORS[self.parts["actor"]])

    def own(self) -> dict[str, Select]:
        """Functions that give the matching documents. Both hand-written ones are made from the one text, so they cannot differ."""
        text, names = self.parts["by hand"], vars(by_hand)
        # The texts are this folder's own data.
        test: Callable[[Any], bool] = eval(f"lambda d: {text}", names)
        comprehension: Select = eval(f"lambda ds: [d for d in ds if ({text})]", names)
        return {"lambda": lambda given: list(filter(test, given)), "cubequery": self.plan.select, "comprehension": comprehension}

    def contestants(self) -> dict[str, Select]:
        """The same with the peers beside them."""
        return self.own() | {name: make(self.plan.filter) for name, make in matchers.USUAL.items()}


def load() -> list[Condition]:
    """Every entry, in order."""
    found: list[Condition] = []
    for line in Path(__file__).with_name("filters.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append(Condition(line[2:], {}))
        elif line and not line.startswith("#"):
            key, _, text = line.partition(":")
            found[-1].parts[key] = text.strip()
    return found


def workloads(count: int) -> Iterator[tuple[str, Callable[[int], Row]]]:
    """Every condition by name, each as a function of the number of rounds, over ``count`` documents."""
    for condition in load():
        yield f"decide: {condition.name}", partial(_decide, condition, count)


def _decide(condition: Condition, count: int, rounds: int) -> Row:
    timed, strange = _collection(count, USUAL), _collection(CHECKED, STRANGE)
    contestants = condition.contestants()
    usual = {each: check(select, timed, contestants["cubequery"]) for each, select in contestants.items()}
    notes = {each: check(select, strange, contestants["cubequery"])[0] or usual[each][0] for each, select in contestants.items()}
    given = {each: documents for each, (_, documents) in usual.items()}
    return measure(
        "decide", condition.name, "lambda", contestants, lambda batch: [given] * batch, rounds, notes=notes,
        parts={each: each for each in contestants}, size=str(len(contestants["cubequery"](timed))), speed=True, must=1.0, fill=0.03,
    )  # fmt: skip


def check(select: Select, collection: Documents, ours: Select) -> tuple[str, Documents]:
    """Where a contestant decides otherwise than ours, and the documents it can be timed on: those that it does not raise on."""
    wanted = {id(document) for document in ours(collection)}
    try:
        return told({id(document) for document in select(collection)} ^ wanted, 0), collection
    except Exception:  # then documents are asked one by one
        found, left = set(), []
        for document in collection:
            try:
                found |= {id(each) for each in select([document])}
                left.append(document)
            except Exception:
                continue
        return told((found ^ wanted) & set(map(id, left)), len(collection) - len(left)), left


def told(wrong: set[int], raised: int) -> str:
    """Both numbers as a note, empty where all is right."""
    return ", ".join(text for number, text in ((wrong, f"{len(wrong)} wrong"), (raised, f"raises on {raised}")) if number)


def groups(rows: Sequence[Row]) -> Iterator[Row]:
    """Geometric mean over all conditions."""
    members = [row for row in rows if row.table == "decide"]
    if len(members) > 1:
        figures = {each: mean([row.figures[each] for row in members]) for each in members[0].figures}
        yield Row("decide", "all conditions", "lambda", figures, speed=True, must=1.0)
