"""Parents and children: finding a parent the actor may name, and deleting what hangs below a deleted record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, Condition, all_of, any_of
from cubequery.errors import RequestError
from cubequery.operations.work import Work
from cubequery.operators import EQ, IN
from cubequery.schema import ClassSchema
from cubequery.stores.commands import Document, Find, Remove, Steps, do
from cubequery.translate.change import PARENT_CLASS


def parent_classes(work: Work) -> list[ClassSchema]:
    """Classes whose records may be parents here, in the order they are looked up: as declared, else by name."""
    declared = work.schema.parents
    names = sorted(work.classes) if declared is None else list(declared)
    found = [work.classes[name] for name in names if name in work.classes]
    return [each for each in found if each.id_type == work.schema.id_type] if declared is None else found


def find_parent(work: Work, parent: Any) -> Steps[str]:
    """Name of the class of a parent that the actor may read. Raises RequestError 422 ``parent``: one text for all reasons."""
    for schema in parent_classes(work):
        there = replace(work, schema=schema)
        if (yield from do(Find(schema, all_of(there.with_ids([parent]), there.may("read")), limit=1, paths=("_id",)))):
            return schema.name
    raise RequestError([errors.plain("parent", "_parent_id")])


def child_classes(work: Work, schema: ClassSchema) -> list[ClassSchema]:
    """Classes whose records may be children of records of ``schema``."""
    return [each for each in work.classes.values() if _may_hold(each, schema)]


def _may_hold(child: ClassSchema, parent: ClassSchema) -> bool:
    return parent.name in child.parents if child.parents is not None else child.id_type == parent.id_type


def _children_of(work: Work, child: ClassSchema, parent: ClassSchema, ids: list[Any]) -> Condition:
    """Children of these parents: of the parent's class, or of older data that does not say; within the host scope only."""
    names = child.names(work.settings.user_id_type)
    of_class = any_of(Compare(PARENT_CLASS, EQ, parent.name), Compare(PARENT_CLASS, EQ, None))
    return all_of(Compare(names["_parent_id"], IN, ids), of_class, work.where)


def remove_children(work: Work, schema: ClassSchema, ids: Iterable[Any]) -> Steps[int]:
    """Delete everything below these records, deepest first, in batches; cycles end, and a repeat finishes what was cut."""
    levels: list[tuple[ClassSchema, list[Any]]] = []
    seen = {(schema.name, str(each)) for each in ids}
    frontier = [(schema, list(ids))]
    while frontier:
        parent, above = frontier.pop()
        for child in child_classes(work, parent):
            for start in range(0, len(above), work.settings.limits.write_batch):
                condition = _children_of(work, child, parent, above[start : start + work.settings.limits.write_batch])
                found: list[Document] = yield from do(Find(child, condition, paths=("_id",)))
                new = [each["_id"] for each in found if (child.name, str(each["_id"])) not in seen]
                seen.update((child.name, str(each)) for each in new)
                if new:
                    levels.append((child, new))
                    frontier.append((child, new))
    removed = 0
    for child, below in reversed(levels):
        there = replace(work, schema=child)
        for start in range(0, len(below), work.settings.limits.write_batch):
            gone = yield from do(Remove(child, all_of(there.with_ids(below[start : start + work.settings.limits.write_batch]), work.where)))
            removed += len(gone)
            work.report(removed)
    return removed
