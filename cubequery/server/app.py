"""The ASGI application: who asks, what for, what the engine answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketClose

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server.answers import json_answer, plain_refusal, refusal
from cubequery.server.body import Body, ClientLeft
from cubequery.server.calls import OPERATIONS
from cubequery.server.downloads import file_answer
from cubequery.server.reading import operation_id, read_sources, without_token
from cubequery.server.routes import FILES, Route, find_route
from cubequery.server.threads import call
from cubequery.server.uploads import upload
from cubequery.server.watch import KEY, Exchange, Watch, report

Authenticate = Callable[[Request], Actor | Awaitable[Actor | None] | None]


def app(
    engine: Engine | AsyncEngine, *, authenticate: Authenticate, body_seconds: float = 30.0, upload_seconds: float = 600.0
) -> Starlette:
    """The Custom Objects API over an engine, to be served or mounted.

    ``authenticate`` is the host's: from a request's head (its body is not there to be read) to an Actor, or to None where there is no
    session. Sync functions run in a thread. A body must have come within ``body_seconds``, that of an upload within ``upload_seconds``.
    """
    served = Starlette(middleware=[Middleware(Watch)])
    # Not a route: whatever the path holds, a line break too, it is answered here.
    served.router.default = Endpoint(engine, authenticate, body_seconds, upload_seconds)
    return served


class Endpoint:
    """Every request of the API: 401, then 404, then the body, then the engine."""

    def __init__(self, engine: Engine | AsyncEngine, authenticate: Authenticate, body_seconds: float, upload_seconds: float) -> None:
        self.engine, self.authenticate, self.body_seconds, self.upload_seconds = engine, authenticate, body_seconds, upload_seconds
        self.limits = engine.settings.limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
            return
        body, exchange = Body(scope, receive), scope[KEY]
        answer = await self._answer(scope, body, exchange)
        if body.unread and scope.get("http_version", "1.1") < "2":
            answer.headers["connection"] = "close"
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope, body: Body, exchange: Exchange) -> Response:
        try:
            return await self._ask(scope, body, exchange)
        except ClientLeft:
            raise
        except RequestError as error:
            if error.status >= 500:
                report(exchange, error)
            return refusal(error)
        except Exception as error:
            report(exchange, error)
            return refusal(plain_refusal("internal"))

    async def _ask(self, scope: Scope, body: Body, exchange: Exchange) -> Response:
        actor = await self._actor(scope)
        route = find_route(scope)
        if route is None:
            raise plain_refusal("not_found")
        exchange.operation = route.operation
        if route.class_name in self.engine.classes:
            exchange.class_name = route.class_name
        return await self._carry_out(route, scope, body, actor)

    async def _actor(self, scope: Scope) -> Actor:
        """Who asks. Raises RequestError 401; whatever else goes wrong is no session either, and never a way in."""
        try:
            actor = await call(self.authenticate, Request(scope))
        except OSError as error:
            raise plain_refusal("unavailable") from error
        if actor is None:
            raise plain_refusal("no_session")
        if not isinstance(actor, Actor):
            raise TypeError("authenticate gives a cubequery.Actor or None")
        return actor

    async def _carry_out(self, route: Route, scope: Scope, body: Body, actor: Actor) -> Response:
        if route.operation == "upload":
            return json_answer(await upload(self.engine, route, scope, body, actor, self.upload_seconds), 201)
        if route.operation in FILES:
            return await self._about_file(route, scope, body, actor)
        operation = OPERATIONS[route.operation]
        given = await read_sources(scope, body, self.limits, self.body_seconds)
        args, named = operation.arguments(route, given, actor, lambda: operation_id(scope))
        found: Any = await call(getattr(self.engine, operation.method), *args, **named)
        return json_answer(found, operation.status)

    async def _about_file(self, route: Route, scope: Scope, body: Body, actor: Actor) -> Response:
        given = without_token(await read_sources(scope, body, self.limits, self.body_seconds))
        found: Any = await call(getattr(self.engine, route.operation), route.class_name, route.id, given, actor)
        return json_answer(None) if found is None else file_answer(found, scope)
