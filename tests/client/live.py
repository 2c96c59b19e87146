"""A server on a real port whose application can be another for each test, and the process in which the client runs."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.client.install import HERE, Installed


@dataclass
class Seen:
    """One request as it came in, and the status of its answer."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    status: int = 0

    @property
    def line(self) -> str:
        """Method and target, and behind them the body."""
        return f"{self.method} {self.target} {self.body.decode()}".rstrip(" ")


class Stage:
    """An ASGI application that hands on to another, and notes what it sees."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.seen: list[Seen] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        seen = Seen(scope["method"], target.decode(), headers)
        self.seen.append(seen)

        async def heard() -> Message:
            message = await receive()
            seen.body += message.get("body", b"")
            return message

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        await self.app(scope, heard, told)


@contextmanager
def staged(stage: Stage) -> Iterator[str]:
    """The URL of a server of the stage on a free loopback port; it is gone afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = uvicorn.Server(uvicorn.Config(stage, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
        thread = threading.Thread(target=running.run, args=[[listener]])
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join()


class Client:
    """The client in its process, asked line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, call: str, token: str, renew: str | None = None) -> dict[str, Any]:
        """What became of one call: `value` (absent for undefined) or `error`, and `expired`."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"call": call, "token": token, "renew": renew}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, f"the client's process ended with {process.wait(10)}"
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def running(installed: Installed, url: str) -> Iterator[Client]:
    """The client's process, asking this server; it is gone afterwards."""
    command = [installed.node, str(HERE / "client.js"), str(installed.folder), url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            yield Client(process)
        finally:
            process.kill()
