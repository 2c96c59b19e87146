"""Records as the dialect shows them: sparse. What is not set, or of another type than the class declares, has no key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.dialects.cubicl.operands import IDS, TIMES
from cubequery.ordering import MISSING, milliseconds
from cubequery.translate.render import own_name, stored_value
from cubequery.values import FieldType

Tree = Mapping[str, Any]


class Sparse:
    """Renders documents: the ``shown`` leaves of ``fields`` under their names, in that order, Objects nested."""

    def __init__(self, fields: Mapping[str, Field], shown: frozenset[Field]) -> None:
        self._tree = _tree(fields.items(), shown)

    def __call__(self, document: Mapping[str, Any]) -> dict[str, Any]:
        return _record(document, self._tree)


def _tree(fields: Iterable[tuple[str, Field]], shown: frozenset[Field]) -> Tree:
    found: dict[str, Any] = {}
    for name, field in fields:
        inside = _tree(((own_name(leaf), leaf) for leaf in field.leaves), shown)
        if inside or field in shown:
            found[name] = inside or field
    return found


def _record(document: Mapping[str, Any], tree: Tree) -> dict[str, Any]:
    values = {name: _value(document, node) for name, node in tree.items()}
    return {name: value for name, value in values.items() if value is not MISSING}


def _value(document: Mapping[str, Any], node: Field | Tree) -> Any:
    if isinstance(node, Field):
        return shown_value(stored_value(document, node.path), node.type)
    return _record(document, node) or MISSING


def shown_value(stored: Any, kind: FieldType) -> Any:
    """The JSON form of a stored value, MISSING where there is none: ids are texts, times whole Unix seconds, elements never null."""
    if stored is MISSING or stored is None or not kind.owns(stored):
        return MISSING
    if kind.kind in IDS:
        return str(kind.show(stored))
    if kind.kind in TIMES:
        return milliseconds(stored) // 1000
    shown = kind.show(stored)
    if isinstance(shown, list):
        return [element for element in shown if element is not None]
    return {name: part for name, part in shown.items() if part is not None} if isinstance(shown, dict) else shown
