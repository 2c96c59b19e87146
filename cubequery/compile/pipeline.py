"""One pipeline update for all legal states at once: where several fields may be unset, null or inside an unset Object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cubequery.ast import Assign
from cubequery.compile import guards
from cubequery.operators.expressions import Expression, literal
from cubequery.operators.update import written_order
from cubequery.ordering import MISSING

Node = Assign | dict[str, "Node"]
Stages = list[dict[str, Any]]


def compile_pipeline(changes: Sequence[Assign], always: Mapping[str, Mapping[str, Any]]) -> tuple[list[guards.Filter], Stages]:
    """Guards of every legal state, and the stages that make of each what the change makes of it."""
    tree: dict[str, Node] = {}
    for change in changes:
        if not guards.is_idle(change):
            _insert(tree, change)
    fields = {name: _node(node, f"${name}", None) for name, node in tree.items() if not _is_unset(node)}
    gone = [name for name, node in tree.items() if _is_unset(node)] + list(always.get("$unset", {}))
    fields |= {path: literal(value) for path, value in always.get("$set", {}).items()}
    fields |= {path: {"$max": [f"${path}", literal(value)]} for path, value in always.get("$max", {}).items()}
    stages: Stages = [{"$set": {path: fields[path] for path in sorted(fields, key=written_order)}}] if fields else []
    conditions = [guard for change in changes for guard in guards.legal(change)]
    return conditions, [*stages, {"$unset": gone}] if gone else stages


def _insert(tree: dict[str, Node], change: Assign) -> None:
    *above, last = change.field.path.split(".")
    for part in above:
        inner = tree.setdefault(part, {})
        assert isinstance(inner, dict)
        tree = inner
    tree[last] = change


def _is_unset(node: Node) -> bool:
    return isinstance(node, Assign) and node.operator.name == "unset"


def _creates(node: Node) -> bool:
    """Whether something inside must exist afterwards, so that an unset or foreign Object is replaced by a new one."""
    if isinstance(node, dict):
        return any(map(_creates, node.values()))
    if node.operator.own == "any":
        return not _is_unset(node)
    return guards.fresh_fits(node) and node.operator.fresh(node.operand) is not MISSING


def _node(node: Node, reference: str, inside_object: Expression | None) -> Expression:
    """What stands at ``reference`` afterwards; ``inside_object`` says whether the Object around it is one at all."""
    if isinstance(node, Assign):
        assert node.operator.expression is not None
        return node.operator.expression(reference, node.operand)
    is_object: Expression = {"$eq": [{"$type": reference}, "object"]}
    children = sorted((name for name, child in node.items() if not _is_unset(child)), key=written_order)
    inside = {name: _node(node[name], f"{reference}.{name}", is_object) for name in children}
    base = {"$cond": [is_object, reference, literal({})]} if _creates(node) else reference
    merged: Expression = {"$mergeObjects": [base, inside]}
    for name in (name for name, child in node.items() if _is_unset(child)):
        merged = {"$unsetField": {"field": literal(name), "input": merged}}
    if _creates(node):
        return merged
    # Below an array, or anything else that gives way to a new Object, the reference would mean something else.
    kept = reference if inside_object is None else {"$cond": [inside_object, reference, "$$REMOVE"]}
    return {"$cond": [is_object, merged, kept]}
