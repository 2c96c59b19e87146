"""The names of a class's fields in requests and answers: the dialect writes system fields in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cubequery.ast import Field
from cubequery.names import SYSTEM, split_brackets
from cubequery.schema import ClassSchema, all_leaves

SYSTEM_NAMES: Mapping[str, str] = {"created_at": "createdAt", "updated_at": "updatedAt", "_parent_id": "parent", "user_id": "createdBy"}
"""The names of system fields as the services write them, by their names in the engine; ``_id`` is always ``_id``."""


def table_problems(table: Mapping[str, Any]) -> Iterable[str]:
    """What is wrong with a table of names."""
    for name, shown in table.items():
        if name not in SYSTEM or name == "_id":
            yield f"names: {name!r} is no system field that could have another name"
        elif not isinstance(shown, str) or not shown or shown[0] in "_$" or set(shown) & set(".[],"):
            yield f"names: {shown!r} is no name for {name}"
    if len(set(table.values())) < len(table):
        yield "names: two system fields have one name"


class Names:
    """The fields of a class by their names in the dialect, in the order of an answer; ``without`` are fields of the class left out."""

    def __init__(self, schema: ClassSchema, user_id_type: str, table: Mapping[str, str], without: Sequence[str] = ()) -> None:
        fields = schema.names(user_id_type)
        own = [(name, field) for name, field in schema.fields.items() if name not in without]
        system = [(table.get(name, name), fields[name]) for name in ("_parent_id", "user_id", "created_at", "updated_at")]
        self.fields: dict[str, Field] = dict([("_id", fields["_id"]), *own, *system])
        taken = {shown for shown, _ in system}
        self.clashes = [f"class {schema.name}: field {name} has the name of a system field; names= gives it another"
                        for name in schema.fields if name in taken]  # fmt: skip
        self.engine = {shown: field.name for shown, field in self.fields.items()}

    def find(self, name: str) -> Field | None:
        """The field of this name, ``address[city]`` for a sub-field."""
        return find_in(self.fields, name)


def find_in(fields: Mapping[str, Field], name: str) -> Field | None:
    """The field or sub-field that a name spells, or None."""
    words = split_brackets(name)
    field = fields.get(words[0]) if words else None
    for word in words[1:] if words else ():
        field = next((leaf for leaf in field.leaves if leaf.name == f"{field.name}[{word}]"), None) if field else None
    return field


def leaves_of(fields: Iterable[Field]) -> frozenset[Field]:
    """The fields with a value of their own among these and in them."""
    return frozenset(leaf for field in fields for leaf in all_leaves(field))
