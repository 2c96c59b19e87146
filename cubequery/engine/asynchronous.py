"""AsyncEngine: every operation of the Custom Objects API over an async store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.acl import Actor
from cubequery.engine.base import BaseEngine
from cubequery.engine.drivers import drive_async, drive_in_transaction_async
from cubequery.operations.work import Progress
from cubequery.parse import sources
from cubequery.schema import ClassSchema
from cubequery.stores import AsyncStore
from cubequery.stores.explain import explained
from cubequery.stores.indexes import Wanted

Text = str | bytes
Body = Mapping[str, Any] | str | bytes
Made = dict[str, list[str]]


class AsyncEngine(BaseEngine):
    """The engine over an async store; the same operations as :class:`~cubequery.engine.sync.Engine`, awaited."""

    def __init__(self, store: AsyncStore, classes: Iterable[ClassSchema], **options: Any) -> None:
        super().__init__(classes, **options)
        self.store = store

    def scoped(self, scope: Mapping[str, Any]) -> AsyncEngine:
        """An engine in which every command carries these stored paths and values, and every new record is stamped with them."""
        return self._scoped(scope)  # type: ignore[no-any-return]  # a copy of this very class

    async def list(self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "") -> dict[str, Any]:
        """Records, a count, or groups."""
        return await drive_async(self._list(name, sources(query, form=form), actor), self.store)

    async def get(self, name: str, id: Any, actor: Actor, query: Text = "", *, form: Text = "") -> dict[str, Any]:
        """One record, several (a list of ids, or text with commas), or with ``permissions=1`` the permissions of one."""
        return await drive_async(self._get(name, id, sources(query, form=form), actor), self.store)

    async def create(self, name: str, body: Body, actor: Actor, *, query: Text = "") -> dict[str, Any]:
        """The record created."""
        return await drive_async(self._create(name, self._given(body, query), actor), self.store)

    async def create_many(self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None) -> dict[str, Any]:
        """The records of ``record``, all created or none."""
        return await drive_in_transaction_async(self._create_many(name, self._given(body, query), actor, request_id=request_id), self.store)

    async def update(self, name: str, id: Any, body: Body, actor: Actor, *, query: Text = "") -> dict[str, Any]:
        """The record as it stands after the change."""
        return await drive_async(self._update(name, id, self._given(body, query), actor), self.store)

    async def update_many(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """The records of ``record``, each changed; those that could not be stand apart."""
        steps = self._update_many(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return await drive_in_transaction_async(steps, self.store)

    async def update_by_criteria(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """How many records met ``search_criteria``, and the first hundred after the change."""
        steps = self._update_by_criteria(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return await drive_in_transaction_async(steps, self.store)

    async def delete(self, name: str, id: Any, actor: Actor, *, progress: Progress | None = None) -> dict[str, Any] | None:
        """Nothing for one id; for several (a list, or text with commas) which were deleted and which were not."""
        return await drive_in_transaction_async(self._delete(name, id, actor, progress=progress), self.store)

    async def delete_by_criteria(
        self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "", progress: Progress | None = None
    ) -> dict[str, Any]:
        """How many records met the criteria and are gone."""
        steps = self._delete_by_criteria(name, sources(query, form=form), actor, progress=progress)
        return await drive_in_transaction_async(steps, self.store)

    async def ensure_indexes(self, fields: Mapping[str, Wanted] | None = None) -> Made:
        """Make the indexes of every class where they are not there yet; their names by class. ``fields`` by class as in :meth:`indexes`.

        A store without indexes makes none."""
        create = getattr(self.store, "create_indexes", None)
        if create is None:
            return {}
        wanted = fields or {}
        return {name: await create(schema, self.indexes(name, wanted.get(name, ()))) for name, schema in self.classes.items()}

    async def explain(self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "") -> dict[str, Any]:
        """How a list is carried out: in a sentence, by which index, over how many keys and records, and what to be warned of."""
        _, plan = self._plan(name, sources(query, form=form), actor)
        explain = getattr(self.store, "explain", None)
        return explained(plan, {} if explain is None else await explain(plan))
