"""``python -m benchmarks.growth.memory KIND``: what requests that always bring something new leave in memory, in a process of its own."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice, permutations
from typing import Any

import cubequery as cq
from benchmarks.classes import ACTOR, CRITERIA, PROFILE

AFTER = (1_000, 5_000, 20_000)
"""Requests after which memory is looked at."""
BOUND_MB = 64.0
"""More than this after the last look, or a growth of a fifth between the last two, is a cache without a bound."""


def _unknown_names() -> Iterator[str]:
    yield from (f"nobody_{number}[gt]=1&other_{number}=2" for number in range(max(AFTER)))


def _record_names() -> Iterator[str]:
    yield from (f"tags[{number}]=1&sort_asc=x{number}" for number in range(max(AFTER)))


def _combinations() -> Iterator[str]:
    names = [text.replace("$word", "a").replace("$int", "1").replace("$float", "1.5") for text in CRITERIA if "$date" not in text]
    yield from ("&".join(names) for names in permutations([name.replace("as", "a,a").replace("$page", "0") for name in names], 8))


def _bodies() -> Iterator[dict[str, Any]]:
    fields = ["full_name", "email", "status"]
    for number in range(max(AFTER)):
        yield {field: "a" for place, field in enumerate(fields) if number >> place & 1} | {f"new_{number}": 1}


def _orders() -> Iterator[dict[str, Any]]:
    values: Mapping[str, Any] = {
        "full_name": "a", "email": "a", "status": "a", "age": 1, "visits": 1, "rating": 1.5, "balance": 1.5, "active": True,
    }  # fmt: skip
    yield from ({name: values[name] for name in names} for names in permutations(values, 7))


def _asked(text: Any) -> None:
    with suppress(cq.RequestError):
        _ = cq.translate(text, PROFILE, actor=ACTOR).filter


def _changed(body: Any) -> None:
    with suppress(cq.RequestError):
        next(iter(cq.translate_update(body, PROFILE, actor=ACTOR).commands))


KINDS: Mapping[str, tuple[Callable[[], Iterator[Any]], Callable[[Any], None]]] = {
    "unknown names in queries": (_unknown_names, _asked),
    "record numbers in names": (_record_names, _asked),
    "combinations of 8 known names": (_combinations, _asked),
    "unknown names in bodies": (_bodies, _changed),
    "bodies of 7 known names in another order": (_orders, _changed),
}


def look(kind: str) -> dict[int, float]:
    """Megabytes held, by the number of requests before; asked of a new process."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.growth.memory", kind], capture_output=True, text=True, check=True)
    return {int(count): held for count, held in json.loads(done.stdout).items()}


def bounded(held: Mapping[int, float]) -> bool:
    """Whether the caches stopped growing."""
    *_, before, last = (held[count] for count in AFTER)
    return last <= BOUND_MB and last <= before * 1.2 + 0.5


def _held(kind: str) -> dict[int, float]:
    make, use = KINDS[kind]
    given = make()
    _asked("address%5Bcity%5D=a")  # everything is imported, Lark for the escapes, the class's own functions are written
    _changed({"age": 1})
    gc.collect()
    tracemalloc.start()
    found, done = {}, 0
    for count in AFTER:
        for each in islice(given, count - done):
            use(each)
        done = count
        gc.collect()
        found[count] = round(tracemalloc.get_traced_memory()[0] / 1e6, 3)
    return found


if __name__ == "__main__":
    print(json.dumps(_held(sys.argv[1])))
