"""What was examined and how long it took as one table for each class, a line for each query of each actor."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import Row
from benchmarks.scale.workloads import FREE, Seen, missed

WIDTH = 170
SAYS = (
    "examined: keys / records for what was asked for, a page or all that was found; time: the server's processor time by that of the same"
    f" query with {FREE}"
)


def tables(seen: Sequence[Seen], rows: Sequence[Row], facts: Mapping[str, Any]) -> list[str]:
    """Print everything; the promises that are not kept are the answer."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    broken = list(missed(seen))
    for mix in dict.fromkeys(each.mix for each in seen):
        console.print(_table(mix, [each for each in seen if each.mix == mix], rows))
    if deep := [row for row in rows if row.table.startswith("page at ")]:
        console.print(_depths(deep))
    peers = ", ".join(f"{name} {number}" for name, number in facts["peers"].items())
    console.print(f"{facts['date']}, {facts['python']}, {facts['cores']} cores, load {facts['load']}; {peers}", highlight=False)
    for each in broken:
        console.print(f"✗ {each}", highlight=False)
    if not broken:
        console.print("✓ every page that is full examines what was promised, and as much at each size", highlight=False)
    return broken


def _table(mix: str, seen: Sequence[Seen], rows: Sequence[Row]) -> Table:
    sizes = sorted({each.size for each in seen})
    table = Table(title=f"class {mix}", caption=SAYS, title_justify="left", caption_justify="left", pad_edge=False)
    table.add_column("query")
    table.add_column("actor")
    for size in sizes:
        for name in (f"{size:,}: of", "examined", "time"):
            table.add_column(name, justify="right", style="bold" if name == "examined" else "")
    table.add_column("index")
    lines: dict[str, list[Seen]] = {}
    for each in seen:
        lines.setdefault(each.name, []).append(each)
    for line in lines.values():
        cells = [cell for each in line for cell in (f"{each.units:,}", f"{each.keys:,} / {each.records:,}", _time(each, rows))]
        last = line[-1]
        table.add_row(last.workload, last.actor, *cells, (last.index or "none") + (", sorted in memory" if last.sorted else ""))
    return table


def _depths(rows: Sequence[Row]) -> Table:
    says = "the server's processor time by that of the first page, in the largest class"
    table = Table(title="a page deep in a list", caption=says, title_justify="left", caption_justify="left", pad_edge=False)
    depths = sorted({int(row.size) for row in rows})
    for name in ("list", *(f"{way} {depth:,}" for depth in depths for way in ("skip", "_after"))):
        table.add_column(name, justify="left" if name == "list" else "right")
    found = {(row.name, int(row.size)): row for row in rows}  # the last one is that of the largest class
    for name in dict.fromkeys(row.name for row in rows):
        lines = [found.get((name, depth)) for depth in depths]
        cells = [f"{line.figures[way].ratio:.2f}" if line else "-" for line in lines for way in ("skip", "cubequery")]
        table.add_row(name, *cells)
    return table


def _time(seen: Seen, rows: Sequence[Row]) -> str:
    row = next((row for row in rows if row.name == seen.name and row.table == f"time of {seen.size:,}"), None)
    if row is None:
        return ""
    figure = row.figures["cubequery"]
    return f"{figure.ratio:.2f} ±{figure.noise:.0%}"
