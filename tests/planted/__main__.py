"""Plant every bug in a copy of the checkout and see it found: ``python -m tests.planted [number ..]``; `make planted` does."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from tests.planted.bug import Bug, DoesNotApply
from tests.planted.table import BUGS, NOT_PLANTED
from tests.support import shared

CHECKOUT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")
NOT_RUNNING = ("NameError", "ImportError", "SyntaxError")
"""What a patch that was written wrongly raises; a test that fails by it has found nothing."""
LONGEST = 600
"""Seconds of one test; a bug may make it run for ever, which is no finding."""
SHOWN = 100
"""Characters of what a test says."""


class Came(Enum):
    """What came of one test: whether it passed, failed, or proves nothing (skipped, not collected, a patch that does not run, no end)."""

    PASSED, FAILED, UNUSABLE = "passed", "failed", "unusable"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 where every bug is found by each of its tests, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("numbers", nargs="*", type=int, metavar="number", help="all where none is given")
    numbers = parser.parse_args(arguments).numbers
    chosen = [bug for bug in BUGS if not numbers or bug.number in numbers]
    if unknown := set(numbers) - {bug.number for bug in BUGS}:
        parser.error(f"not in the table: {', '.join(map(str, sorted(unknown)))}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(CHECKOUT, copy, ignore=LEFT_OUT)
        healthy = dict.fromkeys(test for bug in chosen for test in bug.tests)
        print(f"{len(healthy)} tests without any bug first, then {len(chosen)} bugs", flush=True)
        if came := [test for test in healthy if run(copy, test)[0] is not Came.PASSED]:
            print("without any bug these do not pass, or were skipped: " + ", ".join(came))
            return 1
        found = sum([look_for(bug, copy) for bug in chosen])
    print(f"{found} of {len(chosen)} found; not planted yet: {', '.join(map(str, sorted(NOT_PLANTED))) or 'none'}")
    return int(found < len(chosen))


def look_for(bug: Bug, copy: Path) -> bool:
    """Plant one bug, run its tests, take it out again; whether all of them failed."""
    begun = time.monotonic()
    try:
        before = bug.plant(copy)
    except DoesNotApply as reason:
        print(f"{bug.number:2}  ERROR      {reason}", flush=True)
        return False
    came = {test: run(copy, test) for test in bug.tests}
    (copy / bug.file).write_text(before, encoding="utf-8")
    found = {each for each, _ in came.values()} == {Came.FAILED}
    seconds = time.monotonic() - begun
    print(f"{bug.number:2}  {'found' if found else 'NOT FOUND':9}  {bug.tier:8} {seconds:5.1f} s  {bug.what}", flush=True)
    for test, (each, why) in came.items():
        print(f"      {each.value:8}  {test}: {why[:SHOWN]}" if why else f"      {each.value:8}  {test}", flush=True)
    return found


def run(copy: Path, test: str) -> tuple[Came, str]:
    """Run one test over the copy: what came of it, and the first thing that it says against the code."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    if (specification := shared.folder()) is not None:
        environment["CUBEQUERY_SHARED"] = str(specification)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-m", "", "-p", "no:cacheprovider", "--tb=short", f"tests/{test}"]
    try:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return Came.UNUSABLE, "it does not end"
    if done.returncode == 0 and " passed" in done.stdout and " skipped" not in done.stdout:
        return Came.PASSED, ""
    why = next((line[1:].strip() for line in done.stdout.splitlines() if line.startswith("E  ")), "it is skipped or cannot be collected")
    failed = done.returncode == 1 and " failed" in done.stdout and not why.startswith(NOT_RUNNING)
    return Came.FAILED if failed else Came.UNUSABLE, why


if __name__ == "__main__":
    sys.exit(main())
