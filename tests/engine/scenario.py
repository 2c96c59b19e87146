"""One story of requests, played by engines over different stores: the answers and what is stored must be equal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.schema import ClassSchema

PET = cq.ClassSchema(
    "pet",
    {
        "name": cq.String,
        "age": cq.Integer,
        "weight": cq.Float,
        "tags": cq.Array(cq.String),
        "nums": cq.Array(cq.Integer),
        "home": cq.Object({"city": cq.String, "floor": cq.Integer}),
        "at": cq.Location,
    },
)
TOY = cq.ClassSchema("toy", {"label": cq.String}, parents=["pet", "toy"])
CLASSES = [PET, TOY]
ANN, BOB, GIL = cq.Actor(1), cq.Actor(2), cq.Actor(3, ["keepers"])
NOW = dt.datetime(2024, 5, 6, 7, 8, 9)

Call = Callable[..., Any]
Step = tuple[str, tuple[Any, ...], dict[str, Any]]


def number(place: int) -> str:
    """The id of the n-th record drawn."""
    return f"{place:024x}"


def options() -> dict[str, Any]:
    """Clock, ids and random texts of an engine, the same for every engine."""
    drawn, texts = count(1), count(1)

    def ids(schema: ClassSchema) -> Any:
        return ObjectId(number(next(drawn)))

    return {"clock": lambda: NOW, "ids": ids, "random": lambda: f"op{next(texts)}"}


def step(method: str, *args: Any, **named: Any) -> Step:
    return method, args, named


def story() -> Iterator[Step]:
    """Every operation and every update operator; a create draws two ids, a multi create one for each record."""
    yield step("create", "pet", {"name": "Rex", "age": 3, "tags": ["a", "b"], "home": {"city": "Oslo"}, "at": [10.5, 20]}, ANN)  # 1
    yield step("create", "pet", {"name": "Tom", "permissions": {"read": {"access": "open_for_groups", "groups": ["keepers"]}}}, ANN)  # 3
    yield step("create", "pet", {"_id": number(1), "user_id": 9, "name": "taken"}, cq.ADMIN)
    rest = {"1": {"name": "Ada", "age": 5, "nums": [1, 2, 3]}, "2": {"name": "Bea", "age": 7, "weight": 1.5}}
    yield step("create_many", "pet", {"record": rest}, BOB, request_id="many")  # 5, 6 or 7, 8
    yield step("create_many", "pet", {"record": rest}, BOB, request_id="many")
    for query in ("", "sort_asc=age", "age[gt]=4&count=1", "tags[all]=a,b", "name[ctn]=e&sort_desc=name", "home[city]=Oslo", "limit=-1"):
        for actor in (ANN, BOB, GIL, cq.ADMIN, cq.ANONYMOUS):
            yield step("list", "pet", query, actor)
    yield step("list", "pet", "group_by=name&age[calc]=sum", cq.ADMIN)
    yield step("list", "pet", "name[or]=Rex,Ada", ANN)
    one = number(1)
    yield from _updates(one)
    yield step("get", "pet", one, ANN)
    yield step("get", "pet", [one, number(3), number(99)], BOB)
    yield step("get", "pet", one, ANN, "permissions=1")
    yield step("update", "pet", one, {"name": "no"}, BOB)
    yield step("update", "pet", number(99), {"name": "no"}, BOB)
    yield step("update_many", "pet", {"record": {"1": {"_id": one, "inc": {"age": 1}}, "2": {"_id": number(99), "name": "x"}}}, ANN)
    by = {"search_criteria": {"age": {"gt": 0}}, "inc": {"age": 10}, "push": {"tags": ["all"]}}
    yield step("update_by_criteria", "pet", by, cq.ADMIN, request_id="once")
    yield step("update_by_criteria", "pet", by, cq.ADMIN, request_id="once")
    yield step("create", "toy", {"label": "ball", "_parent_id": one}, ANN)
    yield step("create", "toy", {"label": "bone", "_parent_id": number(99)}, ANN)
    yield step("list", "toy", "", ANN)
    yield step("delete", "pet", one, BOB)
    yield step("delete", "pet", one, ANN)
    yield step("list", "toy", "", ANN)
    yield step("delete", "pet", [number(3), number(98)], BOB)
    yield step("delete_by_criteria", "pet", "age[gt]=6", BOB)
    yield step("list", "pet", "", cq.ADMIN)


def _updates(one: str) -> Iterator[Step]:
    bodies: list[Any] = [
        {"name": "Rexy", "home": {"floor": 2}, "weight": 2.5},
        {"inc": {"age": 4, "weight": -0.5}},
        {"push": {"tags": ["c", "a"]}},
        {"add_to_set": {"tags": ["a", "d"], "nums": [4, 4]}},
        {"pull": {"tags": "a"}},
        {"pull": {"nums": {"gt": 9}}},
        {"pull_all": {"tags": ["b"]}},
        {"pop": {"tags": 1}},
        {"tags": {"0": "zero"}},
        {"nums": {"5": 1}},
        {"pop": {"name": 1}},
        {"inc": {"age": 9223372036854775807}},
        {"weight": None, "at": [1, 2]},
        {},
        {"permissions": {"read": {"access": "open_for_users_ids", "ids": [2]}}},
    ]
    for body in bodies:
        yield step("update", "pet", one, body, ANN)


def play(call: Call) -> list[Any]:
    """Answers, or the bodies of refusals."""
    answers = []
    for method, args, named in story():
        try:
            answers.append(call(method, *args, **named))
        except cq.RequestError as error:
            answers.append(error.body())
    return answers
