"""ClassSchema: fields, stored paths, class permissions, strategy; immutable and known by the hash of its content."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy, deepcopy
from typing import Any

from cubequery.ast import Field
from cubequery.errors import DefinitionError
from cubequery.names import KnownNames
from cubequery.schema.definition import CLASS_KEYS, decode, read_type, write_type
from cubequery.schema.diff import SchemaDiff, differences
from cubequery.schema.fields import all_leaves, build_fields, meet
from cubequery.schema.from_model import fields_of
from cubequery.schema.permissions import ClassLevel, read_permissions
from cubequery.schema.relations import Relation, read_relations
from cubequery.schema.strategy import Strategy, read_strategy
from cubequery.values import ID_TYPES, USER_ID_TYPES, FieldType, Time, parent_type

_CLASS_NAME = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_PATH_WORDS = frozenset({"multi", "by_criteria", "file"})


class ClassSchema:
    """One class of records.

    ``fields`` maps public names to field types (``cq.Integer`` or ``cq.Integer(minimum=1)``). ``permissions`` are the class's levels by
    action, ``acl`` its strategy: ``"tokens"``, ``"class"`` or ``{"owner": field, "shared": [fields]}``. ``id_type`` is ``ObjectId``,
    ``Integer`` or ``String``. ``parents`` names the classes that may hold its parents (None: any of its id type, ``[]``: none).
    ``relations`` are :class:`~cubequery.schema.relations.Relation` by name, ``scopes`` names of criteria such as ``"age[gt]=28"``.
    Raises :class:`DefinitionError` with every problem of the definition.
    """

    def __init__(
        self, name: str, fields: Mapping[str, FieldType | type[FieldType]], *,
        permissions: Mapping[str, Any] | None = None, acl: Any = "tokens", id_type: str = "ObjectId",
        parents: Sequence[str] | None = None, relations: Mapping[str, Any] | None = None,
        scopes: Mapping[str, Any] | None = None, private_majority: bool = False,
    ) -> None:  # fmt: skip
        problems: list[str] = []
        types = {each: kind() if isinstance(kind, type) else kind for each, kind in _mapping(fields, "fields", problems).items()}
        self.name = name
        self.fields: Mapping[str, Field] = build_fields(types, problems)
        self.strategy: Strategy = read_strategy(acl, self.fields, problems)
        self.permissions: Mapping[str, ClassLevel] = read_permissions(permissions, self.strategy.kind, problems)
        self.id_type, self.private_majority = id_type, private_majority
        self.parents = _parents(parents, problems)
        self.read_by_tokens = self.strategy.kind == "tokens" and not self.permissions["read"].primary
        self._related = deepcopy(dict(_mapping({} if relations is None else relations, "relations", problems)))
        self.relations: Mapping[str, Relation] = read_relations(self._related, self.fields, problems)
        self.scopes: Mapping[str, str] = _scopes(_mapping({} if scopes is None else scopes, "scopes", problems), problems)
        problems += self._header_problems()
        if problems:
            raise DefinitionError(problems)
        self._acl, self._given = deepcopy(acl), deepcopy(dict(permissions or {}))
        from hashlib import sha256  # with the first class: it brings in a library of ciphers

        self.hash = sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()
        self._systems: dict[str, Mapping[str, Field]] = {}
        self._offers: dict[str | tuple[str, str], KnownNames] = {}
        self.memory: dict[Any, Any] = {}
        self.fixed: frozenset[str] = frozenset()
        self.parent_id_type = id_type
        self._variants: dict[tuple[frozenset[str], str], ClassSchema] = {(self.fixed, id_type): self}

    def _header_problems(self) -> Iterable[str]:
        given: Any = self.name
        if not isinstance(given, str) or _CLASS_NAME.fullmatch(given) is None or given in _PATH_WORDS:
            yield "name: must be of letters, digits and _, and no path word"
        if str(self.id_type) not in ID_TYPES:
            yield f"id_type: must be one of {', '.join(ID_TYPES)}"
        if type(self.private_majority) is not bool:
            yield "private_majority: must be true or false"

    def names(self, user_id_type: str = "Integer") -> Mapping[str, Field]:
        """Every field by its public name, system fields included, under one type of user ids."""
        found = self._systems.get(user_id_type)
        if found is None:
            found = self._systems[user_id_type] = {**self._system_fields(user_id_type), **self.fields}
        return found

    def offer(self, user_id_type: str = "Integer", within: Field | None = None) -> KnownNames:
        """The names that an error may offer: every public field, or the sub-fields of an Object."""
        key = user_id_type if within is None else (user_id_type, within.name)
        found = self._offers.get(key)
        if found is None:
            names = self.names(user_id_type) if within is None else [leaf.name for leaf in within.leaves]
            found = self._offers[key] = KnownNames(names)
        return found

    def under(self, paths: Iterable[str]) -> ClassSchema:
        """The class where the host fixes these stored paths: requests may name the fields there, and never change them."""
        leaves = [leaf for field in self.fields.values() for leaf in all_leaves(field)]
        return self._variant(frozenset(leaf.name for path in paths for leaf in leaves if meet(path, leaf.path)), self.parent_id_type)

    def with_parents_of(self, id_type: str) -> ClassSchema:
        """The class where its records hang below records with ids of this type; a class alone takes them to be of its own."""
        if id_type not in ID_TYPES:
            raise DefinitionError([f"id_type: must be one of {', '.join(ID_TYPES)}"])
        return self._variant(self.fixed, id_type)

    def _variant(self, fixed: frozenset[str], parent_id_type: str) -> ClassSchema:
        """The same class, and the same hash, in another place; made once, so that what is remembered of names stays with it."""
        found = self._variants.get((fixed, parent_id_type))
        if found is None:
            found = copy(self)
            found.fixed, found.parent_id_type, found.memory, found._systems = fixed, parent_id_type, {}, {}
            found = self._variants.setdefault((fixed, parent_id_type), found)
        return found

    def _system_fields(self, user_id_type: str) -> dict[str, Field]:
        owner = self.strategy.owner
        if user_id_type not in USER_ID_TYPES:
            raise DefinitionError([f"user_id_type must be one of {', '.join(USER_ID_TYPES)}"])
        kinds = {kind.type.element.kind for name, kind in self.fields.items() if name == owner or name in self.strategy.shared}
        if kinds - {user_id_type}:
            raise DefinitionError([f"acl: owner and shared fields of class {self.name} are not of the user id type {user_id_type}"])
        path = self.fields[owner].path if owner and owner != "user_id" else "user_id"
        return {
            "_id": Field("_id", "_id", ID_TYPES[self.id_type](), system=True),
            "_parent_id": Field("_parent_id", "_parent_id", parent_type(self.parent_id_type), system=True),
            "user_id": Field("user_id", path, USER_ID_TYPES[user_id_type](), system=True),
            "created_at": Field("created_at", "created_at", Time(), system=True),
            "updated_at": Field("updated_at", "updated_at", Time(), system=True),
        }

    def diff(self, other: ClassSchema) -> SchemaDiff:
        """What differs where ``other`` takes the place of this class, with a verdict each. Raises DefinitionError for another name."""
        if self.name != other.name:
            raise DefinitionError([f"class {other.name} takes no place of class {self.name}"])
        return SchemaDiff(self.name, tuple(differences(self, other)))

    def to_json(self) -> dict[str, Any]:
        """The canonical definition: ``ClassSchema.from_json(schema.to_json()) == schema``."""
        definition = {
            "name": self.name, "fields": {name: write_type(field.type) for name, field in self.fields.items()}, "id_type": self.id_type,
            "acl": self._acl, "permissions": self._given, "private_majority": self.private_majority,
            "relations": self._related, "scopes": dict(self.scopes),
        }  # fmt: skip
        return deepcopy({**definition, "parents": list(self.parents)} if self.parents is not None else definition)

    @classmethod
    def from_json(cls, definition: Mapping[str, Any] | str | bytes) -> ClassSchema:
        """A class from its JSON definition (decoded or as text). Raises DefinitionError with every problem."""
        if isinstance(definition, str | bytes):
            definition = decode(definition)
        if not isinstance(definition, Mapping):
            raise DefinitionError(["a class is a JSON object"])
        problems = [f"unknown key {key!r}" for key in definition if key not in CLASS_KEYS]
        problems += [f"{key} is missing" for key in ("name", "fields") if key not in definition]
        given = _mapping(definition.get("fields", {}), "fields", problems)
        read = {name: read_type(each, name, problems) for name, each in given.items()}
        types = {name: kind for name, kind in read.items() if kind is not None}
        rest = {key: definition[key] for key in CLASS_KEYS & set(definition) - {"name", "fields"}}
        try:
            schema = cls(definition.get("name", "x"), types, **rest)
        except DefinitionError as error:
            raise DefinitionError([*problems, *(each for each in error.problems if each not in problems)]) from None
        if problems:
            raise DefinitionError(problems)
        return schema

    @classmethod
    def from_model(cls, model: type[Any], name: str | None = None, *, exclude: Collection[str] = (), **options: Any) -> ClassSchema:
        """A class from a pydantic model, called ``name`` or like the model; ``options`` are those of the class itself.

        An alias is the field's public name, and its own name the stored path. What may not be null is required. A field says its type
        itself by ``Annotated[list[float], cq.Location]``; those in ``exclude`` are left out. Raises DefinitionError with every field
        that has no counterpart.
        """
        problems: list[str] = []
        types = fields_of(model, exclude, problems)
        try:
            schema = cls(model.__name__ if name is None else name, types, **options)
        except DefinitionError as error:
            raise DefinitionError([*problems, *error.problems]) from None
        if problems:
            raise DefinitionError(problems)
        return schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClassSchema) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)

    def __repr__(self) -> str:
        return f"ClassSchema({self.name!r}, {list(self.fields)})"


def _mapping(given: Any, what: str, problems: list[str]) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    problems.append(f"{what}: must be an object")
    return {}


def _scopes(given: Mapping[str, Any], problems: list[str]) -> dict[str, str]:
    """Named conditions, each the criteria of a request, read when something offers them."""
    problems += [f"scopes {name}: must be criteria as a request writes them" for name, each in given.items() if not isinstance(each, str)]
    problems += [f"scopes {name!r}: is no name" for name in given if name in ("", "latest")]
    return {name: each for name, each in given.items() if isinstance(each, str)}


def _parents(given: Any, problems: list[str]) -> tuple[str, ...] | None:
    if given is None:
        return None
    if isinstance(given, list | tuple) and all(isinstance(name, str) and _CLASS_NAME.fullmatch(name) for name in given):
        return tuple(given)
    problems.append("parents: must be a list of class names")
    return ()
