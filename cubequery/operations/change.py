"""Changing one record: the rights stand in the command that acts; what else must happen happens once the change is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson import encode

from cubequery import errors
from cubequery.ast import Compare, Update, all_of
from cubequery.errors import RequestError
from cubequery.evaluate import matcher
from cubequery.operations.blobs import drop_files, file_ids
from cubequery.operations.cascade import remove_tree
from cubequery.operations.relations import find_parent, orphans
from cubequery.operations.work import Work
from cubequery.operators import IN, UNSET_FIELD
from cubequery.stores.commands import Document, Find, Modify, Steps, do
from cubequery.translate.change import Change
from cubequery.translate.scope import outside_scope

ROUNDS = 3


@dataclass(frozen=True)
class Done:
    """A record after its change; whether it has got another parent by it; the files that it named before and names no more."""

    document: Document
    moved: bool = False
    files: frozenset[str] = frozenset()


def change_of(work: Work, update: Update) -> Change:
    """The change that an update tree comes to for the actor."""
    return Change(outside_scope(update, work.where), work.schema, work.actor, work.where, work.settings, work.now, None)


def change_one(work: Work, change: Change, record_id: Any, stamp: str | None) -> Steps[Done]:
    """The record after the change. Raises RequestError: 404, 403, or 422 for what the stored values do not allow.

    The first command is the usual state's; where it does not match, one read says why, and a concurrent change is met by another
    round.
    """
    parent, moved = None, False
    if change.update.parent is not None and change.update.parent.operator is not UNSET_FIELD:
        found = yield from read_one(work, record_id)
        parent, moved = yield from _parent_class(work, change, found)
        if not matcher(work.may("read"))(found):  # the parent is ignored, also where he is shown the record before it is changed
            change = change_of(work, replace(change.update, parent=None))
    before = (yield from _files_at_stake(work, change, record_id)) if _takes_files(change.update) else frozenset()
    bound = change.for_record(record_id, stamp=stamp, parent_class=parent)
    for _ in range(ROUNDS):
        document = yield from do(Modify(work.schema, bound))
        if document is not None:
            return Done(document, moved, before - file_ids(work.schema, document) if before else before)
        found = yield from read_one(work, record_id)
        bound.apply(found)  # raises what the state refuses; where it does not, somebody else was first, or the record is near its limit
        bound = change.for_record(record_id, stamp=stamp, parent_class=parent, size=len(encode(found)))
    raise RequestError([errors.plain("unavailable")])


def read_one(work: Work, record_id: Any) -> Steps[Document]:
    """The record as stored, whoever may read it. Raises RequestError 404."""
    found: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids([record_id]), work.where), limit=1))
    if not found:
        raise RequestError([errors.plain("not_found")])
    return found[0]


def see_to(work: Work, done: Sequence[Done]) -> Steps[None]:
    """What follows changes that are kept: a parent deleted meanwhile takes what was put below it, files without a name go."""
    lost = yield from orphans(work, [each.document for each in done if each.moved])
    if lost:  # as if the parent had been deleted after they were put below it
        parent = work.schema.names(work.settings.user_id_type)["_parent_id"]
        still = Compare(parent, IN, [each["_parent_id"] for each in lost])  # not what was moved on since
        yield from remove_tree(work, all_of(still, work.where), [each["_id"] for each in lost])
    yield from drop_files(work.schema, frozenset[str]().union(*(each.files for each in done)))


def foreseen(work: Work, change: Change, document: Document) -> Steps[Document | RequestError]:
    """The record as the change would leave it, or why it cannot be made. Raises RequestError where the store fails."""
    try:
        if change.update.parent is not None:
            yield from _parent_class(work, change, document)
        return change.for_record(document["_id"]).apply(document)
    except RequestError as error:
        if error.status >= 500:
            raise
        return error


def _parent_class(work: Work, change: Change, document: Document) -> Steps[tuple[str | None, bool]]:
    """Class of the parent named, once the record itself is known to be the actor's to change, and whether it is another one.

    An unchanged parent is not looked up, nor that of a hidden record, where it is ignored and no stored value may count.
    """
    parent = change.update.parent
    assert parent is not None
    if parent.operator is UNSET_FIELD:
        return None, False
    change.for_record(document["_id"]).apply(document)
    if not matcher(work.may("read"))(document):
        return None, False
    if document.get("_parent_id") == parent.operand:
        return document.get("_parent_class"), False
    return (yield from find_parent(work, parent.operand, document["_id"])), True


def _takes_files(update: Update) -> bool:
    return any(change.field.type.kind == "File" for change in update.changes)


def _files_at_stake(work: Work, change: Change, record_id: Any) -> Steps[frozenset[str]]:
    """The files that the record names now; one put there between this look and the change is left to the sweep."""
    found: list[Document] = yield from do(Find(work.schema, change.for_record(record_id).condition, limit=1))
    return file_ids(work.schema, found[0]) if found else frozenset()
