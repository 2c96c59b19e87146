"""CPU time of contestants on the same fresh inputs: warmed up, in interleaved rounds, medians, with the noise beside them."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import geometric_mean, median
from typing import Any, Protocol

Work = Callable[[Any], object]
Fresh = Callable[[int], Sequence[Any]]
Clock = Callable[[], int]


class Elsewhere(Protocol):
    """A contestant that works in another process and says itself what that took."""

    def __call__(self, given: Any, /) -> object:
        """The work, where only its answer is wanted."""

    def cost(self, inputs: Sequence[Any]) -> float:
        """Seconds of that process's CPU time for one input, the mean of these."""


BATCH = 500
"""Inputs of one round; a slow contestant does the first of them only."""
SLICE = 0.003
"""Seconds that one contestant should take in one round."""
LONG, SELDOM = 0.1, 4
"""A contestant that needs more seconds than this for one input takes part in every fourth round only."""
AGAIN = "again"
"""The base measured a second time in every round: what its ratio is apart from 1 is the machine, not the code."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One contestant on one workload. ``ratio`` is the median over rounds of its cost by the base's (``speed``: the other way round),
    ``noise`` the median absolute deviation of these, relative; ``cost`` is in seconds for one input."""

    cost: float
    ratio: float
    noise: float
    note: str = ""


@dataclass(slots=True)
class Row:
    """One workload. ``size`` is what the table says about it (parameters, matching records); ``must`` the figure to reach."""

    table: str
    name: str
    base: str
    figures: dict[str, Figure]
    size: str = ""
    speed: bool = False
    must: float | None = None

    @property
    def again(self) -> float:
        """Ratio of the base to itself."""
        return self.figures[AGAIN].ratio if AGAIN in self.figures else 1.0

    @property
    def reached(self) -> bool | None:
        """Whether ours is where it must be; None where nothing is asked."""
        if self.must is None or "cubequery" not in self.figures:
            return None
        ratio = self.figures["cubequery"].ratio
        return ratio >= self.must if self.speed else ratio <= self.must


def measure(
    table: str, name: str, base: str, contestants: Mapping[str, Work], fresh: Fresh, rounds: int, *,
    notes: Mapping[str, str] | None = None, parts: Mapping[str, str] | None = None, size: str = "", speed: bool = False,
    must: float | None = None, fill: float = SLICE, clock: Clock = time.process_time_ns,
) -> Row:  # fmt: skip
    """Time every contestant. ``fresh(n)`` gives n new inputs; in a round all contestants get the same ones.

    Where an input is a mapping, ``parts`` says which part of it a contestant takes. ``clock`` gives nanoseconds: of this process, unless
    another one does the work.
    """
    taken = {**(parts or {}), **({AGAIN: parts[base]} if parts else {})}

    def own(each: str, inputs: Sequence[Any]) -> Sequence[Any]:
        return [given[taken[each]] for given in inputs] if taken else inputs

    runners = {**contestants, AGAIN: contestants[base]}
    with _quiet():
        counts = {each: _count(work, own(each, fresh(BATCH)), fill, clock) for each, work in runners.items()}
        counts[base] = counts[AGAIN] = max(1, counts[base])
        costs: dict[str, dict[int, float]] = {each: {} for each in runners}
        for number in range(rounds):
            inputs = fresh(BATCH)
            gc.collect()
            for each in random.sample(list(runners), len(runners)):
                if not (counts[each] == 0 and number % SELDOM):
                    costs[each][number] = _time(runners[each], own(each, inputs[: counts[each] or 1]), clock)
    figures = {each: _figure(costs[each], costs[base], (notes or {}).get(each, ""), speed=speed) for each in runners}
    return Row(table, name, base, figures, size, speed, must)


def _count(work: Work, inputs: Sequence[Any], fill: float, clock: Clock) -> int:
    """How many inputs fill a slice, 0 where a single one takes too long for every round; finding it out is the warm-up."""
    once = _time(work, inputs[:1], clock)
    if once > LONG:
        return 0
    probe = 1 if once > fill / 10 else max(1, len(inputs) // 25)
    _time(work, inputs[:probe], clock)
    return max(1, min(len(inputs), int(fill / max(_time(work, inputs[:probe], clock), 1e-9))))


def _time(work: Work, inputs: Sequence[Any], clock: Clock) -> float:
    if hasattr(work, "cost"):
        cost: float = work.cost(inputs)
        return cost
    start = clock()
    for each in inputs:
        work(each)
    return (clock() - start) / len(inputs) / 1e9


def _figure(costs: Mapping[int, float], base: Mapping[int, float], note: str, *, speed: bool) -> Figure:
    ratios = [base[number] / cost if speed else cost / base[number] for number, cost in costs.items()]
    middle = median(ratios)
    return Figure(median(costs.values()), middle, median(abs(ratio - middle) for ratio in ratios) / middle, note)


def mean(figures: Sequence[Figure]) -> Figure:
    """Geometric mean of one contestant over several workloads."""
    if not figures:
        return Figure(0.0, 0.0, 0.0)
    cost, ratio = geometric_mean([figure.cost for figure in figures]), geometric_mean([figure.ratio for figure in figures])
    return Figure(cost, ratio, median(figure.noise for figure in figures))


@contextmanager
def _quiet() -> Iterator[None]:
    """No collection of garbage inside a measurement: what it costs depends on who allocated before."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
