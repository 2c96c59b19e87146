"""Routes, single records and further lists of the Cubicl dialect."""

from __future__ import annotations

from typing import Any

import pytest
from bson import Int64
from pymongo.collection import Collection

import cubequery as cq
from cubequery.dialects.cubicl import Cubicl, CubiclError, Endpoint, Parameter, WrongMethod
from tests.dialects.cubicl.office import ANN, BOB, OFFICE, at, record
from tests.support.ends import fill
from tests.support.mongod import Document

ROUTES = [
    ("GET tasks", "list"), ("POST tasks", "create"), ("GET tasks/5", "get"), ("PUT tasks/5", "update"), ("DELETE tasks/5", "delete"),
    ("PATCH tasks", 405), ("DELETE tasks", 405), ("POST tasks/5", 405), ("BREW tasks", 418), ("BREW coffee", 418), ("GET coffee", 404),
    ("brew tasks", 405), ("GET tasks/5/6", 404), ("GET tasks/", 404), ("GET ", 404), ("GET crm", 404), ("GET crm/customers", "list"),
    ("GET crm/customers/5", "get"), ("GET chat/threads/t1/messages", "list"), ("POST chat/threads/t1/messages", 405), ("GET Task", 404),
]  # fmt: skip


@pytest.mark.parametrize(("request_line", "expected"), ROUTES)
def test_routes(request_line: str, expected: Any) -> None:
    method, _, path = request_line.partition(" ")
    segments = ["api", "v1", *path.split("/")]
    if isinstance(expected, str):
        route = OFFICE.route(method, segments)
        assert (route.operation, route.id) == (expected, "5" if path.endswith("/5") else "")
        return
    with pytest.raises(CubiclError) as refused:
        OFFICE.route(method, segments)
    assert OFFICE.answer(refused.value) == (expected, {"code": expected})


def test_a_route_says_what_the_path_holds_and_which_methods_it_takes() -> None:
    assert OFFICE.route("GET", ["api", "v1", "chat", "threads", "t1", "messages"]).in_path == {"threadId": "t1"}
    with pytest.raises(WrongMethod) as refused:
        OFFICE.route("PATCH", ["api", "v1", "tasks"])
    assert refused.value.allow == ("GET", "POST")
    for outside in ([], ["api"], ["api", "v1"], ["api", "v2", "tasks"]):
        with pytest.raises(CubiclError, match="not found"):
            OFFICE.route("GET", outside)


def test_the_plainer_of_two_endpoints_is_meant() -> None:
    schema = cq.ClassSchema("X", {"n": cq.Integer}, id_type="String")
    rows = (Parameter("b", "equals", "n"),)
    paths = [Endpoint("a", "X"), Endpoint("a/:b", "X", rows, operations=("list",)), Endpoint("a/me", "X", operations=("list",))]
    for endpoints in (paths, paths[::-1]):
        dialect = Cubicl([schema], endpoints)
        assert [dialect.route("GET", ["api", "v1", "a", word]).path for word in ("me", "5")] == ["a/me", "a/:b"]
        with pytest.raises(WrongMethod):
            dialect.route("DELETE", ["api", "v1", "a", "me"])


MESSAGES = [record(f"m{number}", thread="t1", text=f"Text {number}") for number in range(1, 6)] + [
    record("m31", "u2", thread="t1"), record("m32", thread="t2"),
]  # fmt: skip
PAGES = [
    ("before=m4&limit=2", ["m2", "m3"]), ("after=m2&limit=2", ["m3", "m4"]), ("after=m0", ["m1", "m2", "m3", "m4", "m5"]), ("after=m5", []),
    ("before=m1", []), ("before=zz&limit=1", ["m5"]), ("search=TEXT+3", ["m3"]),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), PAGES)
def test_cursors(query: str, expected: list[str], scratch: Collection[Document]) -> None:
    plan = OFFICE.list("chat/threads/:threadId/messages", query, ANN, in_path={"threadId": "t1"})
    assert [each["_id"] for each in plan.run(MESSAGES)] == expected
    assert plan.answer(fill(scratch, MESSAGES).find(**plan.find_args())) == plan.run(MESSAGES)


def test_a_plan_says_what_it_asks() -> None:
    told = OFFICE.list("chat/threads/:threadId/messages", "before=m4&limit=2&search=x", ANN, in_path={"threadId": "t1"}).describe()
    assert "thread is 't1' and _id is less than 'm4' and text contains 'x' in any case; 2 at most from the end" in told


@pytest.mark.parametrize("query", ["after=m1&before=m5", "after=", "before=a,b", "threadId=t2", "after=a%2Fb"])
def test_cursors_are_refused(query: str) -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.list("chat/threads/:threadId/messages", query, ANN, in_path={"threadId": "t1"})
    assert refused.value.status == (422 if query.startswith("threadId") else 400)


CUSTOMERS = [
    record(Int64(4), name="Acme Ltd", email="info@example.com", phone="1"),
    record(5, name="The ACME", contacts=[{"email": "a@Example.com"}]),
    record(6, name="Jacob", contacts={"email": ["x@example.com"]}), record(7, name="Şirket"), record(8, name="Le Élan"),
]  # fmt: skip
ASKED = [
    ("name=ac", "45"), ("name=irket", ""), ("name=%C3%A9l", "8"), ("email=EXAMPLE.com", "456"), ("ids=5,6", "56"), ("ids=5,", "5"),
    ("before=6", "45"), ("before=7&limit=2", "56"), ("skip=3&limit=1", "7"), ("name=.*", ""), ("name=a%5C", ""),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), ASKED)
def test_customers(query: str, expected: str, scratch: Collection[Document]) -> None:
    plan = OFFICE.list("crm/customers", query, ANN)
    found = plan.run(CUSTOMERS)
    assert "".join(each["_id"] for each in found) == expected
    assert all(set(each) == {"_id", "name"} for each in found)
    assert plan.answer(fill(scratch, CUSTOMERS).find(**plan.find_args())) == found


@pytest.mark.parametrize("query", ["ids=05", "ids=", "ids=,", "ids=5,,6", "ids=5,x", "ids=1e0", "before=x", "name=", "includeAllFields=",
                                   "includeAllFields=1", f"ids={'1,' * 1001}", "ids=99999999999999999999"])  # fmt: skip
def test_customers_are_refused(query: str) -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.list("crm/customers", query, ANN)
    assert refused.value.status == 400


def test_all_fields_but_those_left_out() -> None:
    (found,) = OFFICE.list("crm/customers", "ids=4&includeAllFields=true", ANN).run(CUSTOMERS)
    assert found == {"_id": "4", "name": "Acme Ltd", "email": "info@example.com", "phone": "1", "createdBy": "1"}
    users = [record("u", name="n", email="e")]
    assert OFFICE.list("users", "ids=u", ANN).run(users) == [{"_id": "u", "name": "n", "createdBy": "1"}]
    assert "email" not in OFFICE.list("users", "ids=u", ANN).projection
    for query, status in (("", 400), ("ids=u&include=email", 422)):
        with pytest.raises(CubiclError) as refused:
            OFFICE.list("users", query, ANN)
        assert refused.value.status == status


TASKS = [
    record("auth0|5f7c", name="n", deadline=at(5), done=at(5).replace(microsecond=999_000), address={"city": None, "zip": 3}),
    record("5f0c", "u1", age="old", secret=1, created_at=at(1), updated_at="x", _parent_id="p", user_id=True, tags=["a", None, 5]),
]  # fmt: skip
WHOLE: list[tuple[str, dict[str, Any]]] = [
    ("auth0|5f7c", {"_id": "auth0|5f7c", "name": "n", "deadline": 5, "done": 5, "address": {"zip": 3}, "createdBy": "1"}),
    ("5f0c", {"_id": "5f0c", "tags": ["a"], "parent": "p", "createdAt": 1}),
]


@pytest.mark.parametrize(("id", "expected"), WHOLE)
def test_one_record(id: str, expected: dict[str, Any], scratch: Collection[Document]) -> None:
    plan = OFFICE.get("tasks", id, ANN)
    for documents in (plan.select(TASKS), fill(scratch, TASKS).find(**plan.find_args())):
        assert list(plan.one(documents).items()) == list(expected.items())


@pytest.mark.parametrize(("id", "found"), [("5", True), ("05", False), ("true", False), ("5.0", False), ("+5", False)])
def test_an_integer_id_is_canonical(id: str, found: bool) -> None:
    if found:
        plan = OFFICE.get("crm/customers", id, ANN)
        assert plan.one(plan.select(CUSTOMERS))["_id"] == "5"
        return
    with pytest.raises(CubiclError) as refused:
        OFFICE.get("crm/customers", id, ANN)
    assert refused.value.status == 404


@pytest.mark.parametrize("id", ["5F0C", "5f0c ", "", "x", "a/b", "null", "auth0|5f7c\0"])
def test_no_record(id: str) -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.get("tasks", id, ANN).one([])
    assert OFFICE.answer(refused.value) == (404, {"code": 404})


@pytest.mark.parametrize(
    ("actor", "query", "status"),
    [(ANN, "include=nope", 422), (BOB, "include=nope", 404), (BOB, "", 404), (ANN, "nope=1", 422), (BOB, "nope=1", 404),
     (BOB, "include=", 400), (ANN, "search=n", 422), (ANN, "include=name&exclude=name", 400)],
)  # fmt: skip
def test_a_hidden_record_hides_what_else_is_wrong(actor: cq.Actor, query: str, status: int) -> None:
    def asked() -> Any:
        plan = OFFICE.get("tasks", "5f0c", actor, query)
        return plan.one(plan.select(TASKS))

    with pytest.raises(CubiclError) as refused:
        asked()
    assert refused.value.status == status


def test_fields_of_every_kind_under_equals() -> None:
    schema = cq.ClassSchema("X", {"n": cq.Integer, "f": cq.Float, "b": cq.Boolean, "d": cq.Date, "in": cq.Date(resolution="ms")})
    rows = [Parameter(name, "equals", name) for name in "nfbd"] + [Parameter("from", "interval_pair", "in", pair="to")]
    asked = Cubicl([schema], [Endpoint("x", "X", tuple(rows))])
    documents: list[Document] = [{"_id": 1, "n": 5, "f": 0.5, "b": True, "d": at(9), "in": at(9).replace(microsecond=999_000)}, {"_id": 2}]
    for query, ids in (("n=5", [1]), ("f=0.5", [1]), ("b=true", [1]), ("b=false", [2]), ("d=9", [1]), ("d=09", [1]), ("from=9&to=9", [1])):
        assert [each["_id"] for each in asked.list("x", query, cq.ADMIN).select(documents)] == ids
    for query, status in (("n=x", 400), ("n=99999999999999999999", 422), ("d=1.0", 400), ("d=99999999999999", 422), ("b=yes", 400)):
        with pytest.raises(CubiclError) as refused:
            asked.list("x", query, cq.ADMIN)
        assert refused.value.status == status


def test_a_page_is_clamped_to_the_endpoint_and_to_the_engine() -> None:
    schema = cq.ClassSchema("X", {"n": cq.Integer})
    endpoint = Endpoint("x", "X", (Parameter("limit", "limit", most=3),))
    assert [Cubicl([schema], [endpoint]).list("x", query, ANN).limit for query in ("", "limit=2", "limit=50", f"limit={'9' * 60}")] == [
        3,
        2,
        3,
        3,
    ]
    small = cq.Settings(limits=cq.Limits(max_limit=2, default_limit=2))
    assert Cubicl([schema], [endpoint], settings=small).list("x", "limit=3", ANN).limit == 2
    assert Cubicl([schema], [Endpoint("x", "X")], settings=small).list("x", "", ANN).limit == 2
