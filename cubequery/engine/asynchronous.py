"""AsyncEngine: every operation of the Custom Objects API over an async store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Self, TypeVar

from cubequery.acl import Actor
from cubequery.classes import AsyncClassSource, ClassSource, InThread
from cubequery.engine.base import A_DAY, Body, Given, Made, Rows, Text, about_file, bounded, store_for
from cubequery.engine.classed import async_source_for, each_at_its_start
from cubequery.engine.drivers import drive_async
from cubequery.engine.upkeep import AsyncUpkeep
from cubequery.operations import Download, Expanded, Progress, Steps, Upload
from cubequery.parse import Sources, sources
from cubequery.schema import ClassSchema, SchemaDiff
from cubequery.stores import AsyncStore
from cubequery.stores.explain import explained
from cubequery.stores.files import AsyncSource
from cubequery.stores.indexes import Wanted
from cubequery.translate import Plan
from cubequery.verdict import Verdict

R = TypeVar("R")


@each_at_its_start
class AsyncEngine(AsyncUpkeep):
    """The engine over an async store; the same operations as :class:`~cubequery.engine.sync.Engine`, awaited."""

    source: AsyncClassSource | InThread

    def __init__(self, store: AsyncStore, classes: Iterable[ClassSchema] | ClassSource | AsyncClassSource, **options: Any) -> None:
        super().__init__(async_source_for(classes), **options)
        self.store = store

    async def _now(self) -> Self:
        if not self._stays and self.source.due():
            await self.source.load()
        return self._staying()

    async def _run(self, steps: Steps[R], session: Any) -> R:
        return await drive_async(steps, store_for(self.store, session), kept=session is None)

    async def _run_bounded(self, steps: Steps[R], session: Any) -> R:
        with bounded(self.store):
            return await self._run(steps, session)

    async def list(self, name: str, query: Given, actor: Actor, *, form: Text = "", session: Any = None) -> dict[str, Any]:
        """Records, a count, or groups."""
        return await self._run_bounded(self._list(name, sources(query, form=form), actor), session)

    async def at_start(self) -> Self:
        """The engine with its classes as they are now, and as they stay: for a request that is carried out in several calls."""
        return self

    async def rows(self, plan: Plan, *, more: int = 0, session: Any = None) -> Rows:
        """The stored documents of a plan's page and ``more`` behind it, for who renders them.

        The plan is made with ``where=engine.where``; DefinitionError where it was not."""
        return await self._run_bounded(self._rows(plan, more), session)

    async def expand(
        self, name: str, documents: Iterable[Mapping[str, Any]], paths: Iterable[str], actor: Actor, *,
        counts: Iterable[str] = (), session: Any = None,
    ) -> Expanded:  # fmt: skip
        """Related records of stored documents, which the actor may read: dotted ``paths`` such as ``users.pets``, and ``counts`` of some.

        One query a relation and level, however many documents there are."""
        return await self._run_bounded(self._expand(name, documents, paths, counts, actor), session)

    async def get(self, name: str, id: Any, actor: Actor, query: Given = "", *, form: Text = "", session: Any = None) -> dict[str, Any]:
        """One record, several (a list of ids, or text with commas), or with ``permissions=1`` the permissions of one."""
        return await self._run_bounded(self._get(name, id, sources(query, form=form), actor), session)

    async def create(self, name: str, body: Body, actor: Actor, *, query: Text = "", session: Any = None) -> dict[str, Any]:
        """The record created."""
        return await self._run_bounded(self._create(name, self._given(body, query), actor), session)

    async def create_many(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, session: Any = None
    ) -> dict[str, Any]:
        """The records of ``record``, all created or none."""
        return await self._run(self._create_many(name, self._given(body, query), actor, request_id=request_id), session)

    async def update(self, name: str, id: Any, body: Body, actor: Actor, *, query: Text = "", session: Any = None) -> dict[str, Any]:
        """The record as it stands after the change."""
        return await self._run_bounded(self._update(name, id, self._given(body, query), actor), session)

    async def update_many(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None,
        session: Any = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The records of ``record``, each changed; those that could not be stand apart."""
        steps = self._update_many(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return await self._run(steps, session)

    async def update_by_criteria(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None,
        session: Any = None,
    ) -> dict[str, Any]:  # fmt: skip
        """How many records met ``search_criteria``, and the first hundred after the change."""
        steps = self._update_by_criteria(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return await self._run(steps, session)

    async def delete(
        self, name: str, id: Any, actor: Actor, query: Given = "", *, form: Text = "", request_id: str | None = None,
        progress: Progress | None = None, session: Any = None,
    ) -> dict[str, Any] | None:  # fmt: skip
        """Nothing for one id; for several (a list, or text with commas) which were deleted and which were not."""
        steps = self._delete(name, id, sources(query, form=form), actor, request_id=request_id, progress=progress)
        return await self._run(steps, session)

    async def delete_by_criteria(
        self, name: str, query: Given, actor: Actor, *, form: Text = "", request_id: str | None = None, progress: Progress | None = None,
        session: Any = None,
    ) -> dict[str, Any]:  # fmt: skip
        """How many records met the criteria and are gone."""
        steps = self._delete_by_criteria(name, sources(query, form=form), actor, request_id=request_id, progress=progress)
        return await self._run(steps, session)

    async def upload(
        self,
        name: str,
        id: Any,
        field_name: str | Sources | None,
        file: AsyncSource | None,
        actor: Actor,
        *,
        filename: str,
        content_type: str | None = None,
        request_id: str | None = None,
        session: Any = None,
    ) -> dict[str, Any]:
        """Put a file into a record: ``{file_id, size, name, content_type}``. ``file`` is bytes, a binary file,
        or an iterable, async or not, of bytes."""
        sent = Upload(file, filename, content_type, self.file_ids())
        return await self._run(self._upload(name, id, about_file(field_name), sent, actor, request_id=request_id), session)

    async def download(self, name: str, id: Any, field_name: str | Sources | None, actor: Actor, *, session: Any = None) -> Download:
        """The file of a record: what it is, and ``chunks(start, stop)``, its bytes piece by piece (an async iterator)."""
        return await self._run_bounded(self._download(name, id, about_file(field_name), actor), session)

    async def delete_file(self, name: str, id: Any, field_name: str | Sources | None, actor: Actor, *, session: Any = None) -> None:
        """Take a file out of a record; that there is none is no fault."""
        await self._run_bounded(self._delete_file(name, id, about_file(field_name), actor), session)

    async def sweep_files(self, *, older_than: dt.timedelta = A_DAY, progress: Progress | None = None) -> dict[str, dict[str, int]]:
        """Drop files that no record names, left by what was cut: by class, how many were ``seen`` and ``dropped``.

        ``older_than`` must be more than the longest upload takes. For the host, at its leisure; not for requests."""
        return {name: await self._run(self._sweep(name, older_than, progress), None) for name in self.classes}

    async def ensure_indexes(self, fields: Mapping[str, Wanted] | None = None) -> Made:
        """Make the indexes of every class where they are not there yet; their names by class. ``fields`` by class as in :meth:`indexes`.

        A store without indexes makes none."""
        create = getattr(self.store, "create_indexes", None)
        if create is None:
            return {}
        wanted = fields or {}
        return {name: await create(schema, self.indexes(name, wanted.get(name, ()))) for name, schema in self.classes.items()}

    async def explain(self, name: str, query: Given, actor: Actor, *, form: Text = "") -> dict[str, Any]:
        """How a list is carried out: in a sentence, by which index, over how many keys and records, and what to be warned of."""
        _, plan = self._plan(name, sources(query, form=form), actor)
        explain = getattr(self.store, "explain", None)
        return explained(plan, {} if explain is None else await explain(plan))

    async def define(self, schema: ClassSchema, *, allow: str = "needs_scan", replaces: ClassSchema | None = None) -> SchemaDiff:
        """Add a class, or put it in the place of the one of its name, for every engine of the same source. What differs is the answer.

        ``allow`` is the worst verdict that is carried out, ``replaces`` the class as the caller knows it. No record is written. Raises
        DefinitionError for a worse difference and for classes that do not go together, DefinitionConflict where it is another by now."""
        diff, replaced = self._difference(schema, allow, replaces)
        await self.source.define(schema, replaced)
        return diff

    async def why(self, actor: Actor, action: str, name: str, id: Any = None) -> Verdict:
        """Whether the actor may do this with a record (``create`` takes no id), and the rule that decided. For the host's own eyes."""
        return await self._run_bounded(self._why(actor, action, name, id), None)
