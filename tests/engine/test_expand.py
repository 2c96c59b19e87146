"""Related records under the rights of who asks: what is left out, how many queries, cascades over fields, wrong definitions."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from tests.engine.stores import End

COMPANY = cq.ClassSchema(
    "Company",
    {"name": cq.String, "boss": cq.Integer},
    id_type="Integer",
    relations={
        "companyUsers": {"kind": "has_many", "class": "User", "field": "company"},
        "offices": {"kind": "has_many", "class": "Office"},
        "chief": {"kind": "belongs_to", "class": "User", "field": "boss"},
        "bills": {"kind": "has_many", "class": "Bill", "field": "company", "cascade": True},
    },
)
USER = cq.ClassSchema(
    "User",
    {"name": cq.String, "company": cq.Integer, "friends": cq.Array(of=cq.Integer)},
    id_type="Integer",
    relations={
        "employer": {"kind": "belongs_to", "class": "Company", "field": "company"},
        "pets": {"kind": "has_many", "class": "Pet", "field": "owner"},
        "mates": {"kind": "belongs_to_many", "class": "User", "field": "friends"},
    },
)
PET = cq.ClassSchema("Pet", {"name": cq.String, "owner": cq.String}, id_type="String")
OFFICE = cq.ClassSchema("Office", {"name": cq.String}, id_type="Integer", parents=["Company"])
BILL = cq.ClassSchema("Bill", {"company": cq.Integer})
CLASSES = (COMPANY, USER, PET, OFFICE, BILL)
ANN, BOB = cq.Actor(1), cq.Actor(2)


def row(own: Any, read: str = "*", **values: Any) -> dict[str, Any]:
    return {"_id": own, "user_id": 1, "_read": [read], "_update": ["u1"], "_delete": ["u1"], **values}


def stored(hidden: bool = True) -> dict[str, list[dict[str, Any]]]:
    """Two companies; what only Ann may read is there or not."""
    found = {
        "Company": [row(1, name="Acme", boss=11), row(2, name="Zed", boss=13), row(3, name="None", boss="11")],
        "User": [
            row(11, name="Lee", company=1, friends=[12, 13, 99, 12]),
            row(12, name="Kim", company=1, friends=[]),
            row(13, "u1", name="Secret", company=1),
            row(14, name="Odd", company="1"),
            row(15, name="Arr", company=[1, 2]),
        ],
        "Pet": [row("a", owner="11"), row("b", "u1", owner="11"), row("c", owner="12")],
        "Office": [
            row(21, _parent_id=1, _parent_class="Company"),
            row(22, "u1", _parent_id=1),
            row(23, _parent_id=1, _parent_class="User"),
        ],
        "Bill": [],
    }
    return {name: [each for each in rows if hidden or each["_read"] != ["u1"]] for name, rows in found.items()}


def shown(level: Any, document: Any) -> list[Any]:
    return [(each["_id"], {below.relation.name: shown(below, each) for below in level.below}) for each in level.of(document)]


def expanded(end: End, actor: cq.Actor, records: dict[str, Any]) -> Any:
    end.fill(records)
    engine = end.engine(CLASSES)
    page = records["Company"]
    found = engine.expand("Company", page, ["companyUsers.pets", "chief.mates", "offices"], actor, counts=["companyUsers", "offices"])
    return {
        each["_id"]: (
            {level.relation.name: shown(level, each) for level in found.levels},
            {count.relation.key: count.of(each) for count in found.counts},
        )
        for each in page
    }


def test_related_records_are_those_that_the_actor_may_read(end: End) -> None:
    acme, zed, none = expanded(end, BOB, stored()).values()
    assert acme == (
        {
            "companyUsers": [(11, {"pets": [("a", {})]}), (12, {"pets": [("c", {})]})],
            "chief": [(11, {"mates": [(12, {})]})],
            "offices": [(21, {})],
        },
        {"company_users": 2, "offices": 1},
    )
    assert zed == ({"companyUsers": [], "chief": [], "offices": []}, {"company_users": 0, "offices": 0})
    assert none[0]["chief"] == []
    assert expanded(end, ANN, stored())[1][1] == {"company_users": 3, "offices": 2}


def test_what_is_hidden_changes_nothing(end: End) -> None:
    assert expanded(end, BOB, stored()) == expanded(end, BOB, stored(hidden=False))


class Counting(cq.MemoryStore):
    """A store that counts what it is asked."""

    asked = 0

    def execute(self, command: Any) -> Any:
        self.asked += 1
        return super().execute(command)


@pytest.mark.parametrize("companies", [1, 200])
def test_one_query_for_each_relation_and_level(companies: int) -> None:
    store = Counting()
    page = [row(number, boss=number) for number in range(companies)]
    store.insert("User", [row(number, company=number, friends=[number]) for number in range(companies)])
    engine = cq.Engine(store, CLASSES)
    found = engine.expand(
        "Company", page, ["companyUsers.pets", "companyUsers.mates.pets", "offices"], BOB, counts=["offices", "companyUsers"]
    )
    assert store.asked == 5 + 2
    assert [each["_id"] for each in found.levels[0].of(page[0])] == [0]


def test_too_many_related_records_are_refused_never_cut() -> None:
    store = cq.MemoryStore()
    store.insert("User", [row(number, company=1) for number in range(6)])
    engine = cq.Engine(store, CLASSES, settings=cq.Settings(limits=cq.Limits(max_related=5)))
    with pytest.raises(cq.RequestError, match="with: Value is too large"):
        engine.expand("Company", [row(1)], ["companyUsers"], BOB)
    assert engine.expand("Company", [row(1)], [], BOB, counts=["companyUsers"]).counts[0].of(row(1)) == 6


def test_a_host_scope_holds_for_related_records_too() -> None:
    store = cq.MemoryStore()
    store.insert("User", [row(1, company=1, team=7), row(2, company=1, team=8)])
    engine = cq.Engine(store, CLASSES).scoped({"team": 7})
    for actor in (BOB, cq.ADMIN):
        found = engine.expand("Company", [row(1, team=7)], ["companyUsers"], actor, counts=["companyUsers"])
        assert [each["_id"] for each in found.levels[0].of(row(1))] == [1]
        assert found.counts[0].of(row(1)) == 1


def test_a_cascade_follows_a_relation_over_a_field(end: End) -> None:
    end.fill({**stored(), "Bill": []})
    engine = end.engine(CLASSES)
    bill = engine.create("Bill", {"company": 1}, BOB)
    other = engine.create("Bill", {"company": 2}, BOB)
    engine.delete("Company", "1", ANN)
    left = end.stored(["Bill", "Office", "User"])
    assert [str(each["_id"]) for each in left["Bill"]] == [other["_id"]] != [bill["_id"]]
    assert [each["_id"] for each in left["Office"]] == [23]
    assert len(left["User"]) == 5


WRONG = [
    ({"a": 5}, "relations a: must be an object"),
    ({"a": {"kind": "has"}}, "relations a: kind must be one of"),
    ({"a b": {"kind": "has_many", "class": "User"}}, "a name is of letters"),
    ({"a": {"kind": "has_many"}}, "class must be the name"),
    ({"a": {"kind": "belongs_to", "class": "User", "field": "no"}}, "there is no field no"),
    ({"a": {"kind": "belongs_to", "class": "User", "field": "name"}}, None),
    ({"a": {"kind": "belongs_to", "class": "User", "field": "at"}}, "must hold an id"),
    ({"a": {"kind": "belongs_to_many", "class": "User"}}, "names one record only"),
    ({"a": {"kind": "belongs_to", "class": "User", "field": "name", "cascade": True}}, "cascade"),
    ({"name": {"kind": "has_many", "class": "User"}}, "is the key of a field"),
    ({"aB": {"kind": "has_many", "class": "User"}, "a_b": {"kind": "has_many", "class": "User"}}, "a_b is the key"),
    ({"a": {"kind": "has_many", "class": "User", "over": "x"}}, "unknown key 'over'"),
]


@pytest.mark.parametrize(("relations", "said"), WRONG)
def test_relations_that_are_none(relations: Any, said: str | None) -> None:
    fields: Any = {"name": cq.String, "at": cq.Date}
    if said is None:
        cq.ClassSchema("A", fields, relations=relations)
        return
    with pytest.raises(cq.DefinitionError, match=said):
        cq.ClassSchema("A", fields, relations=relations)


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ({"kind": "has_many", "class": "None"}, "there is no class None"),
        ({"kind": "has_many", "class": "User", "field": "no"}, "no field no"),
        ({"kind": "has_many", "class": "Office"}, "does not name A among its parents"),
        ({"kind": "has_many", "class": "User", "field": "friends"}, "an id"),
    ],
)
def test_relations_to_what_is_not_there(relation: Any, said: str) -> None:
    with pytest.raises(cq.DefinitionError, match=said):
        cq.Engine(cq.MemoryStore(), [*CLASSES, cq.ClassSchema("A", {"x": cq.Integer}, relations={"r": relation})])


def test_a_name_that_is_no_relation() -> None:
    with pytest.raises(cq.DefinitionError, match="no relation nobody"):
        cq.Engine(cq.MemoryStore(), CLASSES).expand("Company", [], ["nobody"], BOB)
