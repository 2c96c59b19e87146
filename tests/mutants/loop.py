"""The tests collected once, and a process forked from them for every mutant: it ends at the first test that fails."""

from __future__ import annotations

import gc
import os
import random
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.mutants.judged import AT_IMPORT, LEFT, Judged, fails, first_failing, in_process
from tests.mutants.living import Early, functions, lives, put_in, replacement
from tests.mutants.mutant import Mutant

FIRST = 12
"""Tests that noticed other mutants of the same file, asked first."""

# A counter-example is enough, the smallest is not wanted; and a mutant gets the same answer twice.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Profile:
    """A pytest plugin: Hypothesis as mutants want it."""

    def pytest_collection(self) -> None:
        """After conftest.py, and before the first module of tests is imported."""
        settings.load_profile("mutants")


class Loop(Profile):
    """A pytest plugin in the place of the loop that runs the tests: judges every mutant that needs no new import."""

    def __init__(
        self, root: Path, todo: Iterable[Mutant], told: Callable[[Judged], None], known: Callable[[dict[str, float]], None]
    ) -> None:
        self.root, self.todo, self.told, self.known = root, todo, told, known
        self.noticed: dict[str, list[int]] = {}
        self.early = Early()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """See that the tests pass without a mutant, tell what each costs, and judge."""
        self.early.end()
        items = session.items
        gc.collect()
        living = functions()
        gc.freeze()
        costs = _measured(items)
        if costs is None:
            raise pytest.UsageError("the tests fail without any mutant")
        self.known({item.nodeid: cost for item, cost in zip(items, costs, strict=True)})
        order = widely([item.nodeid for item in items], costs)
        for mutant in self.todo:
            path = self.root / mutant.path
            codes, here = replacement(str(path), path.read_text(encoding="utf-8"), mutant.source), living.get(str(path), [])
            if codes is None or not lives(codes, here):
                self.told(Judged(mutant, AT_IMPORT))
                continue
            first = self.noticed.setdefault(mutant.path, [])
            asked = [*first, *(at for at in order if at not in set(first))]
            status, at = in_process(_question(partial(put_in, codes, here), items, asked, costs))
            if at is not None:
                self.noticed[mutant.path] = [at, *(other for other in first if other != at)][:FIRST]
            if status == LEFT and any(code in self.early.seen for code, _ in codes):
                status = AT_IMPORT
            self.told(Judged(mutant, status, items[at].nodeid if at is not None else ""))
        return True


def widely(names: Sequence[str], costs: Sequence[float]) -> list[int]:
    """Places of tests, one row of each table before a second of any, and the cheaper first: what many rows notice, few do."""
    seen: Counter[str] = Counter()
    rounds = [0] * len(names)
    for place in random.Random(1).sample(range(len(names)), len(names)):
        table = names[place].partition("[")[0]
        rounds[place] = seen[table]
        seen[table] += 1
    return sorted(range(len(names)), key=lambda place: (rounds[place], costs[place]))


def _question(
    change: Callable[[], None], items: Sequence[pytest.Item], order: Sequence[int], costs: Sequence[float]
) -> Callable[[], int | None]:
    def ask() -> int | None:
        change()
        return first_failing(items, order, costs)

    return ask


def _measured(items: Sequence[pytest.Item]) -> list[float] | None:
    """Seconds of each test, from a run in a process of its own; None where one fails."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        os.close(reading)
        with os.fdopen(writing, "wb") as out:
            for place, item in enumerate(items):
                start = time.perf_counter()
                if fails(item, items[place + 1] if place + 1 < len(items) else None):
                    print(f"fails without a mutant: {item.nodeid}", flush=True)
                    os._exit(1)
                out.write(struct.pack("d", time.perf_counter() - start))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as got:
        told = got.read()
    os.waitpid(child, 0)
    return [each[0] for each in struct.iter_unpack("d", told)] if len(told) == 8 * len(items) else None
