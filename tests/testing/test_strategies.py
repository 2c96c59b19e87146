"""The strategies draw what they say: for classes of every shape, valid where validity is promised, and every operator."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st

import cubequery as cq
from cubequery.ast import EVERYTHING, All, AnyOf, Condition
from cubequery.operators import SEARCH, UPDATE
from cubequery.schema import all_leaves
from cubequery.testing import strategies
from cubequery.testing.rights import may
from cubequery.testing.values import Values, stored_at
from tests.support.worlds import world_class

WORLD = world_class("ms", {})
STRICT = cq.ClassSchema(
    "strict",
    {
        "n": cq.Integer(minimum=3, maximum=4, required=True),
        "s": cq.String(max_length=2, required=True),
        "kind": cq.String(choices=["cafe", "bar"], required=True),
        "labels": cq.Array(cq.String, max_length=1, choices=["x", "y"], required=True),
        "since": cq.Date(minimum="2000-01-01T00:00:00Z", required=True),
    },
)
TEXTS = cq.ClassSchema("texts", {"who": cq.String, "s": cq.String}, acl={"owner": "who"}, id_type="String")
USERS = [(WORLD, "Integer"), (STRICT, "Integer"), (TEXTS, "String")]
over_classes = pytest.mark.parametrize(("schema", "users"), USERS, ids=lambda each: getattr(each, "name", each))


@given(st.data())
@settings(max_examples=100, derandomize=True)
def test_classes_of_every_shape_have_everything_else(data: st.DataObject) -> None:
    schema = data.draw(strategies.classes())
    assert cq.ClassSchema.from_json(schema.to_json()) == schema
    for strategy in (
        strategies.records(schema),
        strategies.awkward_records(schema),
        strategies.requests(schema),
        strategies.creations(schema),
        strategies.updates(schema),
        strategies.permissions(schema),
        strategies.rights(schema, data.draw(strategies.actors(schema))),
    ):
        data.draw(strategy)


@over_classes
def test_records_are_valid(schema: cq.ClassSchema, users: str) -> None:
    @given(strategies.records(schema, user_id_type=users))
    @settings(max_examples=60, derandomize=True)
    def check(record: dict[str, Any]) -> None:
        encode(record)
        for field in schema.names(users).values():
            for leaf in all_leaves(field):
                value = stored_at(record, leaf.path)
                assert (value is None and not leaf.type.required) or (leaf.type.owns(value) and leaf.type.judge(value) is None), leaf

    check()


@over_classes
def test_an_engine_takes_what_creates_records(schema: cq.ClassSchema, users: str) -> None:
    actor: cq.Actor = cq.Actor("ann" if users == "String" else 1)

    @given(strategies.creations(schema, user_id_type=users))
    @settings(max_examples=60, derandomize=True)
    def check(body: dict[str, Any]) -> None:
        chosen = cq.Settings(user_id_type=users)
        engine = cq.Engine(cq.MemoryStore(), [schema], settings=chosen, ids=lambda schema: Values(Random(0), schema, users).id_of(1))
        assert engine.create(schema.name, body, actor)["user_id"] == actor.user_id

    check()


def unordered(tree: Any) -> Any:
    """The tree without the order of its criteria, which JSON gives by field."""
    return replace(tree, condition=EVERYTHING), members(tree.condition)


def members(condition: Condition) -> Any:
    inner = condition.members if isinstance(condition, All | AnyOf) else ()
    return type(condition).__name__, sorted(map(str, map(members, inner))) if inner else str(condition)


@over_classes
def test_searches_are_valid_and_every_encoding_means_the_same(schema: cq.ClassSchema, users: str) -> None:
    tally, chosen = Counter[str](), cq.Settings(user_id_type=users)

    @given(strategies.requests(schema, user_id_type=users))
    @settings(max_examples=200, derandomize=True)
    def check(forms: strategies.Forms) -> None:
        try:
            tree = cq.parse(forms.query, schema, settings=chosen)
        except cq.RequestError as error:
            tally[error.code] += 1
            return
        tally["valid"] += 1
        assert cq.parse("", schema, form=forms.form, settings=chosen) == tree
        if forms.json is not None:
            tally["json"] += 1
            assert unordered(cq.parse("", schema, json=forms.json, settings=chosen)) == unordered(tree)

    check()
    assert set(tally) <= {"valid", "json", "conflict"}
    assert tally["conflict"] < 0.1 * tally["valid"]
    assert tally["json"] >= 0.8 * tally["valid"]


def test_every_operator_is_drawn() -> None:
    seen, changed = set[str](), set[str]()

    @given(strategies.searches(WORLD), strategies.updates(WORLD))
    @settings(max_examples=300, derandomize=True)
    def check(text: str, body: dict[str, Any]) -> None:
        seen.update(row.name for row in SEARCH.rows if f"[{row.name}]" in text)
        changed.update(body)

    check()
    assert seen >= {row.name for row in SEARCH.rows}
    assert changed >= {row.name for row in UPDATE.values() if row.spelled}


@given(st.data())
@settings(max_examples=80, derandomize=True)
def test_rights_are_judged_as_the_library_judges_them(data: st.DataObject) -> None:
    """The words of `may` are its own; here they meet the library's."""
    schema = data.draw(strategies.classes())
    actor = data.draw(strategies.actors(schema))
    record = data.draw(strategies.awkward_records(schema)) | data.draw(strategies.rights(schema, actor))
    for action in ("read", "update", "delete"):
        assert bool(cq.verdict(actor, action, schema, record)) == may(actor, action, schema, record), action


def test_a_failing_record_is_cut_down() -> None:
    found: list[dict[str, Any]] = []

    @given(strategies.records(WORLD))
    @settings(max_examples=200, derandomize=True, print_blob=False)
    def check(record: dict[str, Any]) -> None:
        if "tags" in record and len(record["tags"]) > 0:
            found.append(record)
            raise AssertionError

    with pytest.raises(AssertionError):
        check()
    assert found[-1]["tags"] == [""]
