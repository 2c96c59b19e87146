"""The curves: one workload a point, each contestant on the same fresh inputs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import cubequery as cq
from benchmarks import decide
from benchmarks.classes import ACTOR, PROFILE
from benchmarks.documents import documents
from benchmarks.measure import Row, Work, measure
from benchmarks.peers import ask_mqm, ask_odata

PARAMETERS = (1, 2, 4, 8, 16, 32, 64, 128, 200)
TOO_MANY = 10_000
ITEMS = (1, 3, 10, 30, 100, 300, 1_000)
LEVELS = (1, 2, 3, 4, 5)
SEEN = 30
"""Requests after which a combination of names has been seen before."""
RECORDS = (1_000, 10_000, 100_000, 1_000_000)
DECIDED = ("rights only", "rights and range", "rights and panel")
NAMES = [f"field_{place:03}" for place in range(max(PARAMETERS))]
WIDE = cq.ClassSchema("wide", dict.fromkeys(NAMES, cq.Integer))
DEEP = cq.ClassSchema("deep", {"a": cq.Object({"b": cq.Object({"c": cq.Object({"d": cq.Object({"e": cq.Integer})})})})})
PATHS = ("a", "b", "c", "d", "e")
USUAL, WIDER = cq.Settings(), cq.Settings(limits=cq.Limits(max_query_bytes=1_000_000))
"""So that the number of pairs refuses a request, and not its length."""
_RANDOM = random.Random(5)
Point = tuple[str, Callable[[int], Row]]


def points(largest: int) -> Iterator[Point]:
    """Every point by name, records up to ``largest``."""
    yield from ((f"parameters: {count}", partial(_parameters, count)) for count in PARAMETERS)
    yield "parameters: too long", partial(_refused, "too long", USUAL)
    yield "parameters: too many", partial(_refused, "too many", WIDER)
    for kind in ("integers", "words"):
        yield from ((f"items: {count} {kind}", partial(_items, kind, count)) for count in ITEMS)
    yield from ((f"levels: {count}", partial(_levels, count)) for count in LEVELS)
    for name in DECIDED:
        yield from ((f"records: {name}, {count}", partial(_records, name, count)) for count in RECORDS if count <= largest)


def _translated(schema: cq.ClassSchema, settings: cq.Settings = USUAL) -> Work:
    return lambda text: cq.translate(text, schema, actor=ACTOR, settings=settings).filter


def _parameters(count: int, rounds: int) -> Row:
    """Criteria of so many fields; a peer is asked the same in its own words."""

    def fresh(number: int) -> Sequence[Mapping[str, str]]:
        return [_said([(name, _RANDOM.randrange(10_000)) for name in NAMES[:count]]) for _ in range(number)]

    works: dict[str, Work] = {
        "parse_qsl": parse_qsl,
        "cubequery": _translated(WIDE),
        "lark": lambda text: cq.reference_parse(text, WIDE),
        "mongo-queries-manager": ask_mqm,
        "odata-query": ask_odata,
    }
    for given in fresh(SEEN):
        works["cubequery"](given["text"])
    parts = dict.fromkeys(works, "text") | {"mongo-queries-manager": "mqm", "odata-query": "odata"}
    return measure("parameters", str(count), "parse_qsl", works, fresh, rounds, parts=parts, size=str(count))


def _said(values: Sequence[tuple[str, int]]) -> Mapping[str, str]:
    return {
        "text": "&".join(f"{name}[gt]={value}" for name, value in values),
        "mqm": "&".join(f"{name}>{value}" for name, value in values),
        "odata": " and ".join(f"{name} gt {value}" for name, value in values),
    }


def _refused(why: str, settings: cq.Settings, rounds: int) -> Row:
    text = "&".join(f"{NAMES[place % len(NAMES)]}[gt]={place}" for place in range(TOO_MANY))

    def refused(given: str) -> None:
        try:
            cq.translate(given, WIDE, actor=ACTOR, settings=settings)
        except cq.RequestError:
            return
        raise AssertionError("ten thousand parameters were taken")

    works: Mapping[str, Work] = {"parse_qsl": parse_qsl, "cubequery": refused}
    return measure(
        "refused", f"{TOO_MANY:,} parameters, {why}", "parse_qsl", works, lambda count: [text] * count, rounds, size=str(TOO_MANY)
    )


def _items(kind: str, count: int, rounds: int) -> Row:
    def item() -> str:
        return str(_RANDOM.randrange(2_000)) if kind == "integers" else f"w{_RANDOM.randrange(2_000)}"

    def fresh(number: int) -> Sequence[str]:
        field = "visits" if kind == "integers" else "status"
        return [f"{field}[in]={','.join(item() for _ in range(count))}" for _ in range(min(number, 60))]

    works: Mapping[str, Work] = {"parse_qsl": parse_qsl, "cubequery": _translated(PROFILE)}
    return measure(f"items: {kind}", str(count), "parse_qsl", works, fresh, rounds, size=str(count))


def _levels(count: int, rounds: int) -> Row:
    if count < len(PATHS):
        fields: Any = cq.Integer
        for name in reversed(PATHS[1:count]):
            fields = cq.Object({name: fields})
        schema = cq.ClassSchema("level", {PATHS[0]: fields})
    else:
        schema = DEEP
    name = PATHS[0] + "".join(f"[{part}]" for part in PATHS[1:count])

    def fresh(number: int) -> Sequence[str]:
        return [f"{name}[gt]={_RANDOM.randrange(10_000)}" for _ in range(number)]

    works: Mapping[str, Work] = {"parse_qsl": parse_qsl, "cubequery": _translated(schema)}
    return measure("levels", str(count), "parse_qsl", works, fresh, rounds, size=str(count))


def _records(name: str, count: int, rounds: int) -> Row:
    """The same condition over ever more records, in nanoseconds a record."""
    condition = next(each for each in decide.load() if each.name == name)
    stored = _stored(count)
    works = condition.own()
    few = max(3, rounds if count <= 100_000 else rounds // 3)
    size = str(count)
    return measure(f"records: {name}", size, "lambda", works, lambda number: [stored] * number, few, size=size, speed=True, fill=0.01)


_kept: dict[int, list[dict[str, Any]]] = {}


def _stored(count: int) -> list[dict[str, Any]]:
    """The records of one size; those of another are let go."""
    if count not in _kept:
        _kept.clear()
        _kept[count] = documents(count, decide.USUAL)
    return _kept[count]
