"""Hypothesis strategies for a class of yours: its records, who asks, requests and bodies; everything shrinks.

    from hypothesis import given
    from cubequery.testing import strategies

    @given(strategies.records(PROFILE), strategies.searches(PROFILE))
    def test_mine(record, query): ...

They are built from the class's fields and the rows of the operators, so that a new operator is drawn without a change here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import cubequery as cq
from cubequery.ast import Request
from cubequery.testing.bodies import Bodies, Body
from cubequery.testing.carriers import search_json
from cubequery.testing.definitions import draw_class
from cubequery.testing.histories import Histories, Step
from cubequery.testing.queries import Queries
from cubequery.testing.rights import ACTIONS, Keys, actors_for
from cubequery.testing.values import Document, Values

_RANDOMS: SearchStrategy[Random] = st.randoms(use_true_random=False)
"""Sources of random choices that Hypothesis makes, records and cuts down."""


def classes(name: str = "thing") -> SearchStrategy[cq.ClassSchema]:
    """Classes of one to six fields, of every type and with every kind of option, under every strategy of rights."""
    return _RANDOMS.map(lambda random: draw_class(random, name))


def records(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[Document]:
    """Stored documents as the engine itself writes them: values that the fields own and their options allow, default rights."""
    return _drawn(lambda random: Values(random, schema, user_id_type).valid(random.randrange(1, 1_000)))


def awkward_records(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[Document]:
    """Stored documents as others leave them: unset, null, values of every other BSON type, rights malformed and well formed."""
    return _drawn(lambda random: Values(random, schema, user_id_type).awkward(random.randrange(1, 1_000)))


def actors(*schemas: cq.ClassSchema, user_id_type: str = "Integer") -> SearchStrategy[cq.Actor]:
    """Admin, anonymous, users with and without groups, and those whom the levels of these classes name."""
    return st.sampled_from(actors_for(schemas, user_id_type))


def rights(schema: cq.ClassSchema, actor: cq.Actor, *, user_id_type: str = "Integer") -> SearchStrategy[Document]:
    """Stored rights of a record, by stored name: tokens, owner, ``_acl``, drawn so that half of them let the actor read."""

    def draw(random: Random) -> Document:
        wished = {action: random.random() < 0.5 for action in ACTIONS}
        return Keys(schema, actor, random, user_id_type).put({}, **wished)

    return _drawn(draw)


def permissions(schema: cq.ClassSchema) -> SearchStrategy[Body]:
    """The ``permissions`` of a body: access levels of two actions."""
    return _drawn(lambda random: Bodies(Values(random, schema)).permissions())


def searches(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[str]:
    """Query strings of lists that the class takes: criteria, order, page, projection, count or groups."""

    def draw(random: Random) -> str:
        queries = Queries(random, schema, user_id_type)
        kind = random.choice(["criteria", "page", "count"])
        return queries.listing() if kind == "page" else f"{'count=1&' if kind == 'count' else ''}{queries.request()}"

    return _drawn(draw)


class Forms(NamedTuple):
    """One request in every encoding: query string, form body (the same text), decoded JSON; None where JSON cannot say it."""

    query: str
    form: str
    json: Body | None


def requests(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[Forms]:
    """The requests of :func:`searches` in every encoding; all three mean the same tree."""
    return searches(schema, user_id_type=user_id_type).map(lambda text: Forms(text, text, search_json(text)))


def trees(schema: cq.ClassSchema, *, settings: cq.Settings | None = None) -> SearchStrategy[Request]:
    """The requests of :func:`searches` as checked trees; the few that the class refuses (two arrays in one order) are left out."""
    chosen = settings or cq.Settings()

    def taken(text: str) -> bool:
        try:
            tree(text)
        except cq.RequestError:
            return False
        return True

    def tree(text: str) -> Request:
        found: Request = cq.parse(text, schema, settings=chosen)
        return found

    return searches(schema, user_id_type=chosen.user_id_type).filter(taken).map(tree)


def creations(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[Body]:
    """JSON bodies of new records that every option of the class allows."""
    return _drawn(lambda random: Bodies(Values(random, schema, user_id_type)).created())


def updates(schema: cq.ClassSchema, *, user_id_type: str = "Integer") -> SearchStrategy[Body]:
    """JSON bodies that change one to three fields by values, operators and indexes; a few only what not everybody may change."""
    return _drawn(lambda random: Bodies(Values(random, schema, user_id_type)).body())


class World(NamedTuple):
    """Classes, stored records of each, and who may ask: a whole world."""

    classes: list[cq.ClassSchema]
    records: Mapping[str, list[Document]]
    actors: list[cq.Actor]


def worlds(*schemas: cq.ClassSchema, size: int = 8) -> SearchStrategy[World]:
    """Whole worlds of these classes, or of one to three drawn ones: up to ``size`` records of each, awkward ones among them, and actors.

    Half of the records let one of the actors read them, so that everybody has something to see and something hidden.
    """

    def draw(random: Random) -> World:
        own = list(schemas) or [draw_class(random, name) for name in ("thing", "part", "note")[: random.randint(1, 3)]]
        asking = actors_for(own)
        records = {each.name: [_record(random, each, asking, place) for place in range(random.randint(0, size))] for each in own}
        return World(own, records, asking)

    return _drawn(draw)


def _record(random: Random, schema: cq.ClassSchema, asking: list[cq.Actor], number: int) -> Document:
    values = Values(random, schema)
    document = values.awkward(number) if random.random() < 0.5 else values.valid(number)
    if random.random() < 0.4:
        return document
    return Keys(schema, random.choice(asking), random).put(document, **{action: random.random() < 0.5 for action in ACTIONS})


def histories(*schemas: cq.ClassSchema, actors: Sequence[cq.Actor] | None = None, length: int = 25) -> SearchStrategy[list[Step]]:
    """Histories of operations: up to ``length`` requests of several actors, one after the other, over classes that begin empty.

    Each :class:`cubequery.testing.Step` is put to an engine by ``step.put(engine, step.actor)``; its ``ids()`` are those that the
    engine must draw for it, so that later steps name records that are there.
    """
    return _drawn(lambda random: Histories(random, schemas, actors).draw(random.randint(1, length)))


def _drawn(draw: Any) -> SearchStrategy[Any]:
    return _RANDOMS.map(draw)
