"""Cubicl over HTTP: in which order a request is checked, and what one answer says, over every kind of engine and store."""

from __future__ import annotations

import asyncio
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.dialects.cubicl import Cubicl, Endpoint
from tests.dialects.cubicl.office import CLASSES, ENDPOINTS, at, record
from tests.engine.asked import same
from tests.engine.stores import End, InLoop
from tests.server.table import Block, read_blocks
from tests.server.wire import Wire
from tests.support.mongod import Document

NOTICE = cq.ClassSchema("Notice", {"text": cq.String}, acl="class", permissions={"create": {"access": "not_allowed"}})
OFFICE = Cubicl([*CLASSES, NOTICE], [*ENDPOINTS, Endpoint("notices", "Notice")])
ACTORS = {"ann": cq.Actor(1), "bob": cq.Actor(2), "nobody": cq.ANONYMOUS}
RECORDS: dict[str, list[Document]] = {
    "Task": [
        record("t1", name="Yearly report", deadline=at(1640341800)), record("t2", "u1", name="secret"),
        record("t3", name="old", archived=True, group="g2"), record("t4", name="free", archived=True, _update=["*"], _delete=["*"]),
        record("t5", "u3", name="blind", _update=["u2"]),
    ],
    "Customer": [record(5, name="Old"), record(6, name="Acme"), record(7, name="New")],
    "Group": [record("g1", "u1"), record("g2", "u1", _parent_id="g1")],
    "Message": [record("m1", thread="th", text="hi")], "User": [record("u9", name="Lee", email="lee@example.com")],
    "Node": [], "Notice": [],
}  # fmt: skip


async def authenticate(request: Request) -> cq.Actor | None:
    """The actor whose name is the token."""
    return ACTORS.get(server.token_of(request) or "")


def office(end: End, runner: asyncio.Runner) -> Wire:
    """The office over these records, made anew; ids that are texts are drawn in order."""
    end.fill(RECORDS)
    made = end.engine([*CLASSES, NOTICE])
    engine = made.engine if isinstance(made, InLoop) else made
    numbers = count(1)
    engine.ids = lambda schema: f"new{next(numbers)}" if schema.id_type == "String" else ObjectId()
    return Wire(server.app(engine, authenticate=authenticate, dialect=OFFICE, rate_limit="1000000/second"), runner)


@pytest.mark.parametrize("block", list(read_blocks(Path(__file__).parent / "orders.txt")), ids=lambda block: block.id)
def test_orders(block: Block, end: End, runner: asyncio.Runner) -> None:
    headers: list[tuple[str, Any]] = [
        ("Authorization", f"Bearer {value}") if name == "CB-Token" else (name, value) for name, value in block.headers
    ]
    reply = office(end, runner).ask(block.method, block.target, headers, block.body)
    status, _, body = block.answer.partition(" ")
    assert f"{reply.status}" == status, reply.body
    assert same(reply.json, json.loads(body) if body else {"code": reply.status}), reply.body
