"""What a server says of a plan, read into a few figures, and what there is to be warned of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from cubequery.ast import All, Compare
from cubequery.compile import compile_filter
from cubequery.operators import IN
from cubequery.translate import Plan

SIMPLE = {"locale": "simple"}


def explain_command(collection: str, plan: Plan) -> dict[str, Any]:
    """The command that a plan is carried out by, as the server takes it."""
    condition = compile_filter(plan.condition)
    limits = {"collation": SIMPLE, "maxTimeMS": plan.settings.limits.call_timeout_ms}
    if plan.kind == "list":
        page = {"sort": dict(plan.sort), "projection": plan.projection, "skip": plan.skip, "limit": plan.limit}
        return {"find": collection, "filter": condition, **page, "allowDiskUse": False, **limits}
    stages = plan.pipeline or [{"$match": condition}, {"$group": {"_id": 1, "n": {"$sum": 1}}}]
    return {"aggregate": collection, "pipeline": stages, "cursor": {}, "allowDiskUse": False, **limits}


def read_explained(said: Mapping[str, Any]) -> dict[str, Any]:
    """``index`` (None where every record is read), ``keys`` and ``records`` examined, ``returned``, ``sorted`` in memory or not."""
    stages = list(_stages(_first(said, "winningPlan") or {}))
    figures = _first(said, "executionStats") or {}
    return {
        "index": next((stage["indexName"] for stage in stages if "indexName" in stage), None),
        "keys": figures.get("totalKeysExamined"),
        "records": figures.get("totalDocsExamined"),
        "returned": figures.get("nReturned"),
        "sorted": any(stage["stage"] == "SORT" for stage in stages),
        "stages": [stage["stage"] for stage in stages],
    }


def explained(plan: Plan, said: Mapping[str, Any]) -> dict[str, Any]:
    """The whole answer; of a store that can say nothing only the plan's own part."""
    return {"kind": plan.kind, "sentence": plan.describe(), **said, "warnings": list(_warnings(plan, said))}


def _warnings(plan: Plan, said: Mapping[str, Any]) -> Iterator[str]:
    scans, most = in_product(plan), plan.settings.limits.max_scans
    if plan.kind == "list" and scans > most:
        yield f"lists of values multiply to {scans} scans, above {most}: an index cannot give the order"
    if plan.kind == "list" and said.get("sorted"):
        yield "the order is not covered by an index: all that matches is sorted in memory"
    if "COLLSCAN" in said.get("stages", ()):
        yield "no index is used: every record of the class is read"


def in_product(plan: Plan) -> int:
    """The product of the sizes of all lists that are ANDed; repeats in a list count once."""
    members = plan.condition.members if isinstance(plan.condition, All) else (plan.condition,)
    lists = [each.operand for each in members if isinstance(each, Compare) and each.operator.name == IN.name]
    return prod(max(1, len({repr(value) for value in operand})) for operand in lists)


def _first(said: Any, name: str) -> Any:
    """The first value under a name, however deep: aggregates hold their find inside."""
    if isinstance(said, Mapping):
        if name in said:
            return said[name]
        said = list(said.values())
    return next((found for each in said if (found := _first(each, name)) is not None), None) if isinstance(said, list) else None


def _stages(plan: Any) -> Iterator[Mapping[str, Any]]:
    """The stages of a plan from the last to the first; the other engine's own form of it is left out."""
    if isinstance(plan, list):
        for each in plan:
            yield from _stages(each)
    elif isinstance(plan, Mapping):
        if "stage" in plan:
            yield plan
        yield from _stages([value for name, value in plan.items() if name != "slotBasedPlan" and isinstance(value, Mapping | list)])
