"""``python -m benchmarks.scale [--records N] [--json FILE]``: what a server of its own examines and takes at 100,000 and at N records."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.machine import machine
from benchmarks.scale.records import Document
from benchmarks.scale.show import tables
from benchmarks.scale.survey import Report, server_clock, survey
from tests.support.mongod import server

SMALL, LARGE = 100_000, 1_000_000
ROUNDS = 15
CACHE = 4.0
"""Gigabytes of the server's cache: everything is in memory, so that the disk is not measured."""
DATABASE = "cubequery_scale"
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())


def main(arguments: Sequence[str] | None = None) -> int:
    """Survey both sizes, show what was seen, keep it where a file is named; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--records", metavar="N", type=int, default=LARGE, help=f"records of the larger class, {LARGE:,} unless told")
    parser.add_argument("--json", metavar="FILE", type=Path, help="keep the results for benchmarks/compare.py")
    given = parser.parse_args(arguments)
    with server(cache=CACHE) as uri, MongoClient[Document](uri) as client:
        client.drop_database(DATABASE)
        process = client.admin.command("serverStatus")["pid"]
        with Progress(*COLUMNS, console=Console(file=sys.stderr)) as progress:

            def begin(title: str, size: int) -> Report:
                return partial(progress.advance, progress.add_task(title, total=size))

            seen, rows = survey(client[DATABASE], sorted({SMALL, given.records}), ROUNDS, server_clock(process), begin)
        facts: dict[str, Any] = machine(["pymongo"]) | {"quick": given.records < LARGE}
        facts["peers"]["mongod"] = client.server_info()["version"]
        client.drop_database(DATABASE)
    broken = tables(seen, rows, facts)
    if given.json:
        kept = [*(row for each in seen for row in each.rows()), *rows]
        given.json.write_text(json.dumps({"machine": facts, "rows": [asdict(row) for row in kept]}, indent=1), encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
