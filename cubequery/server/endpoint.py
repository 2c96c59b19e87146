"""One request from its head to its answer: session, rate, route, body, engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server import health
from cubequery.server.answers import json_answer, plain_refusal, refusal
from cubequery.server.body import Body, ClientLeft
from cubequery.server.calls import OPERATIONS
from cubequery.server.downloads import file_answer
from cubequery.server.exchange import KEY, Exchange
from cubequery.server.metrics import PATH as METRICS
from cubequery.server.metrics import Metrics
from cubequery.server.published import DOCS, OPENAPI, Published
from cubequery.server.rates import RateLimit, bucket
from cubequery.server.reading import operation_id, read_sources, without_token
from cubequery.server.routes import FILES, Route, find_route, local_path
from cubequery.server.threads import call
from cubequery.server.uploads import upload
from cubequery.server.watch import report

Authenticate = Callable[[Request], Actor | Awaitable[Actor | None] | None]


@dataclass(frozen=True, slots=True)
class Options:
    """What a host may choose: the rate of requests, whether browsers of other origins ask, how many seconds a body may take to come,
    whether the classes are described to everybody, and the figures, where they are shown."""

    rate: RateLimit | None
    cors: bool
    body_seconds: float
    upload_seconds: float
    docs: bool
    metrics: Metrics | None


class Endpoint:
    """The ASGI application behind the middleware."""

    def __init__(self, engine: Engine | AsyncEngine, authenticate: Authenticate, options: Options) -> None:
        self.engine, self.authenticate, self.options = engine, authenticate, options
        self.limits = engine.settings.limits
        self.published = Published(engine, limited=options.rate is not None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        body = Body(scope, receive)
        answer = await self._answer(scope, body, scope[KEY])
        if body.unread:
            await body.drain(self.limits.max_body_bytes)
        if body.unread and scope.get("http_version", "1.1") < "2":
            answer.headers["connection"] = "close"
            send = body.lingering(send, self.limits.max_file_bytes)
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, body: Body, exchange: Exchange) -> Response:
        try:
            return await self._answer_anybody(scope, exchange) or await self._ask(scope, body, exchange)
        except ClientLeft:
            raise
        except Exception as error:
            return self._failed(exchange, error)

    def _failed(self, exchange: Exchange, error: Exception) -> Response:
        """The answer to a request that raised: a refusal as it is, a fault with nothing of its cause, which the log is told."""
        refused = error if isinstance(error, RequestError) else plain_refusal("internal")
        if refused.status >= 500:
            report(exchange, error)
        return self._refuse(exchange, refused)

    def _refuse(self, exchange: Exchange, error: RequestError, **retry: int) -> Response:
        exchange.code = error.code
        return refusal(error, **retry)

    async def _answer_anybody(self, scope: Scope, exchange: Exchange) -> Response | None:
        """Answers for which nobody must be known."""
        path = local_path(scope) if scope["method"] == "GET" else b""
        if path == health.PATH:
            exchange.operation = "health"
            return await health.health(self.engine)
        if self.options.docs and path in (OPENAPI, DOCS):
            exchange.operation = "docs"
            return self.published.docs() if path == DOCS else self.published.openapi(scope)
        if self.options.metrics is not None and path == METRICS:
            exchange.operation = "metrics"
            return self.options.metrics.answer()
        if scope["method"] == "OPTIONS" and self.options.cors:
            exchange.operation = "preflight"
            return json_answer(None)
        return None

    async def _ask(self, scope: Scope, body: Body, exchange: Exchange) -> Response:
        actor = await self._actor(scope)
        if self.options.rate is not None and (seconds := await self.options.rate.wait(bucket(actor, scope))) is not None:
            return self._refuse(exchange, plain_refusal("too_many_requests"), retry_seconds=seconds)
        if actor is None:
            raise plain_refusal("no_session")
        route = find_route(scope)
        if route is None:
            raise plain_refusal("not_found")
        exchange.operation = route.operation
        if route.class_name in self.engine.classes:
            exchange.class_name = route.class_name
        return await self._carry_out(route, scope, body, actor, exchange)

    async def _actor(self, scope: Scope) -> Actor | None:
        """Who asks. Whatever goes wrong is a failure, never a way in. Raises TypeError for what is no actor."""
        try:
            actor = await call(self.authenticate, Request(scope))
        except OSError as error:  # sessions that are elsewhere, and cannot be asked
            raise plain_refusal("unavailable") from error
        if actor is not None and not isinstance(actor, Actor):
            raise TypeError("authenticate gives a cubequery.Actor or None")
        return actor

    async def _carry_out(self, route: Route, scope: Scope, body: Body, actor: Actor, exchange: Exchange) -> Response:
        if route.operation == "upload":
            kept = await upload(self.engine, route, scope, body, actor, self.options.upload_seconds)
            exchange.uploaded = kept["size"]
            return json_answer(kept, 201)
        given = await read_sources(scope, body, self.limits, self.options.body_seconds)
        if route.operation in FILES:
            about = without_token(given)
            file: Any = await call(getattr(self.engine, route.operation), route.class_name, route.id, about, actor)
            return json_answer(None) if file is None else file_answer(file, scope)
        operation = OPERATIONS[route.operation]
        args, named = operation.arguments(route, given, actor, lambda: operation_id(scope))
        found: Any = await call(getattr(self.engine, operation.method), *args, **named)
        return json_answer(found, operation.status)
