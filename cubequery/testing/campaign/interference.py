"""Non-interference: pairs of stores that differ in what an actor may not read, asked the same, answer him the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random

import cubequery as cq
from cubequery.schema import ClassSchema
from cubequery.testing.asking import Asked, Asker
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.tally import Cell, Tally
from cubequery.testing.campaign.worlds import SETTINGS
from cubequery.testing.case import Case, Interference, play
from cubequery.testing.channels import CHANNELS, COMMANDS, ERRORS, NAMES, draw_requests
from cubequery.testing.definitions import draw_class
from cubequery.testing.interference import case_of, touches
from cubequery.testing.pairs import NothingToHide, hidden_pair
from cubequery.testing.rights import actors_for
from cubequery.testing.told import Told
from cubequery.testing.worlds import STRATEGIES, world_class

PAIRS, ON_SERVER = 2 * len(CHANNELS), 4
"""Pairs of a batch, every channel's turn comes twice; and those that are played over the server as well."""
MEASURED = 5
"""Of so many pairs one is measured for the gates: whether its requests would tell of what is hidden."""
TEXTS = 6
"""Of so many batches one has texts for user ids."""


def run(seed: int, bench: Bench) -> Tally:
    """Pairs over two drawn classes. Counts ``pairs``, ``requests``, ``measured`` requests and those ``touching`` what is hidden."""
    random, tally = Random(seed), Tally()
    user_ids = "String" if seed % TEXTS == 1 else "Integer"
    classes = _classes(random, user_ids)
    actors, engine = actors_for(classes, user_ids), partial(cq.Engine, settings=SETTINGS[user_ids])
    for place in range(PAIRS):
        pair_seed = seed * PAIRS + place
        drawn = Random(pair_seed)
        try:
            pair = hidden_pair(drawn, classes, actors, user_ids)
        except NothingToHide:
            tally.counts["nothing to hide"] += 1
            return tally
        asked = draw_requests(Asker(pair, drawn, user_ids), place % len(CHANNELS) + 1)
        case = case_of(pair, asked)
        try:
            answers = play(case, engine)
            if place < ON_SERVER:
                play(case, engine, lambda: cq.MongoStore(bench.database))
                tally.counts["pairs on the server"] += 1
        except Interference as found:
            tally.differ(f"{found}\n{pair}\n" + "\n".join(map(str, asked)))
            continue
        tally.case(repr((pair.actor, pair.left, pair.right, [str(each) for each in asked])).encode())
        tally.counts.update(pairs=1, requests=len(asked))
        if place % MEASURED == seed % MEASURED:
            _measure(tally, case, asked, answers, user_ids)
    return tally


def _classes(random: Random, user_ids: str) -> Sequence[ClassSchema]:
    if user_ids == "String":
        return [world_class("s", STRATEGIES[0]), cq.ClassSchema("other", {"n": cq.Integer, "s": cq.String})]
    return [draw_class(random, "thing"), draw_class(random, "other")]


def _measure(tally: Tally, case: Case, asked: Sequence[Asked], answers: Sequence[Told], user_ids: str) -> None:
    """A channel is hit by a request that would touch: that of errors where it is refused, that of commands where there are some.

    That of names is hit by a name that is refused as such, since no right could make it pass.
    """
    for each, answer, touching in zip(asked, answers, touches(case, user_ids), strict=True):
        tally.counts.update(measured=1, touching=int(touching))
        hit = {each.channel: touching and each.channel != ERRORS, ERRORS: touching and answer.refused}
        hit |= {COMMANDS: touching and bool(answer.commands)}
        if each.channel == NAMES:
            hit[NAMES] = answer.answer.startswith("[[422")
        tally.cells.update(_cell(number) for number, met in hit.items() if met)


def _cell(number: int) -> Cell:
    return (f"channel {number}",)


def expected() -> set[Cell]:
    """Every channel."""
    return {_cell(number) for number in (*CHANNELS, COMMANDS)}
