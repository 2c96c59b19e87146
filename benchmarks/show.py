"""Results as tables: ours and each peer as a ratio of the base, what is right or wrong about it, and the noise."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.measure import AGAIN, Row

WIDTH = 170
"""Of tables that are not shown on a terminal."""
SAYS = {
    "translate": "cost of a request by that of parse_qsl; all: a peer says the whole request, filter: its condition, wrong: something else",
    "translate, by size": "geometric means without the list of 200; 6 of 10: so many requests a peer says whole, wrong ones left out",
    "update": "cost of a decoded body to its first command, by that of json.loads; and to the Change, and to all commands",
    "unknown": "cost of a request whose names no class has, by that of parse_qsl",
    "decide": "speed over all documents by that of a hand-written lambda; wrong and raises: of 5,000 records with many foreign values",
    "page": "speed of filter, rights, sort and the first hundred by that of a lambda over all records, then sorted",
    "page from mongod": "CPU of this process from a request to the JSON of its page, by the same find, rendered by hand, and orjson",
    "import": "CPU time of the import by that of bson, each in a process of its own",
}


def tables(rows: Sequence[Row], facts: Mapping[str, Any]) -> None:
    """Print one table for each kind of workload, and the machine's own noise below."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    for title in dict.fromkeys(row.table for row in rows):
        console.print(_table(title, [row for row in rows if row.table == title]))
    again = [row.again for row in rows if AGAIN in row.figures]
    spread = max(abs(math.log(ratio)) for ratio in again)
    peers = ", ".join(f"{name} {number}" for name, number in facts["peers"].items())
    console.print(f"{facts['date']}, {facts['python']}, {facts['cores']} cores, load {facts['load']}; {peers}", highlight=False)
    noise = f"The same work against itself (again) came to 1 within {math.expm1(spread):.1%}; ± is the median deviation over rounds."
    console.print(noise, highlight=False)


def _table(title: str, rows: Sequence[Row]) -> Table:
    base = rows[0].base
    others = [name for name in dict.fromkeys(name for row in rows for name in row.figures) if name not in (base, AGAIN, "cubequery")]
    table = Table(title=title, caption=SAYS.get(title), title_justify="left", caption_justify="left", pad_edge=False)
    table.add_column("workload")
    table.add_column("matching" if title == "decide" else "size", justify="right")
    for name in (f"{base} = 1", "cubequery", "must", *others, "again"):
        table.add_column(name, justify="right", style="bold" if name == "cubequery" else "")
    for row in rows:
        must = "" if row.must is None else f"{'≥' if row.speed else '≤'} {row.must:g}"
        mark = {True: " ✓", False: " ✗", None: ""}[row.reached]
        peers = [_cell(row, name) for name in others]
        table.add_row(row.name, row.size, _time(row.figures[base].cost), _cell(row, "cubequery", mark), must, *peers, f"{row.again:.2f}")
    return table


def _cell(row: Row, name: str, mark: str = "") -> str:
    figure = row.figures.get(name)
    if figure is None or not figure.ratio:
        return "-"
    digits = 2 if figure.ratio < 10 else 1 if figure.ratio < 100 else 0
    note = f" {figure.note}" if figure.note else ""
    return f"{figure.ratio:.{digits}f} ±{figure.noise:.0%}{mark}{note}"


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 1e-6:.1f} µs"
