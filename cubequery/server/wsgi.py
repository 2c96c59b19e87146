"""The application for servers that speak WSGI, so beside Flask or Django: a2wsgi carries it, and what came stays as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote_from_bytes

from a2wsgi import ASGIMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cubequery.server.answers import malformed, refusal

Environ = dict[str, Any]
WSGIApp = Callable[[Environ, Any], Iterable[bytes]]
GIVEN = "cubequery.given"
"""Where the environment as it was given is kept."""


def wsgi(app: ASGIApp) -> WSGIApp:
    """A WSGI application that answers as ``cubequery.server.app(..)`` does.

    Its event loop runs in a thread of its own that lives as long as the process: make it in each worker, never before a fork. No
    lifespan is run. A WSGI server decodes the path, so that a ``%2F`` in it is a separator; a body without a length is refused, 400.
    """
    exact: Any = _Exact(app)  # the bridge has types of its own for what ASGI says
    bridge: Any = ASGIMiddleware(exact)

    def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
        # The bridge would decode these itself, and fail where they are no UTF-8, no ASCII or no number.
        plain = {"SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "", "CONTENT_LENGTH": str(_length(environ) or 0)}
        found: Iterable[bytes] = bridge({**environ, **plain, GIVEN: environ}, start_response)
        return found

    return answer


def _length(environ: Environ) -> int | None:
    """Bytes of the body; None where nobody can know."""
    given = environ.get("CONTENT_LENGTH") or ""
    if not given:
        return None if environ.get("HTTP_TRANSFER_ENCODING") else 0
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class _Exact:
    """Between the bridge and the application: path, query string and client as the WSGI server gave them, and always an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        environ: Environ = scope["wsgi_environ"][GIVEN]
        answered = False

        async def following() -> Message:
            message = await receive()
            cut = message["type"] == "http.request" and message["more_body"] and not message["body"]
            return {"type": "http.disconnect"} if cut else message  # a body that ends before its length: the client is gone

        async def answering(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True  # what a connection does is the WSGI server's to say
                message = {**message, "headers": [pair for pair in message["headers"] if pair[0].lower() != b"connection"]}
            await send(message)

        exact = _exact_scope(scope, environ)
        if _length(environ) is None:
            await refusal(malformed("the length of the body is not told"))(exact, following, answering)
            return
        await self.app(exact, following, answering)
        if not answered:  # the bridge waits for something, though nobody else does
            await refusal(malformed("the body is not complete"))(exact, following, answering)


def _exact_scope(scope: Scope, environ: Environ) -> Scope:
    root, local, query = (environ.get(name, "").encode("latin-1") for name in ("SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"))
    path = root + local
    address = environ.get("REMOTE_ADDR")
    return {
        **scope, "path": path.decode("utf-8", "surrogateescape"), "raw_path": quote_from_bytes(path).encode(), "query_string": query,
        "root_path": root.decode("utf-8", "surrogateescape"), "client": (address, 0) if address else None,
    }  # fmt: skip
