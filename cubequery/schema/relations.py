"""Relations of a class: which records of another class belong to a record, or which it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.record import Record

KINDS: Mapping[str, tuple[bool, bool]] = {
    "has_many": (True, True), "has_one": (True, False), "belongs_to": (False, False), "belongs_to_many": (False, True),
}  # fmt: skip
"""By the kind: whether the other class's records name this one's, and whether there may be several."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*", re.ASCII)
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_KEYS = {"kind", "class", "field", "cascade"}
_LINKS = frozenset({"Integer", "String", "parent", "user", "user_text"})
"""Kinds of fields that can name a record."""


class Relation(Record):
    """``local`` of a record names, or is named by, ``foreign`` of records of the class ``target``; ``many``: of several.

    ``cascade``: they are deleted with the record that has them.
    """

    name: str
    kind: str
    target: str
    local: str
    foreign: str
    many: bool
    cascade: bool = False

    @property
    def key(self) -> str:
        """The name in an answer: snake case."""
        return snake(self.name)

    @property
    def field(self) -> str:
        """The field that names the other side, on whichever side it stands."""
        return self.local if self.foreign == "_id" else self.foreign


def snake(name: str) -> str:
    """A ``_`` before each capital but the first letter, then lower case."""
    return _CAPITAL.sub("_", name).lower()


def read_relations(given: Mapping[str, Any], fields: Mapping[str, Field], problems: list[str]) -> dict[str, Relation]:
    """The relations of a definition: name to ``{"kind": "has_many", "class": "User", "field": "company_id", "cascade": false}``.

    ``field`` (``_parent_id`` where none is given) stands in the other class for ``has_many`` and ``has_one``, in this one for
    ``belongs_to`` and ``belongs_to_many``; only what a record has can be deleted with it.
    """
    found = {}
    for name, each in given.items():
        wrong = list(_problems(name, each, fields))
        problems += [f"relations {name}: {problem}" for problem in wrong]
        if not wrong:
            found[name] = _relation(name, each)
    keys = [word for relation in found.values() for word in (relation.key, f"{relation.key}_count")]
    taken = {"id", "_id", "user_id", "created_at", "updated_at", *fields}
    problems += [f"relations: {key} is the key of a field or of another relation" for key in keys if key in taken or keys.count(key) > 1]
    return found


def _relation(name: str, given: Mapping[str, Any]) -> Relation:
    has, many = KINDS[given["kind"]]
    field = given.get("field", "_parent_id")
    local, foreign = ("_id", field) if has else (field, "_id")
    return Relation(name, given["kind"], given["class"], local, foreign, many, given.get("cascade", False))


def _problems(name: Any, given: Any, fields: Mapping[str, Field]) -> Iterable[str]:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        yield "a name is of letters and digits, and begins with a letter"
    if not isinstance(given, Mapping):
        yield "must be an object"
        return
    yield from (f"unknown key {key!r}" for key in given if key not in _KEYS)
    kind, field, cascade = given.get("kind"), given.get("field", "_parent_id"), given.get("cascade", False)
    if kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}"
        return
    has, many = KINDS[str(kind)]
    if not isinstance(given.get("class"), str):
        yield "class must be the name of one"
    if not isinstance(field, str):
        yield "field must be the name of one"
    elif not has and field not in ("_parent_id", "user_id"):
        yield from link_problems(fields.get(field), field, many=many)
    elif not has and many:
        yield f"{field} names one record only"
    if type(cascade) is not bool or (cascade and not has):
        yield "cascade is true or false, and true only for has_many and has_one"


def link_problems(field: Field | None, name: str, *, many: bool) -> Iterable[str]:
    """What is wrong with a field that is to name a record, or several."""
    if field is None:
        yield f"there is no field {name}"
    elif field.type.kind.endswith("_a") != many or field.type.element.kind not in _LINKS:
        yield f"{name} must hold {'several ids' if many else 'an id'}: an {'Array of ' if many else ''}Integer or String"
