"""What a page costs and what a host's condition hides: one query a level, no count, nothing of another scope."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.dialects.connectnow import ConnectNow, ConnectNowError, ConnectNowPlan, received
from cubequery.limits import DEFAULT
from tests.dialects.connectnow.service import ANN, BOB, CLASSES, ENDPOINTS, SERVICE, record


class Watched(cq.MemoryStore):
    """A store that keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []

    def execute(self, command: Any) -> Any:
        self.asked.append(command)
        return super().execute(command)


def page(engine: cq.Engine, query: str, actor: cq.Actor) -> Any:
    """The envelope as a server makes it."""
    plan: ConnectNowPlan = SERVICE.list("companies", received(query, limits=DEFAULT)[0], actor, where=engine.where)
    rows = engine.rows(plan, more=plan.more)
    expanded = engine.expand("Company", rows[: plan.limit], plan.paths, actor, counts=plan.counts)
    return plan.answer(rows, "http://x/y", expanded)


@pytest.mark.parametrize("companies", [1, 15, 200])
@pytest.mark.parametrize(
    ("query", "queries"),
    [("", 1), ("with[]=users", 2), ("with[]=users.pets", 3), ("with[]=users.pets&with[]=users&with[]=offices&withCount[]=companyUsers", 5)],
)
def test_a_query_a_level_whatever_the_page_holds(query: str, queries: int, companies: int) -> None:
    store = Watched()
    store.insert("Company", [record(number, name="a") for number in range(companies)])
    store.insert("User", [record(number, company=number % companies) for number in range(300)])
    store.insert("Pet", [record(str(number), owner=number) for number in range(300)])
    answer = page(cq.Engine(store, CLASSES), query, BOB)
    assert len(answer["data"]) == min(companies, 15)
    assert len(store.asked) == queries
    assert (answer["next_page_url"] is None) == (companies <= 15)


@pytest.mark.parametrize("actor", [ANN, BOB, cq.ADMIN])
@pytest.mark.parametrize("query", ["per_page=4&with[]=users&withCount[]=companyUsers", "page=2&per_page=4", "page=3&per_page=4"])
def test_a_host_scope_holds_for_the_list_and_all_beside_it(query: str, actor: cq.Actor) -> None:
    def of(number: int, **values: Any) -> dict[str, Any]:
        return {**record(number, **values), "team": 7 if number % 2 else 8}

    rows = {
        "Company": [of(number, name="a") for number in range(20)],
        "User": [of(number, company=number // 4) for number in range(40)],
        "CompanyUser": [of(number, _parent_id=1, _parent_class="Company") for number in range(9)],
    }
    answers = []
    for kept in (rows, {name: [each for each in found if each["team"] == 7] for name, found in rows.items()}):
        store = cq.MemoryStore()
        for name, found in kept.items():
            store.insert(name, found)
        answers.append(page(cq.Engine(store, CLASSES).scoped({"team": 7}), query, actor))
    assert answers[0] == answers[1]
    assert answers[0]["data"]


def test_more_relations_than_a_request_may_ask_are_refused_before_the_store() -> None:
    few = ConnectNow(CLASSES, ENDPOINTS, settings=cq.Settings(limits=cq.Limits(max_relations=3)))
    for query, name in (("with[]=users.pets&withCount[]=offices", None), ("with[]=users.pets&with[]=offices&withCount[]=offices", "with")):
        if name is None:
            assert few.list("companies", received(query, limits=DEFAULT)[0], BOB).paths
            continue
        with pytest.raises(ConnectNowError) as refused:
            few.list("companies", received(query, limits=DEFAULT)[0], BOB)
        assert refused.value.errors == {"with": "The with must not have more than 3 items."}
