"""Deleting records with everything below them and all their files: deepest first, so that what is cut leaves no orphan."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from cubequery.ast import Condition, all_of
from cubequery.operations.blobs import drop_files, file_ids
from cubequery.operations.relations import child_classes, children_of, owned_by_relation
from cubequery.operations.work import Work
from cubequery.schema import ClassSchema
from cubequery.stores.commands import Document, Find, Remove, Steps, Together, do

Records = tuple[ClassSchema, list[Any]]
"""Records of one class by their ids."""


@dataclass(frozen=True)
class Batch:
    """At most ``write_batch`` records of one class, deleted where they still meet a condition: their tie to their parents, or a right."""

    schema: ClassSchema
    ids: list[Any]
    condition: Condition


Removed = list[tuple[ClassSchema, list[Document]]]


def remove_tree(work: Work, condition: Condition, ids: list[Any]) -> Steps[list[Any]]:
    """Delete those of the records that meet ``condition``, with everything below them; the ids of the records deleted are the answer.

    One transaction up to ``write_batch`` records, above that one a batch. What was put below any of them meanwhile goes as well, what was
    moved away stays. Children's own rights are not asked, the host scope is.
    """
    removed = yield from do(Together(work.schema, partial(_at_once, work, condition, ids)))
    if removed is None:
        gone = yield from _batch_by_batch(work, reversed((yield from _below(work, [(work.schema, ids)]))))
        own = yield from _batch_by_batch(work, _batches(work, work.schema, ids, condition))
        gone += own
    else:
        gone = [(schema, [document["_id"] for document in documents]) for schema, documents in removed]
        own = gone[-1:]
        for schema, documents in removed:
            yield from drop_files(schema, file_ids(schema, *documents))
    yield from sweep(work, gone)
    return [each for _, own_ids in own for each in own_ids]


def sweep(work: Work, gone: list[Records]) -> Steps[None]:
    """Delete what was put below records that are gone, by somebody who saw them still there; and below that, until nothing is left."""
    while any(ids for _, ids in gone):
        gone = yield from _batch_by_batch(work, reversed((yield from _below(work, gone))))


def _at_once(work: Work, condition: Condition, ids: list[Any]) -> Steps[Removed | None]:
    """What was deleted, the records themselves last; None, and nothing deleted, where it is more than a transaction may hold."""
    standing: list[Document] = yield from do(Find(work.schema, all_of(work.with_ids(ids), condition), paths=("_id",)))
    own = [document["_id"] for document in standing]
    if not own:
        return []
    below = yield from _below(work, [(work.schema, own)])
    if len(own) + sum(len(batch.ids) for batch in below) > work.settings.limits.write_batch:
        return None
    removed: Removed = []
    for batch in (*reversed(below), Batch(work.schema, own, condition)):
        removed.append((batch.schema, (yield from _remove(work, batch))))
    return removed


def _batch_by_batch(work: Work, batches: Iterable[Batch]) -> Steps[list[Records]]:
    """Each batch kept by itself; of the documents deleted only ids stay in memory."""
    gone: list[Records] = []
    for batch in batches:
        documents = yield from do(Together(batch.schema, partial(_remove, work, batch)))
        yield from drop_files(batch.schema, file_ids(batch.schema, *documents))
        gone.append((batch.schema, [document["_id"] for document in documents]))
        work.report(sum(len(ids) for _, ids in gone))
    return gone


def _remove(work: Work, batch: Batch) -> Steps[list[Document]]:
    of_class = replace(work, schema=batch.schema)
    return (yield from do(Remove(batch.schema, all_of(of_class.with_ids(batch.ids), batch.condition))))


def _batches(work: Work, schema: ClassSchema, ids: Sequence[Any], condition: Condition) -> list[Batch]:
    most = work.settings.limits.write_batch
    return [Batch(schema, list(ids[start : start + most]), condition) for start in range(0, len(ids), most)]


def _below(work: Work, roots: Sequence[Records]) -> Steps[list[Batch]]:
    """Everything below these records, from the top down; every record once, so that cycles end."""
    seen = {(schema.name, str(each)) for schema, ids in roots for each in ids}
    levels: list[Batch] = []
    frontier = deque(batch for schema, ids in roots for batch in _batches(work, schema, ids, work.where))
    while frontier:
        above = frontier.popleft()
        ties = [(child, children_of(work, child, above.schema, above.ids)) for child in child_classes(work, above.schema)]
        for child, tie in (*ties, *owned_by_relation(work, above.schema, above.ids)):
            found: list[Document] = yield from do(Find(child, tie, paths=("_id",)))
            new = [each["_id"] for each in found if (child.name, str(each["_id"])) not in seen]
            seen.update((child.name, str(each)) for each in new)
            levels += (batches := _batches(work, child, new, tie))
            frontier += batches
    return levels
