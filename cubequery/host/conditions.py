"""A MongoDB filter of our own operators, read into the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.ast import Compare, Condition, Field, Not, all_of, any_of
from cubequery.host.operands import OPERANDS, PATTERNS, check_depth, check_text, read_circle, read_literal, read_one, read_value, wrong
from cubequery.names import HIDDEN
from cubequery.operators import HOST, SearchOperator
from cubequery.values import Anything

PATH_PARTS = 100
"""Longest path, in parts; MongoDB stores no deeper document than about 180."""

_ANYTHING = Anything()
_ROWS: Mapping[str, SearchOperator] = {row.mongo: row for row in HOST.rows if row.mongo}


def condition(document: Mapping[str, Any]) -> Condition:
    """The tree of a filter; an empty one is everything. Operands may be of any BSON type; they are copied and not cast.

    Takes ``$eq $ne $gt $gte $lt $lte $in $nin $all $exists $not $and $or $nor``, ``$regex`` of an escaped literal with or without
    ``^``, and ``$geoWithin`` with ``$centerSphere``. Raises :class:`DefinitionError` that names anything else.
    """
    return _document(document, 0)


def _document(document: Any, depth: int) -> Condition:
    check_depth(depth)
    if not isinstance(document, Mapping):
        raise wrong(f"a condition must be a document, not {type(document).__name__}")
    inner = _beside(document, depth)
    return all_of(*[_entry(key, value, inner) for key, value in document.items()])


def _beside(members: Mapping[str, Any], depth: int) -> int:
    """The level of the members in the compiled filter: several of them stand in a list under ``$and``."""
    return depth + 2 if len(members) > 1 else depth


def _entry(key: Any, value: Any, depth: int) -> Condition:
    if not isinstance(key, str):
        raise wrong(f"a key must be a text, not {type(key).__name__}")
    if key not in ("$and", "$or", "$nor"):
        return _field(Field(key, _path(key), _ANYTHING), value, depth)
    if not isinstance(value, list | tuple) or not value:
        raise wrong(f"{key} must be a list of conditions that is not empty")
    members = [_document(member, depth + 2) for member in value]
    if key == "$and":
        return all_of(*members)
    return any_of(*members) if key == "$or" else Not(any_of(*members))


def _path(path: str) -> str:
    parts = path.split(".")
    if path.startswith("$"):
        raise wrong(f'unknown operator "{path}"')
    if parts[0] in HIDDEN:
        raise wrong(f'"{parts[0]}" is a hidden name')
    if len(parts) > PATH_PARTS or "\0" in path or any(not part or part.startswith("$") for part in parts):
        raise wrong(f'"{path}" is no path')
    check_text(path)
    return path


def _field(field: Field, value: Any, depth: int) -> Condition:
    """A pattern, a document of operators, or a value to be equal to."""
    if isinstance(value, PATTERNS):
        return _pattern(field, value, "")
    if not _has_operators(field, value):
        return Compare(field, _ROWS["$eq"], read_value(value, depth + 2))
    check_depth(depth)
    inner = _beside(value, depth)
    return all_of(*[_operator(field, key, value, inner) for key in value if key != "$options" or "$regex" not in value])


def _has_operators(field: Field, value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    operators = [isinstance(key, str) and key.startswith("$") for key in value]
    if any(operators) and not all(operators):
        raise wrong(f'operators and keys are mixed under "{field.name}"')
    return any(operators)


def _operator(field: Field, key: str, operators: Mapping[str, Any], depth: int) -> Condition:
    operand = operators[key]
    if key == "$not":
        if not isinstance(operand, PATTERNS) and not _has_operators(field, operand):
            raise wrong("$not needs operators or a pattern")
        return Not(_field(field, operand, depth + 2))
    if key == "$regex":
        return _pattern(field, operand, operators.get("$options", ""))
    if key == "$geoWithin":
        return Compare(field, _row("near"), read_circle(operand))
    if key not in _ROWS:
        raise wrong(f'unknown operator "{key}"')
    return Compare(field, _ROWS[key], OPERANDS.get(key, read_one)(key, operand, depth + 2))


def _pattern(field: Field, pattern: Any, options: Any) -> Condition:
    anchored, literal = read_literal(pattern, options)
    return Compare(field, _row("start_with" if anchored else "ctn"), literal)


def _row(name: str) -> SearchOperator:
    row = HOST.row(name, _ANYTHING)
    if row is None:
        raise wrong(f'there is no operator "{name}" for it')
    return row
