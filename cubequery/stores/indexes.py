"""Which indexes serve a class: what every class needs, and those for the fields that the host says are sorted or searched by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pymongo import IndexModel

from cubequery.ast import Field
from cubequery.errors import DefinitionError
from cubequery.schema import ClassSchema, all_leaves

MOST = 63
"""A collection holds 64 indexes, one of which is that of ``_id``."""
SPHERE = "2dsphere"
Key = tuple[str, int | str]
Wanted = Iterable[str | Sequence[str]]


@dataclass(frozen=True)
class Index:
    """Keys in order; ``partial`` is a path without which a record is not in it."""

    keys: tuple[Key, ...]
    partial: str | None = None

    def model(self) -> IndexModel:
        """For pymongo. The collation is that of our commands, which no other index could serve."""
        options = {} if self.partial is None else {"partialFilterExpression": {self.partial: {"$exists": True}}}
        return IndexModel(list(self.keys), collation={"locale": "simple"}, **options)


def indexes_of(schema: ClassSchema, fields: Wanted = (), *, scope: Iterable[str] = (), user_id_type: str = "Integer") -> list[Index]:
    """The indexes of a class. ``fields`` are public names; several in one entry are those compared by ``=`` and then the one sorted by.

    ``scope`` are the stored paths of the host's scope: they lead every index. Raises DefinitionError for what cannot be indexed.
    """
    leads = _leads(schema, user_id_type)
    found = [Index((("_parent_id", 1),)), Index((("_op", 1),), partial="_op"), *(Index(((path, 1), ("_id", 1))) for path, _ in leads)]
    for entry in fields:
        wanted = [_leaf(schema, name, user_id_type) for name in ([entry] if isinstance(entry, str) else entry)]
        found += _for_fields(schema, wanted, leads)
    led = [Index((*((path, 1) for path in scope), *index.keys), index.partial) for index in dict.fromkeys(found)]
    if len(led) > MOST:
        raise DefinitionError([f"class {schema.name}: {len(led)} indexes, at most {MOST} are possible"])
    return led


def _leads(schema: ClassSchema, user_id_type: str) -> list[tuple[str, bool]]:
    """Stored paths by which rights select records, and whether they hold arrays."""
    strategy = schema.strategy
    if strategy.kind == "tokens":
        return [("_read", True)]
    names = schema.names(user_id_type)
    owners = [name for name in (strategy.owner, *strategy.shared) if name]
    return [(names[name].path, _is_array(names[name])) for name in owners]


def _for_fields(schema: ClassSchema, wanted: Sequence[Field], leads: Sequence[tuple[str, bool]]) -> Iterator[Index]:
    """Plain, for whoever sees most records; led by the rights for those who see few, never with a second array in it."""
    arrays = sum(map(_is_array, wanted))
    if arrays > 1:
        raise DefinitionError([f"class {schema.name}: an index holds one Array field at most"])
    keys: tuple[Key, ...] = tuple((field.compared, SPHERE if field.type.kind == "Location" else 1) for field in wanted)
    tail: tuple[Key, ...] = () if any(kind == SPHERE for _, kind in keys) else (("_id", 1),)
    if schema.strategy.kind != "owner":
        yield Index((*keys, *tail))
    if schema.strategy.kind == "tokens" and not schema.private_majority:
        return
    for path, is_array in leads:
        if not (is_array and arrays):
            yield Index(((path, 1), *keys, *tail))


def _is_array(field: Field) -> bool:
    return field.type.kind.endswith("_a")


def _leaf(schema: ClassSchema, name: str, user_id_type: str) -> Field:
    names = schema.names(user_id_type)
    found = {leaf.name: leaf for field in names.values() for leaf in all_leaves(field)}
    if name not in found:
        raise DefinitionError([f"class {schema.name}: {name!r} is no field that can be indexed"])
    return found[name]
