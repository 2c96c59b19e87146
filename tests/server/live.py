"""`cubequery serve` as a process of its own, and requests over a real socket."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


class Served:
    """A server that is up: what it told, and where it is."""

    def __init__(self, process: subprocess.Popen[str], told: list[str]) -> None:
        self.process, self.told = process, told
        found = re.search(r"at http://(\S+):(\d+)$", told[0])
        assert found, told
        self.host, self.port = found[1], int(found[2])

    def ask(self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> tuple[int, Any]:
        """Status and JSON of one answer over a connection of its own."""
        status, content = self.fetch(method, target, body, headers)
        return status, json.loads(content) if content else None

    def fetch(self, method: str, target: str, body: bytes | None = None, headers: Mapping[str, str] = {}) -> tuple[int, bytes]:
        """Status and body of one answer over a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def connect(self) -> socket.socket:
        """A connection for bytes by hand."""
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def log(self) -> str:
        """What it wrote on standard error; asked for after the end."""
        assert self.process.stderr is not None
        return self.process.stderr.read()


@contextmanager
def serve(*arguments: str) -> Iterator[Served]:
    """A server on a free port of this machine; it is gone afterwards, whatever happens."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cubequery.cli", "serve", "--port", "0", *arguments], cwd=CHECKOUT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        told = []
        assert process.stdout is not None
        while line := process.stdout.readline():
            told.append(line.rstrip("\n"))
            if "curl -g" in line:
                break
        else:
            assert process.stderr is not None
            raise AssertionError(f"{process.wait(PATIENCE)}: {process.stderr.read()}")
        yield Served(process, told)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
