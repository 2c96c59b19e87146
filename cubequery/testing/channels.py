"""The channels by which a hidden record might show, and the requests aimed at each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cubequery.testing import aimed
from cubequery.testing.asking import Asked, Asker, Call


@dataclass(frozen=True)
class Channel:
    """What the table of channels calls it, how its requests are drawn, and how often beside the others'."""

    title: str
    draw: Callable[[Asker], Call]
    weight: int = 2


CHANNELS: Mapping[int, Channel] = {
    1: Channel("items of a list", aimed.items, 3),
    2: Channel("order", aimed.order),
    3: Channel("page borders", aimed.borders),
    4: Channel("count", aimed.count),
    5: Channel("group keys", aimed.groups),
    6: Channel("calculated values", aimed.values_of_groups),
    7: Channel("projection", aimed.projection),
    8: Channel("one id, and near", aimed.one, 5),
    9: Channel("several ids", aimed.several, 3),
    10: Channel("by criteria", aimed.by_criteria, 4),
    11: Channel("relations", aimed.relations, 4),
    12: Channel("hidden names", aimed.names, 1),
    13: Channel("errors", aimed.faults),
    14: Channel("envelope", aimed.envelope),
}
"""The channels that requests are aimed at; a new route is one more kind of request of its channel. The fifteenth, the store commands,
is compared for every request."""
NAMES, ERRORS, COMMANDS = 12, 13, 15
_DRAWN = [number for number, channel in CHANNELS.items() for _ in range(channel.weight)]


def draw_requests(asker: Asker, first: int, most: int = 5) -> list[Asked]:
    """One to ``most`` requests, the first of them aimed at channel ``first``; now and then one of them comes again."""
    made: list[Asked] = []
    for number in (first, *asker.random.choices(_DRAWN, k=asker.random.randrange(most))):
        asker.turn()
        repeated = bool(made) and asker.random.random() < 0.08
        made.append(asker.random.choice(made) if repeated else Asked(number, *CHANNELS[number].draw(asker)))
    return made
