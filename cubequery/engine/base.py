"""From one request to its operation: what the sync and the async engine share."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from bson import ObjectId

from cubequery import errors, operations
from cubequery.acl import ADMIN, Actor, known, may_create
from cubequery.ast import Create, Field, Many, Query, Request, Update
from cubequery.check import CREATE, CREATE_MANY, CRITERIA, DEFAULTS, UPDATE, UPDATE_MANY, Settings
from cubequery.engine.classed import AnySource, ClassedEngine
from cubequery.errors import DefinitionError, RequestError
from cubequery.operations import Download, Expanded, Progress, Steps, Upload, Work
from cubequery.parse import DELETE, DELETE_IDS, FILE, RECORD, Sources, reader_for, sources
from cubequery.schema import ClassSchema
from cubequery.schema.permissions import ACTIONS
from cubequery.stores.indexes import Index, Wanted, indexes_of
from cubequery.translate import Plan, host_condition, plan_for, read_plan
from cubequery.values import UNSET
from cubequery.verdict import Verdict

Text = str | bytes
Body = Mapping[str, Any] | str | bytes | Sources
Given = Text | Mapping[str, Any] | Sources
"""A query string, a decoded JSON body, or all that a request came in."""
Made = dict[str, list[str]]
Rows = list[dict[str, Any]]
A_DAY = dt.timedelta(days=1)
Ids = Callable[[ClassSchema], Any]
NOTHING_GIVEN = sources()


def utc_seconds() -> dt.datetime:
    """The clock: now, naive UTC, whole seconds."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)


def new_id(schema: ClassSchema) -> Any:
    """The id source: a fresh ObjectId; classes of other id types need a source of the host."""
    if schema.id_type != "ObjectId":
        raise RequestError([errors.missing("_id")])
    return ObjectId()


class BaseEngine(ClassedEngine):
    """What both engines share: reading a request and choosing its operation. Subclasses drive it over their store."""

    def __init__(
        self, source: AnySource, *, settings: Settings = DEFAULTS, clock: Callable[[], dt.datetime] = utc_seconds,
        ids: Ids = new_id, random: Callable[[], str] = lambda: secrets.token_hex(16), file_ids: Callable[[], str] = lambda: str(ObjectId()),
    ) -> None:  # fmt: skip
        super().__init__(source, settings)
        self.settings, self.clock, self.ids, self.random, self.file_ids = settings, clock, ids, random, file_ids

    def _work(self, name: str, actor: Actor, given: Sources = NOTHING_GIVEN, progress: Progress | None = None) -> Work:
        if name not in self.classes:
            given.check_syntax(self.settings.limits)
            raise RequestError([errors.plain("undefined_class")])
        return Work(self.classes[name], actor, self.classes, self.clock(), self.settings, self.where, self.scope, "", progress)

    def _read(self, work: Work, place: str, given: Sources) -> Request:
        return reader_for(work.schema, self.settings, place).read(given, admin=work.actor.admin)

    def _write(
        self, name: str, actor: Actor, place: str, given: Sources, *, request_id: str | None = None, progress: Progress | None = None
    ) -> tuple[Work, Request]:
        """A write request, refused in the order of checks: syntax, anonymous, class, everything that asks the schema."""
        known(actor, self.settings.user_id_type)
        operation_id = self.random() if request_id is None else operations.check_operation_id(request_id, self.settings)
        if actor.user_id is None and not actor.admin:
            given.check_syntax(self.settings.limits)
            raise RequestError([errors.plain("need_user")])
        work = self._work(name, actor, given, progress)
        tree = self._read(work, place, given)
        body = [given.query, given.form, None if given.json is UNSET else given.json]
        return replace(work, operation_id=operations.digest(operation_id, actor, self.scope, f"{place} {name}", body)), tree

    def _list(self, name: str, given: Sources, actor: Actor) -> Steps[dict[str, Any]]:
        work, plan = self._plan(name, given, actor)
        return operations.list_records(work, plan)

    def _plan(self, name: str, given: Sources, actor: Actor) -> tuple[Work, Plan]:
        work = self._work(name, known(actor, self.settings.user_id_type), given)
        return work, read_plan(given, work.schema, actor, self.where, self.settings)

    def _rows(self, plan: Plan, more: int) -> Steps[list[operations.Document]]:
        if plan.where != self.where:
            raise DefinitionError(["the plan was made under another condition of the host than this engine's: where=engine.where"])
        return operations.do(operations.Select(plan.schema, plan, more=more))

    def _expand(self, name: str, documents: Iterable[Any], paths: Iterable[str], counts: Iterable[str], actor: Actor) -> Steps[Expanded]:
        work = self._work(name, known(actor, self.settings.user_id_type))
        return operations.expand(work, list(documents), operations.paths_of(paths), counts)

    def indexes(self, name: str, fields: Wanted = ()) -> list[Index]:
        """The indexes that serve a class under this engine's scope. ``fields`` are those sorted or searched by; several in one entry
        are those compared by ``=`` and then the one sorted by."""
        return indexes_of(self.classes[name], fields, scope=self.scope, user_id_type=self.settings.user_id_type)

    def _get(self, name: str, id: Any, given: Sources, actor: Actor) -> Steps[dict[str, Any]]:
        work = self._work(name, known(actor, self.settings.user_id_type), given)
        many = isinstance(id, list | tuple) or (isinstance(id, str) and "," in id)
        tree = self._read(work, RECORD, given)
        assert isinstance(tree, Query)
        plan = plan_for(tree, work.schema, actor, self.where, self.settings)
        if tree.permissions:
            if many:
                raise RequestError([errors.plain("not_here", "permissions")])
            return operations.get_permissions(work, work.read_id(id))
        if many:
            return operations.get_many(work, [stored for _, stored in self._ids(work, id)], plan)
        return operations.get_one(work, work.read_id(id), plan)

    def _why(self, actor: Actor, action: str, name: str, id: Any) -> Steps[Verdict]:
        work = self._work(name, known(actor, self.settings.user_id_type))
        if action not in ACTIONS or (action == "create") != (id is None):
            raise ValueError(f"action is one of {', '.join(ACTIONS)}; all but create are about one record, and take its id")
        return operations.why(work, action, work.read_id(id))

    def _ids(self, work: Work, given: Any) -> list[tuple[Any, Any]]:
        """Ids of a path, empty and repeated ones left out: as received and as stored."""
        texts = [text for text in (given.split(",") if isinstance(given, str) else given) if text != ""]
        pairs: dict[Any, tuple[Any, Any]] = {}
        for text in texts:
            stored = work.read_id(text)
            pairs.setdefault(("bad", str(text)) if stored is None else ("id", stored), (text, stored))
        if len(pairs) > self.settings.limits.max_ids:
            raise RequestError([errors.too_large("ids")])
        return list(pairs.values())

    def _create(self, name: str, given: Sources, actor: Actor) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, CREATE, given)
        assert isinstance(tree, Create)
        self._may_create(work)
        return operations.create(work, tree, self._draw(work, [tree], 2))

    def _create_many(self, name: str, given: Sources, actor: Actor, **facts: Any) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, CREATE_MANY, given, **facts)
        assert isinstance(tree, Many)
        self._may_create(work)
        trees = [(number, each) for number, each in tree.records if isinstance(each, Create)]
        drawn = self._draw(work, [each for _, each in trees], len(trees))
        return operations.create_many(work, trees, drawn, lambda: self.ids(work.schema))

    def _draw(self, work: Work, trees: list[Create], count: int) -> list[Any]:
        """Ids drawn before the operation starts; none where every record names its own."""
        if all(any(field.name == "_id" and value is not None for field, value in tree.system) for tree in trees):
            return [None] * count
        return [self.ids(work.schema) for _ in range(count)]

    def _may_create(self, work: Work) -> None:
        if not may_create(work.actor, work.schema, self.settings.user_id_type):
            raise RequestError([errors.plain("forbidden")])
        if self.where != host_condition(None) and not self.scope:
            raise DefinitionError(["a create needs a scope: a mapping of stored paths to values"])

    def _update(self, name: str, id: Any, given: Sources, actor: Actor) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, UPDATE, given)
        assert isinstance(tree, Update)
        return operations.update_one(work, tree, work.read_id(id))

    def _update_many(self, name: str, given: Sources, actor: Actor, **facts: Any) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, UPDATE_MANY, given, **facts)
        assert isinstance(tree, Many)
        return operations.update_many(work, [(number, each) for number, each in tree.records if isinstance(each, Update)])

    def _update_by_criteria(self, name: str, given: Sources, actor: Actor, **facts: Any) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, CRITERIA, given, **facts)
        assert isinstance(tree, Update)
        return operations.update_by_criteria(work, tree)

    def _delete(self, name: str, id: Any, given: Sources, actor: Actor, **facts: Any) -> Steps[dict[str, Any] | None]:
        work, _ = self._write(name, actor, DELETE_IDS, given, **facts)
        if isinstance(id, list | tuple) or (isinstance(id, str) and "," in id):
            return operations.delete_many(work, self._ids(work, id))
        return operations.delete_one(work, work.read_id(id))

    def _delete_by_criteria(self, name: str, given: Sources, actor: Actor, **facts: Any) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, DELETE, given, **facts)
        assert isinstance(tree, Query)
        return operations.delete_by_criteria(work, tree.condition)

    def _upload(self, name: str, id: Any, given: Sources, sent: Upload, actor: Actor, **facts: Any) -> Steps[dict[str, Any]]:
        work, tree = self._write(name, actor, FILE, given, **facts)
        if sent.source is None:
            raise RequestError([errors.missing("file", "Parameter")])
        return operations.upload(work, work.read_id(id), _file_of(tree), sent)

    def _delete_file(self, name: str, id: Any, given: Sources, actor: Actor) -> Steps[None]:
        work, tree = self._write(name, actor, FILE, given)
        return operations.delete_file(work, work.read_id(id), _file_of(tree))

    def _download(self, name: str, id: Any, given: Sources, actor: Actor) -> Steps[Download]:
        work = self._work(name, known(actor, self.settings.user_id_type), given)
        return operations.download(work, work.read_id(id), _file_of(self._read(work, FILE, given)))

    def _sweep(self, name: str, older_than: dt.timedelta, progress: Progress | None) -> Steps[dict[str, int]]:
        return operations.sweep(self._work(name, ADMIN, progress=progress), older_than)

    def _given(self, body: Any, query: str | bytes) -> Sources:
        """A write body: decoded JSON, form text, or all that the request came in."""
        if isinstance(body, Sources):
            return body
        return sources(query, form=body) if isinstance(body, str | bytes) else sources(query, json=body)


def about_file(field_name: str | Sources | None) -> Sources:
    """What a request about a file came in: the name of the field, or all of it."""
    return field_name if isinstance(field_name, Sources) else sources({} if field_name is None else {"field_name": field_name})


def _file_of(tree: Request) -> Field:
    assert isinstance(tree, Query)
    assert tree.file is not None
    return tree.file


def store_for(store: Any, session: Any) -> Any:
    """The store itself, or the store within a transaction of the host's. Raises DefinitionError where it knows no sessions."""
    if session is None:
        return store
    within = getattr(store, "within", None)
    if within is None:
        raise DefinitionError(["this store has no sessions"])
    return within(session)


def bounded(store: Any) -> AbstractContextManager[object]:
    """A block whose store calls together are bounded in time, where the store can do that."""
    bound = getattr(store, "bounded", None)
    return nullcontext() if bound is None else bound()
