"""Whole worlds and histories, as strategies: sound, and told alike by engine and model for classes of every kind."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import cubequery as cq
from cubequery.testing import assert_agrees_with_model, check_agrees_with_model, strategies
from cubequery.testing.definitions import draw_class
from cubequery.testing.modelled import left_out

PET = cq.ClassSchema("pet", {"name": cq.String(required=True, max_length=4), "age": cq.Integer, "tags": cq.Array, "at": cq.Location})
TOY = cq.ClassSchema("toy", {"name": cq.String, "home": cq.Object({"floor": cq.Integer})}, acl="class")
CLASSES = [PET, TOY]
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("number", range(12))
def test_drawn_classes_agree_with_the_model(number: int) -> None:
    random, classes = Random(number), list[cq.ClassSchema]()
    while len(classes) < 2:
        drawn = draw_class(random, ("thing", "part")[len(classes)])
        classes += [] if left_out([drawn]) else [drawn]
    assert_agrees_with_model(cq.Engine, classes, examples=8, seed=100 * number)


@FEW
@given(strategies.histories(*CLASSES, length=12))
def test_histories_agree_with_the_model(steps: list[Any]) -> None:
    check_agrees_with_model(cq.Engine, CLASSES, steps)


@FEW
@given(strategies.worlds())
def test_whole_worlds_are_sound(world: strategies.World) -> None:
    assert set(world.records) == {each.name for each in world.classes}
    store = cq.MemoryStore()
    engine = cq.Engine(store, world.classes)
    for name, documents in world.records.items():
        assert len({repr(each["_id"]) for each in documents}) == len(documents)
        store.insert(name, documents)
        for actor in world.actors:
            assert engine.list(name, "count=1", actor)["items"]["count"] <= len(documents)


@FEW
@given(strategies.worlds(PET, TOY, size=3))
def test_worlds_of_given_classes(world: strategies.World) -> None:
    assert world.classes == CLASSES
    assert all(len(documents) <= 3 for documents in world.records.values())
    assert {cq.ADMIN, cq.ANONYMOUS} <= set(world.actors)
