"""Rows of the attack catalogue that only an engine can be asked: scopes that fail open, cascades over odd families, taken ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from bson import ObjectId

import cubequery as cq
from tests.attacks.covered import covers
from tests.engine.stores import End
from tests.support.fixture import NOW

ANN = cq.Actor(5)
NODE = cq.ClassSchema("node", {"label": cq.String, "app_id": cq.Integer, "nodes": cq.Array(cq.Integer)}, parents=["node"])
OPEN = {"_read": ["*"], "_update": ["u5"], "_delete": ["u5"], "user_id": 5, "created_at": NOW, "updated_at": NOW}


def oid(number: int) -> ObjectId:
    return ObjectId(f"{number:024x}")


def node(number: int, **fields: Any) -> dict[str, Any]:
    return {"_id": oid(number), **OPEN, **fields}


def below(parent: int) -> Mapping[str, Any]:
    return {"_parent_id": oid(parent), "_parent_class": "node"}


def ids(end: End) -> list[ObjectId]:
    return [each["_id"] for each in end.stored(["node"])["node"]]


ODD_SCOPES: list[Any] = [
    {}, {"app_id": None}, {"app_id": {"$ne": 0}}, {"app_id": [7, 8]}, {"_read": "*"}, {"$where": "1"}, {"": 1}, {"_id": 1},
    None, [], "app_id",
]  # fmt: skip


@covers(153)
@pytest.mark.parametrize("scope", ODD_SCOPES, ids=str)
def test_a_scope_that_would_fail_open_is_refused_when_given(end: End, scope: Any) -> None:
    engine = end.engine([NODE])
    with pytest.raises((cq.DefinitionError, TypeError)):
        engine.scoped(scope)


@covers(94, 122)
@pytest.mark.parametrize("start", [1, 2, 3])
def test_a_cascade_visits_each_of_a_circle_once(end: End, start: int) -> None:
    """Records that were made each other's parents by hand, with a tail, and one beside them."""
    family = [node(1, **below(3)), node(2, **below(1)), node(3, **below(2)), node(4, **below(3)), node(5, **below(5)), node(6)]
    end.fill({"node": family})
    engine = end.engine([NODE])
    engine.delete("node", str(oid(start)), ANN)
    assert ids(end) == [oid(5), oid(6)]
    engine.delete("node", str(oid(5)), ANN)
    assert ids(end) == [oid(6)]


@covers(122)
def test_a_long_chain_and_a_broad_family_are_deleted_without_recursion(end: End) -> None:
    chain = [node(number, **(below(number - 1) if number > 1 else {})) for number in range(1, 121)]
    broad = [node(number, **below(2_000)) for number in range(2_001, 2_201)]
    end.fill({"node": [*chain, node(2_000), *broad, node(9_999)]})
    engine = end.engine([NODE])
    engine.delete("node", str(oid(1)), ANN)
    assert len(ids(end)) == len(broad) + 2
    engine.delete("node", str(oid(2_000)), ANN)
    assert ids(end) == [oid(9_999)]


@covers(175)
@pytest.mark.parametrize("named", ["secret", "node.x", "", None, 5, ["node"]], ids=repr)
def test_a_parent_class_that_is_none_takes_nothing_with_it(end: End, named: Any) -> None:
    """Only what names a class that the engine knows as a parent is a child; the cascade asks declared classes and ends."""
    end.fill({"node": [node(1), node(2, **{**below(1), "_parent_class": named}), node(3, **below(1))]})
    engine = end.engine([NODE])
    engine.delete("node", str(oid(1)), ANN)
    left = end.stored(["node"])["node"]
    assert oid(1) not in [each["_id"] for each in left]
    assert oid(3) not in [each["_id"] for each in left]
    for body in ({"_parent_class": named}, {"_parent_class": "node"}):
        with pytest.raises(cq.RequestError) as caught:
            engine.create("node", {"label": "x", **body}, ANN)
        assert (caught.value.status, caught.value.code, caught.value.key) == (422, "unknown_field", "_parent_class")


@covers(107)
def test_an_id_that_is_taken_tells_nothing(end: End) -> None:
    """The id in a body is as if it were not there, whether a hidden record has it or nobody."""
    answers = []
    for stored in ([node(1, _read=["u6"], _update=["u6"], _delete=["u6"], user_id=6)], []):
        end.fill({"node": stored})
        answers.append(end.engine([NODE]).create("node", {"_id": str(oid(1)), "label": "x"}, ANN))
    first, second = answers
    assert first["_id"] not in (str(oid(1)), None)
    assert {**first, "_id": ""} == {**second, "_id": ""}


@covers(176, 26)
def test_a_parent_that_may_not_be_one_has_one_answer(end: End) -> None:
    """Of another class, hidden, missing, and no id at all."""
    other = cq.ClassSchema("other", {"label": cq.String})
    hidden = {"_read": ["u6"], "_update": ["u6"], "_delete": ["u6"], "user_id": 6}
    end.fill({"node": [node(1, **hidden)], "other": [node(2), node(3, **hidden)]})
    engine = end.engine([NODE, other])
    bodies = set()
    for parent in (oid(1), oid(2), oid(3), oid(4)):
        with pytest.raises(cq.RequestError) as caught:
            engine.create("node", {"_parent_id": str(parent)}, ANN)
        bodies.add((caught.value.status, str(caught.value.body())))
    assert len(bodies) == 1
    assert {status for status, _ in bodies} == {422}
