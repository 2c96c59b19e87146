"""The host's scope: stored paths that are fixed to one value in every command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from cubequery.errors import DefinitionError
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
