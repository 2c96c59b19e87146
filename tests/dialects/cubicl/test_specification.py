"""The Cubicl dialect against the recorded requests of the specification."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import cubequery as cq
from cubequery.ast import All, AnyOf, Compare, Condition, Everything
from cubequery.dialects.cubicl import CubiclError, CubiclPlan
from cubequery.dialects.cubicl.records import Sparse
from tests.dialects.cubicl.office import ANN, OFFICE, TASK
from tests.support.shared import require_shared

BELOW = ["g", "g2", "g3"]
ELSEWHERE = {"cubicl-049": "the rate of requests is counted by the server that answers, not by the dialect"}
"""Rows that are not about reading a request or writing a record."""
OPERATORS = {"eq": None, "ne": "$ne", "gt": "$gt", "in": "$in", "icontains": "icontains"}
STORED = {"_parent_id": "parent", "others": "contacts.email"}
"""Names of the specification for fields of the office's classes."""


def cases() -> list[dict[str, Any]]:
    lines = require_shared("spec", "data", "dialect_cases.jsonl").read_text(encoding="utf-8").split("\n")
    found = [case for case in map(json.loads, filter(None, lines)) if case["dialect"] == "cubicl"]
    return [case for case in found if case["id"] not in ELSEWHERE]


def words(condition: Condition) -> Any:
    """A condition in the words of the specification."""
    if isinstance(condition, Everything):
        return {}
    if isinstance(condition, All):
        return {key: value for member in condition.members for key, value in words(member).items()}
    if isinstance(condition, AnyOf):
        return {"$or": [words(member) for member in condition.members]}
    assert isinstance(condition, Compare)
    word, operand = OPERATORS[condition.operator.name], condition.operand
    operand = operand.lower() if word == "icontains" else operand
    return {STORED.get(condition.field.name, condition.field.name): operand if word is None else {word: operand}}


def asked(case: dict[str, Any]) -> Any:
    """What a recorded request comes to: a plan, a change, or a rendered record."""
    request, (method, _, path) = case["request"], case["endpoint"].partition(" ")
    if "doc" in request:
        return Sparse(TASK.names(), frozenset(TASK.names().values()))(request["doc"])
    segments = [{":threadId": "t1", ":id": "x"}.get(word, word) for word in path.strip("/").split("/")]
    route = OFFICE.route(method, segments)
    if route.operation == "update":
        return OFFICE.update(route.path, route.id, request["body"], ANN)
    return OFFICE.list(route.path, request["query"], ANN, in_path=route.in_path, descendants=lambda root: BELOW[1:])


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_recorded_requests(case: dict[str, Any]) -> None:
    expect = case["expect"]
    if "status" in expect:
        with pytest.raises(CubiclError) as refused:
            asked(case)
        assert OFFICE.answer(refused.value) == (expect["status"], {"code": expect["status"]})
        return
    found = asked(case)
    if isinstance(found, CubiclPlan):
        _check(found, case)
    elif isinstance(found, cq.Change):
        ((_, update),) = found.commands
        assert isinstance(update, dict)
        assert {key: value for key, value in update.items() if key != "$max"} == expect["update"]
    else:
        assert found.get(case["request"]["read"]) is expect["value"]


def _check(plan: CubiclPlan, case: dict[str, Any]) -> None:
    expect, own = case["expect"], words(plan.query.condition)
    implied = expect.get(
        "implied", {"archived": False} if "archived" not in case["request"]["query"] and "/tasks" in case["endpoint"] else {}
    )
    expected = {name: {"$ne": True} if value is False else value for name, value in implied.items()}
    if "filter" in expect:
        given = json.loads(re.sub('"<g and its descendants>"', json.dumps(BELOW), json.dumps(expect["filter"])))
        assert {name: value for name, value in own.items() if name != "thread"} == {**expected, **given}
    if "filter_all_of" in expect:
        fields = {"group": "group", "assignee": "assignees", "tag": "tags"}
        assert set(own) - set(expected) == {fields[name] for name in expect["filter_all_of"]}
    if "projection" in expect:
        everything = {field.path for field in plan.schema.names().values()}
        assert plan.projection == (dict.fromkeys(everything, 1) if expect["projection"] is None else expect["projection"])
    for key in ("skip", "limit"):
        assert getattr(plan, key) == expect.get(key, getattr(plan, key))
    if "sort" in expect:
        assert [list(each) for each in plan.sort] == expect["sort"]


def test_those_elsewhere_are_rows_of_the_table() -> None:
    lines = require_shared("spec", "data", "dialect_cases.jsonl").read_text(encoding="utf-8")
    assert all(f'"{each}"' in lines for each in ELSEWHERE)
