"""A campaign over several processes: it hands out seeds, gathers what they tell, and ends cleanly whenever it is told to."""

from __future__ import annotations

import multiprocessing
import os
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path

from pymongo import MongoClient

from cubequery.testing.campaign.report import Report
from cubequery.testing.campaign.shown import show
from cubequery.testing.campaign.worker import Batch, seeds, work

CHECKPOINT = 5.0
"""Seconds between two writings of the report."""
TOO_MANY = 100
"""Differences after which a campaign ends early: what is broken is known by then."""


def run(uri: str, kinds: list[str], *, minutes: float, seed: int, workers: int, path: Path | None) -> Report:
    """Batches of these kinds for so long, in so many processes; the report, which is also written to ``path`` now and then.

    Ctrl-C ends it early, with everything that was told until then. Raises RuntimeError where a worker dies.
    """
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=5_000) as client:
        report = Report(kinds, seed, workers, client.server_info()["version"])
    begin, written = time.monotonic(), 0.0
    with _workers(uri, kinds, seed, workers) as (processes, stop, done), show(report) as shown:
        try:
            while any(each.is_alive() for each in processes) or not done.empty():
                over = (time.monotonic() - begin) / (minutes * 60)
                if over >= 1 or report.differences > TOO_MANY:
                    stop.set()
                _take(done, report)
                shown.update(report, min(over, 0.99))
                if path is not None and time.monotonic() - written > CHECKPOINT:
                    report.write(path)
                    written = time.monotonic()
        except KeyboardInterrupt:
            report.interrupted = True
            stop.set()
            while any(each.is_alive() for each in processes) or not done.empty():
                _take(done, report)
        shown.update(report, 1.0)
        if dead := [each.exitcode for each in processes if each.exitcode]:
            raise RuntimeError(f"workers died with the exit codes {dead}; what they told before is in the report")
    if path is not None:
        report.write(path)
    return report


def _take(done: Queue[Batch], report: Report) -> None:
    """What has been told, for at most a quarter of a second."""
    try:
        report.add(done.get(timeout=0.25))
        while True:
            report.add(done.get_nowait())
    except queue.Empty:
        return


@contextmanager
def _workers(uri: str, kinds: list[str], seed: int, workers: int) -> Iterator[tuple[list[BaseProcess], Event, Queue[Batch]]]:
    """The processes, what stops them, and what they tell. None outlives the block."""
    context = multiprocessing.get_context("spawn")  # a client of the server does not survive a fork
    stop, done = context.Event(), context.Queue()
    names = [f"cubequery_campaign_{os.getpid()}_{number}" for number in range(workers)]
    arguments = [(uri, name, kinds, seeds(seed, number, workers), stop, done) for number, name in enumerate(names)]
    processes: list[BaseProcess] = [context.Process(target=work, args=each, daemon=True) for each in arguments]
    try:
        for each in processes:
            each.start()
        yield processes, stop, done
    finally:
        stop.set()
        for each in processes:
            each.join(timeout=10)
            if each.is_alive():
                each.kill()
