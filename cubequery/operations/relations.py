"""Parents and children: finding a parent the actor may name, whether it still stands, what may hang below a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, Condition, Field, all_of, any_of
from cubequery.errors import Refused, RequestError
from cubequery.operations.work import Work
from cubequery.operators import EQ, IN
from cubequery.schema import ClassSchema
from cubequery.stores.commands import Document, Find, Steps, do
from cubequery.translate.change import PARENT_CLASS


def parent_classes(work: Work) -> list[ClassSchema]:
    """Classes whose records may be parents here, in the order they are looked up: as declared, else by name."""
    declared = work.schema.parents
    names = sorted(work.classes) if declared is None else list(declared)
    found = [work.classes[name] for name in names if name in work.classes]
    return [each for each in found if each.id_type == work.schema.id_type] if declared is None else found


def find_parent(work: Work, parent: Any, record_id: Any) -> Steps[str]:
    """Name of the class of a parent that the actor may read and that is not the record itself; records of two classes may have one id.

    Raises RequestError 422 ``parent``: one text for all reasons.
    """
    for schema in parent_classes(work):
        there = replace(work, schema=schema)
        if (yield from do(Find(schema, all_of(there.with_ids([parent]), there.may("read")), limit=1, paths=("_id",)))):
            if schema.name == work.schema.name and parent == record_id:
                break
            return schema.name
    raise RequestError([errors.plain("parent", "_parent_id")])


def orphans(work: Work, documents: Sequence[Document], *, seen: bool = False) -> Steps[list[Document]]:
    """Those among records just written whose parent is not there any more, or (``seen``) is not there for the actor to read."""
    named: dict[str, set[Any]] = {}
    for document in documents:
        if "_parent_id" in document:
            named.setdefault(document["_parent_class"], set()).add(document["_parent_id"])
    standing = set()
    for name, ids in named.items():
        if name not in work.classes:
            continue  # a class of older data: nothing was put below it now
        parent = replace(work, schema=work.classes[name])
        right = parent.may("read") if seen else work.where
        found: list[Document] = yield from do(Find(parent.schema, all_of(parent.with_ids(list(ids)), right), paths=("_id",)))
        standing |= {(name, each["_id"]) for each in found}
    return [each for each in documents if each.get("_parent_class") in work.classes and _parent_of(each) not in standing]


def _parent_of(document: Document) -> tuple[str, Any]:
    return document["_parent_class"], document["_parent_id"]


def child_classes(work: Work, schema: ClassSchema) -> list[ClassSchema]:
    """Classes whose records may be children of records of ``schema``."""
    return [each for each in work.classes.values() if _may_hold(each, schema)]


def _may_hold(child: ClassSchema, parent: ClassSchema) -> bool:
    return parent.name in child.parents if child.parents is not None else child.id_type == parent.id_type


def owned_by_relation(work: Work, parent: ClassSchema, ids: list[Any]) -> list[tuple[ClassSchema, Condition]]:
    """Records that relations of a class delete together with these of its records, within the host scope."""
    found = []
    for relation in parent.relations.values():
        if relation.cascade and relation.foreign != "_parent_id" and relation.target in work.classes:
            child = work.classes[relation.target]
            field = child.names(work.settings.user_id_type)[relation.foreign]
            read = [each for each in (read_key(str(each), field) for each in ids) if each is not None]
            found.append((child, all_of(Compare(field, IN, read), work.where)))
    return found


def read_key(key: str, field: Field) -> Any:
    """The text of an id as a field that names records keeps it; None for what can be none there."""
    try:
        return field.type.element.read_text(key)
    except Refused:
        return None


def children_of(work: Work, child: ClassSchema, parent: ClassSchema, ids: list[Any]) -> Condition:
    """Children of these parents: of the parent's class, or of older data that does not say; within the host scope only."""
    names = child.names(work.settings.user_id_type)
    of_class = any_of(Compare(PARENT_CLASS, EQ, parent.name), Compare(PARENT_CLASS, EQ, None))
    return all_of(Compare(names["_parent_id"], IN, ids), of_class, work.where)
