"""A list of the dialect for one actor: the engine's plan with a bare, sparse answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from cubequery import errors
from cubequery.acl import Actor, permitted
from cubequery.ast import Condition, Query
from cubequery.dialects.cubicl.binding import Bound
from cubequery.dialects.cubicl.names import leaves_of
from cubequery.dialects.cubicl.records import Sparse
from cubequery.dialects.cubicl.refusals import CubiclError, refuse
from cubequery.evaluate import first
from cubequery.translate import Plan


class CubiclPlan(Plan):
    """A :class:`~cubequery.Plan` whose records are rendered as the dialect writes them."""

    def __init__(self, query: Query, bound: Bound, actor: Actor, where: Condition, refusal: CubiclError | None = None) -> None:
        rights = permitted(actor, "read", bound.schema, bound.settings.user_id_type)
        super().__init__(query, bound.schema, actor, rights, where, bound.settings)
        self._bound, self._refusal = bound, refusal

    def answer(self, documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The body of the answer, from the stored documents of the page in the order of ``sort``: a bare array, ascending by ``_id``."""
        records = [self.render(document) for document in documents]
        return records[::-1] if self.query.page.last else records

    def one(self, documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """The body of an answer about one record. Raises CubiclError: 404 where there is none, then what the request is refused with."""
        record = next(iter(documents), None)
        if record is None:
            raise refuse(errors.plain("not_found"), 404)
        if self._refusal is not None:
            raise self._refusal
        return self.render(record)

    def run(self, documents: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The whole plan in memory: the body of the answer."""
        return self.answer(first(self.select(documents), self.sort, self.skip + self.limit)[self.skip :])

    @cached_property
    def _render(self) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
        projection = self.query.projection
        fields = self._bound.names.fields
        named = fields.values() if projection.include is None else (fields["_id"], *projection.include)
        return Sparse(fields, leaves_of(named) - leaves_of(projection.exclude))
