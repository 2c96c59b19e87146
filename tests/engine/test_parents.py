"""Parents of other classes: whose id they have, of which type it is, and that nothing is its own parent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from bson import ObjectId

import cubequery as cq
from tests.engine.stores import End

ANN = cq.Actor(1)
TEAM = cq.ClassSchema("team", {"label": cq.String}, id_type="Integer")
MATCH = cq.ClassSchema("match", {"label": cq.String}, id_type="Integer", parents=["team"])
ROUND = cq.ClassSchema("round", {"label": cq.String}, id_type="Integer", parents=["round", "team"])
CLASSES = [TEAM, MATCH, ROUND]


def drawn(**starts: int) -> Any:
    """An id source: integers by class, from these numbers on; ObjectIds for others."""
    numbers: dict[str, Iterator[int]] = {name: count(start) for name, start in starts.items()}
    return lambda schema: next(numbers[schema.name]) if schema.name in numbers else ObjectId()


def engine(end: End, classes: list[cq.ClassSchema], **starts: int) -> Any:
    """An engine over an empty store."""
    end.fill({})
    made = end.engine(classes)
    getattr(made, "engine", made).ids = drawn(**starts)
    return made


@pytest.mark.parametrize("name", ["match", "round"])
def test_the_parent_may_have_the_id_of_its_child(end: End, name: str) -> None:
    """Ids of the host's making are equal across classes all the time."""
    own = engine(end, CLASSES, team=1, match=1, round=1)
    own.create("team", {}, ANN)
    assert own.create(name, {"_parent_id": 1}, ANN)["_id"] == 1
    (child,) = end.stored([name])[name]
    assert (child["_id"], child["_parent_id"], child["_parent_class"]) == (1, 1, "team")
    own.update(name, 1, {"_parent_id": None}, ANN)
    if name == "match":
        assert own.update(name, 1, {"_parent_id": 1, "label": "x"}, ANN)["_parent_id"] == 1
        own.delete("team", 1, ANN)
        assert end.stored([name]) == {name: []}


def test_nothing_is_its_own_parent(end: End) -> None:
    """Not by update, many, or criteria; of its own class and another one that holds the id, the first readable one is meant."""
    own = engine(end, CLASSES, round=1)
    own.create("round", {"label": "a"}, ANN)
    asked: list[Callable[[], Any]] = [
        lambda: own.update("round", 1, {"_parent_id": 1}, ANN),
        lambda: own.update_many("round", {"record": {"1": {"_id": 1, "_parent_id": 1}}}, ANN),
        lambda: own.update_by_criteria("round", {"search_criteria": {"label": "a"}, "_parent_id": 1}, ANN),
        lambda: own.create("round", {"_id": 7, "user_id": 1, "_parent_id": 7}, cq.ADMIN),
    ]
    for ask in asked:
        with pytest.raises(cq.RequestError) as refused:
            ask()
        assert refused.value.code == "parent"
    (record,) = end.stored(["round"])["round"]
    assert "_parent_id" not in record
