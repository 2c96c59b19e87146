"""The body of one request as it comes: counted while it is read, within a time, never unpacked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

from cubequery.server.answers import malformed, too_large


class ClientLeft(Exception):
    """The client went away before its request was complete; nobody waits for an answer."""


HEADERS = "cubequery.headers"
"""Where a scope keeps its headers by name, once they have been asked for."""


def header_values(scope: Scope, name: bytes) -> list[str]:
    """Every value of a header, in order; ``name`` in lower case."""
    kept: dict[bytes, list[str]] | None = scope.get(HEADERS)
    if kept is None:
        kept = scope[HEADERS] = {}
        for key, value in scope["headers"]:
            kept.setdefault(key.lower(), []).append(value.decode("latin-1").strip())
    return kept.get(name, [])


DRAIN_SECONDS = 1.0
"""How long what is left of a refused request is waited for before it is answered."""
LINGER_SECONDS = 2.0
"""How long what is still left is taken in behind the answer, while the client reads it."""


class Body:
    """``unread`` says whether something of it may still be on its way: such a connection is closed, not read to the end."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive, self._late = receive, False
        lengths, codings = header_values(scope, b"content-length"), header_values(scope, b"transfer-encoding")
        self.unread = bool(codings) or any(length != "0" for length in lengths)
        self._awaited = self.unread or scope.get("http_version", "1.1") >= "2"

    async def pieces(self, most: int, seconds: float) -> AsyncIterator[bytes]:
        """What comes, piece by piece. Raises RequestError 400 at the first byte above ``most`` and after ``seconds``, ClientLeft."""
        end, size, more = asyncio.get_running_loop().time() + seconds, 0, True
        while more:
            try:
                message = await self._next(end)
            except TimeoutError:
                self._late = True
                raise malformed("the body did not come in time") from None
            if message["type"] == "http.disconnect":
                raise ClientLeft
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            self.unread = more
            if size > most:
                raise too_large("body")
            if piece:
                yield piece

    async def _next(self, end: float) -> Message:
        """The next message. A head that announces no body (RFC 9112, 6.3) is all that there is: its end needs no clock."""
        if not self._awaited:
            self._awaited = True
            return await self._receive()
        async with asyncio.timeout_at(end):
            return await self._receive()

    async def drain(self, most: int, seconds: float = DRAIN_SECONDS) -> None:
        """Take in what is left of a refused request, if it is little: to hang up on a client that still sends may cost it the answer."""
        if self._late:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.unread and most >= 0:
                    message = await self._receive()
                    most -= len(message.get("body", b""))
                    self.unread = message.get("more_body", False)

    def lingering(self, send: Send, most: int) -> Send:
        """A ``send`` behind whose answer what still comes, up to ``most`` bytes, is taken in before the connection is closed."""

        async def sent(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send({**message, "more_body": True} if last else message)
            if last:
                await self.drain(most, LINGER_SECONDS)
                await send({"type": "http.response.body"})

        return sent

    async def read(self, most: int, seconds: float) -> bytes:
        """All of it. Raises as :meth:`pieces`."""
        return b"".join([piece async for piece in self.pieces(most, seconds)])
