"""Mutate the core and see which changes the fast tests notice: ``python -m tests.mutants [--only PATH ..] [--share 0.25 --seed 1]``."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

CACHE = ".cache/mutants"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 where every part reached its share, 1 where one did not, 2 without mutmut."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="PATH", help="files whose paths begin like one of these (all of the core)")
    parser.add_argument("--share", type=float, default=1.0, help="of each file's mutants, drawn by the seed (1.0: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (1)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (one a core)")
    parser.add_argument("--again", choices=["left", "all"], help="judge once more what was left, or all (with --share its share)")
    given = parser.parse_args(arguments)
    if not 0 < given.share <= 1 or given.workers < 1:
        parser.error("a share is above 0 and at most 1, and a worker at least one")
    if find_spec("mutmut") is None:
        print("mutmut is not installed: pip install 'cubequery[mutants]'", file=sys.stderr)
        return 2
    from tests.mutants import told
    from tests.mutants.selection import CHECKOUT, files

    cache = CHECKOUT / CACHE
    cache.mkdir(parents=True, exist_ok=True)
    results = cache / "results.jsonl"
    chosen = [str(path.relative_to(CHECKOUT)) for path in files(given.only)]
    if not chosen:
        parser.error("no file of the core has such a path")
    told.forget(results, given.again, chosen)
    children = [_worker(number, given, chosen, results) for number in range(given.workers)]
    failed = 0
    try:
        while children:
            time.sleep(1 if sys.stderr.isatty() else 20)
            for child in [*children]:
                ended, status = os.waitpid(child, os.WNOHANG)
                if ended:
                    children.remove(child)
                    failed += status != 0
            print(told.progress(results, chosen), end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("\nstopped: what was judged is kept, and the same command goes on", file=sys.stderr)
        return 130
    table, reached = told.summary(results, chosen)
    print(table)
    return 0 if reached and not failed else 1


def _worker(number: int, given: argparse.Namespace, chosen: list[str], results: Path) -> int:
    """A process that judges its share of the mutants; its id."""
    if child := os.fork():
        return child
    try:
        _work(number, given, chosen, results)
    except KeyboardInterrupt:
        os._exit(130)
    except BaseException:  # nothing may go on as the parent
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _work(number: int, given: argparse.Namespace, chosen: list[str], results: Path) -> None:
    import pytest

    from tests.mutants import fresh, told
    from tests.mutants.judged import AT_IMPORT, Judged, keep
    from tests.mutants.loop import Loop
    from tests.mutants.making import mutants
    from tests.mutants.mutant import Mutant
    from tests.mutants.selection import CHECKOUT, TESTS

    os.chdir(CHECKOUT)
    # Plain assertions: pytest would rewrite the library too, whose plugin it loads, and hand out its own form of every module.
    options = ["-m", "not mongod and not slow", "--assert=plain", "--tb=native", "-p", "no:cacheprovider", "-q", *TESTS]
    waiting, costs = results.with_name(f"waiting{number}.jsonl"), results.with_name(f"costs{number}.json")
    waiting.write_text("")

    def todo() -> Iterator[Mutant]:
        done = told.judged(results)
        for path in chosen:
            drawn = _drawn(path, number, given)
            yield from (mutant for mutant in mutants(CHECKOUT, CHECKOUT / path, drawn) if mutant.key not in done)

    def first(one: Judged) -> None:
        keep(waiting if one.status == AT_IMPORT else results, one)

    if not (child := os.fork()):
        null = os.open(results.with_name(f"log{number}.txt"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(null, 1)
        os.dup2(null, 2)
        status = pytest.main(options, plugins=[Loop(CHECKOUT, todo(), first, partial(_write, costs))])
        os._exit(int(status))
    _, ended = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(ended):
        raise RuntimeError(f"the tests could not be asked: see {results.with_name(f'log{number}.txt')}")
    fresh.prepare()
    judge = fresh.Fresh(CHECKOUT, options, json.loads(costs.read_text())).judge
    wanted = {json.loads(line)["key"] for line in waiting.read_text().splitlines()}
    for mutant in todo():
        if mutant.key in wanted:
            keep(results, judge(mutant))


def _drawn(path: str, worker: int, given: argparse.Namespace) -> Callable[[int], bool]:
    draw, share, workers = random.Random(f"{given.seed} {path}"), float(given.share), int(given.workers)

    def drawn(number: int) -> bool:
        return draw.random() < share and number % workers == worker

    return drawn


def _write(path: Path, known: dict[str, float]) -> None:
    path.write_text(json.dumps(known))


if __name__ == "__main__":
    raise SystemExit(main())
