"""``python benchmarks/compare.py before.json after.json``: what a change did to each workload, as a ratio of ratios."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

Key = tuple[str, str, str]
OURS = ("cubequery", "find_args")
"""Figures of this library; peers do not change."""
SURE = 2
"""Deviations, of both runs together, beyond which a difference is called one; two runs of the same code stayed within them."""


def read(path: Path) -> tuple[dict[str, Any], dict[Key, dict[str, Any]]]:
    """The machine's facts, and every figure of ours by table, workload and name."""
    run = json.loads(path.read_text(encoding="utf-8"))
    figures = {
        (row["table"], row["name"], name): {**row["figures"][name], "speed": row["speed"]}
        for row in run["rows"]
        for name in OURS
        if name in row["figures"]
    }
    return run["machine"], figures


def change(before: dict[str, Any], after: dict[str, Any]) -> tuple[float, float]:
    """Cost after by cost before, both against the base of their own run, and the noise of that."""
    ratio = after["ratio"] / before["ratio"]
    return (1 / ratio if after["speed"] else ratio), math.hypot(before["noise"], after["noise"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line for each workload that stands in both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    given = parser.parse_args(arguments)
    (machine, before), (other, after) = read(given.before), read(given.after)
    console = Console() if sys.stdout.isatty() else Console(width=120)
    for fact in ("python", "cores", "quick"):
        if machine[fact] != other[fact]:
            console.print(f"not the same {fact}: {machine[fact]} and {other[fact]}")
    table = Table("table", "workload", "figure", pad_edge=False)
    for name in ("before", "after", "cost", "noise", ""):
        table.add_column(name, justify="right")
    both = [key for key in after if key in before and before[key]["ratio"] and after[key]["ratio"]]
    for key in both:
        ratio, noise = change(before[key], after[key])
        word = "" if abs(math.log(ratio)) <= SURE * noise else "faster" if ratio < 1 else "slower"
        table.add_row(*key, f"{before[key]['ratio']:.2f}", f"{after[key]['ratio']:.2f}", f"x {ratio:.2f}", f"±{noise:.0%}", word)
    console.print(table)
    missing = sorted({" / ".join(key) for key in before.keys() ^ after.keys()})
    if missing:
        console.print("in one file only: " + "; ".join(missing))
    return 0 if both else 1


if __name__ == "__main__":
    raise SystemExit(main())
