"""Updating records: one by id, many by id, all that meet criteria."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from cubequery.ast import Compare, Condition, Update, all_of
from cubequery.errors import Fault, RequestError
from cubequery.evaluate import matcher
from cubequery.operations.change import Done, change_of, change_one, foreseen, see_to
from cubequery.operations.work import Work, in_record
from cubequery.operators import EQ, IN, NE
from cubequery.ordering import in_order
from cubequery.stores.commands import Document, Find, Steps, Together, do
from cubequery.translate.change import STAMP, Change

SHOWN = 100
Apart = dict[str, dict[Any, None]]
"""Ids that are not updated, in order, by the code that says why: ``not_found``, ``forbidden``."""
Planned = tuple[list[tuple[int, Update, Any]], Apart]
"""Number, change and id of each record to update, and the other ids."""


def update_one(work: Work, update: Update, record_id: Any) -> Steps[dict[str, Any]]:
    """Update one record; the answer is what the actor may read of it afterwards."""
    done = yield from change_one(work, change_of(work, update), record_id, None)
    yield from see_to(work, [done])
    return work.answer(done.document)


def update_many(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[dict[str, Any]]:
    """Update records by id, in numeric order; ids that cannot be updated are answered apart."""
    done, apart = yield from do(Together(work.schema, partial(_change_all, work, updates)))
    yield from see_to(work, done)
    items = [work.answer(each.document) for each in done]
    answer = {"class_name": work.schema.name, "not_found": {"ids": list(apart["not_found"])}, "items": items}
    return {**answer, "wrong_permissions": {"ids": list(apart["forbidden"])}} if apart["forbidden"] else answer


def _change_all(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[tuple[list[Done], Apart]]:
    plan, apart = yield from _plan(work, updates)
    done: list[Done] = []
    for place, (number, update, record_id) in enumerate(plan):
        # A record that stands in the request again carries the stamp of its last change: those before it are done as well.
        stamps = [_stamp(work, later) for later, _, other in plan[place:] if other == record_id]
        stamped = all_of(work.with_ids([record_id]), Compare(STAMP, IN, stamps), work.where)
        found: list[Document] = yield from do(Find(work.schema, stamped, limit=1))
        done.append(Done(found[0]) if found else (yield from change_one(work, change_of(work, update), record_id, _stamp(work, number))))
        work.report(len(done), len(plan))
    return done, apart


def _stamp(work: Work, number: int) -> str:
    """What a record of a multi update carries once it is done."""
    return f"{work.operation_id}/{number}"


def _plan(work: Work, updates: Sequence[tuple[int, Update]]) -> Steps[Planned]:
    """What a multi update will do. Raises RequestError with all that refuses the whole request, which is looked for in every record.

    A record that stands in the request again is judged as the changes before will leave it; what this very operation has done already
    is not judged again, as a value that fitted once need not fit twice.
    """
    plan: list[tuple[int, Update, Any]] = []
    apart: Apart = {"not_found": {}, "forbidden": {}}
    states: dict[Any, list[Document]] = {}
    faults: list[Fault] = []
    for number, update in updates:
        record_id = work.read_id(update.record_id)
        if record_id not in states:
            about = all_of(work.with_ids([record_id]), work.where)
            states[record_id] = yield from do(Find(work.schema, about, limit=1))
        refused = _why_not(work, states[record_id])
        if refused is not None:
            apart[refused][update.record_id if record_id is None else work.shown_id(record_id)] = None
            continue
        plan.append((number, update, record_id))
        (document,) = states[record_id]
        if not _is_done(work, document):
            after = yield from foreseen(work, change_of(work, update), document)
            if isinstance(after, RequestError):
                faults += in_record(number, after.faults)
            else:
                states[record_id] = [after]
    if faults:
        raise RequestError(faults[: work.settings.limits.max_faults])
    return plan, apart


def _why_not(work: Work, found: Sequence[Document]) -> str | None:
    """Code for a record of a multi update that is missing, or that the actor may not update.

    One that is done already is not judged again; where it has been hidden from the actor since, he is told nothing of it.
    """
    if not found:
        return "not_found"
    readable = matcher(work.may("read"))(found[0])
    if matcher(work.may("update"))(found[0]) or (readable and _is_done(work, found[0])):
        return None
    return "forbidden" if readable else "not_found"


def _is_done(work: Work, document: Document) -> bool:
    """Whether this very operation has changed the record already."""
    return str(document.get("_op", "")).startswith(_stamp(work, 0)[:-1])


def update_by_criteria(work: Work, update: Update) -> Steps[dict[str, Any]]:
    """Update every record that meets the criteria and that the actor may both read and update.

    Refusals that stored values cause are looked for first. A record that carries the operation's stamp is done and counts, unless it has
    been hidden from the actor since. One transaction up to ``write_batch`` records, above that one a batch.
    """
    change, stamp = change_of(work, update), work.operation_id
    done_before: list[Document] = yield from do(Find(work.schema, all_of(Compare(STAMP, EQ, stamp), work.may("read")), paths=("_id",)))
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
    faults: dict[Fault, None] = {}
    after: list[Condition] = []
    while True:
        batch: list[Document] = yield from do(Find(work.schema, all_of(matching, *after), limit=work.settings.limits.write_batch))
        for document in batch:
            seen = yield from foreseen(work, change, document)
            faults |= dict.fromkeys(seen.faults if isinstance(seen, RequestError) else ())
        ids += [document["_id"] for document in batch]
        if len(batch) < work.settings.limits.write_batch:
            break
        after = [work.after(ids[-1])]
    if faults:
        raise RequestError([*faults])
    return ids
