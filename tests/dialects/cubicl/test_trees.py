"""Recursive lists: what is below a record is found level by level, under the rights of who asks, and never twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pymongo.collection import Collection

import cubequery as cq
from cubequery.dialects.cubicl import CubiclError, descendants_of
from tests.dialects.cubicl.office import ANN, BOB, GROUP, OFFICE, TASK, record
from tests.support.ends import fill
from tests.support.mongod import Document

GROUPS = [
    record("g1"), record("g2", _parent_id="g1"), record("g3", _parent_id="g2", scope=1), record("g4", "u2", _parent_id="g1"),
    record("g5", _parent_id="g4"), record("x1", _parent_id="x2"), record("x2", _parent_id="x1"), record("me", _parent_id="me"),
    record("t2", "u2"), record("t3", _parent_id="t2"), record(7, _parent_id="g1"),
]  # fmt: skip
TASKS = [record(f"t{group}", group=group) for group in ("g1", "g2", "g3", "g4", "g5", "x1")]
BELOW = [
    (ANN, "g1", ["g2", "g3"]), (BOB, "g1", ["g2", "g4", "g3", "g5"]), (ANN, "x1", ["x2"]), (ANN, "me", []), (ANN, "g4", []),
    (ANN, "t2", []), (BOB, "t2", ["t3"]), (ANN, "nowhere", []),
]  # fmt: skip


def in_memory(documents: Iterable[Document], asked: list[cq.Plan] | None = None) -> Callable[[cq.Plan], Any]:
    def find(plan: cq.Plan) -> Any:
        if asked is not None:
            asked.append(plan)
        return sorted(plan.select(documents), key=lambda document: str(document["_id"]))[: plan.limit]

    return find


@pytest.mark.parametrize(("actor", "root", "expected"), BELOW)
def test_descendants(actor: cq.Actor, root: str, expected: list[str], scratch: Collection[Document]) -> None:
    collection = fill(scratch, GROUPS)
    for find in (in_memory(GROUPS), lambda plan: collection.find(**plan.find_args())):
        assert descendants_of(GROUP, actor, find)(root) == expected


def test_a_scope_hides_a_branch_from_an_admin_too() -> None:
    assert descendants_of(GROUP, cq.ADMIN, in_memory(GROUPS), where={"scope": 1})("g1") == []


def test_pages_are_walked_and_too_many_are_refused() -> None:
    settings = cq.Settings(limits=cq.Limits(max_list_items=3))
    asked: list[cq.Plan] = []
    wide = [record("r"), *(record(f"r{place}", _parent_id="r") for place in range(3))]
    assert descendants_of(GROUP, ANN, in_memory(wide, asked), settings=settings)("r") == ["r0", "r1", "r2"]
    assert len(asked) == 4  # the root, a full page and the empty one behind it, and what is below
    with pytest.raises(CubiclError) as refused:
        descendants_of(GROUP, ANN, in_memory([*wide, *(record(f"s{n}", _parent_id="r") for n in range(90))], asked), settings=settings)("r")
    assert (refused.value.status, refused.value.code) == (400, "too_large")
    assert len(asked) < 10


def test_an_unknown_parent_field_is_told() -> None:
    with pytest.raises(cq.DefinitionError, match="no field above"):
        descendants_of(GROUP, ANN, in_memory(()), parent="above")


@pytest.mark.parametrize(
    ("query", "actor", "ids"),
    [
        ("group=g1&recursive=true", ANN, ["tg1", "tg2", "tg3"]), ("group=g1&recursive=true", BOB, ["tg1", "tg2", "tg3", "tg4", "tg5"]),
        ("group=g1", ANN, ["tg1"]), ("group=x1&recursive=true", ANN, ["tx1"]), ("group=g4&recursive=true", ANN, ["tg4"]),
    ],
)  # fmt: skip
def test_a_recursive_list(query: str, actor: cq.Actor, ids: list[str], scratch: Collection[Document]) -> None:
    calls: list[Any] = []

    def descendants(root: Any) -> Iterable[Any]:
        calls.append(root)
        return [*descendants_of(GROUP, actor, in_memory(GROUPS))(root), root]

    plan = OFFICE.list("tasks", query, actor, descendants=descendants)
    assert len(calls) == ("recursive" in query)
    assert [each["_id"] for each in plan.run(TASKS)] == ids
    assert plan.answer(fill(scratch, TASKS).find(**plan.find_args())) == plan.run(TASKS)


def test_what_the_host_names_is_read_under_rights_and_scope() -> None:
    tasks = [record("a", group="g1", scope=1), record("b", "u2", group="h", scope=1), record("c", group="h", scope=2)]
    plan = OFFICE.list("tasks", "group=g1&recursive=true", ANN, where={"scope": 1}, descendants=lambda root: ["h", "g1", "h"])
    assert [each["_id"] for each in plan.run(tasks)] == ["a"]


def test_the_host_is_not_asked_for_a_request_that_is_refused_or_without_an_id() -> None:
    def never(root: Any) -> Iterable[Any]:
        raise AssertionError(root)

    assert OFFICE.list("tasks", "recursive=true", ANN, descendants=never).filter == OFFICE.list("tasks", "", ANN).filter
    with pytest.raises(CubiclError):
        OFFICE.list("tasks", "group=g1&recursive=true&include=nope", ANN, descendants=never)


def test_a_host_without_descendants_or_with_wrong_ones_is_told() -> None:
    with pytest.raises(cq.DefinitionError, match="needs descendants="):
        OFFICE.list("tasks", "group=g1&recursive=true", ANN)
    with pytest.raises(cq.DefinitionError, match="descendants: list"):
        OFFICE.list("groups", "parent=g1&recursive=true", ANN, descendants=lambda root: [["a,b"]])
    assert TASK.fields["group"].type.owns("g1")
