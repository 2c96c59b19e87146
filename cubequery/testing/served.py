"""An ASGI application that answers like an engine, so that the properties try a host's own endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from cubequery.acl import Actor
from cubequery.testing.asking import Asked
from cubequery.testing.report import METHODS, on_the_wire

Headers = Mapping[str, str]
Message = dict[str, Any]


class Served:
    """An application under the paths of the Custom Objects API, asked in this process, byte for byte and without a network.

    ``headers`` says who asks: from an actor to the headers of a request of his. Every method of an engine that
    :func:`cubequery.testing.assert_no_interference` uses is there; its answer is status, headers and body, whatever the status.
    """

    def __init__(self, app: Callable[..., Any], headers: Callable[[Actor], Headers]) -> None:
        self.app, self.headers = app, headers

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in METHODS:
            raise AttributeError(name)

        def ask(*args: Any, actor: Actor, **named: Any) -> Any:
            return self.answer(Asked(0, name, args, named), actor)

        return ask

    async def answer(self, asked: Asked, actor: Actor) -> dict[str, Any]:
        """Status, headers and body of one answer."""
        verb, target, headers, body = on_the_wire(asked)
        scope = _scope(verb, target, {**headers, **self.headers(actor), "Content-Length": str(len(body))})
        received = [{"type": "http.request", "body": body, "more_body": False}]
        sent: list[Message] = []

        async def receive() -> Message:
            if received:
                return received.pop(0)
            await asyncio.Event().wait()  # the client stays until it is answered
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start, *parts = sent
        shown = [f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in start.get("headers", ())]
        text = b"".join(part.get("body", b"") for part in parts).decode("utf-8", "backslashreplace")
        return {"status": start["status"], "headers": [each for each in shown if not each.lower().startswith(_UNSTEADY)], "body": text}


_UNSTEADY = ("date:", "x-request-id:", "x-runtime:")
"""Headers that differ between two equal requests."""


def _scope(verb: str, target: str, headers: Headers) -> Message:
    path, _, query = target.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": verb, "scheme": "http",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode("utf-8", "surrogateescape"), "root_path": "",
        "client": ("192.0.2.1", 4711), "server": ("testserver", 80),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
    }  # fmt: skip
