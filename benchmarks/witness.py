"""Records that tell two filters apart: one that matches, and those that differ from it in one field."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from mongomock.filtering import filter_applies

from benchmarks.corpus import Values, kind

Record = dict[str, Any]
ABSENT = object()
_judge: Callable[[Any, Any], bool] = filter_applies


def witnesses(wanted: Mapping[str, Any], values: Values) -> Iterator[Record]:
    """Records made of the values of one request and of what lies beside them."""
    fields = pools(values)
    draw = random.Random(3)
    chosen = {name: draw.choice(pool) for name, pool in fields.items()}
    _satisfy(wanted.get("$and", [wanted]), chosen, fields, draw)
    yield record(chosen)
    for name, pool in fields.items():
        for value in pool:
            yield record({**chosen, name: value})


def _satisfy(members: Sequence[Mapping[str, Any]], chosen: Record, fields: Mapping[str, list[Any]], draw: random.Random) -> None:
    """Redraw a field of a condition that fails until all hold, if they can."""
    for _ in range(2000):
        failing = [str(member) for member in members if not _judge(member, record(chosen))]
        if not failing:
            return
        name = draw.choice([name for name in fields if name in failing[0]])
        chosen[name] = draw.choice(fields[name])


def pools(values: Values) -> dict[str, list[Any]]:
    """Stored values worth trying, by field."""
    given = {own: [text for name, text in values.items() if kind(name) == own] for own in map(kind, values)}
    words = [word for text in given.get("words", []) for word in text.split(",")] + given.get("word", []) + given.get("text", [])
    texts = [*words, *(f"x{word}y" for word in words), "other", ABSENT]
    whole = [int(item) for text in given.get("int", []) + given.get("numbers", []) for item in text.split(",")[:9]]
    ints = [each + step for each in whole for step in (-1, 0, 1)] + [ABSENT]
    floats = [float(text) + step for text in given.get("float", []) for step in (-1, 0, 1)] + [ABSENT]
    days = [datetime.fromisoformat(text[:19]) for text in given.get("date", [])]
    dates = [day.replace(year=year) for day in days for year in (1940, day.year, day.year + 1, 2030)] + [ABSENT]
    return {
        "_id": [ObjectId(), *map(ObjectId, given.get("id", []))], "full_name": texts, "email": texts, "status": texts, "city": texts,
        "tags": [ABSENT, [], words[:1], words, [*words, "other"], words[1:]], "age": ints, "visits": ints, "rating": floats,
        "balance": floats, "active": [True, False, ABSENT], "verified": [True, False, ABSENT], "born": dates,
    }  # fmt: skip


def record(chosen: Record) -> Record:
    """The stored form; a field that is absent is not there."""
    flat = {name: value for name, value in chosen.items() if value is not ABSENT}
    city = flat.pop("city", None)
    return {**flat, "address": {} if city is None else {"city": city}}
