"""``python -m benchmarks.profiles``: where the time of the three hottest paths goes, as text for NOTES.md."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pymongo import MongoClient

import cubequery as cq
from benchmarks import decide, pages
from benchmarks.corpus import load
from benchmarks.documents import documents
from benchmarks.served import SCORE, USER, records
from benchmarks.translate import translate
from tests.support.mongod import server

LINES, REQUESTS, PAGES = 9, 20_000, 100


def main() -> None:
    """Print each: calls, own time, time with what it calls."""
    for title, work in _paths():
        profile = cProfile.Profile()
        profile.runcall(work)
        print(title)
        print("\n".join(_lines(pstats.Stats(profile))))


def _paths() -> Iterator[tuple[str, Callable[[], Any]]]:
    case = next(each for each in load() if each.name == "range")
    texts = [case.text("request", case.values()) for _ in range(REQUESTS)]
    [translate(text) for text in texts[:100]]
    yield f"translate: {REQUESTS:,} of {texts[0]}", lambda: [translate(text) for text in texts]
    condition = next(each for each in decide.load() if each.name == "rights and range")
    stored = documents(100_000, decide.USUAL)
    plan = condition.plan
    yield "decide: rights and range over 100,000 records", lambda: plan.select(stored)
    with ExitStack() as held:
        client = held.enter_context(MongoClient[dict[str, Any]](held.enter_context(server())))
        found = client[pages.DATABASE].score
        found.insert_many(records(pages.STORED))
        engine = cq.Engine(cq.MongoStore(client[pages.DATABASE]), [SCORE])
        query = f"points[gt]=500&sort_asc=points&limit={pages.PAGE}"
        [engine.list("score", query, USER) for _ in range(20)]
        yield f"list: {PAGES} pages of {pages.PAGE} from mongod", lambda: [engine.list("score", query, USER) for _ in range(PAGES)]
        client.drop_database(pages.DATABASE)


def _lines(stats: pstats.Stats) -> Iterator[str]:
    rows = stats.stats  # type: ignore[attr-defined]  # typeshed leaves it out; it is what sort_stats and print_stats read
    for (file, line, name), (_, calls, own, whole, _) in sorted(rows.items(), key=lambda row: -row[1][2])[:LINES]:
        where = name if file == "~" else f"{'/'.join(Path(file).parts[-2:])}:{line} {name}"
        yield f"{calls:>9,} {own:8.3f} {whole:8.3f}  {where}"


if __name__ == "__main__":
    main()
