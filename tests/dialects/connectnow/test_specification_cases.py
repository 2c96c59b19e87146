"""The ConnectNow dialect against the recorded requests of the specification."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from cubequery.ast import All, Compare, Condition, Everything
from cubequery.dialects.connectnow import ConnectNowError, ConnectNowPlan, given_token, received
from cubequery.limits import DEFAULT
from tests.dialects.connectnow.service import ANN, SERVICE, at
from tests.support.shared import require_shared

ELSEWHERE = {"connectnow-059": "the rate of requests is counted by the server: tests/server/dialects/test_connectnow.py"}
RENAMED = {"categories.company": "categories.owner"}
"""Here the relation has another name than the field by which it is declared, for one answer holds both."""
OPERATORS = {"gte": "$gte", "lt": "$lt", "lte": "$lte"}


def cases() -> list[dict[str, Any]]:
    lines = require_shared("spec", "data", "dialect_cases.jsonl").read_text(encoding="utf-8").split("\n")
    found = [case for case in map(json.loads, filter(None, lines)) if case["dialect"] == "connectnow"]
    return [case for case in found if case["id"] not in ELSEWHERE]


def words(condition: Condition) -> Any:
    """A condition of ranges in the words of the specification."""
    if isinstance(condition, Everything):
        return {}
    members = condition.members if isinstance(condition, All) else (condition,)
    found: dict[str, dict[str, str]] = {}
    for member in members:
        assert isinstance(member, Compare)
        found.setdefault(member.field.name, {})[OPERATORS[member.operator.name]] = f"{member.operand.isoformat()}Z"
    return found


def asked(case: dict[str, Any]) -> ConnectNowPlan:
    path = case["endpoint"].partition(" /api/")[2]
    query = case["request"]["query"]
    for name, other in RENAMED.items():
        query = query.replace(name, other)
    return SERVICE.list(path, received(query, limits=DEFAULT)[0], ANN)


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(case["id"]))
def test_recorded_requests(case: dict[str, Any]) -> None:
    expect = case["expect"]
    if "status" in expect:
        with pytest.raises(ConnectNowError) as refused:
            asked(case)
        status, body = SERVICE.answer(refused.value)
        assert (status, list(body)) == (expect["status"], ["message", "errors"])
        assert list(body["errors"]) == expect.get("errors", list(body["errors"]))
        assert body == expect.get("body", body)
    elif "token" in expect:
        query, body = received(case["request"]["query"], limits=DEFAULT)
        assert given_token(query, body, [case["request"]["headers"]["Authorization"]]) == expect["token"]
    else:
        check(asked(case), expect, case["request"])


def check(plan: ConnectNowPlan, expect: dict[str, Any], request: dict[str, Any]) -> None:
    if "filter" in expect:
        assert words(plan.query.condition) == {
            name: {word: value.replace("Z", "") + "Z" for word, value in parts.items()} for name, parts in expect["filter"].items()
        }
    if "sort" in expect:
        own = [[key.field if isinstance(key.field, str) else key.field.name, -1 if key.descending else 1] for key in plan.query.sort]
        assert own == (expect["sort"] or [])
    if "envelope" in expect:
        total = request["rows_total"]
        rows = [{"_id": number} for number in range(total)][plan.query.page.skip :][: plan.limit + plan.more]
        answer = plan.answer(rows, "PATH")
        assert isinstance(answer, dict)
        assert {key: answer[key] for key in expect["envelope"]} == expect["envelope"]
    if "date" in expect:
        (member,) = [plan.query.condition]
        assert isinstance(member, Compare)
        day = at(expect["date"])
        assert (member.operand - day).days == (1 if member.operator.name == "lt" else 0)
    if "scopes" in expect:
        assert plan.query.condition == SERVICE._bound["queues"].scopes[expect["scopes"][0]]
    if "expand" in expect:
        assert [path.split(".") for path in plan.paths] == [
            unquote(".".join(path)).replace("company", "owner").split(".") for path in expect["expand"]
        ]
    if "count" in expect:
        assert [[name, f"{plan.schema.relations[name].key}_count"] for name in plan.counts] == expect["count"]
    assert plan.page == expect.get("page", plan.page)
    assert plan.limit == expect.get("per_page", plan.limit)


def test_those_elsewhere_are_rows_of_the_table() -> None:
    lines = require_shared("spec", "data", "dialect_cases.jsonl").read_text(encoding="utf-8")
    assert all(f'"{each}"' in lines for each in ELSEWHERE)
