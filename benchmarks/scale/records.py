"""Records by the million, in their stored form: the same for the same seed, most of them private or most of them open."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Level
from cubequery.translate.rights import apply_rights

Document = dict[str, Any]

SEED = 20_240_506
CHUNK = 1_000
"""Records that are drawn, and sent, together; each chunk has a seed of its own, so that several can be made at once."""
SENDERS = 2
START = dt.datetime(2018, 12, 9, 20, 0)
EPOCH = dt.datetime(1970, 1, 1)
USERS, GROUPS, LISTED = 10_000, 100, 50
"""Users who own records, groups, and the most users that one record lists."""
COUNTRIES = ("France", "Iran", "Ukraine", "Spain", "Kenya", "Japan", "Peru", "Chile")
NAMES = ("Anna", "Bob", "Carla", "Dimitri", "Eve", "Farid", "Grace", "Hugo", "Ines", "Jonas")
SQUARE = (5.0, 40.0, 10.0)
"""Longitude and latitude of a corner, and degrees of a side, of the area that all records lie in."""
FIELDS: Mapping[str, Any] = {
    "full_name": cq.String, "country": cq.String, "age": cq.Integer, "rating": cq.Float, "active": cq.Boolean, "tags": cq.Array(cq.String),
    "spot": cq.Location,
}  # fmt: skip
OWNER = Level("owner")


@dataclass(frozen=True)
class Mix:
    """A class, and in how many of a hundred of its records only the owner reads, listed users, members of groups, everybody."""

    schema: cq.ClassSchema
    owner: int
    users: int
    groups: int
    open: int


MIXES = (
    Mix(cq.ClassSchema("private", FIELDS, private_majority=True), 91, 6, 2, 1),
    Mix(cq.ClassSchema("open", FIELDS), 25, 10, 5, 60),
)


def records(mix: Mix, start: int, end: int) -> Iterator[Document]:
    """The records of these numbers; a longer collection begins with a shorter one."""
    for first in range(start, end, CHUNK):
        draw = random.Random(f"{SEED} {mix.schema.name} {first}")
        for number in range(first, min(first + CHUNK, end)):
            yield _record(mix, number, draw)


def load(collection: Collection[Document], mix: Mix, count: int, report: Callable[[int], object]) -> None:
    """Fill an empty collection; ``report`` is called with how many more records are stored."""
    # Nothing is lost that could not be made again: what is acknowledged need not be on the disk.
    quick = collection.with_options(write_concern=WriteConcern(w=1, j=False))

    def send(start: int) -> int:
        documents = list(records(mix, start, min(start + CHUNK, count)))
        quick.insert_many(documents, ordered=False)
        return len(documents)

    with ThreadPoolExecutor(SENDERS) as pool:
        for sent in pool.map(send, range(0, count, CHUNK)):
            report(sent)


def _record(mix: Mix, number: int, draw: random.Random) -> Document:
    owner = 1 + draw.randrange(USERS)
    created = START + dt.timedelta(seconds=number)
    seconds = int((created - EPOCH).total_seconds())
    west, south, side = SQUARE
    document = {
        "_id": ObjectId(seconds.to_bytes(4, "big") + b"scale" + number.to_bytes(3, "big")),
        "user_id": owner, "created_at": created, "updated_at": created,
        "full_name": f"{draw.choice(NAMES)} {draw.randrange(10**6):06}", "country": draw.choice(COUNTRIES), "age": 18 + draw.randrange(60),
        "rating": draw.random() * 5, "active": draw.random() < 0.7, "tags": draw.sample(NAMES, draw.randrange(4)),
        "spot": [west + side * draw.random(), south + side * draw.random()],
    }  # fmt: skip
    return apply_rights(document, [("read", _readers(mix, draw)), ("update", OWNER), ("delete", OWNER)], owner)


def _readers(mix: Mix, draw: random.Random) -> Level:
    hundred = draw.randrange(100)
    if hundred < mix.owner:
        return OWNER
    if hundred < mix.owner + mix.users:
        return Level("open_for_users_ids", users=_some(draw, USERS, 1 + draw.randrange(LISTED)))
    if hundred < mix.owner + mix.users + mix.groups:
        return Level("open_for_groups", groups=tuple(f"g{each}" for each in _some(draw, GROUPS, 1 + draw.randrange(3))))
    return Level("open")


def _some(draw: random.Random, most: int, count: int) -> tuple[int, ...]:
    return tuple(1 + each for each in draw.sample(range(most), count))
