"""Engine: every operation of the Custom Objects API over a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.acl import Actor
from cubequery.engine.base import BaseEngine
from cubequery.engine.drivers import drive, drive_in_transaction
from cubequery.operations.work import Progress
from cubequery.parse import sources
from cubequery.schema import ClassSchema
from cubequery.stores import Store
from cubequery.stores.explain import explained
from cubequery.stores.indexes import Wanted

Text = str | bytes
Body = Mapping[str, Any] | str | bytes
Made = dict[str, list[str]]


class Engine(BaseEngine):
    """The engine over a sync store.

    Every method reads one request of the Custom Objects API for one actor and gives the body of its answer. ``body`` is a decoded JSON
    body or form text, ``query`` the query string as received. Refusals are RequestErrors; nothing is written where one is raised
    before the first write. ``request_id`` is the operation id of a multi-step write: a repeat under it finishes what was cut."""

    def __init__(self, store: Store, classes: Iterable[ClassSchema], **options: Any) -> None:
        super().__init__(classes, **options)
        self.store = store

    def scoped(self, scope: Mapping[str, Any]) -> Engine:
        """An engine in which every command carries these stored paths and values, and every new record is stamped with them."""
        return self._scoped(scope)  # type: ignore[no-any-return]  # a copy of this very class

    def list(self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "") -> dict[str, Any]:
        """Records, a count, or groups."""
        return drive(self._list(name, sources(query, form=form), actor), self.store)

    def get(self, name: str, id: Any, actor: Actor, query: Text = "", *, form: Text = "") -> dict[str, Any]:
        """One record, several (a list of ids, or text with commas), or with ``permissions=1`` the permissions of one."""
        return drive(self._get(name, id, sources(query, form=form), actor), self.store)

    def create(self, name: str, body: Body, actor: Actor, *, query: Text = "") -> dict[str, Any]:
        """The record created."""
        return drive(self._create(name, self._given(body, query), actor), self.store)

    def create_many(self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None) -> dict[str, Any]:
        """The records of ``record``, all created or none."""
        return drive_in_transaction(self._create_many(name, self._given(body, query), actor, request_id=request_id), self.store)

    def update(self, name: str, id: Any, body: Body, actor: Actor, *, query: Text = "") -> dict[str, Any]:
        """The record as it stands after the change."""
        return drive(self._update(name, id, self._given(body, query), actor), self.store)

    def update_many(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """The records of ``record``, each changed; those that could not be stand apart."""
        steps = self._update_many(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return drive_in_transaction(steps, self.store)

    def update_by_criteria(
        self, name: str, body: Body, actor: Actor, *, query: Text = "", request_id: str | None = None, progress: Progress | None = None
    ) -> dict[str, Any]:
        """How many records met ``search_criteria``, and the first hundred after the change."""
        steps = self._update_by_criteria(name, self._given(body, query), actor, request_id=request_id, progress=progress)
        return drive_in_transaction(steps, self.store)

    def delete(self, name: str, id: Any, actor: Actor, *, progress: Progress | None = None) -> dict[str, Any] | None:
        """Nothing for one id; for several (a list, or text with commas) which were deleted and which were not."""
        return drive_in_transaction(self._delete(name, id, actor, progress=progress), self.store)

    def delete_by_criteria(
        self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "", progress: Progress | None = None
    ) -> dict[str, Any]:
        """How many records met the criteria and are gone."""
        return drive_in_transaction(self._delete_by_criteria(name, sources(query, form=form), actor, progress=progress), self.store)

    def ensure_indexes(self, fields: Mapping[str, Wanted] | None = None) -> Made:
        """Make the indexes of every class where they are not there yet; their names by class. ``fields`` by class as in :meth:`indexes`.

        A store without indexes makes none."""
        create = getattr(self.store, "create_indexes", None)
        if create is None:
            return {}
        wanted = fields or {}
        return {name: create(schema, self.indexes(name, wanted.get(name, ()))) for name, schema in self.classes.items()}

    def explain(self, name: str, query: Text | Mapping[str, Any], actor: Actor, *, form: Text = "") -> dict[str, Any]:
        """How a list is carried out: in a sentence, by which index, over how many keys and records, and what to be warned of."""
        _, plan = self._plan(name, sources(query, form=form), actor)
        explain = getattr(self.store, "explain", None)
        return explained(plan, {} if explain is None else explain(plan))
