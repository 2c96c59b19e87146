"""Related records of a page, level by level: one query for each relation of each level, under the rights of who asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, Condition, Field, all_of, any_of
from cubequery.errors import DefinitionError, RequestError
from cubequery.evaluate import sort_documents
from cubequery.operations.relations import read_key
from cubequery.operations.work import Work
from cubequery.operators import EQ, IN
from cubequery.schema import ClassSchema
from cubequery.schema.relations import Relation
from cubequery.stores.commands import Document, Find, Steps, Tally, do
from cubequery.translate.change import PARENT_CLASS
from cubequery.translate.render import stored_value

Paths = Mapping[str, "Paths"]
"""Names of relations, and what is wanted below each: ``{"users": {"pets": {}}}``."""
NO_PATHS: Paths = {}


@dataclass
class Level:
    """One relation of the records above: the ``documents`` found by the key of the record that has them, and what is ``below`` them."""

    relation: Relation
    schema: ClassSchema
    side: Field
    documents: dict[str, list[Document]] = field(default_factory=dict)
    below: list[Level] = field(default_factory=list)

    def of(self, document: Mapping[str, Any]) -> list[Document]:
        """What belongs to one of the records above, in ``_id`` order."""
        found = [each for key in keys_of(document, self.side) for each in self.documents.get(key, ())]
        return sort_documents(found, [("_id", 1)]) if self.side.type.kind.endswith("_a") else found


@dataclass
class Counted:
    """How many records of one relation there are, by the key of the record that has them."""

    relation: Relation
    side: Field
    numbers: Mapping[str, int]

    def of(self, document: Mapping[str, Any]) -> int:
        """Those of one record."""
        return sum(self.numbers.get(key, 0) for key in keys_of(document, self.side))


@dataclass
class Expanded:
    """What was asked beside a page: ``levels`` of related records, and by the name of a relation its ``counts`` by key."""

    levels: list[Level] = field(default_factory=list)
    counts: list[Counted] = field(default_factory=list)


def paths_of(dotted: Iterable[str]) -> Paths:
    """The tree of dotted paths: of ``a.b.c`` also ``a`` and ``a.b``."""
    tree: dict[str, Any] = {}
    for path in dotted:
        here = tree
        for word in path.split("."):
            here = here.setdefault(word, {})
    return tree


def expand(work: Work, documents: Sequence[Document], paths: Paths, counts: Iterable[str] = ()) -> Steps[Expanded]:
    """Related records of documents that the actor may read: a query a relation and level, a grouped count for each of ``counts``.

    Hidden records are left out and not counted. Raises RequestError 422 ``too_big`` above ``max_related`` records of one relation,
    DefinitionError for a relation that is not declared.
    """
    counted = []
    for name in counts:
        relation = relation_of(work.schema, name)
        counted.append(Counted(relation, _side(work, relation), (yield from _count(work, documents, relation))))
    return Expanded((yield from _levels(work, documents, paths)), counted)


def relation_of(schema: ClassSchema, name: str) -> Relation:
    """A relation of a class. Raises DefinitionError."""
    if name not in schema.relations:
        raise DefinitionError([f"class {schema.name} has no relation {name}"])
    return schema.relations[name]


def _levels(work: Work, documents: Sequence[Document], paths: Paths) -> Steps[list[Level]]:
    levels = []
    for name, below in paths.items():
        relation = relation_of(work.schema, name)
        level = Level(relation, work.classes[relation.target], _side(work, relation))
        there = replace(work, schema=level.schema)
        found = yield from _related(work, there, documents, relation)
        foreign = _foreign(there, relation)
        for document in found:
            for key in keys_of(document, foreign):
                level.documents.setdefault(key, []).append(document)
        if not relation.many:
            level.documents = {key: each[:1] for key, each in level.documents.items()}
        level.below = yield from _levels(there, found, below)
        levels.append(level)
    return levels


def _related(work: Work, there: Work, documents: Sequence[Document], relation: Relation) -> Steps[list[Document]]:
    condition, most = _condition(work, there, documents, relation), work.settings.limits.max_related
    if condition is None:
        return []
    found: list[Document] = yield from do(Find(there.schema, condition, limit=most + 1))
    if len(found) > most:
        raise RequestError([errors.plain("too_big", "with")])
    return found


def _count(work: Work, documents: Sequence[Document], relation: Relation) -> Steps[dict[str, int]]:
    there = replace(work, schema=work.classes[relation.target])
    condition = _condition(work, there, documents, relation)
    if condition is None:
        return {}
    foreign, counts = _foreign(there, relation), dict[str, int]()
    rows: list[tuple[Any, int]] = yield from do(Tally(there.schema, condition, foreign.path))
    for value, count in rows:
        if foreign.type.owns(value):
            counts[_text(value)] = counts.get(_text(value), 0) + count
    return counts


def _condition(work: Work, there: Work, documents: Sequence[Document], relation: Relation) -> Condition | None:
    """The related records that the actor may read; None where the page names none."""
    side, foreign = _side(work, relation), _foreign(there, relation)
    operands = dict.fromkeys(key for document in documents for key in keys_of(document, side))
    read = [each for each in (read_key(key, foreign) for key in operands) if each is not None]
    if not read:
        return None
    tie: Condition = Compare(foreign, IN, read)
    if relation.foreign == "_parent_id":
        tie = all_of(tie, any_of(Compare(PARENT_CLASS, EQ, work.schema.name), Compare(PARENT_CLASS, EQ, None)))
    return all_of(tie, there.may("read"))


def _side(work: Work, relation: Relation) -> Field:
    return work.schema.names(work.settings.user_id_type)[relation.local]


def _foreign(there: Work, relation: Relation) -> Field:
    return there.schema.names(there.settings.user_id_type)[relation.foreign]


def keys_of(document: Mapping[str, Any], field: Field) -> list[str]:
    """What a record holds there, as texts, by which ids of all types and the fields that name them are told from one another."""
    value = stored_value(document, field.path)
    if value is None or not field.type.owns(value):
        return []
    return list(dict.fromkeys(_text(each) for each in (value if isinstance(value, list) else [value]) if each is not None))


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, int | float) else str(value)
