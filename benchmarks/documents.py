"""Stored records of the class as pymongo returns them; some fields hold values of other types, as real collections do."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from bson import Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

ABSENT = 0.03
"""Share of the values of a field that are not there."""
_NAMES = ("Anna", "Bob", "Carla", "Dimitri", "Eve", "Farid", "Grace", "Hugo")
_FAMILIES = ("Olson", "Moreau", "Jackson", "Kaya", "Ito", "Anderson", "Silva", "Novak")
_CITIES = ("Paris", "Berlin", "Izmir", "Lagos", "Lima")
_DAY = datetime(1940, 1, 1)


def documents(count: int, odd: float) -> list[dict[str, Any]]:
    """The same records for the same arguments. ``odd`` is the share of the values of a field that are of another type."""
    draw = random.Random(f"{count} {odd}")
    return [_document(draw, number, odd) for number in range(count)]


def _document(draw: random.Random, number: int, odd: float) -> dict[str, Any]:
    address: Any = {"city": _draw(draw, draw.choice(_CITIES), odd), "zip": str(draw.randrange(10_000, 99_999)), "country": "x"}
    if draw.random() < odd:
        address = draw.choice([[address], [address, {"city": "Paris"}], [], None, "Paris", 3, [[address]]])
    usual: dict[str, Any] = {
        "full_name": f"{draw.choice(_NAMES)} {draw.choice(_FAMILIES)}",
        "email": f"a{number}@example.org",
        "status": draw.choice(("gold", "silver", "bronze", "none", "new")),
        "age": draw.randrange(18, 80),
        "visits": draw.randrange(2000),
        "rating": draw.random() * 5,
        "balance": draw.random() * 1000,
        "active": draw.random() < 0.7,
        "born": _DAY + timedelta(days=draw.randrange(25_000)),
        "tags": draw.sample(("red", "blue", "green", "black", "white"), draw.randrange(4)),
    }
    fields = {name: _draw(draw, value, odd) for name, value in usual.items()}
    if draw.random() < 0.3:
        fields["email"] = None
    kept = {name: value for name, value in fields.items() if draw.random() >= ABSENT}
    return {"_id": ObjectId(), **kept, "address": address, "user_id": number % 5000, "created_at": _DAY, "_read": _tokens(draw, odd)}


def _tokens(draw: random.Random, odd: float) -> Any:
    if draw.random() < odd / 10:
        return draw.choice(["*", "u47592", None, [["*"]], [{"*": 1}, "*"], [], 5, {"*": 1}])
    kind = draw.random()
    if kind < 0.5:
        return ["*"]
    own = f"u{draw.randrange(40_000, 50_000)}"
    return [f"g{draw.choice(('officers', 'staff', 'guests', 'pilots', 'press'))}", own] if kind < 0.8 else [own]


def _draw(draw: random.Random, value: Any, odd: float) -> Any:
    """The value itself, or now and then one of another type; arrays hold the value beside others."""
    if draw.random() >= odd:
        return value
    whole = draw.randrange(60)
    return draw.choice([
        None, [], [value], [None, value], [value, {"x": 1}], [[value]], True, False, whole, float(whole), Int64(whole),
        Decimal128(str(whole)), Decimal128("NaN"), float("nan"), float("inf"), "gold", "son", str(whole), "", {}, {"city": value},
        b"son", ObjectId(), Regex("son"), Regex("son", "i"), Code("gold"), DatetimeMS(whole * 10**10), datetime(1975, 1, 1),
        Timestamp(whole, 1), MinKey(), MaxKey(), [whole, "son"], [Decimal128(str(whole))], [MinKey(), 41, "red"], ["gold", None],
        [[41], 41.0, True],
    ])  # fmt: skip
