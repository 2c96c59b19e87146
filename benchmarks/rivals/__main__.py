"""``python -m benchmarks.rivals [--rounds N] [--folder DIR] [--write FILE]``: install the peers apart, ask them, print the tables."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.rivals.install import PROJECT, install, python

FOLDER = PROJECT / ".cache" / "peers"
ROUNDS = 15


def main(arguments: Sequence[str] | None = None) -> int:
    """Nothing is installed into the environment that this runs in."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rivals", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the peers are installed, and found again the next time")
    parser.add_argument("--write", metavar="FILE", type=Path, help="keep the tables, in Markdown")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    outcomes = []
    for outcome in install(folder):
        print(f"{'✓' if outcome.there else '✗'} {outcome.name} {outcome.note}".rstrip(), file=sys.stderr)
        outcomes.append(asdict(outcome))
    (folder / "outcomes.json").write_text(json.dumps(outcomes), encoding="utf-8")
    command = [str(python(folder)), "-m", "benchmarks.rivals.run", str(folder), "--rounds", str(given.rounds)]
    if given.write:
        command += ["--write", str(given.write.resolve())]
    return subprocess.run(command, cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
