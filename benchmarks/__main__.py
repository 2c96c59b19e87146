"""``python -m benchmarks [--quick] [--only NAME] [--json FILE]``: every workload as ratios against peers, with the machine's noise."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks import decide, names, pages, translate
from benchmarks.machine import machine
from benchmarks.measure import Row
from benchmarks.show import tables

DOCUMENTS, ROUNDS = (100_000, 10_000), (31, 9)
"""Documents in memory and rounds, usual and quick."""
PEERS = ("lark", "pymongo", "mongo-queries-manager", "odata-query", "mgqpy", "mongomock")


def workloads(*, quick: bool) -> Iterator[tuple[str, Callable[[int], Row]]]:
    """Every workload of every table by name."""
    yield from translate.workloads()
    yield from names.workloads()
    yield from decide.workloads(DOCUMENTS[quick])
    yield from pages.workloads(DOCUMENTS[quick])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for, show it, and keep it where a file is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{DOCUMENTS[True]:,} documents and {ROUNDS[True]} rounds")
    parser.add_argument("--only", metavar="NAME", default="", help="workloads whose name contains NAME, such as 'decide' or 'list of 3'")
    parser.add_argument("--json", metavar="FILE", type=Path, help="keep the results for benchmarks/compare.py")
    given = parser.parse_args(arguments)
    chosen = [(name, run) for name, run in workloads(quick=given.quick) if given.only in name]
    if not chosen:
        parser.error(f"no workload is called {given.only!r}")
    progress = Console(file=sys.stderr)
    rows: list[Row] = []
    with progress.status("") as status:
        for number, (name, run) in enumerate(chosen, 1):
            status.update(f"{number}/{len(chosen)} {name}")
            if not progress.is_terminal:
                progress.print(f"{number}/{len(chosen)} {name}", highlight=False)
            rows.append(run(ROUNDS[given.quick]))
    rows = [*translate.groups(rows), *rows, *decide.groups(rows)]
    facts = machine(PEERS) | {"quick": given.quick}
    tables(rows, facts)
    if given.json:
        given.json.write_text(json.dumps({"machine": facts, "rows": [asdict(row) for row in rows]}, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
