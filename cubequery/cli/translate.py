"""``cubequery translate``: the parts of a plan, or the commands of an update, as one JSON object."""

from __future__ import annotations

from argparse import Namespace
from itertools import islice
from typing import Any

import cubequery as cq
from cubequery.cli import dialects
from cubequery.cli.given import Given, Usage, read_body, read_given
from cubequery.cli.output import write_json

PLACES = ("list", "update", "by_criteria")
MOST_COMMANDS = 16


def run(arguments: Namespace) -> None:
    """Print what MongoDB is told."""
    given = read_given(arguments)
    if arguments.dialect is not None:
        write_json(dialects.parts(arguments, given, plan_parts))
        return
    found = translated(arguments, given)
    write_json(plan_parts(found) if isinstance(found, cq.Plan) else change_parts(found))


def translated(arguments: Namespace, given: Given) -> cq.Plan | cq.Change:
    """The plan or the change of the arguments. Raises Usage and RequestError."""
    place = arguments.place or "list"
    if arguments.update is None and place == "list":
        if arguments.id is not None:
            raise Usage("--id belongs to an update: give --update BODY")
        return cq.translate(request_of(arguments), given.schema, **given.common)
    body, query = arguments.update, arguments.request or ""
    if body is None:
        body, query = request_of(arguments, as_text=True), ""
    elif arguments.place not in (None, "update", "by_criteria"):
        raise Usage(f"--place {place} is no place for --update")
    criteria = None if arguments.place is None else place == "by_criteria"
    return cq.translate_update(read_body(body), given.schema, query=query, id=arguments.id, by_criteria=criteria, **given.common)


def request_of(arguments: Namespace, *, as_text: bool = False) -> Any:
    """The request, decoded where it is JSON. Raises Usage where none is given, RequestError for broken JSON."""
    if arguments.request is None:
        raise Usage("REQUEST is missing: a query string such as 'age[gt]=28', or '' for every record")
    return arguments.request if as_text else read_body(arguments.request)


def plan_parts(plan: cq.Plan) -> dict[str, Any]:
    """What a plan holds, under the names of its attributes."""
    return {
        "kind": plan.kind, "filter": plan.filter, "sort": [list(key) for key in plan.sort], "skip": plan.skip, "limit": plan.limit,
        "projection": plan.projection, "pipeline": plan.pipeline,
    }  # fmt: skip


def change_parts(change: cq.Change) -> dict[str, Any]:
    """The commands of a change, and the filter of the records that it is about where the request says so."""
    commands = [list(pair) for pair in islice(change.commands, MOST_COMMANDS)]
    return {"kind": "update", "criteria": change.criteria, "commands": commands}
