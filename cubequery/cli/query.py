"""``cubequery query``: a request run over a file of records, a MongoDB server or the demo, as an actor."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

import cubequery as cq
from cubequery import demo
from cubequery.ast import Field
from cubequery.cli import records
from cubequery.cli.given import Usage, read_body, read_given
from cubequery.cli.output import write_json, write_table
from cubequery.names import SYSTEM

DEMO_ACTOR = "officer"


def run(arguments: Namespace) -> None:
    """Print the answer: the API's own envelope, or a table."""
    _check_source(arguments)
    assumed = demo.ACTORS[DEMO_ACTOR] if arguments.demo and arguments.actor is None else None
    given = read_given(arguments, actor=assumed)
    plan = cq.translate(read_body(arguments.request or ""), given.schema, **given.common)
    if assumed is not None:
        print(f"asking as the demo's {DEMO_ACTOR}, {assumed!r}; --actor asks as somebody else", file=sys.stderr)
    answer = _answer(arguments, plan)
    if arguments.as_json:
        write_json(envelope(plan, answer))
    else:
        _write_rows(plan, answer)


def _check_source(arguments: Namespace) -> None:
    given = [name for name in ("records", "mongodb", "demo") if getattr(arguments, name)]
    if len(given) != 1:
        raise Usage("records come from one of --records FILE, --mongodb URI and --demo")
    if arguments.mongodb and arguments.database is None:
        raise Usage("--mongodb needs --database DB")
    if not arguments.mongodb and (arguments.database or arguments.collection):
        raise Usage("--database and --collection belong to --mongodb URI")


def _answer(arguments: Namespace, plan: cq.Plan) -> list[dict[str, Any]] | int:
    if arguments.demo:
        return plan.run(demo.DATA[plan.schema.name]())
    if arguments.records:
        return records.run_over(arguments.records, plan)
    from cubequery.cli import database  # the driver is loaded where a server is asked

    return database.run_on(arguments.mongodb, arguments.database, arguments.collection or plan.schema.name, plan)


def envelope(plan: cq.Plan, answer: list[dict[str, Any]] | int) -> dict[str, Any]:
    """The body that the API answers with."""
    if isinstance(answer, int):
        return {"items": {"count": answer}}
    return {"class_name": plan.schema.name, "skip": plan.skip, "limit": plan.limit, "items": answer}


def _write_rows(plan: cq.Plan, answer: list[dict[str, Any]] | int) -> None:
    if isinstance(answer, int):
        print(answer)
        return
    aggregate, sort = plan.query.aggregate, [key.field.name for key in plan.query.sort if isinstance(key.field, Field)]
    if aggregate is not None:
        order = [aggregate.group_by.name, *(calc.key for calc in aggregate.calcs)]
    else:
        # What orders the rows comes first, so that it is seen on a narrow terminal too.
        order = ["_id", *(name.partition("[")[0] for name in sort), *plan.schema.fields, *SYSTEM]
    write_table(answer, list(dict.fromkeys(order)))
    what = "groups" if aggregate is not None else "records"
    print(f"{len(answer)} {what if len(answer) != 1 else what[:-1]} (skip {plan.skip}, limit {plan.limit})")
