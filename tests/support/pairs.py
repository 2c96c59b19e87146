"""Pairs of stores that must be one to an actor: they differ in what is hidden from him, and in nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from bson import ObjectId, encode

import cubequery as cq
from cubequery.testing.pairs import Pair, Records
from cubequery.testing.rights import ABSENT, ACTIONS, Keys, is_user, may, names_a_token
from cubequery.testing.values import Document
from tests.support.drawn import RIGHTS_KEYS, SIZE, Draw, classes_of
from tests.support.stored_rights import RIGHTS
from tests.support.worlds import ACTORS

ASKING = [actor for actor in ACTORS for _ in range(1 if actor is cq.ANONYMOUS else 3)]
"""Who asks: mostly somebody who may write."""
Version = Document | None
Pairs = Callable[[Random, int], Pair]
"""Draws a pair: the records from the seed, what differs from the random source."""
SCOPES: Sequence[tuple[Mapping[str, Any], Mapping[str, Sequence[Any]]]] = [
    ({"app_id": 7}, {"app_id": [8, None, ABSENT, "7", 7.5, True, {"app_id": 7}]}),
    ({"app_id": 7, "team": "x"}, {"app_id": [8, None, ABSENT, 7], "team": ["y", "X", ABSENT]}),
    ({"s": "a"}, {"s": [ABSENT, None, "A", "ab", 5, ["b"], ""]}),
    ({"address.v": 5}, {"address.v": [6, None, ABSENT, "5"]}),
]
"""Scopes, and what the fixed paths of records outside hold."""


def hidden_pair(random: Random, seed: int) -> Pair:
    """Stores that differ in one to three records that the actor may not read: there, not there, or otherwise.

    A hidden record with readable children has no parent: that a delete of a parent takes them along is told, and is meant to be.
    """
    rights = random.choice([name for name in RIGHTS if any(_hides(name, actor) for actor in ACTORS)])
    draw = Draw(random, seed, rights, random.choice([actor for actor in ASKING if _hides(rights, actor)]))
    places = random.sample(range(SIZE), random.randint(1, 3))
    common = [draw.keyed(each) for place, each in enumerate(draw.documents) if place not in places]
    ids = [each["_id"] for each in common]
    roots, pairs = [], []
    for place in places:
        left = draw.keyed(draw.documents[place], 0, 0.3)
        if draw.chance(0.5):
            roots.append(left["_id"])
            left = {name: value for name, value in left.items() if name != "_parent_id"}
        elif draw.chance(0.6):
            left = draw.below(left, ids)
        pairs.append(_versions(draw, left, root=left["_id"] in roots))
    common = [draw.below(each, [*roots, *ids]) if draw.chance(0.3) else each for each in common]
    notes = draw.notes([*roots, *roots, *ids], 3)
    extra = draw.notes(ids, int(draw.chance(0.3)), 0)
    left_side, right_side = ([each for each in side if each is not None] for side in zip(*pairs, strict=True))
    pair = Pair(
        rights, draw.classes, draw.actor, {"world": [*common, *left_side], "note": [*notes, *extra]},
        {"world": [*common, *right_side], "note": notes}, tuple(draw.documents[place]["_id"] for place in places),
    )  # fmt: skip
    leaves = any(each.get("_parent_id") in ids for each in (*left_side, *right_side, *extra))
    children = [(each, None) for each in extra]
    untold = {
        action: frozenset([*_untold(pair, action, pairs), *_untold(pair, action, children, draw.classes[1])])
        for action in ("update", "delete")
    }
    return replace(pair, untold=untold, hidden_children=leaves, shown=replace(pair, classes=classes_of(rights, opened=True)))


def _hides(rights: str, actor: cq.Actor) -> bool:
    return Keys(classes_of(rights)[0], actor, Random(0)).can_hide()


def _versions(draw: Draw, left: Document, *, root: bool) -> tuple[Version, Version]:
    """A hidden record on both sides."""
    shape = draw.random.choice(["left", "right", "left", "right", "both", "both", "both"])
    if shape != "both":
        return (left, None) if shape == "left" else (None, left)
    right = draw.other(left)
    if root:
        right.pop("_parent_id", None)
    return left, right if draw.chance(0.6) else draw.keyed(right, 0, 0.3)


def _untold(pair: Pair, action: str, pairs: Sequence[tuple[Version, Version]], schema: cq.ClassSchema | None = None) -> Iterator[ObjectId]:
    """The ids of hidden records that a write by id tells of, which is meant to be: the actor holds the right.

    He holds it in one store only, or would see another time of the last change, or the record's file goes with it, or a nested value is
    written into what is no object there, each of which is a command more, or a cascade may have taken the record in one store.
    """
    for versions in pairs:
        there = [each for each in versions if each is not None]
        held = [may(pair.actor, action, schema or pair.classes[0], each) for each in there]
        seen = {encode(_told(each, pair.ids)) for each in there}
        if any(held) and (not all(held) or len(there) < len(versions) or len(seen) > 1):
            yield there[0]["_id"]


def _told(document: Document, ids: Sequence[ObjectId]) -> Document:
    """What of a record the commands of a write follow."""
    kept = {name: document.get(name) for name in ("updated_at", "pic", *_below(document, ids))}
    address = document.get("address")
    return {**kept, "nested": [type(each).__name__ for each in (address, address.get("deep") if isinstance(address, dict) else None)]}


def _below(document: Document, ids: Sequence[ObjectId]) -> tuple[str, ...]:
    """What a cascade looks at, where the record is below another."""
    return ("_parent_id", "_parent_class") if document.get("_parent_id") in ids else ()


def scoped_pair(random: Random, seed: int) -> Pair:
    """A store with records of other scopes beside one without them; the rights of the others name the same users and groups."""
    actor = random.choice(ASKING)
    rights = random.choice([name for name in RIGHTS for _ in range(1 if _hides_all(name, actor) else 4)])
    draw = Draw(random, seed, rights, actor)
    scope, others = random.choice(SCOPES)
    places = random.sample(range(SIZE), random.randint(1, 4))
    ids = [each["_id"] for each in draw.documents]
    inside: list[Document] = []
    outside: list[Document] = []
    for place, document in enumerate(draw.documents):
        record = draw.keyed(document, 0.9, 0.8) if place in places else draw.keyed(document)
        record = draw.below(record, ids) if draw.chance(0.4) else record
        (outside if place in places else inside).append(_within(draw, record, scope, others if place in places else None))
    notes = [_within(draw, note, scope, None) for note in draw.notes(ids, 3)]
    strange = [_within(draw, {**note, "_id": ObjectId("6500000000000000000002ff")}, scope, others) for note in notes[:1]]
    pair = Pair(
        draw.rights, draw.classes, draw.actor, {"world": [*inside, *outside], "note": [*notes, *strange]},
        {"world": inside, "note": notes}, tuple(each["_id"] for each in (*outside, *strange)), scope,
    )  # fmt: skip
    return replace(pair, shown=replace(pair, scope={}))


def _hides_all(rights: str, actor: cq.Actor) -> bool:
    schema = classes_of(rights)[0]
    level = schema.permissions["read"]
    return level.primary and level.access != "owner" and not may(actor, "read", schema, {})


def _within(draw: Draw, document: Document, scope: Mapping[str, Any], others: Mapping[str, Sequence[Any]] | None) -> Document:
    """The record in the scope, or where ``others`` are given with one path or more that holds something else."""
    values = dict(scope)
    if others is not None:
        wrong = draw.random.choice(list(scope))
        values[wrong] = draw.random.choice([value for value in others[wrong] if value != scope[wrong]])
    made = dict(document)
    for path, value in values.items():
        head, _, rest = path.partition(".")
        above = made.get(head)
        inner = {**(above if isinstance(above, dict) else {}), rest: value}
        made[head] = {name: each for name, each in inner.items() if each is not ABSENT} if rest else value
    return {name: value for name, value in made.items() if value is not ABSENT}


def secret_pair(random: Random, seed: int) -> Pair:
    """Stores that differ in the rights of one to three readable records of others, which grant the actor the same in both."""
    rights = random.choice([name for name in RIGHTS if name.startswith("tokens") and any(_shows(name, actor) for actor in ACTORS)])
    draw = Draw(random, seed, rights, random.choice([actor for actor in ASKING if _shows(rights, actor)]))
    left = [draw.keyed(each) for each in draw.documents]
    for place in random.sample(range(SIZE), 3):
        left[place] = draw.keyed(left[place], 1)
        if is_user(left[place].get("user_id"), draw.actor):
            left[place]["user_id"] = 9
    ids = [each["_id"] for each in left]
    left = [draw.below(each, ids) if draw.chance(0.3) else each for each in left]
    foreign = [each for each in left if may(draw.actor, "read", draw.classes[0], each) and not is_user(each.get("user_id"), draw.actor)]
    varied = {each["_id"]: _relocked(draw, each) for each in random.sample(foreign, random.randint(1, min(3, len(foreign))))}
    right = [varied.get(each["_id"], each) for each in left]
    notes = draw.notes(ids, 3)
    stores: list[Records] = [{"world": each, "note": notes} for each in (left, right, [each for each in left if each["_id"] not in varied])]
    pair = Pair(rights, draw.classes, draw.actor, stores[0], stores[1], tuple(varied))
    return replace(pair, shown=replace(pair, right=stores[2]))


def _shows(rights: str, actor: cq.Actor) -> bool:
    """Whether the class lets the actor, who is no admin, read records of others."""
    schema = classes_of(rights)[0]
    return not actor.admin and (not schema.permissions["read"].primary or may(actor, "read", schema, {}))


def _relocked(draw: Draw, document: Document) -> Document:
    """The record with other token arrays and another ``_acl``, under which the actor may do just the same."""
    levels = draw.classes[0].permissions
    wished = {
        action: draw.chance(0.5) if levels[action].primary else names_a_token(document.get(f"_{action}"), draw.actor) for action in ACTIONS
    }
    drawn = draw.keys.put(document, **wished)
    kept = {name: value for name, value in document.items() if name not in RIGHTS_KEYS[:4]}
    return {**kept, **{name: drawn[name] for name in RIGHTS_KEYS[:4] if name in drawn}}
