"""Worlds of a campaign: a class and its records, their values drawn anew in each world, and actors who have something to see."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from bson import Binary, Decimal128, Int64, Regex

import cubequery as cq
from cubequery.testing.definitions import draw_class
from cubequery.testing.pools import FOREIGN
from cubequery.testing.queries import Queries
from cubequery.testing.rights import ACTIONS, Keys, actors_for
from cubequery.testing.values import Document
from cubequery.testing.worlds import STRATEGIES, world_class

_LETTERS = "aAbBcz09 .,;*+?()[]{}|^$\\/-_%&=#@é日ß\n\t\u0130\u2028\U0001f600"
_EDGES = (2**31, 2**53, 2**63 - 1, 10**6, 100)
WIDE = 4
"""Of so many worlds all but one have a class of every type; the other a drawn one, whose names are all read anew."""


class FreshWorld(Queries):
    """One class, its records and actors; everything follows from the seed.

    Beside the fixed pools of awkward values each world has values of its own, near to each other, so that operands meet them.
    """

    def __init__(self, seed: int, size: int) -> None:
        random = Random(seed)
        texts = seed % (2 * WIDE) == 1  # ids of users are texts
        rights = STRATEGIES[random.randrange(len(STRATEGIES))]
        wide = seed % WIDE != 0
        schema = _wide(random.choice(["s", "ms"]), 0 if texts else STRATEGIES.index(rights)) if wide else draw_class(random, "world")
        super().__init__(random, schema, "String" if texts and schema.strategy.kind != "owner" else "Integer")
        self.settings = SETTINGS[self.user_id_type]
        self.actors = actors_for([schema], self.user_id_type)
        self.pools = {kind: self._fresh(kind, list(super(FreshWorld, self).pool(kind))) for kind in _KINDS}
        self.foreign = [*FOREIGN, *(self._foreign() for _ in range(8))]
        self.documents = [self._record(number) for number in range(size)]

    def pool(self, kind: str) -> list[Any]:
        """The world's own values of a kind."""
        return self.pools.get(kind) or super().pool(kind)

    def literals(self, own: str, values: Sequence[Any]) -> list[str]:
        """Parts of what records hold, beside the fixed texts."""
        return [*super().literals(own, values), *(self._part(str(self.random.choice(self.pool(own)))) for _ in range(12))]

    def actor(self) -> cq.Actor:
        """Any kind of actor."""
        return self.random.choice(self.actors)

    def where(self) -> Mapping[str, Any] | None:
        """Now and then a condition of the host's own: a stored value of some field, as records hold it."""
        if self.random.random() > 0.08:
            return None
        field = self.random.choice([each for each in self.fields if each.type.kind in _HOSTED])
        return {field.path: self.own_value(field.type.kind)}

    def _record(self, number: int) -> Document:
        draw = self.random.random()
        document = self.valid(number) if draw < 0.25 else self.awkward(number)
        if draw > 0.6:
            wished = {action: self.random.random() < 0.7 for action in ACTIONS}
            document = Keys(self.schema, self.actor(), self.random, self.user_id_type).put(document, **wished)
        return document

    def _fresh(self, kind: str, fixed: list[Any]) -> list[Any]:
        """Some of the fixed values and as many new ones."""
        kept = self.random.sample(fixed, min(len(fixed), 6))
        return [*kept, *(self._value(kind) for _ in range(6))]

    def _value(self, kind: str) -> Any:
        draw = self.random
        if kind == "Integer":
            return draw.choice([draw.randint(-20, 20), draw.choice(_EDGES) - draw.randint(0, 3), draw.randint(-(2**63), 2**63 - 1)])
        if kind == "Float":
            return draw.choice([draw.randint(-40, 40) / 4, draw.uniform(-1e6, 1e6), draw.uniform(1, 10) * 10.0 ** draw.randint(-300, 300)])
        if kind == "String":
            return "".join(draw.choices(_LETTERS, k=draw.randint(1, 6)))
        if kind == "Location":
            return [25.3 + draw.randint(-50, 50) / 1000, 44.5 + draw.randint(-50, 50) / 1000]
        return dt.datetime(2018, 12, 6) + dt.timedelta(seconds=draw.randint(-10_000_000, 10_000_000))

    def _foreign(self) -> Any:
        """A value of the world as another type, or inside something."""
        draw = self.random
        value = draw.choice(self.pools[draw.choice(_KINDS)])
        number = draw.choice([each for each in self.pools["Float"] if math.isfinite(each)])
        return draw.choice([
            value, [value], [[value]], {"x": value}, [{"city": value, "v": value}], [value, None], [None, [value]],
            Decimal128(f"{number:.15g}"),
            Int64(draw.choice(self.pools["Integer"])), str(value), Regex(self._part("a.b*c")), Binary(b"\0ab", draw.choice([0, 5])),
        ])  # fmt: skip

    def _part(self, text: str) -> str:
        start = self.random.randint(0, len(text))
        return text[start : start + self.random.randint(1, 4)] or text


_KINDS = ("Integer", "Float", "String", "Location", "Date", "time")
_HOSTED = ("Integer", "String", "Boolean", "Date", "user", "user_text", "time")
SETTINGS = {"Integer": cq.Settings(), "String": cq.Settings(user_id_type="String")}
"""One object each: what is remembered about names is remembered per object."""


@lru_cache
def _wide(resolution: str, place: int) -> cq.ClassSchema:
    """A class of every type; one object in all worlds, so that its names are read once."""
    return world_class(resolution, STRATEGIES[place])
