"""Made-up requests of the Cubicl dialect: the same answer in memory and on a server, and nothing told of what is hidden."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.collection import Collection

from cubequery.dialects.cubicl import CubiclError
from tests.dialects.cubicl.office import ANN, OFFICE, at, record
from tests.support.ends import fill
from tests.support.mongod import Document

ODD: list[Any] = [None, 5, True, "x", ["x"], {"$gt": ""}, [], [["x"]], at(9)]
TEXT = st.sampled_from(["g1", "g2", "Report", "a.b*", "$ne", "É", "é x", "null", "true"])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": TEXT, "group": TEXT, "customer": TEXT, "assignees": st.lists(TEXT, max_size=2), "tags": st.lists(TEXT, max_size=2),
    "start": st.integers(0, 9).map(at), "deadline": st.integers(0, 9).map(at), "archived": st.booleans(),
}  # fmt: skip
FIELDS = st.fixed_dictionaries({}, optional={name: st.one_of(values, values, st.sampled_from(ODD)) for name, values in VALUES.items()})
OPERANDS: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(["group", "assignee", "tag", "customer", "search"], TEXT), "archived": st.sampled_from(["true", "false", "all", "x"]),
    "recursive": st.sampled_from(["true", "false", ""]), "skip": st.sampled_from(["0", "1"]), "limit": st.sampled_from(["1", "3", "0"]),
    "include": st.sampled_from(["name,start", "address[city]", "nope"]),
    "startDate": st.sampled_from(["0", "3", "-"]), "endDate": st.sampled_from(["5", "9"]),
}  # fmt: skip
QUERIES = st.lists(st.sampled_from(sorted(OPERANDS)).flatmap(lambda name: st.tuples(st.just(name), OPERANDS[name])), max_size=4).map(
    lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs)
)
RECORDS = st.lists(FIELDS, max_size=6).map(lambda rows: [record(f"r{place}", **row) for place, row in enumerate(rows)])


def answer(query: str, documents: list[Document]) -> Any:
    """The answer in memory, or status and faults of the refusal."""
    try:
        return OFFICE.list("tasks", query, ANN, descendants=lambda root: ["g2"]).run(documents)
    except CubiclError as refused:
        return refused.status, refused.faults


@settings(max_examples=150)
@given(QUERIES, RECORDS)
def test_memory_equals_the_server(scratch: Collection[Document], query: str, documents: list[Document]) -> None:
    expected = answer(query, documents)
    if isinstance(expected, list):
        plan = OFFICE.list("tasks", query, ANN, descendants=lambda root: ["g2"])
        assert plan.answer(fill(scratch, documents).find(**plan.find_args())) == expected
        assert None not in [value for each in expected for value in each.values()]


@given(QUERIES, RECORDS, FIELDS)
def test_a_hidden_record_changes_nothing(query: str, documents: list[Document], hidden: dict[str, Any]) -> None:
    assert answer(query, [record("a", "u2", **hidden), *documents, record("z", "u2", **hidden)]) == answer(query, documents)
