"""What a search request comes to for one actor: the MongoDB query, and the same decision in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from cubequery.acl import Actor
from cubequery.ast import Condition, Field, Projection, Query, all_of
from cubequery.check import Settings
from cubequery.check.cursor import full_order, write_cursor
from cubequery.compile import compile_filter
from cubequery.compile.mongo_query import calc_name, compile_group, compile_projection, compile_sort, projected
from cubequery.evaluate import first, group, matcher, selector, sort_documents
from cubequery.schema import ClassSchema
from cubequery.translate.describe import describe_query, sentence
from cubequery.translate.kept import kept
from cubequery.translate.keyset import behind
from cubequery.translate.render import Renderer

Document = Mapping[str, Any]
WHOLE = Projection()


class Shown(NamedTuple):
    """A projection as MongoDB is told it, and what renders the documents that come."""

    projection: Mapping[str, int]
    render: Renderer


def shown(projection: Projection, names: Mapping[str, Field]) -> Shown:
    """The two forms of a projection, over the same leaves."""
    leaves = projected(projection, names)
    return Shown(compile_projection(leaves), Renderer(leaves, (*(projection.include or ()), *projection.exclude)))


def whole(schema: ClassSchema, user_id_type: str) -> Shown:
    """The forms of whole records, made once for each class."""
    found: Shown | None = schema.memory.get((whole, user_id_type))
    if found is None:
        found = schema.memory[whole, user_id_type] = shown(WHOLE, schema.names(user_id_type))
    return found


class Plan:
    """A checked and authorised search.

    ``kind`` is ``list``, ``count`` or ``groups``; ``query`` the tree as the actor wrote it; ``condition`` that tree joined with what the
    actor may read and with the host's condition, each a member of its own. Everything a plan gives out is the caller's to change.
    """

    __slots__ = (
        *("actor", "kind", "limit", "query", "rights", "schema", "settings", "skip", "where"),
        *("__weakref__", "_matches_", "_render_", "_select_", "_shown_", "condition_", "filter_"),
    )

    def __init__(self, query: Query, schema: ClassSchema, actor: Actor, rights: Condition, where: Condition, settings: Settings) -> None:
        self.query, self.schema, self.actor, self.settings = query, schema, actor, settings
        self.rights, self.where = rights, where
        self.kind = "count" if query.count else "groups" if query.aggregate is not None else "list"
        self.skip, self.limit = query.page.skip, query.page.limit

    @kept
    def condition(self) -> Condition:
        """The whole condition; never less than the request's, the rights and the host's together."""
        return all_of(self.query.condition, behind(self.query, self._names), self.rights, self.where)

    @kept
    def filter(self) -> dict[str, Any]:
        """MongoDB filter."""
        return self._filter()

    def _filter(self) -> dict[str, Any]:
        """A fresh filter at each call."""
        return compile_filter(self.condition)

    @property
    def sort(self) -> list[tuple[str, int]]:
        """``(stored path, 1 or -1)``, ends in ``_id``; reversed for the last record (``limit=-1``)."""
        return compile_sort(self.query.sort, self.query.page)

    @property
    def projection(self) -> dict[str, int]:
        """Stored paths of what is shown; hidden and undeclared names are never fetched."""
        return dict(self._shown.projection)

    @property
    def pipeline(self) -> list[dict[str, Any]] | None:
        """Aggregation pipeline of a ``groups`` plan, its first stage the ``$match`` of the whole filter; None for others."""
        if self.query.aggregate is None:
            return None
        return [{"$match": compile_filter(self.condition)}, *compile_group(self.query.aggregate, self.query.sort, self.query.page)]

    def find_args(self) -> dict[str, Any]:
        """Keyword arguments of pymongo's ``find``: simple collation, time limit, no sorting on disk."""
        found = {"filter": self._filter(), "projection": self.projection, "sort": self.sort}
        return {**found, "skip": self.skip, "limit": self.limit, **self.call_args()}

    def aggregate_args(self) -> dict[str, Any]:
        """Keyword arguments of pymongo's ``aggregate`` beside the pipeline."""
        return {"collation": {"locale": "simple"}, "maxTimeMS": self.settings.limits.call_timeout_ms, "allowDiskUse": False}

    def call_args(self) -> dict[str, Any]:
        """What every find says: the collation that folds nothing, a time limit, no sorting on disk."""
        return {"collation": {"locale": "simple"}, "max_time_ms": self.settings.limits.call_timeout_ms, "allow_disk_use": False}

    def cursor(self, document: Document) -> str:
        """The text by which ``_after=`` asks for what stands behind a stored document in the plan's order. Raises RequestError 422."""
        return write_cursor(document, full_order(self.query.sort, self._names))

    def render(self, document: Document) -> dict[str, Any]:
        """The answer's form of one stored document, or of one row of the pipeline."""
        return self._render(document)

    def matches(self, document: Document) -> bool:
        """Whether the plan's condition holds for a stored document; what MongoDB would decide."""
        return self._matches(document)

    def select(self, documents: Iterable[Document]) -> list[Any]:
        """Those that match, as given and in the order given, without sort or limit; one generated loop."""
        return self._select(documents)

    def run(self, documents: Iterable[Document]) -> list[dict[str, Any]] | int:
        """The whole plan in memory: rendered records or groups of the page, or the count."""
        if self.query.aggregate is not None:
            return [self.render(row) for row in self.groups(documents)]
        found = self.select(documents)
        if self.kind == "count":
            return len(found)
        page = self.query.page
        return [self.render(document) for document in first(found, self.sort, page.skip + page.limit)[page.skip :]]

    def describe(self) -> str:
        """One plain sentence: what is asked, of which records, under which rights."""
        rights = f"of class {self.schema.name}, readable by {self.actor!r}: {sentence(self.rights)}"
        host = "" if self.where == all_of() else f"; within {sentence(self.where)}"
        return f"{describe_query(self.query)}; {rights}{host}"

    def groups(self, documents: Iterable[Document]) -> list[dict[str, Any]]:
        """Rows of a ``groups`` plan's page, as its pipeline gives them."""
        aggregate = self.query.aggregate
        assert aggregate is not None
        names = {calc.key: calc_name(place) for place, calc in enumerate(aggregate.calcs)}
        rows = [{names.get(key, key): value for key, value in row.items()} for row in group(self.select(documents), aggregate)]
        order = compile_group(aggregate, self.query.sort, self.query.page)[1]["$sort"]
        return sort_documents(rows, list(order.items()))[self.skip : self.skip + self.limit]

    @property
    def _names(self) -> Mapping[str, Any]:
        return self.schema.names(self.settings.user_id_type)

    @kept
    def _shown(self) -> Shown:
        """What is fetched and rendered. That of whole records is the class's own, and made once."""
        if self.query.projection != WHOLE:
            return shown(self.query.projection, self._names)
        return whole(self.schema, self.settings.user_id_type)

    @kept
    def _matches(self) -> Callable[[Document], bool]:
        return matcher(self.condition)

    @kept
    def _select(self) -> Callable[[Iterable[Document]], list[Any]]:
        return selector(self.condition)

    @kept
    def _render(self) -> Callable[[Document], dict[str, Any]]:
        aggregate = self.query.aggregate
        if aggregate is None:
            return self._shown.render

        def render(row: Document) -> dict[str, Any]:
            calcs = {calc.key: row.get(calc_name(place)) for place, calc in enumerate(aggregate.calcs)}
            return {aggregate.group_by.name: aggregate.group_by.type.render(row.get("_id")), **calcs}

        return render
