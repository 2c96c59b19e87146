"""Conditions over documents in memory: one generated function holds the whole loop, without a Python call per condition and record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from cubequery.ast import All, AnyOf, Compare, Condition, Everything, Not, Nothing
from cubequery.evaluate.leaf import SIMPLE, Leaf, guard, leaf
from cubequery.evaluate.source import function

WIDTH, DEPTH, LEAVES, PARTS = 16, 12, 48, 4
"""Members of a node, nesting, comparisons and parts of a path that stand in one function; what is beyond is a function of its own."""

_MATCH = """
def match(d{parameters}):
    return {decision}
"""
_SELECT = """
def select(ds{parameters}):
    out = []
    add = out.append
    for d in ds:
        if {decision}:
            add(d)
    return out
"""
# An array's element without hash stops a hasty decision; the record is then decided by the careful function, which has no such step.
_HASTY_MATCH = """
def match(d{parameters}):
    try:
        return {decision}
    except TypeError:
        return {careful}(d)
"""
_HASTY_SELECT = """
def select(ds{parameters}):
    out = []
    add = out.append
    for d in ds:
        try:
            if {decision}:
                add(d)
        except TypeError:
            if {careful}(d):
                add(d)
    return out
"""
_NAMES = re.compile(r"\b[vx]\b")


class Elsewhere:
    """Stands for the value of a path that passes through more than plain documents."""


ELSEWHERE: Final = Elsewhere()


def matcher(condition: Condition) -> Callable[[Mapping[str, Any]], bool]:
    """The condition as a function of one document. Raises TypeError for a node of unknown kind."""
    return _Writer().function(condition, _MATCH, _HASTY_MATCH)


def selector(condition: Condition) -> Callable[[Iterable[Mapping[str, Any]]], list[Any]]:
    """The condition as a function of documents: those that match, in the order given. Raises as :func:`matcher`."""
    return _Writer().function(condition, _SELECT, _HASTY_SELECT)


def _careful(condition: Condition) -> Callable[[Mapping[str, Any]], bool]:
    """A matcher without hasty steps, written when it is first needed."""
    write = cache(lambda: _Writer(hasty=False).function(condition, _MATCH, _MATCH))
    return lambda document: bool(write()(document))


class _Writer:
    """Writes one function. Its source tells the shape of the tree; paths, operands and classes become parameters, never text."""

    def __init__(self, *, hasty: bool = True) -> None:
        self.hasty = hasty
        self.raises = False
        self.leaves = 0
        self.parameters: list[Any] = []
        self.variables: dict[str, str] = {}

    def function(self, condition: Condition, plain: str, hasty: str) -> Callable[[Any], Any]:
        decision = self.node(condition, 0, set())
        careful = self.name(_careful(condition)) if self.raises else ""
        names = "".join(f", a{place}=None" for place in range(len(self.parameters)))
        return function((hasty if self.raises else plain).format(parameters=names, decision=decision, careful=careful), self.parameters)

    def name(self, parameter: Any) -> str:
        self.parameters.append(parameter)
        return f"a{len(self.parameters) - 1}"

    def node(self, node: Condition, depth: int, known: set[str]) -> str:
        """Source of a node; ``known`` are the paths whose variables are surely set when it is reached."""
        match node:
            case Everything() | Nothing():
                return str(isinstance(node, Everything))
            case Compare():
                return self.compare(node, known)
            case All() | AnyOf() | Not() if depth >= DEPTH or self.leaves >= LEAVES:
                return f"{self.name(_Writer(hasty=self.hasty).function(node, _MATCH, _HASTY_MATCH))}(d)"
            case Not():
                return f"(not {self.node(node.member, depth + 1, known)})"
            case All() | AnyOf():
                return self.members(node, depth + 1, known)
        raise TypeError(f"no condition: {type(node).__name__}")

    def members(self, node: All | AnyOf, depth: int, known: set[str]) -> str:
        kind, word = (All, " and ") if isinstance(node, All) else (AnyOf, " or ")
        members: tuple[Condition, ...] = node.members
        while len(members) > WIDTH:
            members = tuple(kind(members[place : place + WIDTH]) for place in range(0, len(members), WIDTH))
        if not members:
            return str(kind is All)
        # Where a member is reached, those before it have read their paths; outside, it may not have been reached at all.
        inner = set(known)
        return f"({word.join([self.node(member, depth, inner) for member in members])})"

    def compare(self, node: Compare, known: set[str]) -> str:
        part, path = leaf(node), node.field.compared
        self.leaves += 1
        if part.unset is None or path.count(".") >= PARTS:
            return f"{self.name(part.record)}(d)"
        value = self.variables.setdefault(path, f"v{len(self.variables)}")
        read = value if path in known else f"({value} := {self.read(path)})"
        known.add(path)
        if part.own is None or not part.quick:
            return f"({part.unset} if {read} is None else {self.rest(part, path, value)})"
        rest = f"{part.unset} if {value} is None else {self.rest(part, path, value)}"
        own, operand = self.name(part.own), self.name(part.operand)
        quick = _renamed(part.quick, value, operand)
        if part.few:
            listed = " or ".join(f"{self.name(item)} in {value}" for item in part.few)
            return _by_kind(f"t := type({read})", {own: quick, "list": listed}, rest, arrays=node.field.type.kind.endswith("_a"))
        if part.listed and self.hasty:
            self.raises = True
            listed = _renamed(part.listed, value, operand)
            return _by_kind(f"t := type({read})", {own: quick, "list": listed}, rest, arrays=node.field.type.kind.endswith("_a"))
        return f"({quick} if {guard(value, own, part.own, part.quick, read=read)} else {rest})"

    def rest(self, part: Leaf, path: str, value: str) -> str:
        """Source that decides what is neither of the operand's class nor null."""
        text = f"{self.name(part.value)}({value})"
        if "." in path:
            text = f"{text} if {value} is not {self.name(ELSEWHERE)} else {self.name(part.record)}(d)"
        return text if part.foreign is None else f"{part.foreign} if type({value}) in {self.name(SIMPLE)} else {text}"

    def read(self, path: str) -> str:
        """Source of the path's value: None where it is absent or null, ELSEWHERE where it meets more than plain documents."""
        first, *parts = path.split(".")
        text = f"d.get({self.name(first)})"
        for part in parts:
            text = f"(w.get({self.name(part)}) if type(w := {text}) is dict else None if w is None else {self.name(ELSEWHERE)})"
        return text


def _by_kind(read: str, decisions: Mapping[str, str], rest: str, *, arrays: bool) -> str:
    """Decisions by the class of the value, those on a list first where the field is an array."""
    (first, decision), (second, other) = sorted(decisions.items(), key=lambda item: (item[0] != "list") == arrays)
    return f"({decision} if ({read}) is {first} else {other} if t is {second} else {rest})"


def _renamed(text: str, value: str, operand: str) -> str:
    return _NAMES.sub(lambda name: value if name[0] == "v" else operand, text)
