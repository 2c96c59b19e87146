"""The sample records in their stored form: fixed seed, no clock, every access level that a record can have."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bson import ObjectId

from cubequery.ast import Level
from cubequery.demo import words
from cubequery.translate.rights import apply_rights

SEED = 20180101
START = dt.datetime(2018, 12, 9, 20, 0)
OWNERS = (47592, 51941, 51943, 60001)
GROUPS = ("officers", "assistants")

Document = dict[str, Any]
T = TypeVar("T")


class Dice:
    """Draws by ``random()`` alone, the one method whose results Python promises to keep from version to version."""

    def __init__(self) -> None:
        self.draw: Callable[[], float] = random.Random(SEED).random

    def below(self, end: int) -> int:
        """An integer from 0, ``end`` excluded."""
        return int(self.draw() * end)

    def one(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def some(self, items: Sequence[T], most: int) -> list[T]:
        """Up to ``most`` of the items, repeats possible."""
        return [self.one(items) for _ in range(self.below(most + 1))]

    def often(self, share: float) -> bool:
        """True in this share of the draws."""
        return self.draw() < share


def records(count: int = 1000) -> list[Document]:
    """The first ``count`` profiles; a longer list begins with a shorter one."""
    dice = Dice()
    return [_profile(number, dice) for number in range(count)]


def notices(count: int = len(words.NOTICES)) -> list[Document]:
    """Notices of the administration: only the class's own permissions decide about them."""
    return [_notice(number, *words.NOTICES[number % len(words.NOTICES)]) for number in range(count)]


def _profile(number: int, dice: Dice) -> Document:
    owner = dice.one(OWNERS)
    document = _header(number, owner, changed=dice.below(5000))
    document["full_name"] = f"{dice.one(words.FIRST_NAMES)} {dice.one(words.LAST_NAMES)}"
    age = 16 + dice.below(60)
    values = {
        "age": age,
        "rating": dice.below(51) / 10,
        "active": dice.often(0.7),
        "job": dice.one(words.JOBS),
        "country_of_birth": dice.one(words.COUNTRIES),
        "tags": list(dict.fromkeys(dice.some(words.TAGS, 3))),
        "scores": [dice.below(100) for _ in range(dice.below(5))],
        **_places(dice),
        "born": dt.datetime(START.year - age, 1 + dice.below(12), 1 + dice.below(28)),
        "avatar": _avatar(number, dice),
    }
    # Unset is absent: every field but the required one is missing here and there.
    document |= {name: value for name, value in values.items() if dice.often(0.4 if name == "avatar" else 0.9)}
    return apply_rights(document, [(action, _level(dice, owner)) for action in ("read", "update", "delete")], owner)


def _header(number: int, owner: int, changed: int = 0) -> Document:
    created = START + dt.timedelta(seconds=97 * number)
    seconds = int((created - dt.datetime(1970, 1, 1)).total_seconds())
    oid = seconds.to_bytes(4, "big") + b"cubeq" + number.to_bytes(3, "big")
    return {"_id": ObjectId(oid), "user_id": owner, "created_at": created, "updated_at": created + dt.timedelta(seconds=changed)}


def _level(dice: Dice, owner: int) -> Level:
    """One of the four levels of a record; the fifth, ``not_allowed``, is for classes only and stands in that of the notices."""
    access = dice.one(("open", "open", "owner", "open_for_groups", "open_for_users_ids"))
    if access == "open_for_groups":
        return Level(access, groups=tuple(dict.fromkeys([dice.one(GROUPS), dice.one(GROUPS)])))
    if access == "open_for_users_ids":
        others = [user for user in OWNERS if user != owner]
        return Level(access, users=tuple(dict.fromkeys([dice.one(others), dice.one(others)])))
    return Level(access)


def _places(dice: Dice) -> Document:
    city = dice.one(list(words.CITIES))
    lng, lat = words.CITIES[city]
    # Ten-thousandths of a degree, some ten metres.
    spot = [round(lng + dice.below(200) / 10_000, 4), round(lat + dice.below(200) / 10_000, 4)]
    return {"spot": spot, "address": {"city": city, "street": f"{1 + dice.below(90)} {dice.one(words.STREETS)}"}}


def _avatar(number: int, dice: Dice) -> Document:
    file_id = f"{0x5C0D5B7F:08x}{number:016x}"
    return {"file_id": file_id, "size": 1_000 + dice.below(300_000), "name": f"photo{number}.jpeg", "content_type": "image/jpeg"}


def _notice(number: int, title: str, text: str) -> Document:
    document = {**_header(number, OWNERS[0]), "title": title, "text": text}
    return apply_rights(document, [("read", Level("open")), ("update", Level("owner")), ("delete", Level("owner"))], OWNERS[0])
