"""Updating records: one by id, many by id, all that meet criteria."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, Condition, Update, all_of
from cubequery.errors import Fault, RequestError
from cubequery.evaluate import matcher
from cubequery.operations.change import Done, change_of, change_one, parent_class, see_to
from cubequery.operations.work import Work
from cubequery.operators import EQ, IN, NE
from cubequery.ordering import in_order
from cubequery.stores.commands import Document, Find, Steps, Together, do
from cubequery.translate import Change
from cubequery.translate.change import STAMP

SHOWN = 100
Buckets = dict[str, list[Any]]
"""Ids that could not be updated, by the code that says why: ``not_found``, ``forbidden``."""


def update_one(work: Work, update: Update, record_id: Any) -> Steps[dict[str, Any]]:
    """Update one record; the answer is what the actor may read of it afterwards."""
    done = yield from change_one(work, change_of(work, update), record_id, None)
    yield from see_to(work, [done])
    return work.answer(done.document)


def update_many(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[dict[str, Any]]:
    """Update records by id, in numeric order; ids that cannot be updated are answered apart."""
    done, refused = yield from do(Together(work.schema, partial(_change_all, work, updates)))
    yield from see_to(work, done)
    not_found, forbidden = ({"ids": list(dict.fromkeys(refused[code]))} for code in ("not_found", "forbidden"))
    items = [work.answer(each.document) for each in done]
    answer = {"class_name": work.schema.name, "not_found": not_found, "items": items}
    return {**answer, "wrong_permissions": forbidden} if forbidden["ids"] else answer


def _change_all(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[tuple[list[Done], Buckets]]:
    """All refusals are looked for before the first write."""
    refused: Buckets = {"not_found": [], "forbidden": []}
    plan = []
    for number, update in updates:
        record_id = work.read_id(update.record_id)
        fault = yield from _why_not(work, change_of(work, update), record_id, number)
        if fault is None:
            plan.append((number, update, record_id))
        else:
            refused[fault.code].append(update.record_id if record_id is None else work.shown_id(record_id))
    done: list[Done] = []
    for place, (number, update, record_id) in enumerate(plan):
        # A record that stands in the request again carries the stamp of its last change: those before it are done as well.
        stamps = [_stamp(work, later) for later, _, other in plan[place:] if other == record_id]
        stamped = all_of(work.with_ids([record_id]), Compare(STAMP, IN, stamps), work.where)
        found: list[Document] = yield from do(Find(work.schema, stamped, limit=1))
        done.append(Done(found[0]) if found else (yield from change_one(work, change_of(work, update), record_id, _stamp(work, number))))
        work.report(len(done), len(plan))
    return done, refused


def _stamp(work: Work, number: int) -> str:
    """What a record of a multi update carries once it is done."""
    return f"{work.operation_id}/{number}"


def _why_not(work: Work, change: Change, record_id: Any, number: int) -> Steps[Fault | None]:
    """Why a record of a multi update is not updated: ``not_found`` or ``forbidden``; any other refusal refuses the whole request.

    What this very operation has done already is not judged again: a value that fitted once need not fit twice.
    """
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
    if not found:
        return errors.plain("not_found")
    if str(found[0].get("_op", "")).startswith(_stamp(work, 0)[:-1]):
        return None
    try:
        if change.update.parent is not None:
            yield from parent_class(work, change, record_id)
        change.for_record(record_id).apply(found[0])
    except RequestError as error:
        fault = error.faults[0]
        if fault.code == "not_found":
            return fault
        if fault.code == "forbidden" and not _lacks_delete(work, change, found[0]):
            return fault
        raise RequestError(
            [replace(each, key=f"record[{number}][{each.key}]" if each.key != "base" else "base") for each in error.faults]
        ) from None
    return None


def _lacks_delete(work: Work, change: Change, document: Document) -> bool:
    """A new parent without the delete right refuses the whole request."""
    return change.update.parent is not None and matcher(work.may("update"))(document) and not matcher(work.may("delete"))(document)


def update_by_criteria(work: Work, update: Update) -> Steps[dict[str, Any]]:
    """Update every record that meets the criteria and that the actor may both read and update.

    Refusals that stored values cause are looked for first. A record that carries the operation's stamp is done and counts. One
    transaction up to ``write_batch`` records, above that one a batch.
    """
    change, stamp = change_of(work, update), work.operation_id
    done_before: list[Document] = yield from do(Find(work.schema, all_of(Compare(STAMP, EQ, stamp), work.where), paths=("_id",)))
    ids = yield from _check_all(work, change, all_of(change.condition, Compare(STAMP, NE, stamp)))
    touched = [document["_id"] for document in done_before]
    most = work.settings.limits.write_batch
    for start in range(0, len(ids), most):
        batch = partial(_change_batch, work, change, ids[start : start + most], start, len(ids))
        done: list[Done] = yield from do(Together(work.schema, batch))
        yield from see_to(work, done)
        touched += [each.document["_id"] for each in done]
    found: list[Document] = []
    if touched:
        first = sorted(touched, key=in_order)[:SHOWN]
        found = yield from do(Find(work.schema, all_of(work.with_ids(first), work.where)))
    head = {"class_name": work.schema.name, "skip": 0, "limit": SHOWN, "total_found": len(touched)}
    return {**head, "items": [work.answer(document) for document in found]}


def _change_batch(work: Work, change: Change, ids: Sequence[Any], before: int, whole: int) -> Steps[list[Done]]:
    done = []
    for place, record_id in enumerate(ids, before + 1):
        try:
            done.append((yield from change_one(work, change, record_id, work.operation_id)))
        except RequestError as error:
            if error.code not in ("not_found", "forbidden"):
                raise  # a record that left the criteria meanwhile is none of this request's
        work.report(place, whole)
    return done


def _check_all(work: Work, change: Change, matching: Condition) -> Steps[list[Any]]:
    """Ids of the records to change, in batches by ``_id``; any refusal refuses the request before anything is written."""
    ids: list[Any] = []
    after: list[Condition] = []
    while True:
        batch: list[Document] = yield from do(Find(work.schema, all_of(matching, *after), limit=work.settings.limits.write_batch))
        for document in batch:
            if change.update.parent is not None:
                yield from parent_class(work, change, document["_id"])
            change.for_record(document["_id"]).apply(document)
        ids += [document["_id"] for document in batch]
        if len(batch) < work.settings.limits.write_batch:
            return ids
        after = [work.after(ids[-1])]
