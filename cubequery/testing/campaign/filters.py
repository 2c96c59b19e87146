"""Filters: what a search decides in memory is what the server decides, for every record of a world."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

from bson import encode

import cubequery as cq
from cubequery.ast import All, AnyOf, Compare, Condition, Field, Not
from cubequery.operators import SEARCH
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.stored import kinds_met, present
from cubequery.testing.campaign.tally import Cell, Tally
from cubequery.testing.campaign.worlds import FreshWorld
from cubequery.testing.values import Values
from cubequery.testing.worlds import STRATEGIES, world_class
from cubequery.translate import Plan

RECORDS, FILTERS = 125, 800
FOUND, ONE_BY_ONE = 40, 20
"""Of so many filters one is asked by a find of its own, and one decided record by record as well."""


def run(seed: int, bench: Bench) -> Tally:
    """One world: its filters, each decided by the server and in memory. Counts ``decisions``, ``filters`` and ``telling`` ones."""
    world, tally = FreshWorld(seed, RECORDS), Tally()
    bench.fill(world.documents)
    asked = [(world.request(), world.actor(), world.where()) for _ in range(FILTERS)]
    plans = [cq.translate(text, world.schema, actor=actor, where=where, settings=world.settings) for text, actor, where in asked]
    filters = [plan.filter for plan in plans]
    places = {each["_id"]: place for place, each in enumerate(world.documents)}
    hits: Counter[tuple[str, str]] = Counter()
    for place, (plan, filter, stored) in enumerate(zip(plans, filters, bench.selected(filters), strict=True)):
        tally.case(encode(filter))
        decided = [each["_id"] for each in plan.select(world.documents)]
        answers = {"the server": stored, "select": decided}
        if place % FOUND == 0:
            answers["a find"] = in_order(bench.found(filter), places)
        if place % ONE_BY_ONE == 0:
            answers["matches"] = [each["_id"] for each in world.documents if plan.matches(each)]
        if any(each != stored for each in answers.values()):
            tally.differ(_told(world, plan, asked[place], answers))
        tally.counts["telling"] += 0 < len(stored) < len(world.documents)
        hits.update((each.operator.name, each.field.name) for each in compared(plan.query.condition))
    tally.counts.update(decisions=len(plans) * len(world.documents), filters=len(plans))
    tally.cells = _visited(world, hits)
    return tally


def in_order(ids: list[Any], places: dict[Any, int]) -> list[Any]:
    """The ids as the records stand: a find that goes by an index finds them in another order."""
    return sorted(ids, key=places.__getitem__)


def compared(condition: Condition) -> list[Compare]:
    """Every comparison of a condition."""
    match condition:
        case Compare():
            return [condition]
        case All() | AnyOf():
            return [each for member in condition.members for each in compared(member)]
        case Not():
            return compared(condition.member)
    return []


def _visited(world: FreshWorld, hits: Counter[tuple[str, str]]) -> Counter[Cell]:
    """Decisions by operator, type of the field and kind of what the record stores there."""
    fields, cells = {each.name: each for each in world.fields}, Counter[Cell]()
    kinds = present(world.fields, world.documents)
    for (operator, name), asked in hits.items():
        for kind, records in kinds[name].items():
            cells[operator, fields[name].type.kind, kind] += asked * records
    return cells


def expected() -> set[Cell]:
    """Every operator on every type that takes it, over every kind that may be stored there; an id is always its own."""
    types = {each.type.kind: each.type for user in ("Integer", "String") for each in leaves(user)}
    cells = {(name, kind, met) for kind, own in types.items() for name in SEARCH.names_for(kind) for met in kinds_met(own)}
    return {cell for cell in cells if cell[1] != "id" or cell[2] == "own"}


def leaves(user_id_type: str) -> list[Field]:
    """The fields of a class of every type."""
    return Values(Random(0), world_class("s", STRATEGIES[0]), user_id_type).fields


def _told(world: FreshWorld, plan: Plan, asked: tuple[Any, ...], answers: dict[str, list[Any]]) -> str:
    """The request and every record about which they differ."""
    said = {name: set(ids) for name, ids in answers.items()}
    apart = set().union(*said.values()) - set.intersection(*said.values())
    lines = [f"{asked[0]!r} as {asked[1]!r} within {asked[2]!r}", f"class {world.schema.to_json()}", f"filter {plan.filter}"]
    for each in [document for document in world.documents if document["_id"] in apart][:5]:
        by = [name for name, ids in said.items() if each["_id"] in ids]
        lines += [f"{each!r} is selected by {', '.join(by)} alone"]
    return "\n".join(lines if apart else [*lines, f"the order of records differs: {answers}"])
