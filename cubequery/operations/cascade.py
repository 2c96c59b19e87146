"""Deleting records with everything below them and all their files: deepest first, so that what is cut leaves no orphan."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cubequery.ast import Condition, all_of
from cubequery.operations.blobs import drop_files, file_ids
from cubequery.operations.relations import child_classes, children_of
from cubequery.operations.work import Work
from cubequery.schema import ClassSchema
from cubequery.stores.commands import Document, Find, Remove, Steps, Together, do

Batch = tuple[ClassSchema, list[Any]]
"""Ids of one class, at most ``write_batch``."""
Removed = list[tuple[ClassSchema, list[Document]]]


def remove_tree(work: Work, condition: Condition, ids: list[Any]) -> Steps[list[Document]]:
    """Delete those of the records that meet ``condition``, with everything below them; the records deleted are the answer.

    One transaction up to ``write_batch`` records, above that one a batch. What was put below them meanwhile goes as well. Children's
    own rights are not asked, the host scope is.
    """
    removed = yield from do(Together(work.schema, partial(_at_once, work, condition, ids)))
    if removed is None:
        yield from _batch_by_batch(work, reversed((yield from _below(work, work.schema, ids))), work.where)
        gone = yield from _batch_by_batch(work, _batches(work, work.schema, ids), condition)
    else:
        gone = removed[-1][1] if removed else []
        for schema, documents in removed:
            yield from drop_files(schema, file_ids(schema, *documents))
    if gone:
        late = yield from _below(work, work.schema, [document["_id"] for document in gone])
        yield from _batch_by_batch(work, reversed(late), work.where)
    return gone


def _at_once(work: Work, condition: Condition, ids: list[Any]) -> Steps[Removed | None]:
    """What was deleted, the records themselves last; None, and nothing deleted, where it is more than a transaction may hold."""
    standing: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids(ids), condition), paths=("_id",)))
    own = [document["_id"] for document in standing]
    if not own:
        return []
    below = yield from _below(work, work.schema, own)
    if len(own) + sum(len(batch) for _, batch in below) > work.settings.limits.write_batch:
        return None
    removed: Removed = []
    for child, batch in reversed(below):
        removed.append((child, (yield from _remove(work, child, work.where, batch))))
    return [*removed, (work.schema, (yield from _remove(work, work.schema, condition, own)))]


def _batch_by_batch(work: Work, batches: Iterable[Batch], condition: Condition) -> Steps[list[Document]]:
    """Each batch kept by itself; of the documents deleted only ids stay in memory."""
    gone: list[Document] = []
    for schema, batch in batches:
        documents = yield from do(Together(schema, partial(_remove, work, schema, condition, batch)))
        yield from drop_files(schema, file_ids(schema, *documents))
        gone += [{"_id": document["_id"]} for document in documents]
        work.report(len(gone))
    return gone


def _remove(work: Work, schema: ClassSchema, condition: Condition, ids: list[Any]) -> Steps[list[Document]]:
    return (yield from do(Remove(schema, all_of(replace(work, schema=schema).with_ids(ids), condition))))


def _batches(work: Work, schema: ClassSchema, ids: Sequence[Any]) -> list[Batch]:
    most = work.settings.limits.write_batch
    return [(schema, list(ids[start : start + most])) for start in range(0, len(ids), most)]


def _below(work: Work, schema: ClassSchema, ids: Sequence[Any]) -> Steps[list[Batch]]:
    """Everything below these records, from the top down; every record once, so that cycles end."""
    seen = {(schema.name, str(each)) for each in ids}
    levels: list[Batch] = []
    frontier = deque(_batches(work, schema, ids))
    while frontier:
        parent, above = frontier.popleft()
        for child in child_classes(work, parent):
            found: list[Document] = yield from do(Find(child, children_of(work, child, parent, above), paths=("_id",)))
            new = [each["_id"] for each in found if (child.name, str(each["_id"])) not in seen]
            seen.update((child.name, str(each)) for each in new)
            levels += _batches(work, child, new)
            frontier += _batches(work, child, new)
    return levels
