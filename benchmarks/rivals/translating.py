"""The corpus, asked of every peer that translates: how much each says right, and what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import geometric_mean
from typing import Any
from urllib.parse import parse_qsl

import cubequery as cq
from benchmarks.classes import ACTOR, PROFILE
from benchmarks.corpus import Case, load
from benchmarks.judge import ALL, NONE, PART, expressed
from benchmarks.measure import Figure, Work, measure
from benchmarks.rivals.translators import Translator

OURS, BASE = "cubequery", "parse_qsl"
FLOORS = (BASE, "querystring")
"""What only splits a request: in Python, and in Node.js. Neither says anything."""


@dataclass(slots=True)
class Line:
    """One contestant over the corpus: by request, what it says and, where that is right, its cost and those of ours and of the base."""

    name: str
    does: str
    says: dict[str, str] = field(default_factory=dict)
    costs: dict[str, tuple[Figure, Figure, Figure]] = field(default_factory=dict)

    def counted(self, word: str) -> int:
        """Of how many requests it says so much."""
        return sum(each == word for each in self.says.values())

    def mean(self, place: int) -> float:
        """Geometric mean in seconds over what it says right: 0 its own, 1 ours for the same requests, 2 the base's."""
        return geometric_mean([figures[place].cost for figures in self.costs.values()]) if self.costs else 0.0


def plan(text: str) -> object:
    """What a peer's answer holds: filter, sort, skip and limit; typed, validated and joined with the actor's rights besides."""
    made = cq.translate(text, PROFILE, actor=ACTOR)
    return made.filter, made.sort, made.skip, made.limit


def translating(peers: Mapping[str, Translator], floors: Mapping[str, Work], rounds: int, report: Callable[[str], object]) -> list[Line]:
    """``floors`` only split; ``report`` is told each request before it is asked."""
    lines = {name: Line(name, peer.does) for name, peer in peers.items()}
    whole = {name: Line(name, does) for name, does in ((OURS, "plan with rights"), *((floor, "split") for floor in (BASE, *floors)))}
    for case in load():
        if "request" in case.templates:
            report(case.name)
            for name, line in lines.items():
                line.says[case.name] = expressed(case, peers[name].reader, peers[name].say)
            whole[OURS].says[case.name] = ALL
            right = {name: peers[name] for name, line in lines.items() if line.says[case.name] in (ALL, PART)}
            for name, figures in _timed(case, right, floors, rounds):
                (lines | whole)[name].costs[case.name] = figures
    return [*whole.values(), *lines.values()]


def _timed(
    case: Case, peers: Mapping[str, Translator], floors: Mapping[str, Work], rounds: int
) -> Iterator[tuple[str, tuple[Figure, Figure, Figure]]]:
    works: dict[str, Work] = {BASE: parse_qsl, OURS: plan, **floors, **{name: peer.work for name, peer in peers.items()}}
    parts = {name: peers[name].reader if name in peers else "request" for name in works}

    def fresh(count: int) -> Sequence[Mapping[str, Any]]:
        return [{part: case.text(part, values) for part in {*parts.values()}} for values in (case.values() for _ in range(count))]

    figures = measure("peers", case.name, BASE, works, fresh, rounds, parts=parts).figures
    for name in works:
        yield name, (figures[name], figures[OURS], figures[BASE])


def said(line: Line) -> str:
    """The requests that a peer says wrong, or does not say at all."""
    wrong = [name for name, word in line.says.items() if word not in (ALL, PART, NONE)]
    silent = [name for name, word in line.says.items() if word == NONE]
    parts = [f"{title}: {', '.join(names)}" for title, names in (("wrong or refused", wrong), ("not said", silent)) if names]
    return "; ".join(parts)
