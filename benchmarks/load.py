"""Requests over connections that stay open, and what the server's process spent on them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.served import TOKEN

HOST = "127.0.0.1"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SECONDS = 120.0
"""An answer that takes longer fails the run."""


@dataclass(frozen=True)
class Process:
    """A server that listens; figures come from ``/proc``."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Seconds of CPU so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self) -> int:
        """Resident bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES


@contextmanager
def serving(which: str, uri: str, database: str) -> Iterator[Process]:
    """One of the servers, as long as the block."""
    command = [sys.executable, "-m", "benchmarks.served", which, uri, database]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Process(process.pid, int(process.stdout.readline()))
        finally:
            process.terminate()


@dataclass(frozen=True)
class Measured:
    """Requests of one run: seconds of the clock, seconds of the server's CPU, seconds of each answer."""

    clock: float
    cpu: float
    answers: Sequence[float]

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.answers) / self.clock

    @property
    def cost(self) -> float:
        """Seconds of CPU a request; the kernel counts ticks, so that a few quick requests may have none."""
        return max(self.cpu, 1 / TICKS) / len(self.answers)

    @property
    def p99(self) -> float:
        """Seconds within which all but one of a hundred answers came."""
        return sorted(self.answers)[int(len(self.answers) * 0.99)]


def request(target: str) -> bytes:
    """A GET of an actor who is known."""
    return f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nCB-Token: {TOKEN}\r\n\r\n".encode()


async def load(process: Process, targets: Sequence[str], count: int, connections: int) -> Measured:
    """So many requests, the targets in turn. Raises AssertionError for an answer that is not 200."""
    turn = iter(range(count))
    answers: list[float] = []
    cpu, begun = process.cpu(), time.perf_counter()
    async with asyncio.timeout(SECONDS + count / 50):
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(_client(process.port, [request(target) for target in targets], turn, answers))
    return Measured(time.perf_counter() - begun, process.cpu() - cpu, answers)


async def _client(port: int, requests: Sequence[bytes], turn: Iterator[int], answers: list[float]) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    for number in turn:
        begun = time.perf_counter()
        writer.write(requests[number % len(requests)])
        await answer(reader)
        answers.append(time.perf_counter() - begun)
    writer.close()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """The body of one answer. Raises AssertionError where it is not 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return await reader.readexactly(int(length.partition(b":")[2]))


async def slow_clients(process: Process, count: int) -> list[asyncio.StreamWriter]:
    """Connections that have sent a part of a request, a head or a body, and send no more."""
    writers = []
    for place in range(count):
        _, writer = await asyncio.open_connection(HOST, process.port)
        head = b"POST /data/score HTTP/1.1\r\nHost: x\r\nCB-Token: a-token\r\nContent-Type: application/json\r\nContent-Length: 100\r\n"
        writer.write(head + (b'\r\n{"name":' if place % 2 else b"X-Part: "))
        await writer.drain()
        writers.append(writer)
    return writers
