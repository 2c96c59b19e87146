"""The recorded requests of the specification over HTTP: what is answered, and the plan that the engine is given for it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request

import cubequery as cq
from cubequery import server
from cubequery.dialects.connectnow import ConnectNowPlan
from cubequery.dialects.cubicl import CubiclPlan
from cubequery.engine import new_id
from tests.dialects.connectnow import test_specification_cases as connectnow
from tests.dialects.connectnow.service import CLASSES, QUERY, SERVICE
from tests.dialects.cubicl import test_specification as cubicl
from tests.dialects.cubicl.office import CLASSES as OFFICE_CLASSES
from tests.dialects.cubicl.office import OFFICE, record
from tests.server.wire import Reply, Wire
from tests.support.shared import require_shared

PARTS = {":threadId": "t1", ":id": "x"}
BELOW = [record(each, _parent_id=above) for each, above in zip(cubicl.BELOW, [None, *cubicl.BELOW], strict=False)]
NOT_APPLICABLE: dict[str, str] = {}
"""Rows of the two dialects that HTTP cannot be asked, with the reason: none."""


def cases(dialect: str) -> list[Any]:
    lines = require_shared("spec", "data", "dialect_cases.jsonl").read_text(encoding="utf-8").split("\n")
    found = [case for case in map(json.loads, filter(None, lines)) if case["dialect"] == dialect]
    return [pytest.param(case, id=case["id"]) for case in found if case["id"] not in NOT_APPLICABLE]


class Watched(cq.Engine):
    """An engine that remembers the plans that it is given."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.plans: list[cq.Plan] = []

    def rows(self, plan: cq.Plan, **named: Any) -> Any:
        self.plans.append(plan)
        return super().rows(plan, **named)


class Service:
    """A dialect over records; ``tokens`` are those that the host was shown."""

    def __init__(self, dialect: Any, classes: Any, records: dict[str, Any], runner: asyncio.Runner) -> None:
        store = cq.MemoryStore()
        for name, documents in records.items():
            store.insert(name, documents)
        self.engine, self.tokens = Watched(store, classes), list[str | None]()
        self.wire = Wire(server.app(self.engine, authenticate=self.authenticate, dialect=dialect), runner)

    def authenticate(self, request: Request) -> cq.Actor | None:
        """Whoever has a token is Ann."""
        self.tokens.append(server.token_of(request))
        return cq.Actor(1) if self.tokens[-1] else None

    def ask(self, case: dict[str, Any]) -> Reply:
        """A row's request as it stands on the wire; one about the rate as often as it says."""
        request = case["request"]
        method, path = target_of(case)
        headers = request.get("headers", {"Authorization": "Bearer B"})
        body = json.dumps(request["body"]).encode() if "body" in request else b""
        for _ in range(int(found[1]) - 1 if (found := re.match(r"(\d+)st", request.get("rate", ""))) else 0):
            assert self.wire.ask(method, path, list(headers.items())).status == 200
        return self.wire.ask(method, f"{path}?{request.get('query', '')}", list(headers.items()), body)


def target_of(case: dict[str, Any]) -> tuple[str, str]:
    """Method and path of a row."""
    if case["endpoint"] == "any":
        return "GET", "/api/v1/tasks"
    if case["endpoint"] == "record":
        return "GET", f"/api/v1/tasks/{case['request']['doc']['_id']}"
    method, _, path = case["endpoint"].partition(" ")
    return method, "/".join(PARTS.get(word, word) for word in path.split("/"))


def told(reply: Reply, names: dict[str, str]) -> Iterator[str]:
    """What an answer's headers lack of those expected; ``<..>`` stands for a number."""
    for name, value in names.items():
        found = reply.header(name.lower()) or ""
        if not (re.fullmatch(r"\d+", found) if value.startswith("<") else found == value):
            yield f"{name}: {found}"


@pytest.mark.parametrize("case", cases("connectnow"))
def test_connectnow(case: dict[str, Any], runner: asyncio.Runner) -> None:
    expect = case["expect"]
    total = case["request"].get("rows_total", 0)
    service = Service(SERVICE, CLASSES, {"Query": [record(new_id(QUERY)) for _ in range(total)]}, runner)
    case = json.loads(json.dumps(case).replace("categories.company", "categories.owner"))
    reply = service.ask(case)
    assert reply.status == expect.get("status", 200), reply.body
    assert not list(told(reply, expect.get("headers", {})))
    assert reply.json == expect.get("body", reply.json)
    if "errors" in expect:
        assert list(reply.json["errors"]) == expect["errors"]
    if "token" in expect:
        assert service.tokens == [expect["token"]]
    if reply.status == 200:
        (plan,) = service.engine.plans
        assert isinstance(plan, ConnectNowPlan)
        connectnow.check(plan, expect, case["request"])
        path = f"http://testserver{target_of(case)[1]}"
        assert (reply.json["current_page"], reply.json["per_page"], reply.json["path"]) == (
            expect.get("page", plan.page), expect.get("per_page", plan.limit), path,
        )  # fmt: skip
        for key, value in expect.get("envelope", {}).items():
            assert reply.json[key] == (value.replace("PATH", path) if isinstance(value, str) else value)


@pytest.mark.parametrize("case", cases("cubicl"))
def test_cubicl(case: dict[str, Any], runner: asyncio.Runner) -> None:
    expect, request = case["expect"], case["request"]
    task = record(**{**request.get("doc", {"_id": "x", "name": "n"}), "id": request.get("doc", {"_id": "x"})["_id"]})
    service = Service(OFFICE, OFFICE_CLASSES, {"Group": BELOW, "Task": [task]}, runner)
    reply = service.ask(case)
    status = expect.get("status", 200)
    assert reply.status == status, reply.body
    assert reply.json == ({"code": status} if status != 200 else reply.json)
    if "value" in expect:
        assert reply.json.get(request["read"]) is expect["value"]
    elif "update" in expect:
        (stored,) = service.engine.store.records("Task").values()  # type: ignore[attr-defined]  # the store of this module
        assert {name: stored[name] for name in expect["update"]["$set"]} == expect["update"]["$set"]
    elif status == 200:
        plan = service.engine.plans[-1]  # behind those of a tree
        assert isinstance(plan, CubiclPlan)
        cubicl._check(plan, case)


def test_no_row_is_left_out() -> None:
    assert NOT_APPLICABLE == {}
    assert (len(cases("connectnow")), len(cases("cubicl"))) == (30, 25)
