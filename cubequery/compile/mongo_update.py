"""Changes to MongoDB: (filter, update) pairs, the usual state of a record first; the pair that matches is the one that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from cubequery.ast import Assign
from cubequery.compile import guards
from cubequery.compile.guards import Filter
from cubequery.compile.pipeline import compile_pipeline
from cubequery.ordering import MISSING

Update = dict[str, dict[str, Any]]
Pair = tuple[list[Filter], Update | list[dict[str, Any]]]


def compile_changes(changes: Sequence[Assign], always: Update) -> Iterator[Pair]:
    """Pairs of guards and update, tried in order until one matches; ``always`` is set whatever the state.

    One pair where every field has one legal state. One field with another legal state (stored null, an index on an unset array, a
    foreign value in an Object's place) gets a plain second pair; where pairs would multiply, one pipeline update decides for all.
    """
    yield [guard for change in changes for guard in usual_guards(change)], _merged([_usual(change) for change in changes], always)
    several = [change for change in changes if has_other_states(change)]
    if len(several) == 1 and "." not in several[0].field.path:
        yield from _second(several[0], changes, always)
    elif several:
        yield compile_pipeline(changes, always)


def usual_guards(change: Assign) -> list[Filter]:
    """Guards under which the change's own MongoDB operator does what it should."""
    if guards.is_idle(change):
        return guards.idle(change)
    above = [] if change.operator.name == "unset" else [guards.is_object_or_absent(path) for path in guards.ancestors(change.field)]
    return [*above, *guards.own_value(change)]


def has_other_states(change: Assign) -> bool:
    """Whether the change is legal in a state that its usual pair does not cover."""
    if guards.is_idle(change) or change.operator.name == "unset":
        return False
    return change.operator.own != "any" or "." in change.field.path


def _usual(change: Assign) -> Update:
    row, path = change.operator, change.field.path
    if guards.is_idle(change):
        return {}
    if row.name == "set_index":
        return {row.command: {f"{path}.{index}": value for index, value in change.operand}}
    return {row.command: {path: row.argument(change.operand)}}


def _second(change: Assign, changes: Sequence[Assign], always: Update) -> Iterator[Pair]:
    """The other legal state of one top-level field: stored null, or for an index from 0 also absent."""
    if not guards.fresh_fits(change):
        return
    path, fresh = change.field.path, change.operator.fresh(change.operand)
    guard = guards.is_unset(path) if change.operator.name == "set_index" else guards.is_null(path)
    rest = [other for other in changes if other is not change]
    parts = [_usual(other) for other in rest]
    if fresh is not MISSING:
        parts.append({"$set": {path: fresh}})
    yield [guard, *(each for other in rest for each in usual_guards(other))], _merged(parts, always)


def _merged(parts: Sequence[Update], always: Update) -> Update:
    merged: Update = {}
    for part in (*parts, always):
        for command, paths in part.items():
            merged.setdefault(command, {}).update(paths)
    return merged


def own(document: Any) -> Any:
    """A filter or an update with lists of its own, in the place of those of the tree."""
    kind = type(document)
    if kind is dict:
        return {key: own(value) for key, value in document.items()}
    return [own(item) for item in document] if kind is list else document
