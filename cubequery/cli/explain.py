"""``cubequery explain``: the tree of a request, the rights that are joined with it, the sentence, and what is compiled."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

import cubequery as cq
from cubequery.acl import permitted
from cubequery.ast import EVERYTHING
from cubequery.cli import tree
from cubequery.cli.given import Given, Usage, read_given
from cubequery.cli.output import json_lines, write_json, write_lines
from cubequery.cli.translate import change_parts, request_of, translated
from cubequery.parse import PLACES

__all__ = ["PLACES", "run"]

NO_PLAN = "this request has no plan of its own: no rights are joined, and nothing is compiled"
Found = dict[str, Any]


def run(arguments: Namespace) -> None:
    """Print the explanation."""
    given = read_given(arguments)
    planned = arguments.update is not None or arguments.place in (None, "list", "update", "by_criteria")
    found = _of_plan(arguments, given) if planned else _of_tree(arguments, given)
    if arguments.as_json:
        write_json(found)
    else:
        write_lines(_text(found))


def _of_plan(arguments: Namespace, given: Given) -> Found:
    plan = translated(arguments, given)
    if isinstance(plan, cq.Change):
        actions = ["update"] if plan.update.criteria is None else ["update", "read"]
        actions += [] if plan.update.parent is None else ["delete"]  # a new parent decides what a cascade takes
        parts = change_parts(plan)
        compiled = {"criteria": parts["criteria"], "commands": parts["commands"]}
        return _found(given, list(tree.lines(plan.update)), actions, plan.describe(), compiled)
    compiled = {"filter": plan.filter} if plan.pipeline is None else {"filter": plan.filter, "pipeline": plan.pipeline}
    return _found(given, list(tree.lines(plan.query)), ["read"], plan.describe(), compiled)


def _of_tree(arguments: Namespace, given: Given) -> Found:
    if arguments.id is not None:
        raise Usage("--id belongs to an update: give --update BODY")
    body = request_of(arguments)
    source = {"json": body} if isinstance(body, dict) else {"form": body}
    read = cq.parse("", given.schema, place=arguments.place, settings=given.settings, **source)
    return {"tree": list(tree.lines(read)), "acl": {}, "where": [], "sentence": NO_PLAN, "compiled": {}}


def _found(given: Given, its_tree: list[str], actions: list[str], sentence: str, compiled: Found) -> Found:
    rights = {action: permitted(given.actor, action, given.schema, given.settings.user_id_type) for action in actions}
    acl = {action: list(tree.condition_lines(condition)) for action, condition in rights.items()}
    where = [] if given.where == EVERYTHING else list(tree.condition_lines(given.where))
    return {"tree": its_tree, "acl": acl, "where": where, "sentence": sentence, "compiled": compiled}


def _text(found: Found) -> Iterator[str]:
    yield "tree"
    yield from tree.indented(found["tree"])
    for action, condition in found["acl"].items():
        yield f"access control joined: right to {action}"
        yield from tree.indented(condition)
    if found["where"]:
        yield "host condition joined"
        yield from tree.indented(found["where"])
    yield "in words"
    yield f"  {found['sentence']}"
    for name, document in found["compiled"].items():
        yield f"MongoDB {name}"
        yield from tree.indented(json_lines(document))
