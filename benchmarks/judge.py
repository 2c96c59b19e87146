"""How much of a request a peer gets right, tried on records made of the request's own values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Regex
from mongomock.filtering import filter_applies

import cubequery as cq
from benchmarks.classes import PROFILE
from benchmarks.corpus import Case, Values
from benchmarks.witness import witnesses

Say = Callable[[str], Mapping[str, Any]]
"""What a peer makes of a text: its filter, and where it has them sort, skip, limit and projection as pymongo takes them."""
_judge: Callable[[Any, Any], bool] = filter_applies

ALL, PART, WRONG, NONE = "all", "filter", "wrong", ""
"""What a peer says of a request: everything, its condition only, something else, nothing."""


def expressed(case: Case, peer: str, say: Say) -> str:
    """How much of a case the peer says right."""
    if peer not in case.templates:
        return NONE
    found = set()
    for _ in range(5):
        values = case.values()
        plan = cq.translate(case.text("request", values), PROFILE, actor=cq.ADMIN)
        found.add(_answer(plan, say, case.text(peer, values), values))
    return next(each for each in (WRONG, PART, ALL) if each in found)


def _answer(plan: cq.Plan, say: Say, text: str, values: Values) -> str:
    try:
        given = say(text)
        condition = _without_zone(given["filter"])
        same = all(_judge(plan.filter, record) == _judge(condition, record) for record in witnesses(plan.filter, values))
    except Exception:  # whatever a peer raises, it did not say the request
        return WRONG
    if not same:
        return WRONG
    shown = plan.query.projection.include
    wanted = {
        "sort": plan.sort[:-1] or None, "skip": plan.skip, "limit": 0 if plan.limit == 100 else plan.limit, "kind": "list",
        "projection": None if shown is None else {field.path: 1 for field in shown},
    }  # fmt: skip
    whole = {"sort": None, "skip": 0, "limit": 0, "projection": None, **given, "kind": plan.kind}
    return ALL if all(whole[name] == value for name, value in wanted.items()) else PART


def _without_zone(given: Any) -> Any:
    """The same filter with its dates as pymongo would send them, naive UTC, and its patterns as the judge knows them."""
    if isinstance(given, dict):
        return {key: _without_zone(value) for key, value in given.items()}
    if isinstance(given, list):
        return [_without_zone(value) for value in given]
    if isinstance(given, Regex):
        return given.try_compile()
    return given.astimezone(UTC).replace(tzinfo=None) if isinstance(given, datetime) and given.tzinfo else given
