"""``python -m tests.coverage FILE.json``: every branch of the core is taken, or named in COVERAGE.md with its reason.

As a plugin of pytest (``-p tests.coverage``) it keeps what a worker has seen.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
NAMED = Path(__file__).with_name("COVERAGE.md")
_ROW = re.compile(r"^\| `([^`]+)` \| `(.+?)` \| .+ \|$", re.MULTILINE)


def missing(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """File and source text of every line that did not run, and of every line from which a branch was not taken."""
    for file, found in sorted(report["files"].items()):
        lines = (CHECKOUT / file).read_text(encoding="utf-8").splitlines()
        numbers = {*found["missing_lines"], *(start for start, _ in found.get("missing_branches", []))}
        yield from ((file, lines[number - 1].strip()) for number in sorted(numbers))


def named(text: str) -> set[tuple[str, str]]:
    """What the page names: a file, and the source of a line as it stands there."""
    return {(file, source.replace("\\|", "|")) for file, source in _ROW.findall(text)}


def pytest_sessionfinish() -> None:
    """Write the data while the worker lives: one that is slow to end is killed, and what was to be written at its exit is lost."""
    from coverage import Coverage

    running = Coverage.current()
    if running is not None:
        running.save()


def main(arguments: Sequence[str]) -> int:
    """1 where a branch is neither taken nor named, or named and taken after all."""
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    found, known = set(missing(report)), named(NAMED.read_text(encoding="utf-8"))
    totals = report["totals"]
    print(f"{totals['num_statements']:,} statements, {totals['num_branches']:,} branches; {totals['percent_covered']:.2f} %")
    for file, source in sorted(found - known):
        print(f"not taken and not named: {file}: {source}")
    for file, source in sorted(known - found):
        print(f"named, and taken after all: {file}: {source}")
    return 0 if found == known else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
