"""The host's scope: stored paths that are fixed to one value in every command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from cubequery import errors
from cubequery.ast import All, Assign, Compare, Condition, Update
from cubequery.errors import DefinitionError, RequestError
from cubequery.record import replace
from cubequery.schema.fields import path_problem

_SCALARS = (str, int, float, bool, dt.datetime, ObjectId)


def check_scope(scope: Any) -> dict[str, Any]:
    """A non-empty mapping of stored paths to one non-null scalar each, as it is. Raises DefinitionError for anything else."""
    if not isinstance(scope, Mapping) or not scope:
        raise DefinitionError(["a scope is a non-empty mapping of stored paths to values"])
    problems = []
    for path, value in scope.items():
        refused = path_problem(path) if isinstance(path, str) and path else "a stored path is a text"
        if refused:
            problems.append(f"{path!r}: {refused}")
        elif not isinstance(value, _SCALARS):
            problems.append(f"{path}: a scope fixes one scalar value, never null")
    if problems:
        raise DefinitionError(problems)
    return dict(scope)


def scope_paths(host: Condition) -> frozenset[str]:
    """Stored paths that the host's condition fixes to one value: no request may change them."""
    members = host.members if isinstance(host, All) else (host,)
    return frozenset(member.field.path for member in members if isinstance(member, Compare) and member.operator.name == "eq")


def outside_scope(update: Update, host: Condition) -> Update:
    """Plain changes of scope fields, or of what holds them or lies in them, are ignored, an admin's too; operators are refused."""
    fixed = scope_paths(host)
    if not fixed:
        return update

    def free(change: Assign) -> bool:
        path = change.field.path
        return not any(path == each or path.startswith(f"{each}.") or each.startswith(f"{path}.") for each in fixed)

    wrong = [
        errors.operator_type(change.operator.name, "a field of the scope", change.field.name)
        for change in (*update.changes, *update.system)
        if change.operator.spelled and not free(change)
    ]
    if wrong:
        raise RequestError(wrong)
    changes, system = tuple(filter(free, update.changes)), tuple(filter(free, update.system))
    parent = update.parent if update.parent is not None and free(update.parent) else None
    return replace(update, changes=changes, system=system, parent=parent)
