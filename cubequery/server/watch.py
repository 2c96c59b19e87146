"""Around every request: one line in the log, and an id that stands in the log and in the answer to a failure."""

from __future__ import annotations

import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cubequery.errors import RequestError
from cubequery.server.body import ClientLeft
from cubequery.server.exchange import KEY, Exchange
from cubequery.server.metrics import Metrics

log = logging.getLogger("cubequery.server")
LINE = "%(method)s %(operation)s %(class)s %(status)s %(duration_ms)s ms [%(request_id)s]"
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})


class Watch:
    """Middleware that logs each HTTP request once its answer is sent, and counts it where that is wanted."""

    def __init__(self, app: ASGIApp, metrics: Metrics | None = None) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = scope[KEY] = Exchange(scope["method"] if scope["method"] in METHODS else "-")

        async def seen(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                if exchange.status >= 500:
                    message = {**message, "headers": [*message["headers"], (b"x-request-id", exchange.request_id.encode())]}
            await send(message)

        if self.metrics is not None:
            self.metrics.begin()
        try:
            await self.app(scope, receive, seen)
        except ClientLeft:
            pass
        except Exception as error:  # the answer was under way: it can only be cut
            report(exchange, error)
            raise
        finally:
            if self.metrics is not None:
                self.metrics.end(exchange)
            if log.isEnabledFor(logging.INFO):
                facts = exchange.facts()
                log.info(LINE, facts, extra={"exchange": facts})


def report(exchange: Exchange, error: Exception) -> None:
    """Log a failure under the request's id. A fault of the program comes with its traceback; of what a database said, only the kind."""
    if isinstance(error, RequestError):
        log.warning("%s: %s [%s]", error.code, type(error.__cause__ or error).__name__, exchange.request_id)
    else:
        log.error("internal: %s [%s]", type(error).__name__, exchange.request_id, exc_info=error)
