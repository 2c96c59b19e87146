"""A request put to an ASGI application byte for byte, and its answer: nothing is normalised on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Scope

Headers = Sequence[tuple[str, str]]
PEER = ("192.0.2.1", 4711)


@dataclass(frozen=True)
class Reply:
    """An answer: header names in lower case; ``complete`` where its end was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    complete: bool

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The one value of a header, None where it is not there."""
        found = [value for key, value in self.headers if key == name]
        assert len(found) < 2, found
        return found[0] if found else None


@dataclass(frozen=True)
class Pause:
    """The client waits before it sends on; ``None`` for ever."""

    seconds: float | None = None


@dataclass(frozen=True)
class Leave:
    """The client goes away."""


Piece = bytes | Pause | Leave


def scope_of(method: str, target: str | bytes, headers: Headers = (), *, root: str = "", raw: bool = True) -> Scope:
    """What a server makes of a request line and headers. ``raw=False``: one of those that do not give the raw path."""
    from urllib.parse import unquote

    path, _, query = (target.encode() if isinstance(target, str) else target).partition(b"?")
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": unquote(path.decode("latin-1")), "raw_path": path, "query_string": query, "root_path": root, "client": PEER,
        "server": ("testserver", 80), "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }  # fmt: skip
    if not raw:
        del scope["raw_path"]
    return scope


class Wire:
    """An application, asked by one event loop."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self.app, self.runner = app, runner

    def ask(self, method: str, target: str | bytes, headers: Headers = (), body: bytes | Iterable[Piece] = b"", **scope: Any) -> Reply:
        """The answer to one request, its body in one piece or in several."""
        return self.runner.run(self.send(scope_of(method, target, headers, **scope), [body] if isinstance(body, bytes) else list(body)))

    async def send(self, scope: Scope, pieces: Sequence[Piece]) -> Reply:
        """The same, awaited. Raises what the application raises once its answer has begun."""
        rest, sent = list(pieces), list[Message]()
        gone = asyncio.Event()

        async def receive() -> Message:
            while rest:
                piece = rest.pop(0)
                if isinstance(piece, Leave):
                    return {"type": "http.disconnect"}
                if isinstance(piece, bytes):
                    return {"type": "http.request", "body": piece, "more_body": bool(rest)}
                await (asyncio.sleep(piece.seconds) if piece.seconds is not None else gone.wait())
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return reply_of(sent)


def reply_of(sent: Sequence[Message]) -> Reply:
    """The answer that messages make up; status 0 where there is none."""
    if not sent:
        return Reply(0, (), b"", complete=False)
    start, *parts = sent
    assert start["type"] == "http.response.start"
    headers = tuple((name.decode(), value.decode("latin-1")) for name, value in start["headers"])
    body = b"".join(part.get("body", b"") for part in parts)
    reply = Reply(start["status"], headers, body, bool(parts) and not parts[-1].get("more_body", False))
    length = reply.header("content-length")
    assert length is None or not reply.complete or int(length) == len(body)
    return reply


def told(reply: Reply) -> str:
    """A refusal as tables tell it: status, code, keys."""
    return f"{reply.status} {reply.json['code']} {' '.join(reply.json['errors'])}"
