"""One process of a campaign: batch after batch until it is told to stop."""

from __future__ import annotations

import logging
import signal
import time
import traceback
from collections.abc import Iterable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from typing import NamedTuple

from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.kinds import KINDS
from cubequery.testing.campaign.tally import Tally

LONGEST = 1_000_000
"""Batches of a campaign at most."""


class Batch(NamedTuple):
    """What one batch came to; ``cpu`` are the seconds of processor time that its worker needed."""

    kind: str
    seed: int
    tally: Tally
    cpu: float


def seeds(start: int, worker: int, workers: int) -> range:
    """The seeds of a worker's batches: those of a campaign's workers never meet, nor do those of campaigns with other starts."""
    return range(start * LONGEST + worker, (start + 1) * LONGEST, workers)


def work(uri: str, name: str, kinds: Sequence[str], numbers: Iterable[int], stop: Event, done: Queue[Batch]) -> None:
    """Run batches, each of the kind that had the least time so far; tell each of them. An exception of a batch is a difference."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears of Ctrl-C and says when to stop
    logging.getLogger("cubequery").setLevel(logging.CRITICAL)  # faults on purpose are logged as what they would be
    bench = Bench(uri, name)
    spent = dict.fromkeys(kinds, 0.0)
    try:
        for seed in numbers:
            if stop.is_set():
                break
            kind = min(kinds, key=spent.__getitem__)
            before, cpu = time.monotonic(), time.process_time()
            tally = batch(kind, seed, bench)
            spent[kind] += time.monotonic() - before
            done.put(Batch(kind, seed, tally, time.process_time() - cpu))
    finally:
        bench.close()


def batch(kind: str, seed: int, bench: Bench) -> Tally:
    """One batch. What it raises is told as a difference: nothing that is drawn may be a failure."""
    try:
        return KINDS[kind].run(seed, bench)
    except Exception:
        tally = Tally()
        tally.differ(traceback.format_exc())
        return tally
