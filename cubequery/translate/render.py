"""Stored documents to the answer's form: every shown field, unset and foreign values as null, Objects by their sub-fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.ast import Field
from cubequery.ordering import MISSING

Tree = dict[str, Any]


class Renderer:
    """Renders documents of a class. ``leaves`` are the fields shown; names come in code-point order.

    ``named`` are the fields that a projection names: an Object of which it names sub-fields holds just those and is never null.
    """

    def __init__(self, leaves: Sequence[Field], named: Sequence[Field] = ()) -> None:
        self.partial = {parent.name for field in named for parent in parents(field)}
        self.tree: Tree = {}
        for leaf in leaves:
            _place(self.tree, leaf)
        self.tree = _sorted(self.tree)
        flat = all(isinstance(node, Field) and "." not in node.path for node in self.tree.values())
        self._flat = [(name, node.path, node.type.same, node.type.render) for name, node in self.tree.items()] if flat else None

    def __call__(self, document: Mapping[str, Any]) -> dict[str, Any]:
        if self._flat is not None:
            stored = document.get
            return {name: value if type(value := stored(path)) in same else render(value) for name, path, same, render in self._flat}
        return {name: self._value(document, node, name) for name, node in self.tree.items()}

    def _value(self, document: Mapping[str, Any], node: Any, name: str) -> Any:
        if isinstance(node, Field):
            value = stored_value(document, node.path)
            return None if value is MISSING else node.type.render(value)
        inside = {own: self._value(document, child, f"{name}[{own}]") for own, child in node.items()}
        return inside if name in self.partial or any(value is not None for value in inside.values()) else None


def _sorted(tree: Tree) -> Tree:
    return {name: _sorted(node) if isinstance(node, dict) else node for name, node in sorted(tree.items())}


def parents(field: Field) -> list[Field]:
    """The Objects a field lies in, innermost first."""
    found = []
    while field.parent is not None:
        field = field.parent
        found.append(field)
    return found


def _place(tree: Tree, leaf: Field) -> None:
    """Put a leaf below its Objects, each under its own name."""
    for each in reversed(parents(leaf)):
        tree = tree.setdefault(own_name(each), {})
    tree[own_name(leaf)] = leaf


def own_name(field: Field) -> str:
    """The name inside its Object: ``city`` of ``address[city]``."""
    return field.name if field.parent is None else field.name[len(field.parent.name) + 1 : -1]


def stored_value(document: Mapping[str, Any], path: str) -> Any:
    """The value at a stored path, documents only on the way; ``MISSING`` where there is none."""
    if "." not in path:
        return document.get(path, MISSING)
    value: Any = document
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return MISSING
        value = value.get(part, MISSING)
    return value
