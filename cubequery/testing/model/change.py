"""Write bodies in the model: what they ask for, and what becomes of a record's fields."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cubequery import RequestError, errors
from cubequery.testing.model.records import SYSTEM, Body, Fields, Record, judge, read, shown, spread
from cubequery.testing.model.search import holds

ALIASES = {"update_by_index": "index", "pull_with_filter": "pull"}
OPERATORS = ("inc", "push", "add_to_set", "pull", "pull_all", "pop", *ALIASES)
GIVES = ("set", "push", "add_to_set")
GIVEN_BY_ADMIN = ("user_id", "created_at", "updated_at")
Operations = Mapping[str, tuple[str, Any]]


class Change(NamedTuple):
    """What a body asks for: operations by leaf, and apart from these what not everybody may change."""

    operations: Operations
    parent: tuple[str | None, ...]
    levels: Mapping[str, Body]
    system: Mapping[str, Any]


def read_change(body: Body, fields: Fields, *, admin: bool, create: bool = False) -> Change:
    """What a body asks for. Raises RequestError with every fault that does not depend on records."""
    operations: dict[str, tuple[str, Any]] = {}
    faults = []
    for name, given in body.items():
        if name == "_parent_id" and given is not None and len(given) != 24:
            faults.append(errors.plain("parent", name))
        if name in (*SYSTEM, "id", "permissions"):
            continue
        word, inside = (ALIASES.get(name, name), given) if name in OPERATORS else ("set", {name: given})
        for leaf, value in spread(inside, fields).items():
            own = "index" if word == "set" and isinstance(value, Mapping) else word
            unset = [whole for whole in body if body[whole] is None and leaf.startswith(f"{whole}[")]
            faults += [errors.changed_twice((*unset, leaf)[0])] if leaf in operations else []
            operand = _operand(fields[leaf]["type"], own, value)
            operations[leaf] = own, list(dict.fromkeys(operand)) if own == "add_to_set" else operand
            written = [[item] for _, item in operand] if own == "index" else [operations[leaf][1]] if own in GIVES else []
            faults += [fault for each in written for fault in judge(leaf, fields[leaf], each)][:1]
    for leaf in [leaf for leaf in fields if create and leaf not in (*SYSTEM, *operations)]:
        operations[leaf] = "set", read(fields[leaf]["type"], fields[leaf].get("default"))
        faults += judge(leaf, fields[leaf], operations[leaf][1])
    if faults:
        raise RequestError(faults)
    levels = {action: shown(level) for action, level in body.get("permissions", {}).items()}
    parent = (body["_parent_id"],) if "_parent_id" in body else ()
    return Change(operations, parent, levels, {name: body[name] for name in GIVEN_BY_ADMIN if admin and name in body})


def _operand(kind: str, word: str, value: Any) -> Any:
    own = kind.removesuffix("_a")
    if word == "index":
        return sorted((int(place), read(own, item)) for place, item in value.items())
    if word == "pull":
        given = value if isinstance(value, Mapping) else {"in": read(kind, value)}
        return [(name, read(kind if isinstance(each, list) else own, each)) for name, each in given.items()]
    return int(value) if word == "pop" else read(kind, value)


def operate(record: Record, operations: Operations, fields: Fields) -> Record:
    """The record after operations on its fields. Raises RequestError with every fault that its values cause."""
    after, faults = dict(record), []
    for name, (word, operand) in operations.items():
        value = after[name] = RESULTS[word](record.get(name), operand)
        if isinstance(value, Impossible):
            faults.append(errors.plain(value, name))
        elif word != "set" and value is not None:
            faults += judge(name, fields[name], value)
    if faults:
        raise RequestError(faults)
    return after


class Impossible(str):
    """In the place of a result: the code that says why there is none."""


def _increased(value: Any, by: Any) -> Any:
    total = (value or 0) + by
    fits = math.isfinite(total) if isinstance(total, float) else -(2**63) <= total < 2**63
    return total if fits else Impossible("overflow")


def _placed(value: Any, items: list[tuple[int, Any]]) -> Any:
    array = list(value or [])
    for place, item in items:
        if place > len(array):
            return Impossible("index")
        array[place : place + 1] = [item]
    return array


RESULTS: Mapping[str, Callable[[Any, Any], Any]] = {
    "set": lambda value, operand: operand, "inc": _increased, "index": _placed,
    "push": lambda value, items: [*(value or []), *items] if items else value,
    "add_to_set": lambda value, items: [*(value or []), *(each for each in dict.fromkeys(items) if each not in (value or []))] or value,
    "pull": lambda value, given: value and [each for each in value if not all(holds(each, *one) for one in given)],
    "pull_all": lambda value, items: value and [each for each in value if each not in items],
    "pop": lambda value, end: value and (value[:-1] if end == 1 else value[1:]),
}  # fmt: skip
"""What an operation makes of a stored value; None is unset."""
