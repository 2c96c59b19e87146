"""From text to an authorised plan with its filter: every request of the corpus, names seen before, values new each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import cubequery as cq
from benchmarks.classes import ACTOR, PROFILE
from benchmarks.corpus import Case, load
from benchmarks.judge import expressed
from benchmarks.measure import Figure, Row, Work, mean, measure
from benchmarks.peers import SAY, ask_mqm, ask_odata

GROUPS: Sequence[tuple[str, int, int, float]] = (("1-2 parameters", 1, 2, 1.1), ("3-5 parameters", 3, 5, 0.85), ("8 and more", 8, 99, 0.65))
"""Name, fewest, most, and the figure to reach."""
PEERS: Mapping[str, Work] = {"mqm": ask_mqm, "odata": ask_odata}


def translate(text: str) -> dict[str, Any]:
    """Typed, validated, joined with the actor's rights, compiled."""
    return cq.translate(text, PROFILE, actor=ACTOR).filter


def find_args(text: str) -> dict[str, Any]:
    """The same with order, page and projection, as the driver takes them."""
    return cq.translate(text, PROFILE, actor=ACTOR).find_args()


def reference(text: str) -> object:
    """The typed tree, every request through Lark as a whole."""
    return cq.reference_parse(text, PROFILE)


def update(body: dict[str, Any]) -> object:
    """A decoded update body to its first command: the filter joined with the actor's rights, and the update."""
    return next(cq.translate_update(body, PROFILE, actor=ACTOR).commands)


def change(body: dict[str, Any]) -> object:
    """The same as far as the checked and authorised Change, whose commands are made when they are asked for."""
    return cq.translate_update(body, PROFILE, actor=ACTOR)


def commands(body: dict[str, Any]) -> object:
    """The same to all its commands, for every state of a record."""
    return list(cq.translate_update(body, PROFILE, actor=ACTOR).commands)


def workloads() -> Iterator[tuple[str, Callable[[int], Row]]]:
    """Every request and body by name, each as a function of the number of rounds."""
    for case in load():
        if "request" in case.templates:
            yield f"translate: {case.name}", partial(_request, case)
        elif "body" in case.templates:
            yield f"update: {case.name}", partial(_body, case)


def _request(case: Case, rounds: int) -> Row:
    notes = {"lark": "tree"} | {peer: expressed(case, peer, SAY[peer]) for peer in PEERS if peer in case.templates}
    works: dict[str, Work] = {"parse_qsl": parse_qsl, "cubequery": translate, "find_args": find_args, "lark": reference}
    works |= {peer: PEERS[peer] for peer in PEERS if notes.get(peer)}
    parts = {each: each if each in PEERS else "request" for each in works}

    def fresh(count: int) -> list[Mapping[str, str]]:
        return [{part: case.text(part, values) for part in {*parts.values()}} for values in (case.values() for _ in range(count))]

    # parse_qsl does nothing for the elements of a long list, so that request says nothing about the figure for parameters.
    must = None if "numbers" in case.values() else next(most for _, low, high, most in GROUPS if low <= case.parameters <= high)
    size = str(case.parameters)
    return measure("translate", case.name, "parse_qsl", works, fresh, rounds, notes=notes, parts=parts, size=size, must=must)


def _body(case: Case, rounds: int) -> Row:
    works: Mapping[str, Work] = {"json.loads": json.loads, "cubequery": update, "change": change, "commands": commands}
    parts = {each: "text" if each == "json.loads" else "body" for each in works}

    def fresh(count: int) -> list[Mapping[str, Any]]:
        texts = [case.text("body", case.values()) for _ in range(count)]
        return [{"text": text, "body": json.loads(text)} for text in texts]

    return measure("update", case.name, "json.loads", works, fresh, rounds, parts=parts, must=1.2)


def groups(rows: Sequence[Row]) -> Iterator[Row]:
    """Geometric means of the ratios by number of parameters; a peer's over what it says right, in full or in part."""
    for name, low, high, must in GROUPS:
        members = [row for row in rows if row.table == "translate" and row.must is not None and low <= int(row.size) <= high]
        if members:
            names = dict.fromkeys(each for row in members for each in row.figures)
            figures = {each: _mean([row.figures[each] for row in members if each in row.figures], len(members)) for each in names}
            yield Row("translate, by size", name, "parse_qsl", figures, f"{len(members)} requests", must=must)


def _mean(figures: Sequence[Figure], count: int) -> Figure:
    right = [figure for figure in figures if figure.note != "wrong"]
    whole = sum(figure.note in ("", "all", "tree") for figure in right)
    return replace(mean(right), note=f"{whole} of {count}" if whole < count else "")
