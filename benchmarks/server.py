"""``python -m benchmarks.server [--quick]``: the server over loopback by a bare one, its memory, and clients that stand in its way."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from pymongo import MongoClient

from benchmarks.load import Measured, Process, load, serving, slow_clients
from benchmarks.served import LIST, PAGE, RECORDS, records
from tests.support.mongod import server

DATABASE = "cubequery_benchmark"
READABLE = [f"/data/score/{place:024x}" for place in range(RECORDS) if place % 5]
WORKLOADS: Mapping[str, Sequence[str]] = {f"list of {PAGE}": [LIST], "by id": READABLE}
CONNECTIONS = 8
SLOW = 200
MUST = 1.5
"""CPU by the bare server's."""


@dataclass(frozen=True)
class Size:
    """How much is asked: rounds of so many requests for each workload, requests for memory, slow clients."""

    rounds: int
    requests: int
    memory: int
    slow: int


USUAL, QUICK = Size(9, 1_000, 100_000, SLOW), Size(3, 300, 5_000, SLOW)


@dataclass(frozen=True)
class Compared:
    """One workload: rounds of ours and of the bare server, in turn."""

    name: str
    ours: Sequence[Measured]
    bare: Sequence[Measured]

    @property
    def ratio(self) -> float:
        """CPU of a request by the bare server's: the median over rounds."""
        return median(one.cost / other.cost for one, other in zip(self.ours, self.bare, strict=True))

    def told(self) -> str:
        """The figures as a line."""
        rate, p99 = (median(each) for each in ([one.rate for one in self.ours], [one.p99 for one in self.ours]))
        bare_rate, bare_p99 = (median(each) for each in ([one.rate for one in self.bare], [one.p99 for one in self.bare]))
        cost = median(one.cost for one in self.ours) * 1e6
        return (
            f"{self.name}: CPU x {self.ratio:.2f} (must: {MUST}), {cost:.0f} µs a request; {rate:.0f} a second, p99 {p99 * 1e3:.1f} ms; "
            f"bare {bare_rate:.0f} a second, p99 {bare_p99 * 1e3:.1f} ms"
        )


def fill(uri: str, database: str) -> None:
    """The records, and an index that serves the list."""
    with MongoClient[dict[str, Any]](uri) as client:
        client.drop_database(database)
        client[database].score.insert_many(records())
        client[database].score.create_index([("points", -1), ("_id", 1)])


async def compare(name: str, ours: Process, bare: Process, size: Size) -> Compared:
    """One workload on both servers in turn, warmed up."""
    found: list[tuple[Measured, Measured]] = []
    for _ in range(size.rounds + 1):
        one, other = [await load(each, WORKLOADS[name], size.requests, CONNECTIONS) for each in (ours, bare)]
        found.append((one, other))
    return Compared(name, [one for one, _ in found[1:]], [other for _, other in found[1:]])


async def growth(process: Process, requests: int) -> tuple[int, int]:
    """Resident bytes after a tenth of the requests, and at the end."""
    targets = [LIST, *READABLE[:9]]
    await load(process, targets, requests // 10, CONNECTIONS)
    before = process.memory()
    await load(process, targets, requests - requests // 10, CONNECTIONS)
    return before, process.memory()


async def beside_slow_clients(process: Process, size: Size) -> tuple[Measured, Measured]:
    """The same requests without slow clients, and beside them."""
    alone = await load(process, [LIST], size.requests, CONNECTIONS)
    writers = await slow_clients(process, size.slow)
    beside = await load(process, [LIST], size.requests, CONNECTIONS)
    for writer in writers:
        writer.close()
    return alone, beside


async def run(ours: Process, bare: Process, size: Size, tell: Callable[[str], None]) -> None:
    """Everything, told line by line."""
    for name in WORKLOADS:
        tell((await compare(name, ours, bare, size)).told())
    alone, beside = await beside_slow_clients(ours, size)
    tell(f"beside {size.slow} slow clients: p99 {beside.p99 * 1e3:.1f} ms, alone {alone.p99 * 1e3:.1f} ms")
    before, after = await growth(ours, size.memory)
    tell(f"memory: {before / 1e6:.1f} MB after {size.memory // 10:,} requests, {after / 1e6:.1f} MB after {size.memory:,}")
    tell(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK.requests} requests a round, {QUICK.memory:,} for memory")
    size = QUICK if parser.parse_args().quick else USUAL
    with server() as uri:
        fill(uri, DATABASE)
        with serving("ours", uri, DATABASE) as ours, serving("bare", uri, DATABASE) as bare:
            asyncio.run(run(ours, bare, size, partial(print, flush=True)))


if __name__ == "__main__":
    main()
