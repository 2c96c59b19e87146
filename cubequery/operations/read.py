"""Reading: lists, counts, groups, one record, many records, the permissions of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import all_of
from cubequery.errors import RequestError
from cubequery.evaluate import matcher
from cubequery.operations.work import Work
from cubequery.stores.commands import Count, Document, Find, Groups, Select, Steps, do
from cubequery.translate import Plan
from cubequery.translate.shown import shown_permissions
from cubequery.verdict import Verdict, verdict


def list_records(work: Work, plan: Plan) -> Steps[dict[str, Any]]:
    """A page of records, a count, or a page of groups, as the plan says."""
    if plan.kind == "count":
        return {"items": {"count": (yield from do(Count(work.schema, plan.condition)))}}
    if plan.query.after is not None:
        return (yield from _page_behind(work, plan))
    rows: list[Document] = yield from do(Groups(work.schema, plan) if plan.kind == "groups" else Select(work.schema, plan))
    return {"class_name": work.schema.name, "skip": plan.skip, "limit": plan.limit, "items": [plan.render(row) for row in rows]}


def _page_behind(work: Work, plan: Plan) -> Steps[dict[str, Any]]:
    """A page that says where the next one begins; one record more is read to know whether there is any."""
    paths = tuple(path for path, _ in plan.sort)
    rows: list[Document] = yield from do(Select(work.schema, plan, extra=paths, more=1))
    page = rows[: plan.limit]
    following = plan.cursor(page[-1]) if len(rows) > plan.limit else None
    head = {"class_name": work.schema.name, "skip": 0, "limit": plan.limit, "next": following}
    return {**head, "items": [plan.render(row) for row in page]}


def get_one(work: Work, record_id: Any, plan: Plan) -> Steps[dict[str, Any]]:
    """The bare record; one answer for unknown, malformed and hidden ids."""
    found = yield from _readable(work, [record_id])
    if not found:
        raise RequestError([errors.plain("not_found")])
    return _shown(work, found[0], plan)


def get_many(work: Work, ids: Sequence[Any], plan: Plan) -> Steps[dict[str, Any]]:
    """The records among ``ids`` that the actor may read, in the order asked."""
    found = {document["_id"]: document for document in (yield from _readable(work, ids))}
    items = [_shown(work, found[each], plan) for each in ids if each in found]
    return {"class_name": work.schema.name, "items": items}


def get_permissions(work: Work, record_id: Any) -> Steps[dict[str, Any]]:
    """The permissions of one record, for its owner and an admin; 403 for others who may read it."""
    found = yield from _readable(work, [record_id])
    if not found:
        raise RequestError([errors.plain("not_found")])
    if not work.sees_permissions(found[0]):
        raise RequestError([errors.plain("forbidden")])
    return {"permissions": shown_permissions(found[0].get("_acl")), "record_id": work.shown_id(record_id)}


def why(work: Work, action: str, record_id: Any) -> Steps[Verdict]:
    """Whether the actor may do this with a stored record, and the rule that decided; creating is decided without one."""
    if action == "create":
        return verdict(work.actor, action, work.schema, settings=work.settings)
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
    if not found:
        return Verdict(False, "no record of this id")
    return verdict(work.actor, action, work.schema, found[0], settings=work.settings)


def _readable(work: Work, ids: Sequence[Any]) -> Steps[list[Document]]:
    known = [each for each in ids if each is not None]
    # An id that cannot be one asks the store all the same: the number of commands must not tell it from an unknown one.
    return (yield from do(Find(work.schema, all_of(work.with_ids(known or [None]), work.may("read")))))


def _shown(work: Work, document: Document, plan: Plan) -> dict[str, Any]:
    record = plan.render(document)
    return record if plan.query.projection.include is not None else {**record, **work.permissions(document)}


def is_readable(work: Work, document: Document) -> bool:
    """Whether the actor may read a record that is at hand."""
    return matcher(work.may("read"))(document)
