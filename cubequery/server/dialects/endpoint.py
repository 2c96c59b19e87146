"""One request to a dialect from its head to its answer: route, session, rate, body, engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Scope

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError
from cubequery.server.answers import RETRY_SECONDS, json_answer, plain_refusal
from cubequery.server.body import Body, ClientLeft
from cubequery.server.dialects.served import Asked, Dialect, Served, served
from cubequery.server.endpoint import Authenticate, Endpoint, Options
from cubequery.server.exchange import Exchange
from cubequery.server.rates import RateLimit, Window, bucket
from cubequery.server.reading import check_head
from cubequery.server.routes import path_segments
from cubequery.server.threads import call
from cubequery.server.tokens import TOKEN


class OverRate(RequestError):
    """429, with how the window stands."""

    def __init__(self, window: Window) -> None:
        super().__init__(plain_refusal("too_many_requests").faults)
        self.window = window


class DialectEndpoint(Endpoint):
    """The ASGI application of a dialect behind the middleware."""

    def __init__(
        self, engine: Engine | AsyncEngine, authenticate: Authenticate, options: Options, dialect: Dialect, rate: str | None,
        rate_storage: str,
    ) -> None:  # fmt: skip
        super().__init__(engine, authenticate, options)
        self._given, self._rate, self._storage = dialect, rate, rate_storage
        self._limits: dict[str, RateLimit] = {}
        self._classes: Any = engine.classes
        self.dialect = self._served(engine)
        if self.dialect.rate_limit is not None:
            self._limit(self.dialect.rate_limit)  # a rate that is none is told of at the start

    def _served(self, engine: Engine | AsyncEngine) -> Served:
        spoken = served(self._given, engine)
        spoken.rate_limit = spoken.rate_limit if self._rate is None else self._rate
        return spoken

    async def _spoken(self) -> Served:
        """The dialect over the classes of this moment, rights and all; made again when they have changed. Raises DefinitionError."""
        engine: Any = await call(self.engine.at_start)
        if engine.classes is not self._classes:
            self.dialect, self._classes = self._served(engine), engine.classes
        return self.dialect

    async def _ask(self, scope: Scope, body: Body, exchange: Exchange) -> Response:
        # Not refused by _answer's own except: of these answers too the headers of the rate are told.
        told: dict[str, str] = {}
        try:
            status, found = await self._asked(scope, body, exchange, told)
        except ClientLeft:
            raise
        except Exception as error:
            answer = self._failed(exchange, error)
        else:
            answer = json_answer(found, status)
        answer.headers.update(told)
        return answer

    async def _asked(self, scope: Scope, body: Body, exchange: Exchange, told: dict[str, str]) -> tuple[int, Any]:
        dialect, segments = await self._spoken(), path_segments(scope)
        if segments is None:
            raise plain_refusal("not_found")
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        route = dialect.route(method, segments[1:])
        exchange.operation, exchange.class_name = route.operation, dialect.class_name(route)
        first = dialect.reads_body_first
        content, kind, fault = await self._content(scope, body) if first else (b"", "", None)
        scope[TOKEN] = dialect.token(scope, content, kind)
        # What can be nobody's token is not shown to the host, whose own look-up may not expect it.
        actor = None if scope[TOKEN] == "" else await self._actor(scope)
        if actor is None and scope[TOKEN] is None:
            actor = dialect.stranger(route)
        if actor is None:
            raise plain_refusal("no_session")
        await self._count(dialect, route, actor, scope, told)
        if not first:
            content, kind, fault = await self._content(scope, body)
        if content:  # it may have been long in coming: what is decided now is decided by the rights of now
            dialect = await self._spoken()
        return await dialect.carry_out(Asked(route, scope, scope["query_string"], content, kind, actor, fault))

    async def _content(self, scope: Scope, body: Body) -> tuple[bytes, str, RequestError | None]:
        """The body and its media type; or why it is not taken in."""
        try:
            _, kind = check_head(scope, self.limits)
            return await body.read(self.limits.max_body_bytes, self.options.body_seconds), kind, None
        except RequestError as fault:
            return b"", "", fault

    async def _count(self, dialect: Served, route: Any, actor: Actor, scope: Scope, told: dict[str, str]) -> None:
        """Count the request in every window that it falls into; in none where one of them is full. Raises OverRate."""
        own = [("", dialect.rate_limit), *((route.path, rate) for rate in dialect.rates(route))]
        # Under the dialect's name: several may count in one place, each for itself.
        who = f"{type(dialect).__name__} {bucket(actor, scope)}"
        counted = [(self._limit(rate), f"{who} {place}".rstrip()) for place, rate in own if rate is not None]
        for limit, key in counted:
            if (window := await limit.state(key)).remaining == 0:
                raise OverRate(window)
        windows = []
        for limit, key in counted:
            if await limit.wait(key) is not None:
                raise OverRate(await limit.state(key))
            windows.append(await limit.state(key))
        if windows:
            told.update(dialect.rate_headers(min(windows, key=lambda window: window.remaining), over=False))

    def _limit(self, rate: str) -> RateLimit:
        if rate not in self._limits:
            self._limits[rate] = RateLimit(rate, self._storage, fixed=True)
        return self._limits[rate]

    def _refuse(self, exchange: Exchange, error: RequestError, **retry: int) -> Response:
        exchange.code = error.code
        status, body, headers = self.dialect.refusal(error)
        answer = json_answer(body, status)
        answer.headers.update(headers)
        allow: Sequence[str] | None = getattr(error, "allow", None)
        if allow is not None:
            answer.headers["allow"] = ", ".join(allow)
        if isinstance(error, OverRate):
            answer.headers.update(self._over(error.window))
        elif status == 503:
            answer.headers["retry-after"] = str(RETRY_SECONDS)
        return answer

    def _over(self, window: Window) -> Mapping[str, str]:
        return {"retry-after": str(window.seconds), **self.dialect.rate_headers(window, over=True)}
