"""ConnectNow over HTTP: the token in three places, the framework's pages, related records beside them, and what is told of the rate."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from cubequery.acl import ANONYMOUS, Actor
from cubequery.dialects.connectnow import ConnectNow, ConnectNowPlan, Route, given_token, received
from cubequery.dialects.connectnow.refusals import unreadable
from cubequery.errors import RequestError
from cubequery.server.body import header_values
from cubequery.server.dialects.base import Answer, OverEngine
from cubequery.server.dialects.rights import check, delete
from cubequery.server.dialects.served import Asked
from cubequery.server.rates import Window
from cubequery.server.reading import FORM, JSON
from cubequery.server.threads import call


class ConnectNowServed(OverEngine):
    """The dialect over one engine."""

    dialect: ConnectNow
    reads_body_first = True

    def token(self, scope: Scope, content: bytes, kind: str) -> str | None:
        """That of the query string, else of the body, else of the header; what cannot be read holds none."""
        given: tuple[dict[str, Any], dict[str, Any]] = {}, {}
        for readable in (content, b""):
            try:
                given = self._received(scope["query_string"], readable, kind)
                break
            except RequestError:
                continue
        query, body = given
        return given_token(query, body, header_values(scope, b"authorization"))

    def stranger(self, route: Route) -> Actor | None:
        """At a public endpoint nobody in particular."""
        return ANONYMOUS if self.dialect.endpoint(route.path).public else None

    def rates(self, route: Route) -> Sequence[str]:
        """The endpoint's own."""
        rate = self.dialect.endpoint(route.path).rate
        return () if rate is None else (rate,)

    def rate_headers(self, window: Window, *, over: bool) -> Mapping[str, str]:
        """How many requests are left, and of a refused one when there will be."""
        told = {"x-ratelimit-limit": str(window.limit), "x-ratelimit-remaining": str(0 if over else window.remaining)}
        return told | ({"x-ratelimit-reset": str(int(time.time()) + window.seconds)} if over else {})

    def _received(self, query: bytes, content: bytes, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
        if content and kind not in ("", FORM, JSON):
            raise unreadable()
        return received(
            query, content, json=kind == JSON or (not kind and content[:1] in (b"{", b"[")), limits=self.dialect.settings.limits
        )

    def _given(self, asked: Asked) -> dict[str, Any]:
        """The parameters, those of the body over those of the query string. Raises ConnectNowError for a body that cannot be read."""
        if asked.fault is not None:
            raise asked.fault
        query, body = self._received(asked.query, asked.content, asked.kind)
        return {**query, **body}

    def _tried(self, asked: Asked) -> tuple[dict[str, Any], RequestError | None]:
        try:
            return self._given(asked), None
        except RequestError as refusal:
            return {}, refusal

    async def _list(self, asked: Asked, route: Route) -> Answer:
        plan = self.dialect.list(route.path, self._given(asked), asked.actor, where=self.engine.where)
        rows = [] if plan.beyond else await call(self.engine.rows, plan, more=plan.more)
        expanded = await self._expanded(plan, rows[: plan.limit], asked)
        return 200, plan.answer(rows, self._url(asked.scope), expanded)

    async def _get(self, asked: Asked, route: Route) -> Answer:
        given, refusal = self._tried(asked)
        plan = self.dialect.get(route.path, route.id, asked.actor, given, where=self.engine.where)
        rows = await call(self.engine.rows, plan)
        if rows and refusal is not None:
            raise refusal
        if rows:
            plan.check()
        return 200, plan.one(rows, await self._expanded(plan, rows, asked))

    async def _create(self, asked: Asked, route: Route) -> Answer:
        given, refusal = self._tried(asked)
        written = self.dialect.body(route.path, "create", given, asked.actor)
        await check(self.engine, asked.actor, "create", self.class_name(route), refusal or written.refusal)
        made = await call(self.engine.create, self.class_name(route), written.body, asked.actor)
        return 201, await self._shown(asked, str(made["_id"]))

    async def _update(self, asked: Asked, route: Route) -> Answer:
        record = self.dialect.record_id(route.path, route.id)
        given, refusal = self._tried(asked)
        written = self.dialect.body(route.path, "update", given, asked.actor)
        await check(self.engine, asked.actor, "update", self.class_name(route), refusal or written.refusal, record)
        await call(self.engine.update, self.class_name(route), record, written.body, asked.actor)
        return 200, await self._shown(asked, record)

    async def _delete(self, asked: Asked, route: Route) -> Answer:
        record = self.dialect.record_id(route.path, route.id)
        given, refusal = self._tried(asked)
        await check(self.engine, asked.actor, "delete", self.class_name(route), refusal or self.dialect.nothing(given), record)
        await delete(self.engine, asked.actor, self.class_name(route), record)
        return 200, {}

    async def _shown(self, asked: Asked, record: str) -> dict[str, Any]:
        """A record that was written, as the actor may read it now; its id alone where he may not."""
        plan = self.dialect.get(asked.route.path, record, asked.actor, where=self.engine.where)
        rows = await call(self.engine.rows, plan)
        return plan.one(rows) if rows else {"id": record}

    async def _expanded(self, plan: ConnectNowPlan, rows: Sequence[Any], asked: Asked) -> Any:
        if not plan.paths and not plan.counts:
            return None
        return await call(self.engine.expand, plan.schema.name, rows, plan.paths, asked.actor, counts=plan.counts)

    def _url(self, scope: Scope) -> str:
        """Scheme, host and path of the request, as the host names them."""
        url = Request(scope).url
        path = url.path
        base = f"{url.scheme}://{url.netloc}" if self.dialect.base_url is None else self.dialect.base_url.rstrip("/")
        return f"{base}{path}".rstrip("/")
