"""The file of results, and what it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.mutants.judged import LEFT, NOTICED, TIMED_OUT
from tests.mutants.selection import CORE, WANTED, part_of


def rows(results: Path) -> list[dict[str, str]]:
    """One a mutant, the last said of each."""
    if not results.exists():
        return []
    return [*{row["key"]: row for row in map(json.loads, results.read_text(encoding="utf-8").splitlines())}.values()]


def judged(results: Path) -> set[str]:
    """The keys of the mutants that need no judging."""
    return {row["key"] for row in rows(results)}


def forget(results: Path, which: str | None, chosen: list[str]) -> None:
    """Take out what is to be judged again of these files."""
    if which is not None:
        kept = [row for row in rows(results) if row["path"] not in chosen or (which == "left" and row["status"] != LEFT)]
        results.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in kept), encoding="utf-8")


def progress(results: Path, chosen: list[str]) -> str:
    """One line."""
    counts = Counter(row["status"] for row in rows(results) if row["path"] in chosen)
    return f"{counts.total()} mutants judged: {', '.join(f'{number} {status}' for status, number in counts.most_common()) or 'none yet'}   "


def summary(results: Path, chosen: list[str]) -> tuple[str, bool]:
    """A table of the parts, the mutants left, and whether every part reached what is wanted."""
    lines = ["| part | mutants | noticed | timed out | left | score | wanted |", "| --- | --- | --- | --- | --- | --- | --- |"]
    left, reached = [], True
    every = [row for row in rows(results) if row["path"] in chosen]
    for part in CORE:
        mine = [row for row in every if part_of(row["path"]) == part]
        if not mine:
            continue
        counts = Counter(row["status"] for row in mine)
        score = 1 - counts[LEFT] / len(mine)
        reached &= score >= WANTED[part]
        numbers = f"{len(mine)} | {counts[NOTICED]} | {counts[TIMED_OUT]} | {counts[LEFT]}"
        lines.append(f"| {part} | {numbers} | {score:.1%} | {WANTED[part]:.0%} |")
        left += [f"{row['path']}:{row['line']}  {row['what']}" for row in mine if row["status"] == LEFT]
    return "\n".join([*lines, "", *sorted(left)]), reached
