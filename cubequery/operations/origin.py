"""Where the rights of older records come from: a field that names the owner, fields that name users who share the record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bson import Int64, ObjectId

from cubequery.ast import EVERYTHING, Compare, Condition, Field
from cubequery.check import Settings
from cubequery.errors import DefinitionError, Refused
from cubequery.operators import EQ
from cubequery.ordering import MISSING
from cubequery.schema import ClassSchema, all_leaves
from cubequery.schema.fields import path_problem
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.translate.render import stored_value
from cubequery.translate.rights import Owner
from cubequery.values import USER_ID_TYPES, Anything

_ANYTHING = Anything()


@dataclass(frozen=True)
class Origin:
    """Stored paths of the owner and of the shared users, and the actions that are the owner's and the shared users' alone."""

    owner: str
    shared: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """What must be fetched of a record; of two paths one inside the other the outer one, as MongoDB wants it."""
        wanted = {*(f"_{action}" for action in RECORD_ACTIONS), "_acl", "user_id", self.owner, *self.shared}
        return tuple(sorted(path for path in wanted if not any(path.startswith(f"{other}.") for other in wanted)))


def read_origin(schema: ClassSchema, settings: Settings, owner: Any, shared: Any, actions: Any) -> Origin:
    """The origin as the host names it: public field names or stored paths. Raises DefinitionError with every problem."""
    problems: list[str] = []
    if schema.strategy.kind != "tokens":
        problems.append(f"class {schema.name}: its strategy is {schema.strategy.kind}; only records under tokens are given token arrays")
    path = _path(schema, settings, "owner", owner, problems)
    named = [_path(schema, settings, "shared", each, problems) for each in _texts("shared", shared, problems)]
    given = _texts("shared_actions", actions, problems)
    problems += [f"shared_actions: {each!r} is none of {', '.join(RECORD_ACTIONS)}" for each in given if each not in RECORD_ACTIONS]
    if named and not given:
        problems.append("shared_actions: shared users need an action")
    if problems:
        raise DefinitionError(problems)
    return Origin(path, tuple(dict.fromkeys(named)), tuple(each for each in RECORD_ACTIONS if named and each in given))


def _texts(what: str, given: Any, problems: list[str]) -> Sequence[Any]:
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        return list(given)
    problems.append(f"{what}: must be a list of texts")
    return ()


def _path(schema: ClassSchema, settings: Settings, what: str, name: Any, problems: list[str]) -> str:
    fields = {leaf.name: leaf.path for field in schema.names(settings.user_id_type).values() for leaf in all_leaves(field)}
    if not isinstance(name, str) or not name:
        problems.append(f"{what}: must be the name of a field or a stored path")
    elif name in fields:
        return fields[name]
    elif problem := path_problem(name):
        problems.append(f"{what}: {name!r} is no field, and no stored path: {problem}")
    return str(name)


def read_user(value: Any, settings: Settings) -> Owner:
    """A stored value as a user id, None for what can be none.

    Under Integer ids: a positive integer of any stored size, its decimal text, a double that is whole. Under String ids: a text, the
    decimal text of an integer, the hex text of an ObjectId.
    """
    if settings.user_id_type == "String":
        value = str(value) if isinstance(value, int | ObjectId) and not isinstance(value, bool) else value
    elif isinstance(value, Int64) or (isinstance(value, float) and value.is_integer()):
        value = int(value)
    try:
        found: int | str = USER_ID_TYPES[settings.user_id_type]().read_json(value, settings.limits)
    except Refused:
        return None
    return found if isinstance(found, str) or found > 0 else None


def values_at(document: Mapping[str, Any], path: str) -> Iterator[Any]:
    """The values of a field that may be unset, one value, or an array of them."""
    value: Any = stored_value(document, path)
    for each in value if isinstance(value, list) else (value,):
        if each is not None and each is not MISSING:
            yield each


def as_read(document: Mapping[str, Any], path: str) -> Condition:
    """That a path still holds what was read there; what is no scalar and no list of scalars is nobody's id and not looked at again."""
    *above, last = path.split(".")
    for part in above:
        inner: Any = document.get(part, {})
        if not isinstance(inner, Mapping):
            return EVERYTHING
        document = inner
    value: Any = document.get(last)
    if any(isinstance(each, Mapping | list) for each in (value if isinstance(value, list) else (value,))):
        return EVERYTHING
    return Compare(Field(path, path, _ANYTHING), EQ, value)
