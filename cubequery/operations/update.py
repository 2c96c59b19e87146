"""Updating records: one by id, many by id, all that meet criteria. The rights stand in the command that acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bson import encode

from cubequery import errors
from cubequery.ast import Compare, Update, all_of
from cubequery.errors import Fault, RequestError
from cubequery.evaluate import matcher
from cubequery.operations.relations import find_parent
from cubequery.operations.work import Work
from cubequery.operators import EQ, GT, IN, NE, UNSET_FIELD
from cubequery.stores.commands import Document, Find, Modify, Steps, do
from cubequery.translate import Change
from cubequery.translate.change import STAMP
from cubequery.translate.scope import outside_scope

ROUNDS = 3
SHOWN = 100


def change_of(work: Work, update: Update) -> Change:
    """The change that an update tree comes to for the actor."""
    return Change(outside_scope(update, work.where), work.schema, work.actor, work.where, work.settings, work.now, None)


def update_one(work: Work, update: Update, record_id: Any) -> Steps[dict[str, Any]]:
    """Update one record; the answer is what the actor may read of it afterwards."""
    return work.answer((yield from change_one(work, change_of(work, update), record_id, None)))


def change_one(work: Work, change: Change, record_id: Any, stamp: str | None) -> Steps[Document]:
    """The record after the change. Raises RequestError: 404, 403, or 422 for what the stored values do not allow.

    The first command is the usual state's; where it does not match, one read says why, and a concurrent change is met by another
    round.
    """
    parent = None
    if change.update.parent is not None:
        parent = yield from _parent_class(work, change, record_id)
    bound = change.for_record(record_id, stamp=stamp, parent_class=parent)
    for _ in range(ROUNDS):
        document = yield from do(Modify(work.schema, bound))
        if document is not None:
            return document
        found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
        if not found:
            raise RequestError([errors.plain("not_found")])
        bound.apply(found[0])  # raises what the state refuses; where it does not, somebody else was first, or the record is near its limit
        bound = change.for_record(record_id, stamp=stamp, parent_class=parent, size=len(encode(found[0])))
    raise RequestError([errors.plain("unavailable")])


def _parent_class(work: Work, change: Change, record_id: Any) -> Steps[str | None]:
    """Class of a new parent, once the record itself is known to be the actor's to change; an unchanged parent is not looked up."""
    parent = change.update.parent
    assert parent is not None
    if parent.operator is UNSET_FIELD:
        return None
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
    if not found:
        raise RequestError([errors.plain("not_found")])
    document = found[0]
    if parent.operand == record_id and matcher(work.may("read"))(document) and matcher(work.may("update"))(document):
        raise RequestError([errors.plain("parent", "_parent_id")])
    change.for_record(record_id).apply(document)
    if document.get("_parent_id") == parent.operand or not matcher(work.may("read"))(document):
        return document.get("_parent_class")
    return (yield from find_parent(work, parent.operand))


def update_many(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[dict[str, Any]]:
    """Update records by id, in numeric order; ids that cannot be updated are answered apart."""
    items: list[dict[str, Any]] = []
    missing: list[Any] = []
    forbidden: list[Any] = []
    plan = []
    for number, update in updates:
        record_id = work.read_id(update.record_id)
        refused = yield from _why_not(work, change_of(work, update), record_id, number)
        if refused is None:
            plan.append((number, update, record_id))
        else:
            shown = update.record_id if record_id is None else work.shown_id(record_id)
            (missing if refused.code == "not_found" else forbidden).append(shown)
    for place, (number, update, record_id) in enumerate(plan):
        # A record that stands in the request again carries the stamp of its last change: those before it are done as well.
        stamps = [_stamp(work, later) for later, _, other in plan[place:] if other == record_id]
        done: list[Document] = yield from do(
            Find(work.schema, all_of(work.with_ids([record_id]), Compare(STAMP, IN, stamps), work.where), limit=1)
        )
        document = done[0] if done else (yield from change_one(work, change_of(work, update), record_id, _stamp(work, number)))
        items.append(work.answer(document))
        work.report(len(items), len(plan))
    answer = {"class_name": work.schema.name, "not_found": {"ids": list(dict.fromkeys(missing))}, "items": items}
    return {**answer, "wrong_permissions": {"ids": list(dict.fromkeys(forbidden))}} if forbidden else answer


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
            yield from _parent_class(work, change, record_id)
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

    Refusals that stored values cause are looked for first. A record that carries the operation's stamp is done and counts.
    """
    change, stamp = change_of(work, update), work.operation_id
    done: list[Document] = yield from do(Find(work.schema, all_of(Compare(STAMP, EQ, stamp), work.where), paths=("_id",)))
    matching = all_of(change.condition, Compare(STAMP, NE, stamp))
    ids = yield from _check_all(work, change, matching)
    touched = [document["_id"] for document in done]
    for place, record_id in enumerate(ids):
        try:
            yield from change_one(work, change, record_id, stamp)
            touched.append(record_id)
        except RequestError as error:
            if error.code not in ("not_found", "forbidden"):
                raise  # a record that left the criteria meanwhile is none of this request's
        work.report(place + 1, len(ids))
    found: list[Document] = []
    if touched:
        found = yield from do(Find(work.schema, all_of(work.with_ids(touched), work.where), limit=SHOWN))
    head = {"class_name": work.schema.name, "skip": 0, "limit": SHOWN, "total_found": len(touched)}
    return {**head, "items": [work.answer(document) for document in found]}


def _check_all(work: Work, change: Change, matching: Any) -> Steps[list[Any]]:
    """Ids of the records to change, in batches by ``_id``; any refusal refuses the request before anything is written."""
    ids: list[Any] = []
    after: list[Any] = []
    id_field = work.schema.names(work.settings.user_id_type)["_id"]
    while True:
        batch: list[Document] = yield from do(Find(work.schema, all_of(matching, *after), limit=work.settings.limits.write_batch))
        for document in batch:
            if change.update.parent is not None:
                yield from _parent_class(work, change, document["_id"])
            change.for_record(document["_id"]).apply(document)
        ids += [document["_id"] for document in batch]
        if len(batch) < work.settings.limits.write_batch:
            return ids
        after = [Compare(id_field, GT, ids[-1])]
