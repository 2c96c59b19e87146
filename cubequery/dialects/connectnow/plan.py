"""A list or one record of the dialect for one actor: the engine's plan with the framework's envelope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cubequery import errors
from cubequery.acl import Actor, permitted
from cubequery.ast import Condition, Page, Query
from cubequery.dialects.connectnow.binding import Bound
from cubequery.dialects.connectnow.records import Records
from cubequery.dialects.connectnow.refusals import ConnectNowError
from cubequery.errors import RequestError
from cubequery.translate import Plan
from cubequery.values import INT64_MAX

Documents = Iterable[Mapping[str, Any]]


class ConnectNowPlan(Plan):
    """A :class:`~cubequery.Plan` whose ``page`` is 1 or more, and whose answer needs one record ``more`` than it shows.

    ``paths`` and ``counts`` are what an engine expands of the records of the page (``Engine.expand``); ``beyond`` says that no store
    can count so far: the page is empty without asking.
    """

    more = 1

    def __init__(
        self, query: Query, bound: Bound, actor: Actor, where: Condition, *, page: int = 1, paths: Sequence[str] = (),
        counts: Sequence[str] = (), refusal: ConnectNowError | None = None,
    ) -> None:  # fmt: skip
        rights = permitted(actor, "read", bound.schema, bound.settings.user_id_type)
        self.page, self.paths, self.counts, self._refusal, self._bound = page, tuple(paths), tuple(counts), refusal, bound
        self.beyond = query.page.skip > INT64_MAX
        shown = Query(query.condition, query.sort, Page(0, query.page.limit), projection=query.projection) if self.beyond else query
        super().__init__(shown, bound.schema, actor, rights, where, bound.settings)

    def answer(self, documents: Documents, url: str, expanded: Any = None) -> dict[str, Any] | list[dict[str, Any]]:
        """The body of the answer to a list, from the page's stored documents and the one behind it. ``url`` is the request's own without
        query. Raises ConnectNowError for a list without pages that is too long."""
        rows = [] if self.beyond else list(documents)
        items = [self._record(row, expanded) for row in rows[: self.limit]]
        if self._bound.endpoint.paginated:
            return envelope(items, self.page, self.limit, url, more=len(rows) > self.limit)
        if len(rows) > self.limit:
            raise RequestError([errors.too_large("list")])
        return items

    def one(self, documents: Documents, expanded: Any = None) -> dict[str, Any]:
        """The body of an answer about one record. Raises RequestError 404 where there is none, then what the request is refused with."""
        record = next(iter(documents), None)
        if record is None:
            raise RequestError([errors.plain("not_found")])
        self.check()
        return self._record(record, expanded)

    def check(self) -> None:
        """Raises what the parameters are refused with; of one record that comes behind its 404."""
        if self._refusal is not None:
            raise self._refusal

    def _record(self, document: Mapping[str, Any], expanded: Any) -> dict[str, Any]:
        records = Records(self.settings.user_id_type)
        if expanded is None:
            return records.one(self.schema, document)
        return records.one(self.schema, document, expanded.levels, expanded.counts)


def envelope(items: Sequence[Any], page: int, size: int, url: str, *, more: bool) -> dict[str, Any]:
    """The framework's simple page: nine keys in this order, URLs that carry the number of a page and nothing else, no count."""
    path = url.rstrip("/")
    first = (page - 1) * size + 1
    return {
        "current_page": page,
        "data": list(items),
        "first_page_url": f"{path}?page=1",
        "from": first if items else None,
        "next_page_url": f"{path}?page={page + 1}" if more else None,
        "path": path,
        "per_page": size,
        "prev_page_url": f"{path}?page={page - 1}" if page > 1 else None,
        "to": first + len(items) - 1 if items else None,
    }
