"""Operations to be disturbed: what is there before, the request, and what must hold whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import cubequery as cq
from cubequery.engine import Engine
from cubequery.stores import Store
from tests.engine.scenario import ANN, CLASSES, number, options

Records = list[tuple[str, dict[str, Any]]]
Request = Callable[[Engine], Any]

RECORD = {str(place): {"name": f"new {place}", "age": place} for place in range(1, 4)}
CHILDREN = {str(place): {"label": f"toy {place}", "_parent_id": number(1)} for place in range(1, 3)}
CHANGED = {str(place): {"_id": number(each), "inc": {"age": 1}} for place, each in enumerate((1, 2, 1), 1)}
BY = {"search_criteria": {"age": {"lt": 3}}, "inc": {"age": 1}, "push": {"tags": ["by"]}}

REQUESTS: Mapping[str, Request] = {
    "list": lambda engine: engine.list("pet", "sort_desc=age", ANN),
    "create": lambda engine: engine.create("toy", {"label": "x", "_parent_id": number(1)}, ANN),
    "create_many": lambda engine: engine.create_many("pet", {"record": RECORD}, ANN, request_id="r"),
    "create_children": lambda engine: engine.create_many("toy", {"record": CHILDREN}, ANN, request_id="r"),
    "update": lambda engine: engine.update("pet", number(1), {"inc": {"age": 1}}, ANN),
    "update_many": lambda engine: engine.update_many("pet", {"record": CHANGED}, ANN, request_id="r"),
    "update_by_criteria": lambda engine: engine.update_by_criteria("pet", BY, ANN, request_id="r"),
    "delete": lambda engine: engine.delete("pet", number(1), ANN),
    "delete_many": lambda engine: engine.delete("pet", [number(1), number(2)], ANN),
    "delete_by_criteria": lambda engine: engine.delete_by_criteria("pet", "age[lt]=3", ANN),
}
REPEATABLE = frozenset(REQUESTS) - {"create", "update"}
"""Those that may be sent again after an unknown outcome: reads, deletes, and what carries an operation id."""


def prepare(store: Store) -> None:
    """Four pets, and toys below the first of them, two levels deep."""
    engine = Engine(store, CLASSES, **options())
    engine.create_many("pet", {"record": {str(place): {"name": f"pet {place}", "age": place} for place in range(1, 5)}}, ANN)
    below = {str(place): {"label": f"old {place}", "_parent_id": number(1)} for place in range(1, 4)}
    engine.create_many("toy", {"record": below}, ANN)
    engine.create("toy", {"label": "deep", "_parent_id": number(5)}, ANN)


def disturbed(store: Store) -> Engine:
    """The engine of a trial; its ids are none of those that were prepared."""
    drawn = options()
    for _ in range(100):
        drawn["ids"](CLASSES[0])
    return Engine(store, CLASSES, **drawn)


def outcome(request: Request, engine: Engine) -> tuple[str, Any]:
    """``"done"`` and the answer, or the code of the refusal."""
    try:
        return "done", request(engine)
    except cq.RequestError as error:
        return error.code, None


def shape(records: Records) -> list[str]:
    """What is stored, less the ids, which a repeated create draws anew."""
    return sorted(f"{name} {sorted((key, str(value)) for key, value in record.items() if key != '_id')}" for name, record in records)


def check(name: str, said: str, *, before: list[str], now: list[str], after: list[str]) -> None:
    """What an answer promises of the records."""
    assert said in ("done", "unavailable", "outcome_unknown")
    if said == "done":
        assert now == after, f"{name}: acknowledged and lost"
    if said == "unavailable":
        assert now == before, f"{name}: applied, and said not to be"


def check_repeat(name: str, said: str, *, now: list[str], after: list[str]) -> None:
    """A repeat finishes; a record that a first delete took is not found by the second."""
    assert now == after, f"{name}: a repeat leaves another state"
    assert said == "done" or (name == "delete" and said == "not_found")


def check_answers(name: str, again: Any, first: Any) -> None:
    """A repeated update answers as the first would have; a record that stands twice is shown as it is by then."""
    if name == "update_by_criteria":
        assert again == first
    if name == "update_many":
        assert {item["_id"]: item for item in again["items"]} == {item["_id"]: item for item in first["items"]}
