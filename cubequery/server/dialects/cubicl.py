"""Cubicl over HTTP: Bearer tokens, JSON bodies, and answers that are read again so that they are as sparse as those of a list."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from cubequery.acl import Actor
from cubequery.dialects.cubicl import Cubicl, CubiclPlan, Route, descendants_of
from cubequery.server.answers import malformed
from cubequery.server.body import header_values
from cubequery.server.dialects.base import Answer, OverEngine
from cubequery.server.dialects.rights import check, delete
from cubequery.server.dialects.served import Asked
from cubequery.server.rates import Window
from cubequery.server.reading import JSON
from cubequery.server.threads import call, is_async
from cubequery.translate import Plan


class CubiclServed(OverEngine):
    """The dialect over one engine."""

    dialect: Cubicl
    reads_body_first = False

    def token(self, scope: Scope, content: bytes, kind: str) -> str | None:
        """That of the one ``Authorization`` header: one word behind ``Bearer``, in whatever case."""
        given = header_values(scope, b"authorization")
        scheme, _, rest = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        words = rest.split()
        return words[0] if scheme.lower() == "bearer" and len(words) == 1 else None

    def stranger(self, route: Route) -> Actor | None:
        """Nobody asks without a token."""
        return None

    def rates(self, route: Route) -> Sequence[str]:
        """One rate for all endpoints."""
        return ()

    def rate_headers(self, window: Window, *, over: bool) -> Mapping[str, str]:
        """None but the ``Retry-After`` of every 429."""
        return {}

    async def carry_out(self, asked: Asked) -> Answer:
        """The answer of one operation. Raises RequestError for a body where none belongs, or of another type."""
        if asked.fault is not None:
            raise asked.fault
        if asked.content and asked.route.operation not in ("create", "update"):
            raise malformed("this request has no body")
        if asked.content and asked.kind not in ("", JSON):
            raise malformed("the body is of no type that is read here")
        return await super().carry_out(asked)

    async def _list(self, asked: Asked, route: Route) -> Answer:
        named: dict[str, Any] = {"in_path": route.in_path, "where": self.engine.where}
        tree = self.dialect.tree_of(route.path)
        if tree is None:
            plan = self.dialect.list(route.path, asked.query, asked.actor, **named)
        else:  # in a thread: where it asks for descendants, it waits for the engine
            below = descendants_of(tree, asked.actor, self._finder(), where=self.engine.where, settings=self.engine.settings)
            plan = await run_in_threadpool(self.dialect.list, route.path, asked.query, asked.actor, **named, descendants=below)
        return 200, plan.answer(await self._rows(plan))

    async def _get(self, asked: Asked, route: Route) -> Answer:
        plan = self.dialect.get(route.path, route.id, asked.actor, asked.query, in_path=route.in_path, where=self.engine.where)
        return 200, plan.one(await self._rows(plan))

    async def _create(self, asked: Asked, route: Route) -> Answer:
        written = self.dialect.body(route.path, "create", asked.content, asked.actor, asked.query)
        await check(self.engine, asked.actor, "create", self.class_name(route), written.refusal)
        made = await call(self.engine.create, self.class_name(route), written.body, asked.actor)
        return 201, await self._shown(asked, str(made["_id"]))

    async def _update(self, asked: Asked, route: Route) -> Answer:
        written = self.dialect.body(route.path, "update", asked.content, asked.actor, asked.query)
        record = self.dialect.record_id(route.path, route.id)
        await check(self.engine, asked.actor, "update", self.class_name(route), written.refusal, record)
        await call(self.engine.update, self.class_name(route), record, written.body, asked.actor)
        return 200, await self._shown(asked, record)

    async def _delete(self, asked: Asked, route: Route) -> Answer:
        refusal = self.dialect.no_query(route.path, asked.query)
        record = self.dialect.record_id(route.path, route.id)
        await check(self.engine, asked.actor, "delete", self.class_name(route), refusal, record)
        await delete(self.engine, asked.actor, self.class_name(route), record)
        return 200, {}

    async def _shown(self, asked: Asked, record: str) -> dict[str, Any]:
        """A record that was written, as the actor may read it now; its id alone where he may not."""
        plan = self.dialect.get(asked.route.path, record, asked.actor, where=self.engine.where)
        rows = await self._rows(plan)
        return plan.one(rows) if rows else {"_id": record}

    async def _rows(self, plan: CubiclPlan) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await call(self.engine.rows, plan)
        return found

    def _finder(self) -> Any:
        """Runs a plan from a thread, over an engine of either kind."""
        rows: Any = self.engine.rows
        if not is_async(rows):
            return rows
        loop = asyncio.get_running_loop()

        def find(plan: Plan) -> Iterable[Mapping[str, Any]]:
            found: Iterable[Mapping[str, Any]] = asyncio.run_coroutine_threadsafe(rows(plan), loop).result()
            return found

        return find
