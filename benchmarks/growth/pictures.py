"""Two of the curves as pictures: cost by parameters beside the peers, cost by records."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks.growth.curves import DECIDED
from benchmarks.measure import AGAIN, Row

SIZE = (7.2, 4.2)
"""Inches."""


def draw(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Write what the rows allow, and say which files."""
    written = []
    parameters = [row for row in rows if row.table == "parameters"]
    if len(parameters) > 1:
        names = [name for name in parameters[0].figures if name != AGAIN]
        lines = {name: [(int(row.size), row.figures[name].cost * 1e6) for row in parameters] for name in names}
        title = "A query string to a typed, authorised filter"
        written.append(_picture(lines, title, "parameters", "µs a request", folder / "parameters.svg"))
    for_records = {name: [row for row in rows if row.table == f"records: {name}"] for name in DECIDED}
    if all(len(members) > 1 for members in for_records.values()):
        lines = {
            f"{label}, {name}": [(int(row.size), row.figures[each].cost / int(row.size) * 1e9) for row in members]
            for name, members in for_records.items()
            for each, label in (("cubequery", "cubequery"), ("lambda", "by hand"))
        }
        written.append(_picture(lines, "Deciding in memory", "records", "ns a record", folder / "records.svg"))
    return written


def _picture(lines: dict[str, list[tuple[int, float]]], title: str, across: str, up: str, path: Path) -> Path:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    for name, points in lines.items():
        style: dict[str, Any] = {"linewidth": 2.2} if name.startswith("cubequery") else {"linewidth": 1.1, "linestyle": "--"}
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=name, **style)
    axes.set(xscale="log", yscale="log", xlabel=across, ylabel=up, title=title)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize=8, frameon=False)
    figure.savefig(path, metadata={"Date": None})
    return path
