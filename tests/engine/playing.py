"""One sequence of requests on both sides of a pair: every answer, the store's commands and what is stored afterwards must be the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cubequery.testing.asking import Asked, Asker
from cubequery.testing.channels import CHANNELS, COMMANDS, ERRORS, NAMES, draw_requests
from cubequery.testing.pairs import Pair
from cubequery.testing.told import Told, parting, told
from tests.engine.recorded import RecordedEnd, RecordedMemory, RecordedMongo
from tests.engine.stores import Records
from tests.support.pairs import Pairs

DELETES = ("delete", "delete_by_criteria")
Sides = tuple[RecordedEnd, RecordedEnd]
Same = Callable[[Pair, Records, Records], None]
"""Judges what is stored on both sides afterwards. Raises AssertionError."""


@dataclass
class Tally:
    """What a run has tried: requests, those that would have told of what differs were it not hidden, by channel and by class."""

    pairs: int = 0
    requests: int = 0
    measured: int = 0
    touching: int = 0
    channels: Counter[int] = field(default_factory=Counter)
    titles: Counter[str] = field(default_factory=Counter)
    actors: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)

    def check(self, least: int, share: float = 0.4, channels: Sequence[int] = (*CHANNELS, COMMANDS)) -> None:
        """The health gates: a run that misses one has not tested. ``least`` is how often each channel must have been hit."""
        missed = {number: self.channels[number] for number in channels if self.channels[number] < least}
        assert self.touching >= share * self.measured > 0, f"DID NOT TEST: {self.touching} of {self.measured} requests would touch"
        assert not missed, f"DID NOT TEST: channels hit less than {least} times: {missed}"

    def __str__(self) -> str:
        """The figures, for people."""
        hits = ", ".join(f"{number} {self.channels[number]}" for number in (*CHANNELS, COMMANDS))
        share = f"{self.touching:,} of {self.measured:,} measured would touch ({self.touching / max(self.measured, 1):.0%})"
        lines = [
            f"{self.pairs:,} pairs, {self.requests:,} requests; {share}",
            f"channels hit: {hits}",
            *map(str, (dict(self.titles), dict(self.actors), dict(self.answers))),
        ]
        return "\n".join(lines)


def engine_of(pair: Pair, end: RecordedEnd) -> Any:
    """The pair's engine over an end."""
    engine = end.engine(pair.classes)
    return engine.scoped(pair.scope) if pair.scope else engine


def play(pair: Pair, requests: Sequence[Asked], sides: Sides, same: Same) -> list[Told]:
    """Put the requests to both sides and compare; what the left side told. Raises AssertionError, which names the pair and the requests."""
    answers = []
    for end, records in zip(sides, (pair.left, pair.right), strict=True):
        end.fill(records)
        engine = engine_of(pair, end)
        answers.append([told(engine, end, each, pair.actor) for each in requests])
    said = "\n".join(f"{place}: {each}" for place, each in enumerate(requests))
    for place, (left, right) in enumerate(zip(*answers, strict=True)):
        assert left.answer == right.answer, f"ANSWER {place} DIFFERS\n{left.answer}\n{right.answer}\n{said}\n{pair}"
        if not (pair.hidden_children and requests[place].method in DELETES):
            assert left.commands == right.commands, f"COMMANDS {place} DIFFER\n{parting(left, right)}\n{said}\n{pair}"
    try:
        same(pair, *(end.stored(each.name for each in pair.classes) for end in sides))
    except AssertionError as error:
        raise AssertionError(f"{error}\n{said}\n{pair}") from None
    return answers[0]


def touches(pair: Pair, asked: Asked) -> bool:
    """Whether the request would tell the two stores apart if nothing were hidden."""
    assert pair.shown is not None
    answers = []
    for records in (pair.shown.left, pair.shown.right):
        end = RecordedMemory()
        end.fill(records)
        answers.append(told(engine_of(pair.shown, end), end, asked, pair.actor).answer)
    return answers[0] != answers[1]


def run(draw: Pairs, random: Random, seed: int, first: int, sides: Sides, same: Same, tally: Tally, *, measured: bool = True) -> None:
    """One pair with its requests, the first aimed at a channel, compared and counted."""
    pair = draw(random, seed)
    requests = draw_requests(Asker(pair, random), first)
    answers = play(pair, requests, sides, same)
    tally.pairs += 1
    tally.titles[pair.title] += 1
    tally.actors["admin" if pair.actor.admin else "anonymous" if pair.actor.user_id is None else "users"] += 1
    for asked, answer in zip(requests, answers, strict=True):
        tally.requests += 1
        tally.answers["refused" if answer.refused else "answered"] += 1
        if measured:
            _count(tally, asked, answer, touching=touches(pair, asked))


def _count(tally: Tally, asked: Asked, answer: Told, *, touching: bool) -> None:
    """A channel is hit by a request that would touch: that of errors where it is refused, that of commands where there are some.

    That of names is hit by a name that is refused as such, since no right could make it pass.
    """
    tally.measured += 1
    tally.touching += touching
    tally.channels[asked.channel] += touching and asked.channel != ERRORS
    tally.channels[NAMES] += asked.channel == NAMES and answer.answer.startswith("[[422")
    tally.channels[ERRORS] += touching and answer.refused
    tally.channels[COMMANDS] += touching and bool(answer.commands)


def campaign(draw: Pairs, sides: Sides, same: Same, seeds: range, every: int = 1) -> Tally:
    """The figures of a pair for each seed, which a failure names; of ``every`` so many rounds the requests are measured for the gates."""
    tally, channels = Tally(), list(CHANNELS)
    for place, seed in enumerate(seeds):
        try:
            run(draw, Random(seed), seed, channels[place % len(channels)], sides, same, tally, measured=place // len(channels) % every == 0)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from None
    print(f"{draw.__name__}, {type(sides[0]).__name__}: {tally}")
    return tally


def slice_of(draw: Pairs, sides: Sides, same: Same, *, in_memory: int = 6, on_server: int = 5) -> Tally:
    """The figures of so many pairs for each channel, always the same ones.

    In memory Hypothesis draws as many again, and makes a failure small; on a server that would take minutes.
    """
    if isinstance(sides[0], RecordedMongo):
        return campaign(draw, sides, same, range(on_server * len(CHANNELS)))
    tally = campaign(draw, sides, same, range(in_memory * len(CHANNELS)))
    for number in CHANNELS:

        @settings(max_examples=in_memory, derandomize=True)
        @given(st.randoms(use_true_random=False), st.integers(0, 2**32), st.just(number))
        def check(random: Random, seed: int, first: int) -> None:
            run(draw, random, seed, first, sides, same, tally)

        check()
    print(f"with those of Hypothesis: {tally}")
    return tally
