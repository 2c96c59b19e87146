"""All curves in one text of Markdown, which is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.growth import memory
from benchmarks.measure import AGAIN, Row

SAYS = {
    "parameters": "Criteria of so many fields, names seen before, values new. µs a parameter.",
    "refused": "Ten thousand parameters: refused by their length, and, where that limit is raised, by their number. µs a request.",
    "items: integers": "`in` of so many integers. µs an item.",
    "items: words": "`in` of so many texts. µs an item.",
    "levels": "A criterion so many Objects deep. µs a request.",
    "records": "A condition over so many records. ns a record.",
}
EACH = {"parameters": 1e6, "items: integers": 1e6, "items: words": 1e6, "records": 1e9}
"""Tables whose figures are divided by the size, and the unit of them."""


def report(rows: Sequence[Row], held: Mapping[str, Mapping[int, float]], facts: Mapping[str, Any], pictures: Sequence[Path]) -> str:
    """The whole text."""
    return "\n".join([*_head(facts), *_curves(rows), *_memory(held), "", *(f"![{each.stem}]({each.name})" for each in pictures)]) + "\n"


def _head(facts: Mapping[str, Any]) -> Iterator[str]:
    yield "# How cost grows"
    yield ""
    yield f"{facts['date']}, {facts['python']}, {facts['cores']} cores, load {facts['load']}. CPU time, interleaved, medians."
    yield "Printed by `make bench-growth`. In brackets: by the base, which is the first column."


def _curves(rows: Sequence[Row]) -> Iterator[str]:
    for title in dict.fromkeys(row.table for row in rows):
        members = [row for row in rows if row.table == title]
        kind = title if title in SAYS else title.partition(":")[0]
        names = [name for name in members[0].figures if name != AGAIN]
        yield ""
        yield f"## {title[0].upper()}{title[1:]}"
        yield ""
        yield SAYS[kind]
        yield ""
        yield f"| {title.partition(':')[0]} | {' | '.join(names)} |"
        yield f"| --- |{' --: |' * len(names)}"
        for row in members:
            cells = [_cell(row, name, EACH.get(kind)) for name in names]
            yield f"| {row.name if kind == 'refused' else f'{int(row.size):,}'} | {' | '.join(cells)} |"


def _cell(row: Row, name: str, unit: float | None) -> str:
    figure = row.figures[name]
    cost = figure.cost * (unit / int(row.size) if unit else 1e6)
    by = "" if name == row.base else f" ({1 / figure.ratio if row.speed else figure.ratio:.2f})"
    return f"{cost:.3g}{by}" if cost < 1_000 else f"{cost:,.0f}{by}"


def _memory(held: Mapping[str, Mapping[int, float]]) -> Iterator[str]:
    if not held:
        return
    yield ""
    yield "## Memory under an adversary"
    yield ""
    yield "Megabytes that stay (tracemalloc) after requests that each bring something new; 1,024 plans and 4,096 names are kept at most."
    yield ""
    yield f"| new in every request | {' | '.join(f'after {count:,}' for count in memory.AFTER)} | bounded |"
    yield f"| --- |{' --: |' * len(memory.AFTER)} --- |"
    for kind, found in held.items():
        cells = " | ".join(f"{found[count]:.2f}" for count in memory.AFTER)
        yield f"| {kind} | {cells} | {'yes' if memory.bounded(found) else 'NO'} |"
