"""What depends on names: new combinations of known ones, unknown ones, and importing the library at all."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from statistics import median
from string import Template
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl

import cubequery as cq
from benchmarks.classes import ACTOR, CRITERIA, PROFILE
from benchmarks.corpus import KINDS, Case, kind, load
from benchmarks.measure import AGAIN, Figure, Row, Work, measure
from benchmarks.translate import translate

_RANDOM = random.Random(11)
_PROGRAM = "import time; start = time.process_time_ns(); import {module}; print(time.process_time_ns() - start)"


def workloads() -> Iterator[tuple[str, Callable[[int], Row]]]:
    """By name, each as a function of the number of rounds."""
    for count in (4, 8):
        yield f"combinations: {count} names", partial(_combinations, count)
    for case in load():
        if "unknown" in case.templates:
            yield f"unknown: {case.name}, refused", partial(_unknown, case, "refused", refused, 1.5)
            yield f"unknown: {case.name}, error rendered", partial(_unknown, case, "error rendered", rendered, 10.0)
    yield "import: cubequery", _imports


def _combinations(count: int, rounds: int) -> Row:
    """No two requests have the same names in the same order, and no two of a class's names are unknown to the reader."""
    templates = [Template(text) for text in CRITERIA]
    for template in templates:
        translate(_fill(template))
    seen: set[Sequence[int]] = set()

    def new() -> str:
        chosen = tuple(_RANDOM.sample(range(len(templates)), count))
        if chosen in seen:
            return new()
        seen.add(chosen)
        return "&".join(_fill(templates[place]) for place in chosen)

    contestants: Mapping[str, Work] = {"parse_qsl": parse_qsl, "cubequery": translate}
    return measure(
        "combinations", f"{count} names", "parse_qsl", contestants, lambda n: [new() for _ in range(n)], rounds, size=str(count), must=2.0
    )


def _fill(template: Template) -> str:
    return template.substitute({name: KINDS[kind(name)]() for name in template.get_identifiers()})


def refused(text: str) -> cq.RequestError:
    """The error of a request that must not be read."""
    try:
        cq.translate(text, PROFILE, actor=ACTOR)
    except cq.RequestError as error:
        return error
    raise AssertionError(text)


def rendered(text: str) -> object:
    """The same with the body of the answer."""
    return refused(text).body()


def _unknown(case: Case, what: str, work: Work, must: float, rounds: int) -> Row:
    contestants: Mapping[str, Work] = {"parse_qsl": parse_qsl, "cubequery": work}
    return measure(
        "unknown", f"{case.name}, {what}", "parse_qsl", contestants, lambda n: [case.text("unknown", case.values()) for _ in range(n)],
        rounds, size=str(case.parameters), must=must,
    )  # fmt: skip


def _imports(rounds: int) -> Row:
    """Each import in a process of its own, measured inside it, from bytecode that the first round has written."""
    modules = {"bson": "bson", "cubequery": "cubequery", "pymongo": "pymongo", "lark": "lark", AGAIN: "bson"}
    costs: dict[str, list[float]] = {each: [] for each in modules}
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for _ in range(min(rounds, 15) + 1):
            for each in _RANDOM.sample(list(modules), len(modules)):
                program = [sys.executable, "-c", _PROGRAM.format(module=modules[each])]
                done = subprocess.run(program, capture_output=True, text=True, check=True, env=environment)
                costs[each].append(int(done.stdout) / 1e9)
    figures = {}
    for each, own in costs.items():
        ratios = [cost / base for cost, base in zip(own[1:], costs["bson"][1:], strict=True)]
        middle = median(ratios)
        figures[each] = Figure(median(own[1:]), middle, median(abs(ratio - middle) for ratio in ratios) / middle)
    return Row("import", "import cubequery", "bson", figures, must=2.0)
