"""The rows of the catalogue that are about what only the other dialects have: relations, counts, recursion, named predicates."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.dialects.connectnow import ConnectNow, ConnectNowError, Endpoint, received
from cubequery.dialects.cubicl import CubiclError, descendants_of
from cubequery.limits import DEFAULT
from tests.attacks.covered import covers
from tests.dialects.connectnow.service import BOB, CLASSES, SERVICE, record
from tests.dialects.cubicl import office


def refused(query: str, dialect: ConnectNow = SERVICE, path: str = "companies") -> list[str]:
    """The names in the refusal of a list."""
    with pytest.raises(ConnectNowError) as caught:
        dialect.list(path, received(query, limits=DEFAULT)[0], BOB)
    return list(caught.value.errors)


@covers(10)
@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("with[]=permissions", "with.0"), ("with[]=users.api_tokens", "with.0"), ("with[]=_acl", "with.0"),
        ("withCount[]=secret", "withCount.0"),
        ("withCount[]=users as total", "withCount.0"), ("withCount[]=users.pets", "withCount.0"),
    ],
)  # fmt: skip
def test_what_is_not_declared_is_neither_expanded_nor_counted(query: str, name: str) -> None:
    assert refused(query) == [name]


NODE = cq.ClassSchema(
    "Node", {"name": cq.String}, id_type="Integer", parents=["Node"], relations={"children": {"kind": "has_many", "class": "Node"}}
)


@covers(27)
def test_every_level_of_an_expansion_asks_the_right() -> None:
    store = cq.MemoryStore()
    store.insert(
        "Node",
        [
            record(1),
            record(2, _parent_id=1),
            record(3, "u9", _parent_id=1),
            record(4, _parent_id=3),
            record(5, "u9", _parent_id=2),
            record(6, _parent_id=2),
        ],
    )
    found = cq.Engine(store, [NODE]).expand("Node", [record(1)], ["children.children"], BOB, counts=["children"])
    (level,) = found.levels
    below = {each["_id"]: [one["_id"] for one in level.below[0].of(each)] for each in level.of(record(1))}
    assert (below, found.counts[0].of(record(1))) == ({2: [6]}, 1)


@covers(28)
def test_recursion_stops_at_a_hidden_record() -> None:
    store = cq.MemoryStore()
    store.insert("Group", [record("R"), record("H", "u9", _parent_id="R"), record("C", _parent_id="H"), record("D", _parent_id="R")])
    engine = cq.Engine(store, office.CLASSES)
    below = descendants_of(office.GROUP, BOB, engine.rows)
    plan = office.OFFICE.list("groups", "parent=R&recursive=true", BOB, descendants=below)
    assert [each["_id"] for each in plan.answer(engine.rows(plan))] == ["D"]


@covers(56)
@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("crm/customers", "name=.*", []), ("crm/customers", "name=(a+)%2B$", []), ("crm/customers", "name=Ac", [1]),
        ("tasks", 'search="x" -y', []),
        ("tasks", "search=a.b", ["t"]), ("tasks", "tag[$ne]=x", 422), ("crm/customers", "name[ctn]=a", 422),
    ],
)  # fmt: skip
def test_predicates_are_literal(path: str, query: str, found: Any) -> None:
    store = cq.MemoryStore()
    store.insert("Customer", [record(1, name="Acme Ltd"), record(2, name="aaa")])
    store.insert("Task", [record("t", name="a.b*"), record("s", name="axb y")])
    engine = cq.Engine(store, office.CLASSES)
    if found == 422:
        with pytest.raises(CubiclError) as caught:
            office.OFFICE.list(path, query, BOB)
        assert caught.value.status == 422
        return
    assert [each["_id"] for each in engine.rows(office.OFFICE.list(path, query, BOB))] == found


@covers(128)
def test_relations_do_not_fan_out() -> None:
    assert refused("with[]=users.pets.users.pets.users.pets") == ["with.0"]
    names = [f"r{number}" for number in range(17)]
    wide = cq.ClassSchema("Wide", {}, relations={name: {"kind": "has_many", "class": "Wide"} for name in names})
    dialect = ConnectNow([wide], [Endpoint("wide", "Wide", expansions=tuple(names), counts=tuple(names))])
    assert refused("&".join(f"with[]={name}" for name in names), dialect, "wide") == ["with"]
    assert refused("&".join(f"withCount[]={name}" for name in names), dialect, "wide") == ["withCount"]
    store = cq.MemoryStore()
    store.insert("User", [record(number, company=1) for number in range(10_001)])
    with pytest.raises(cq.RequestError) as caught:
        cq.Engine(store, CLASSES).expand("Company", [record(1)], ["users"], BOB)
    status, body = SERVICE.answer(caught.value)
    assert (status, list(body["errors"])) == (422, ["with"])
