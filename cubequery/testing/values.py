"""Records of a class, drawn: values that its fields own and may hold, or awkward ones as other writers leave them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from bson import ObjectId

from cubequery.schema import ClassSchema, all_leaves
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.testing.pools import ACLS, DATES, FOREIGN, OWN, OWN_IDS, TOKENS
from cubequery.translate.rights import default_level, rights_update
from cubequery.values import FieldType

Document = dict[str, Any]
_FIRST = 0x650000000000000000000000
_MALFORMED_OBJECTS: list[Any] = [None, 5, "x", [], [{"city": "a"}, {"city": "ab"}], [{"v": 5}]]
"""What may stand in the place of an Object, besides one."""


class Values:
    """Draws stored values of one class from a random source, which Hypothesis may be."""

    def __init__(self, random: Random, schema: ClassSchema, user_id_type: str = "Integer") -> None:
        self.random, self.schema, self.user_id_type = random, schema, user_id_type
        self.foreign: Sequence[Any] = FOREIGN
        self.fields = [leaf for field in schema.names(user_id_type).values() for leaf in all_leaves(field)]
        self.objects = [field for field in schema.fields.values() if field.type.kind == "Object"]

    def own_value(self, kind: str) -> Any:
        """A value that a field of this kind stores itself, whatever its options say."""
        if kind.endswith("_a"):
            return [self.own_value(kind[:-2]) for _ in range(self.random.randint(0, 3))]
        return self.random.choice(self.pool(kind))

    def pool(self, kind: str) -> list[Any]:
        """What values of a kind are drawn from."""
        if kind in ("id", "parent"):
            return OWN_IDS[self.schema.id_type if kind == "id" else self.schema.parent_id_type]
        return OWN[kind]

    def fitting(self, kind: FieldType) -> Any:
        """A value of the type that its options allow."""
        element = kind.element
        if not kind.options:
            return self.own_value(kind.kind)
        given = (kind.minimum, kind.maximum) if kind.choices is None else kind.choices
        named = [element.read_json(each) for each in given if each is not None]
        array = element is not kind
        pool = [each for each in [*self.pool(element.kind), *named] if kind.judge([each] if array else each) is None]
        if not array:
            return self.random.choice(pool)
        most = 3 if kind.max_length is None else min(3, kind.max_length)
        return [self.random.choice(pool) for _ in range(self.random.randint(0, most))] if pool else []

    def id_of(self, number: int) -> Any:
        """The id of the record of this number."""
        if self.schema.id_type == "ObjectId":
            return ObjectId(f"{_FIRST + number * 7:024x}")
        return number * 7 + 1 if self.schema.id_type == "Integer" else f"r{number * 7 + 1}"

    def awkward(self, number: int) -> Document:
        """A record with values that its fields do not own here and there, and rights of every shape, malformed ones too."""
        document: Document = {"_id": self.id_of(number)}
        for field in self.fields[1:]:
            draw = self.random.random()
            if draw < 0.2:
                continue
            value = None if draw < 0.27 else self.random.choice(self.foreign) if draw < 0.42 else self.own_value(field.type.kind)
            put(document, field.path, value)
        if self.random.random() < 0.3:
            document["_acl"] = self.random.choice(ACLS)
        for action in RECORD_ACTIONS:
            if self.random.random() < 0.95:
                document[f"_{action}"] = self.random.choice(TOKENS)
        if self.objects and self.random.random() < 0.05:
            document[self.random.choice(self.objects).path.partition(".")[0]] = self.random.choice(_MALFORMED_OBJECTS)
        return document

    def valid(self, number: int) -> Document:
        """A record as the engine itself could have written it, with the default rights; unset fields are absent."""
        document: Document = {"_id": self.id_of(number)}
        owner = self.own_value("user" if self.user_id_type == "Integer" else "user_text")
        for field in self.fields:
            if field.system or (not field.type.required and self.random.random() < 0.25):
                continue
            put(document, field.path, self.fitting(field.type))
        put(document, self.schema.names(self.user_id_type)["user_id"].path, owner)
        created, updated = sorted([self.random.choice(DATES), self.random.choice(DATES)])
        document |= {"created_at": created, "updated_at": updated}
        return document | (self._rights(owner) if self.schema.strategy.kind == "tokens" else {})

    def _rights(self, owner: Any) -> Document:
        levels = [(action, default_level(self.schema, action)) for action in RECORD_ACTIONS]
        rights: Document = {}
        for path, value in rights_update(levels, owner)["$set"].items():
            put(rights, path, value)
        return rights


def put(document: Document, path: str, value: Any) -> None:
    """Set a stored path, where what is there already allows it."""
    *above, last = path.split(".")
    for part in above:
        inner = document.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        document = inner
    document[last] = value


def stored_at(document: Any, path: str) -> Any:
    """The value at a stored path; None where there is none."""
    for part in path.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
