"""Deleting records, and everything below them: children first, the record last, so that a repeat finishes what was cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Condition, all_of
from cubequery.errors import RequestError
from cubequery.evaluate import matcher
from cubequery.operations.cascade import remove_tree
from cubequery.operations.work import Work
from cubequery.stores.commands import Document, Find, Steps, do


def delete_one(work: Work, record_id: Any) -> Steps[None]:
    """Delete one record. Raises RequestError 404 or 403."""
    yield from _look(work, record_id)
    if not (yield from remove_tree(work, work.may("delete"), [record_id])):
        yield from _look(work, record_id)
        raise RequestError([errors.plain("not_found")])


def _look(work: Work, record_id: Any) -> Steps[None]:
    """Whether the actor may delete the record; hidden is answered as missing, where he holds no right on it."""
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
    if not found or not matcher(work.may("delete"))(found[0]):
        readable = bool(found) and matcher(work.may("read"))(found[0])
        raise RequestError([errors.plain("forbidden" if readable else "not_found")])


def delete_many(work: Work, given: Sequence[tuple[Any, Any]]) -> Steps[dict[str, Any]]:
    """Delete records by id; ``given`` are pairs of the id as received and as stored (None: malformed). Every id is in one bucket."""
    known = [stored for _, stored in given if stored is not None]
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids(known or [None]), work.where)))
    records = {document["_id"]: document for document in found}
    may_delete, may_read = matcher(work.may("delete")), matcher(work.may("read"))
    buckets: dict[str, list[Any]] = {"SuccessfullyDeleted": [], "WrongPermissions": [], "NotFound": []}
    deleted = []
    for text, stored in given:
        document = records.get(stored) if stored is not None else None
        shown = text if stored is None else work.shown_id(stored)
        if document is not None and may_delete(document):
            buckets["SuccessfullyDeleted"].append(shown)
            deleted.append(stored)
        else:
            buckets["WrongPermissions" if document is not None and may_read(document) else "NotFound"].append(shown)
    if deleted:
        yield from remove_tree(work, work.may("delete"), deleted)
    return {name: {"ids": ids} for name, ids in buckets.items()}


def delete_by_criteria(work: Work, criteria: Condition) -> Steps[dict[str, Any]]:
    """Delete every record that meets the criteria and that the actor may both read and delete."""
    condition = all_of(criteria, work.may("delete"), work.may("read"))
    most = work.settings.limits.write_batch
    total = 0
    after: list[Condition] = []
    while True:
        batch: list[Document] = yield from do(Find(work.schema, all_of(condition, *after), limit=most, paths=("_id",)))
        ids = [document["_id"] for document in batch]
        if ids:
            total += len((yield from remove_tree(work, condition, ids)))
            work.report(total)
        if len(batch) < most:
            return {"total_deleted": total}
        after = [work.after(ids[-1])]
