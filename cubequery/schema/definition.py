"""Class definitions as JSON: reading field types and options from it, writing the canonical form back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cubequery.errors import DefinitionError
from cubequery.values import UNSET, Array, Boolean, Date, FieldType, File, Float, Integer, Location, Object, String

PLAIN: dict[str, type[FieldType]] = {kind.name: kind for kind in (Integer, Float, String, Boolean, Date, Location, File)}
ARRAYS: dict[str, type[FieldType]] = {"Integer_a": Integer, "Float_a": Float, "String_a": String, "Boolean_a": Boolean, "Array": String}
CLASS_KEYS = frozenset({"name", "fields", "permissions", "acl", "id_type", "parents", "relations", "scopes", "private_majority"})


def decode(text: str | bytes) -> Any:
    """What the text of a definition holds. Raises DefinitionError where it is no JSON."""
    try:
        return json.loads(text)
    except ValueError:
        raise DefinitionError(["the definition is not JSON"]) from None


def read_type(definition: Any, where: str, problems: list[str]) -> FieldType | None:
    """A field type from ``"Integer"`` or ``{"type": "Integer", "required": true}``; problems are added, None is returned for them."""
    if isinstance(definition, str):
        definition = {"type": definition}
    if not isinstance(definition, Mapping):
        problems.append(f"{where}: a field is a type's name or an object with one")
        return None
    options = {name: value for name, value in definition.items() if name not in ("type", "fields")}
    name = definition.get("type")
    try:
        if name == "Object":
            return Object(_sub_fields(definition.get("fields"), where, problems), **options)
        if "fields" in definition:
            raise TypeError("only an Object has fields")
        if isinstance(name, str) and name in ARRAYS:
            return Array(ARRAYS[name], **options)
        if isinstance(name, str) and name in PLAIN:
            return PLAIN[name](**options)
        raise TypeError(f"unknown type {name!r}")
    except (TypeError, DefinitionError) as error:
        problems.append(f"{where}: {error}")
        return None


def _sub_fields(definition: Any, where: str, problems: list[str]) -> dict[str, FieldType]:
    if not isinstance(definition, Mapping):
        problems.append(f"{where}: fields of an Object are an object")
        return {}
    found = {name: read_type(each, f"{where}[{name}]", problems) for name, each in definition.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


def write_type(kind: FieldType) -> Any:
    """The canonical JSON form of a field type."""
    name = f"{kind.element.name}_a" if isinstance(kind, Array) else kind.name
    options = {key: value for key, value in sorted(kind.options.items()) if value is not UNSET and value is not None}
    if isinstance(kind, Object):
        options["fields"] = {each: write_type(sub) for each, sub in kind.fields.items()}
    return {"type": name, **options} if options else name
