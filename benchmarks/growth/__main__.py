"""``python -m benchmarks.growth [--only NAME] [--records N] [--write FOLDER]``: the curves as a table and two pictures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.growth import memory
from benchmarks.growth.curves import RECORDS, points
from benchmarks.growth.show import report
from benchmarks.machine import machine
from benchmarks.measure import Row

ROUNDS = 9


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, keep where a folder is named; 1 where a cache grows without a bound."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--only", metavar="NAME", default="", help="points whose name contains it: parameters, items, levels, ...")
    parser.add_argument("--records", metavar="N", type=int, default=RECORDS[-1], help=f"the most records ({RECORDS[-1]:,})")
    parser.add_argument("--rounds", metavar="N", type=int, default=ROUNDS, help=f"of each point ({ROUNDS})")
    parser.add_argument("--write", metavar="FOLDER", type=Path, help="keep growth.md and the pictures there")
    given = parser.parse_args(arguments)
    chosen = [(name, run) for name, run in points(given.records) if given.only in name]
    kinds = [kind for kind in memory.KINDS if given.only in f"memory: {kind}"]
    if not chosen and not kinds:
        parser.error(f"no point is called {given.only!r}")
    progress, rows, held = Console(file=sys.stderr), list[Row](), {}
    for number, (name, run) in enumerate(chosen, 1):
        progress.print(f"{number}/{len(chosen)} {name}", highlight=False)
        rows.append(run(given.rounds))
    for kind in kinds:
        progress.print(f"memory: {kind}", highlight=False)
        held[kind] = memory.look(kind)
    pictures = []
    if given.write:
        from benchmarks.growth.pictures import draw

        pictures = draw(rows, given.write)
    text = report(rows, held, machine([]), pictures)
    print(text)
    if given.write:
        (given.write / "growth.md").write_text(text, encoding="utf-8")
    return 0 if all(map(memory.bounded, held.values())) else 1


if __name__ == "__main__":
    raise SystemExit(main())
