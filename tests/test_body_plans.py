"""Updates by the shape of their body equal the usual way: the same commands and tree, or the same faults, whatever the values."""

from __future__ import annotations

import copy
import datetime as dt
from collections import Counter
from random import Random
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

import cubequery as cq
from cubequery.check import DEFAULTS
from cubequery.parse.body_shapes import key_of
from cubequery.testing.bodies import Bodies
from cubequery.testing.values import Values
from cubequery.translate.body_plans import WARM, QuickChange, clock
from cubequery.translate.places import Place
from tests.support.strategies import ITEM

NOW = dt.datetime(2026, 1, 2, 3, 4, 5)
RECORD = ObjectId("5c097e8cca8bf4291e8d219f")
OPTIONS = cq.ClassSchema("options", {
    "level": cq.String(choices=["gold", "silver"]), "name": cq.String(max_length=3, required=True), "n": cq.Integer(minimum=0, maximum=10),
    "x": cq.Float(maximum=1.5), "born": cq.Date(minimum=0), "tags": cq.Array(max_length=2), "marks": cq.Array(cq.Integer, choices=[1, 2]),
    "place": cq.Location, "a": cq.Object({"b": cq.Object({"c": cq.Integer(minimum=1), "d": cq.Boolean}), "t": cq.Array(cq.Float)}),
})  # fmt: skip
OWNERS = cq.ClassSchema(
    "owners", {"n": cq.Integer, "f": cq.Float, "tags": cq.Array, "b": cq.Boolean, "by": cq.Integer}, acl={"owner": "by"}
)
SHUT = cq.ClassSchema(
    "shut", {"n": cq.Integer, "f": cq.Float, "tags": cq.Array, "b": cq.Boolean},
    permissions={"update": {"access": "open_for_groups", "groups": ["staff"], "primary": True}},
)  # fmt: skip
SCHEMAS = (ITEM, OPTIONS, OWNERS, SHUT)
ACTORS = (cq.Actor(1), cq.Actor(7, ["staff", "a"]), cq.Actor(2**40), cq.ADMIN, cq.Actor(5, admin=True), cq.ANONYMOUS, cq.Actor("7"))
USUAL_ACTORS = st.sampled_from(ACTORS[:5]) | st.sampled_from(ACTORS)
ADMINS = st.sampled_from([actor for actor in ACTORS if actor.admin])
STRANGE: list[Any] = [
    *(0, 1, -1, 5, 10, 11, 2**31, 2**62, -(2**62), 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, True, False, None),
    *(0.0, -0.0, 1.5, 2.0, -3.25, 1e308, float("inf"), float("-inf"), float("nan")),
    *("", "a", "abcd", "gold", "null", "true", "1", "-1", "1.5", "é", "\ud800", "a\0b", "a,b", "[a, b]", "2020-01-01", "$inc", "x" * 300),
]  # fmt: skip
SCALARS = st.sampled_from(STRANGE)
LISTS = st.lists(SCALARS, max_size=4) | st.just([[1, 2]]) | st.just([{"a": 1}])


class Usual(dict[str, Any]):
    """A body that goes the usual way, since it is no plain dict."""


def outcome(body: Any, schema: cq.ClassSchema, actor: cq.Actor, **options: Any) -> Any:
    """Commands and tree to the last type, or what is wrong and where; and whether it went by shape."""
    try:
        change = cq.translate_update(body, schema, actor=actor, now=NOW, **options)
    except cq.RequestError as error:
        return error.faults, False
    except cq.DefinitionError as error:
        return error.problems, False
    quick = type(change) is QuickChange
    return (repr(list(change.commands)), repr(change.update), change.describe(), repr(change.condition), change.is_empty), quick


def varied(data: st.DataObject, value: Any, *, top: bool = False) -> Any:
    """A body of the same names; now and then a value becomes another one, or is of another shape altogether."""
    if isinstance(value, dict) and (value or top):
        return {key: varied(data, inner) for key, inner in value.items()}
    chance = data.draw(st.integers(0, 9))
    if chance > 1:
        return copy.deepcopy(value)
    if isinstance(value, list) and chance:
        return [data.draw(SCALARS) for _ in value]
    return data.draw(SCALARS | LISTS | st.just({}) if chance == 0 else SCALARS)


def drawn(random: Random, schema: cq.ClassSchema) -> dict[str, Any]:
    """A body, with criteria now and then."""
    bodies = Bodies(Values(random, schema))
    body = bodies.body()
    while random.random() < 0.95 and not (key_of(body) and body.keys().isdisjoint(("permissions", "user_id", "_parent_id"))):
        body = bodies.body()
    if random.random() < 0.3:
        field = random.choice(bodies.fields)
        value = bodies.json_value(field.type.element)
        body["search_criteria"] = {"n": {"gt": 3}} if field.type.kind == "Object" or "[" in field.name else {field.name: value}
    return body


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_by_shape_is_as_the_usual_way(schema: cq.ClassSchema) -> None:
    went: Counter[bool] = Counter()
    actors = ADMINS | ADMINS | USUAL_ACTORS if schema is SHUT else USUAL_ACTORS  # what depends on an actor's groups goes the usual way

    @settings(max_examples=250)
    @given(st.data(), st.integers(0, 2**32), actors, st.sampled_from([None, None, str(RECORD), RECORD, "no id"]))
    def check(data: st.DataObject, seed: int, actor: cq.Actor, record: Any) -> None:
        body = drawn(Random(seed), schema)
        for _ in range(WARM + 1):
            outcome(copy.deepcopy(body), schema, actor, id=record)
        for other in (copy.deepcopy(body), *(varied(data, body, top=True) for _ in range(3))):
            before = repr(other)
            found, quick = outcome(other, schema, actor, id=record)
            assert found == outcome(Usual(copy.deepcopy(other)), schema, actor, id=record)[0]
            assert repr(other) == before
            went[quick] += 1

    check()
    assert went[True] >= (0.05 if schema is SHUT else 0.2) * went.total(), f"too few go by shape to mean anything: {went}"


PLAIN: dict[str, Any] = {
    "s": "a", "n": 5, "f": 1.5, "b": True, "at": "2020-01-01", "seen": 5, "loc": "1,2", "total": 2.5, "bounded": 3,
    "tags": ["a"], "nums": [1],
}  # fmt: skip
ELEMENTS = ("push", "add_to_set", "pull")
"""Operators that say one element of an array."""


def placed(place: str, name: str, value: Any) -> dict[str, Any]:
    """A body that holds the value there: set, under an operator, or as a criterion of a change of something else."""
    if place == "set":
        return {name: value}
    return {place: {name: value}, "s": "x"} if place == "search_criteria" else {place: {name: value}}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("place", ["set", "search_criteria", "inc", *ELEMENTS])
def test_every_value_in_a_known_shape_is_read_as_the_usual_way(place: str, name: str) -> None:
    """What the drawn bodies meet by chance: each value that may stand in the place of a plain one."""
    plain = PLAIN[name][0] if place in ELEMENTS and isinstance(PLAIN[name], list) else PLAIN[name]
    for _ in range(WARM + 1):
        outcome(placed(place, name, plain), ITEM, ACTORS[1])
    for value in (plain, *STRANGE, [plain], [], {}, [None]):
        body = placed(place, name, value)
        assert outcome(body, ITEM, ACTORS[1])[0] == outcome(Usual(body), ITEM, ACTORS[1])[0], value


def warm(body: dict[str, Any], schema: cq.ClassSchema = ITEM, **options: Any) -> Any:
    for _ in range(WARM + 1):
        cq.translate_update(copy.deepcopy(body), schema, actor=ACTORS[1], **options)
    return cq.translate_update(body, schema, actor=ACTORS[1], **options)


def test_each_change_has_commands_of_its_own() -> None:
    """What one caller does to a filter is nothing to the next."""
    for _ in range(2):
        change = warm({"inc": {"n": 1}})
        assert type(change) is QuickChange
        for filter_, update in change.commands:
            filter_["$and"].clear()
            update.clear()
    assert [bool(filter_["$and"] and update) for filter_, update in change.commands] == [True, True]


def test_lists_in_commands_are_their_own() -> None:
    """As those of filters are: what a caller does to one is nothing to the next, nor to the tree."""
    usual = cq.translate_update(Usual(place="1.5,2.5", tags=["a"], add_to_set={"marks": 1}), OPTIONS, actor=ACTORS[1])
    for change in (warm({"place": "1.5,2.5"}, OPTIONS), usual):
        before = repr(list(change.commands))
        for filter_, update in change.commands:
            spoil(filter_)
            spoil(update)
        assert repr(list(change.commands)) == before
    assert type(warm({"place": "1.5,2.5"}, OPTIONS)) is QuickChange


def spoil(document: Any) -> None:
    """Everything inside is taken out of it."""
    for inner in document.values() if isinstance(document, dict) else document:
        if isinstance(inner, dict | list):
            spoil(inner)
    document.clear()


@pytest.mark.parametrize("id_type", ["ObjectId", "Integer", "String"])
def test_what_is_read_as_null_is_no_operand(id_type: str) -> None:
    """A parent that is taken away by an empty text, in a shape that was learned with one and without."""
    schema = cq.ClassSchema("child", {"n": cq.Integer}, id_type=id_type)
    for given_ in ({"ObjectId": str(RECORD), "Integer": 5, "String": "x"}[id_type], ""):
        warm({"_parent_id": given_}, schema)
    found, quick = outcome({"_parent_id": ""}, schema, ACTORS[1])
    assert (found, quick) == (outcome(Usual(_parent_id=""), schema, ACTORS[1])[0], False)


def test_one_element_that_a_shortcut_leaves_alone() -> None:
    warm({"push": {"tags": "a"}})
    found, quick = outcome({"push": {"tags": "é"}}, ITEM, ACTORS[1])
    assert (found, quick) == (outcome(Usual(push={"tags": "é"}), ITEM, ACTORS[1])[0], True)


def test_signs_are_asked_again() -> None:
    up, down = warm({"inc": {"n": 5}}), cq.translate_update({"inc": {"n": -5}}, ITEM, actor=ACTORS[1])
    assert str(2**63 - 1 - 5) in repr(list(up.commands))
    assert str(-(2**63) + 5) in repr(list(down.commands))


def test_options_are_asked_again() -> None:
    warm({"level": "gold", "name": "abc"}, OPTIONS)
    with pytest.raises(cq.RequestError) as refused:
        cq.translate_update({"level": "tin", "name": "abcd"}, OPTIONS, actor=ACTORS[1])
    assert [fault.code for fault in refused.value.faults] == ["choice", "too_big"]


def test_a_change_by_shape_binds_one_record_as_any_other() -> None:
    quick = warm({"n": 5}, now=NOW).for_record(RECORD, stamp="op")
    usual = cq.translate_update(Usual(n=5), ITEM, actor=ACTORS[1], now=NOW).for_record(RECORD, stamp="op")
    assert repr(list(quick.commands)) == repr(list(usual.commands))


def test_memory_of_bodies_is_bounded() -> None:
    bounds = cq.Settings(limits=cq.Limits(plan_cache=16))
    for number in range(60):
        for _ in range(WARM + 2):
            cq.translate_update({"tags": {str(number): "x"}}, ITEM, actor=ACTORS[1], settings=bounds)
    (plans,) = (kept for key, kept in ITEM.memory.items() if isinstance(key, tuple) and key[0] is bounds and hasattr(kept, "_plans"))
    assert max(len(kept) for kept in (plans._plans, plans._seen, plans._latest)) <= 16


def test_the_clock_is_one_in_whole_seconds() -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    assert before <= clock() <= dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert clock().microsecond == 0


@pytest.mark.parametrize("use", [
    lambda place: place == 1, lambda place: {place}, lambda place: bool(place), lambda place: len(place), lambda place: f"{place}",
    lambda place: [*place], lambda place: place + 1, lambda place: place >= 1, lambda place: 1.5 - place, lambda place: place > 1.5,
    lambda place: place in (1, 2),
])  # fmt: skip
def test_a_place_does_not_let_its_value_be_seen(use: Any) -> None:
    """Otherwise what is true of one value would be written into the template of all."""
    with pytest.raises(TypeError):
        use(Place("v0", 5, []))


assert DEFAULTS.limits.plan_cache > 16
