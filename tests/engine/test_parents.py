"""Parents of other classes: of which type their ids are, that a child may have its parent's id, and that nothing is its own parent."""

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
NOTE = cq.ClassSchema("note", {"text": cq.String}, parents=["team"])
LEAF = cq.ClassSchema("leaf", {"text": cq.String})
MIXED = [TEAM, LEAF, NOTE]
"""Notes and leaves have ObjectIds; notes hang below teams, leaves below notes and leaves."""


def drawn(**starts: int) -> Any:
    """An id source: integers by class, from these numbers on, two a create; ObjectIds for others."""
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


def test_parents_of_another_id_type(end: End) -> None:
    """ObjectId children of Integer parents: created, listed, grouped, moved; ids of the children's own type name no parent."""
    own = engine(end, MIXED, team=7)
    for label in ("a", "b"):
        own.create("team", {"label": label}, ANN)
    note = own.create("note", {"text": "x", "_parent_id": "7"}, ANN)
    assert note["_parent_id"] == 7
    own.create("note", {"text": "y", "_parent_id": 9}, ANN)
    own.create("note", {"text": "z"}, ANN)
    stored = {each["text"]: (each.get("_parent_id"), each.get("_parent_class")) for each in end.stored(["note"])["note"]}
    assert stored == {"x": (7, "team"), "y": (9, "team"), "z": (None, None)}
    assert [each["text"] for each in own.list("note", "_parent_id=7", ANN)["items"]] == ["x"]
    assert [each["text"] for each in own.list("note", "_parent_id[in]=7,9&sort_asc=text", ANN)["items"]] == ["x", "y"]
    assert [each["text"] for each in own.list("note", "_parent_id=null", ANN)["items"]] == ["z"]
    for wrong in (note["_id"], "07", "8", 8, 7.5):
        with pytest.raises(cq.RequestError) as refused:
            own.create("note", {"_parent_id": wrong}, ANN)
        assert refused.value.body() == {"errors": {"_parent_id": ["Parent record not found"]}, "code": "parent"}
    assert own.update("note", note["_id"], {"_parent_id": 9}, ANN)["_parent_id"] == 9
    assert own.scoped({"app": 1}).list("note", "_parent_id=9", ANN)["items"] == []


def test_a_cascade_across_id_types(end: End) -> None:
    """Down from an Integer parent to ObjectId children and theirs; others stay."""
    own = engine(end, MIXED, team=7)
    for label in ("a", "b"):
        own.create("team", {"label": label}, ANN)
    for team in (7, 9):
        note = own.create("note", {"text": str(team), "_parent_id": team}, ANN)
        leaf = own.create("leaf", {"text": str(team), "_parent_id": note["_id"]}, ANN)
        own.create("leaf", {"text": str(team), "_parent_id": leaf["_id"]}, ANN)
    with pytest.raises(cq.RequestError):
        own.create("leaf", {"_parent_id": 7}, ANN)  # without declared parents only classes of the own id type
    own.delete("team", 7, ANN)
    left = {name: [each.get("text", each.get("label")) for each in found] for name, found in end.stored(["team", "note", "leaf"]).items()}
    assert left == {"team": ["b"], "note": ["9"], "leaf": ["9", "9"]}
