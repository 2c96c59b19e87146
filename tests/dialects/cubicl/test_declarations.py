"""Declarations of the Cubicl dialect: every problem is told at once, and nothing hidden can be declared."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.dialects.cubicl import Cubicl, Endpoint, Parameter
from tests.dialects.cubicl.office import CLASSES, TASK

WRONG = [
    (Parameter("x", "equals", "_read"), "_read is no field"), (Parameter("x", "equals", "_acl"), "_acl is no field"),
    (Parameter("x", "equals", "nope"), "nope is no field"), (Parameter("x", "equals", "address[nope]"), "address[nope] is no field"),
    (Parameter("x", "equals", "desc"), "desc is no field"), (Parameter("x", "text", "age"), "text cannot be used on Integer"),
    (Parameter("x", "equals", "tags"), "equals cannot be used on Array"), (Parameter("x", "equals", "address"), "cannot be used on Object"),
    (Parameter("x", "array_contains", "name"), "cannot be used on String"),
    (Parameter("x", "tri_state", "name"), "cannot be used on String"),
    (Parameter("x", "equals"), "equals takes one field"), (Parameter("x", "equals", ("name", "state")), "equals takes one field"),
    (Parameter("x", "text"), "text takes fields"), (Parameter("x", "skip", "age"), "skip takes no field"),
    (Parameter("x", "nope", "name"), "'nope' is none of"), (Parameter("a[b]", "equals", "name"), "no name of a parameter"),
    (Parameter("", "equals", "name"), "no name of a parameter"), (Parameter("x", "cursor_after", "name"), "cannot be used on String"),
    (Parameter("x", "interval_pair", "start"), "names the parameter of its other end"),
    (Parameter("x", "equals", "name", pair="y"), "has no pair"),
    (Parameter("x", "tree", "group", pair="y"), "y is no flag"),
    (Parameter("x", "tri_state", "archived", default="maybe"), "default is not"),
    (Parameter("x", "equals", "name", default="a", required=True), "contradicts a default"),
    (Parameter("x", "limit", most=0), "most must be"),
    (Parameter("x", "interval_pair", "start", pair="y", default="1"), "has no default"),
    (Parameter("ok", "skip"), "declared more than once"),
]  # fmt: skip


def problems(*endpoints: Endpoint, **options: Any) -> str:
    with pytest.raises(cq.DefinitionError) as refused:
        Cubicl(CLASSES, endpoints, **options)
    return "\n".join(refused.value.problems)


@pytest.mark.parametrize(("parameter", "problem"), WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_a_wrong_parameter(parameter: Parameter, problem: str) -> None:
    assert problem in problems(Endpoint("tasks", "Task", (Parameter("ok", "skip"), parameter), without=("desc",)))


def test_every_problem_is_told_at_once() -> None:
    told = problems(Endpoint("tasks", "Task", tuple(parameter for parameter, _ in WRONG), without=("desc",)))
    assert sum(problem in told for _, problem in WRONG[:-1]) == len(WRONG) - 1


@pytest.mark.parametrize(
    ("endpoint", "problem"),
    [
        (Endpoint("", "Task"), "path: words"), (Endpoint("a//b", "Task"), "path: words"), (Endpoint("a?b", "Task"), "path: words"),
        (Endpoint("a", "Nope"), "there is no class Nope"), (Endpoint("a", "Task", operations=("lists",)), "'lists' is none of"),
        (Endpoint("a", "Task", operations=()), "at least one"), (Endpoint("a", "Task", one_of=(("x",),)), "x is no parameter"),
        (Endpoint("a", "Task", one_of=((),)), "a group needs a parameter"),
    (Endpoint("a", "Task", shown=("nope",)), "shown: nope is no field"),
        (Endpoint("a", "Task", without=("nope",)), "without: nope is no field"),
    (Endpoint("a/:b", "Task", operations=("list",)), "b is no equals"),
        (Endpoint("a", "Task", shown=("_read",)), "shown: _read is no field"),
    (Endpoint("a", "Task", (Parameter("x", "include"), Parameter("y", "include"))), "include: declared"),
        (Endpoint("a/:b", "Task", (Parameter("b", "equals", "name"),)), "records are only read"),
    ],
)  # fmt: skip
def test_a_wrong_endpoint(endpoint: Endpoint, problem: str) -> None:
    assert problem in problems(endpoint)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"names": {"name": "x"}}, "'name' is no system field"), ({"names": {"_id": "id"}}, "'_id' is no system field"),
        ({"names": {"user_id": "_x"}}, "'_x' is no name"), ({"names": {"user_id": 1}}, "1 is no name"),
        ({"names": {"user_id": "parent"}}, "two system fields"), ({"codes": {"nope": 1}}, "'nope' is no code"),
        ({"codes": {"missing": "1"}}, "needs a positive integer"), ({"unknown_parameters": "warn"}, 'must be "reject" or "ignore"'),
        ({"names": {"user_id": "state"}}, "field state has the name of a system field"),
    ],
)  # fmt: skip
def test_wrong_settings(options: dict[str, Any], problem: str) -> None:
    assert problem in problems(Endpoint("tasks", "Task"), **options)


def test_a_path_is_declared_once() -> None:
    assert "declared more than once" in problems(Endpoint("a", "Task"), Endpoint("a", "Group"))


def test_two_dialects_with_different_settings_live_side_by_side() -> None:
    one, other = (Cubicl([TASK], [Endpoint("tasks", "Task")], codes=codes) for codes in ({}, {"unknown_field": 4711}))
    for dialect, number in ((one, 422), (other, 4711)):
        with pytest.raises(cq.RequestError) as refused:
            dialect.list("tasks", "x=1", cq.ANONYMOUS)
        assert dialect.answer(refused.value) == (422, {"code": number})
