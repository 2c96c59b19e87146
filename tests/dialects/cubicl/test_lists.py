"""Lists of the Cubicl dialect: which records a request finds, in memory and on a server, and how they are written."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.collection import Collection

import cubequery as cq
from cubequery.dialects.cubicl import Cubicl, CubiclError
from tests.dialects.cubicl.office import ANN, BOB, CLASSES, ENDPOINTS, OFFICE, at, record
from tests.support.ends import fill
from tests.support.mongod import Document

TASKS = [
    record("a", name="Yearly report", group="g1", assignees=["u1", "u2"], tags=["urgent"], deadline=at(1640341800), archived=False),
    record("b", name="Report draft", group="g1", customer="c1", start=at(1609459200)),
    record("c", name="Old REPORT", group="g2", archived=True, tags=["urgent", "old"]),
    record("d", "u2", name="Bob's own report", group="g1", start=at(1609459200), deadline=at(1640341800)),
    record("e", name="a.b*", group=None, archived="yes", start="2021", address={"city": None}, age="old", secret=1),
]
FOUND = [
    ("", "abe"), ("archived=all", "abce"), ("archived=true", "c"), ("group=g1", "ab"), ("group=g2", ""), ("tag=urgent&archived=all", "ac"),
    ("assignee=u1", "a"), ("assignee=u", ""), ("customer=c1&group=g1", "b"), ("search=report", "ab"), ("search=REPORT&archived=all", "abc"),
    ("search=.*", ""), ("search=%28", ""), ("search=a.b*", "e"), ("search=a%5C", ""), ("skip=1", "be"), ("limit=1", "a"),
    ("limit=1000", "abe"),
    ("startDate=1609459200&endDate=1609459200", "b"), ("startDate=1640341800&endDate=1640341800", "a"), ("startDate=0&endDate=1", ""),
    ("startDate=1609459201&endDate=1640341799", ""), ("recursive=true", "abe"), ("recursive=", "abe"), ("group=g1&recursive=false", "ab"),
]  # fmt: skip
REFUSED = [
    ("archived=maybe", 400, "archived"), ("archived=TRUE", 400, "archived"), ("archived=", 400, "archived"), ("limit=abc", 400, "limit"),
    ("limit=-1", 400, "limit"), ("limit=1.0", 400, "limit"), ("limit=", 400, "limit"), ("limit=0", 422, "limit"), ("skip=-1", 400, "skip"),
    ("skip=99999999999999999999", 422, "skip"), ("limit=1&limit=2", 400, "limit"), ("startDate=1609459200", 400, "endDate"),
    ("endDate=1609459200", 400, "startDate"), ("startDate=2021-01-01&endDate=2021-02-01", 400, "startDate"),
    ("startDate=1.5&endDate=2", 400, "startDate"), ("startDate=2&endDate=1", 422, "startDate"),
    ("startDate=1&endDate=1640341800000", 422, "endDate"), ("include=name&exclude=desc", 400, "exclude"), ("include=nope", 422, "include"),
    ("include=_read", 422, "include"), ("include=_acl", 422, "include"), ("include=name,,state", 400, "include"),
    ("include=permissions", 422, "include"), ("include=created_at", 422, "include"), ("unknown=1", 422, "unknown"), ("_acl=x", 422, "_acl"),
    ("_op=x", 422, "_op"), ("_parent_class=x", 422, "_parent_class"), ("address%5Bcity%5D=x", 422, "address[city]"),
    ("name[gt]=1", 422, "name[gt]"), ("group[]=g", 422, "group[]"), ("sort_asc=name", 422, "sort_asc"), ("token=T", 422, "token"),
    ("group=", 400, "group"), ("search=", 400, "search"), ("customer=", 400, "customer"), ("tag=", 400, "tag"), ("group=%zz", 400, "base"),
    ("recursive=yes", 400, "recursive"), ("unknown=1&limit=x", 400, "limit"), (f"search={'x' * 1001}", 400, "search"),
    ("&".join(f"p{number}=1" for number in range(201)), 400, "base"), (f"search={'x' * 9000}", 400, "base"),
]  # fmt: skip


@pytest.fixture(scope="module")
def tasks(scratch: Collection[Document]) -> Collection[Document]:
    return fill(scratch, TASKS)


@pytest.mark.parametrize(("query", "ids"), FOUND)
def test_finds(query: str, ids: str, tasks: Collection[Document]) -> None:
    plan = OFFICE.list("tasks", query, ANN)
    assert [each["_id"] for each in plan.run(TASKS)] == list(ids)
    assert plan.answer(tasks.find(**plan.find_args())) == plan.run(TASKS)


@pytest.mark.parametrize(("query", "status", "key"), REFUSED, ids=lambda value: str(value)[:40])
def test_refuses(query: str, status: int, key: str) -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.list("tasks", query, ANN)
    assert (refused.value.status, refused.value.key) == (status, key)


def test_every_fault_of_the_form_is_told_before_any_of_the_meaning() -> None:
    with pytest.raises(CubiclError) as refused:
        OFFICE.list("tasks", "befor=1&limit=x&archived=maybe&startDate=1", ANN)
    assert refused.value.status == 400
    assert [(fault.key, fault.offset) for fault in refused.value.faults] == [("limit", 14), ("archived", 25), ("endDate", None)]


def test_a_hidden_record_is_found_through_no_group_of_alternatives() -> None:
    query = "startDate=1609459200&endDate=1640341800"
    assert [each["_id"] for each in OFFICE.list("tasks", query, ANN).run(TASKS)] == ["a", "b"]
    assert [each["_id"] for each in OFFICE.list("tasks", query, BOB).run(TASKS)] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=yearly", {"_id": "a", "name": "Yearly report", "group": "g1", "assignees": ["u1", "u2"], "tags": ["urgent"],
                           "deadline": 1640341800, "archived": False, "createdBy": "1"}),
        ("search=a.b*", {"_id": "e", "name": "a.b*", "createdBy": "1"}),
        ("search=yearly&include=deadline,name,state", {"_id": "a", "name": "Yearly report", "deadline": 1640341800}),
        ("search=draft&exclude=group,start,customer,createdBy,", {"_id": "b", "name": "Report draft"}),
    ],
)  # fmt: skip
def test_records_are_sparse(query: str, expected: dict[str, Any], tasks: Collection[Document]) -> None:
    plan = OFFICE.list("tasks", query, ANN)
    for answer in (plan.run(TASKS), plan.answer(tasks.find(**plan.find_args()))):
        assert [list(each.items()) for each in answer] == [list(expected.items())]


def test_a_condition_of_the_host_holds_for_an_admin_too() -> None:
    plan = OFFICE.list("tasks", "archived=all", cq.ADMIN, where={"group": "g2"})
    assert [each["_id"] for each in plan.run(TASKS)] == ["c"]


def test_unknown_parameters_can_be_passed_over() -> None:
    lax = Cubicl(CLASSES, ENDPOINTS, unknown_parameters="ignore")
    plan = lax.list("tasks", "nope=1&group=g1", ANN)
    assert plan.filter == OFFICE.list("tasks", "group=g1", ANN).filter
