"""Corners that no table reaches: what is refused beyond the usual refusals, and values that only a host's own code brings."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

import pytest
from bson import Int64, ObjectId
from bson.json_util import dumps

import cubequery as cq
from cubequery.ast import All, AnyOf, Compare, Not, Query
from cubequery.compile import compile_filter
from cubequery.compile.mongo_filter import join_filters
from cubequery.operators import EQ, SEARCH
from cubequery.ordering import MISSING, type_class
from cubequery.parse.printer import Unprintable, to_query_string
from cubequery.translate.describe import sentence
from cubequery.values.base import UNSET, Anything, FieldType

SCHEMA = cq.ClassSchema(
    "corner",
    {
        "s": cq.String(required=True), "n": cq.Integer(choices=[1, 2, 3]), "f": cq.Float, "nums": cq.Array(cq.Integer), "tags": cq.Array,
        "avatar": cq.File, "address": cq.Object({"city": cq.String, "zip": cq.String}), "must": cq.Object({"a": cq.Integer}, required=True),
    },
)  # fmt: skip
ANN = cq.Actor(5)
FIELDS = SCHEMA.fields


@cache
def settings(**limits: int) -> cq.Settings:
    """One object for the same limits: what is remembered of requests belongs to it."""
    return cq.Settings(limits=cq.Limits(**limits))


def search(text: Any, **limits: int) -> cq.Plan:
    return cq.translate(text, SCHEMA, actor=ANN, settings=settings(**limits))


def refusal(make: Any) -> tuple[int, str, str]:
    with pytest.raises(cq.RequestError) as caught:
        make()
    return caught.value.status, caught.value.code, caught.value.key


def test_what_is_required_cannot_be_unset() -> None:
    body: dict[str, Any]
    for body, key in (({"s": None}, "s"), ({"must": None}, "must")):
        assert refusal(lambda body=body: cq.translate_update(body, SCHEMA, actor=ANN)) == (422, "missing", key)
    made = cq.parse("", SCHEMA, json={"s": "x", "must": {"a": 1}}, place="create")
    assert {field.name for field, _ in made.values} == {"s", "must[a]"}
    for body, key in (({"s": "x"}, "must"), ({"s": "x", "must": {"a": None}}, "must"), ({"must": {"a": 1}}, "s")):
        assert refusal(lambda body=body: cq.parse("", SCHEMA, json=body, place="create")) == (422, "missing", key)


def test_cursors_that_cannot_be_written_or_were_not() -> None:
    plan = search("sort_asc=s&_after=")
    assert refusal(lambda: plan.cursor({"_id": ObjectId("0" * 24), "s": "x" * 10_000})) == (422, "too_big", "_after")
    written = plan.cursor({"_id": ObjectId("0" * 24), "s": "x"})
    assert search(f"sort_asc=s&_after={written}").filter
    for odd in (
        {"$ref": "a", "$id": 1},
        {"a": 1},
        2**70,
        [1],
        {"$regularExpression": {"pattern": "a", "options": ""}},
    ):
        text = dumps([["+s", "+_id"], [odd, {"$oid": "0" * 24}]]).encode()
        forged = urlsafe_b64encode(text).rstrip(b"=").decode()
        assert refusal(lambda forged=forged: search(f"sort_asc=s&_after={forged}")) == (422, "wrong_type", "_after")


@pytest.mark.parametrize(
    "body", [{"pull": {"nums": {"gt": {"x": 1}}}}, {"pull": {"nums": {"gt": [1]}}}, "pull[nums][gt][x]=1", "pull[nums][gt][]=1"]
)
def test_a_condition_on_one_element_is_one_value(body: Any) -> None:
    assert refusal(lambda: cq.translate_update(body, SCHEMA, actor=ANN)) == (422, "wrong_type", "nums")


@pytest.mark.parametrize("text", ["inc=1", "push=", "record=5"])
def test_an_object_of_fields_is_no_text(text: str) -> None:
    assert refusal(lambda: cq.translate_update(text, SCHEMA, actor=ANN))[0] == 422


def test_records_are_no_text() -> None:
    for text in ("record=5", "record[1]=5"):
        with pytest.raises(cq.RequestError) as caught:
            cq.parse(text, SCHEMA, place="create_many")
        assert caught.value.status == 422


def test_null_is_said_once() -> None:
    """An Object and a sub-field of it may both be asked for null."""
    both, one = (search(text).condition for text in ("address=null&address[city]=null", "address=null"))
    assert both == one


def test_settings_and_places_have_their_words() -> None:
    with pytest.raises(cq.DefinitionError, match="user_id_type must be one of Integer, String"):
        cq.Settings(user_id_type="Float")
    with pytest.raises(ValueError, match="place must be one of list"):
        cq.parse("n=1", SCHEMA, place="everywhere")
    with pytest.raises(TypeError, match="text or bytes"):
        cq.parse("n=1", SCHEMA, form=5)  # type: ignore[arg-type]
    row = SEARCH["gt"][0]
    with pytest.raises(ValueError, match='two operators "gt" for'):
        SEARCH.with_rows([row])


def test_a_sum_is_one_of_the_choices() -> None:
    """`inc` is decided in the update's own filter, where the stored number is known."""
    change = cq.translate_update({"inc": {"n": 1}}, SCHEMA, actor=ANN)
    assert {"$expr": {"$in": [{"$add": [{"$cond": [{"$isNumber": "$n"}, "$n", 0]}, {"$literal": 1}]}, {"$literal": [1, 2, 3]}]}} in (
        next(iter(change.commands))[0]["$and"]
    )
    mine = {"user_id": 5, "_read": ["*"], "_update": ["*"]}
    assert change.apply({**mine, "n": 2})["n"] == 3
    assert refusal(lambda: change.apply({**mine, "n": 3})) == (422, "choice", "n")


def test_a_conjunction_is_joined_member_by_member() -> None:
    one, two = (Compare(FIELDS[name], EQ, 1) for name in ("n", "f"))
    assert join_filters([], All((one, two))) == {"$and": [compile_filter(one), compile_filter(two)]} == compile_filter(All((one, two)))
    assert sentence(Not(one)) == f"not ({sentence(one)})"


def test_values_of_classes_of_their_own() -> None:
    class Text(str):
        __slots__ = ()

    assert type_class(Text("a")) == type_class("a")
    with pytest.raises(TypeError, match="no BSON value"):
        type_class(object())
    assert (repr(MISSING), repr(UNSET)) == ("MISSING", "UNSET")
    assert Anything().owns(object())
    assert Anything().render(5) == 5
    with pytest.raises(TypeError):
        FieldType.owns(cq.Integer(), 5)
    with pytest.raises(cq.errors.Refused):
        FieldType.read_text(cq.Integer(), "5")
    assert cq.Array(cq.Integer()).read_text("5") == [5] == cq.Array(cq.Integer()).read_json(5)
    with pytest.raises(cq.errors.Refused, match="out_of_range"):
        cq.Float().read_json(10**400)
    stored = {"file_id": ObjectId("0" * 24), "size": Int64(3), "name": None, "content_type": "x"}
    shown = cq.File().render(stored)
    assert shown == {"file_id": "0" * 24, "size": 3, "name": None, "content_type": "x"}
    assert type(shown["size"]) is int


def test_levels_of_a_body_that_somebody_else_decoded() -> None:
    body = {"address": {"city": {"eq": "x"}}}
    assert search(body, max_json_depth=3).filter
    assert refusal(lambda: search(body, max_json_depth=2)) == (400, "too_large", "base")


@pytest.mark.parametrize("learned", [False, True])
def test_escapes_beside_other_text(learned: bool) -> None:
    """Raw text that is no ASCII, a backslash, and an escape in one value; read by shape and before there is one."""
    for _ in range(20 if learned else 0):
        assert search("s=a%20b").filter
    assert search("s=é%20a").query.condition == Compare(FIELDS["s"], EQ, "é a")
    assert search("s=\\x41%41").query.condition == Compare(FIELDS["s"], EQ, "\\x41A")
    for text in ("s=é%zz", "s=\\%4"):
        assert refusal(lambda text=text: search(text)) == (400, "malformed", "base")


def test_limits_hold_where_the_shape_is_known() -> None:
    for _ in range(20):
        assert search("output[include]=s,n", max_list_items=2).projection
        assert search("n[or]=1&f[or]=1", max_or_conditions=2).filter
        assert search("_id=00000000000000000000000a").filter
    for _ in range(20):
        assert refusal(lambda: search("output[include]=s,n,f", max_list_items=2)) == (400, "too_large", "base")
        assert refusal(lambda: search("n[or]=1&f[or]=1&s[or]=a", max_or_conditions=2)) == (400, "too_large", "base")
        assert refusal(lambda: search(f"_id={'z' * 24}")) == (422, "wrong_type", "_id")


@pytest.mark.parametrize("limit", ["max_names", "max_conditions", "max_or_conditions"])
def test_no_combination_is_learned_beyond_a_limit(limit: str) -> None:
    """Its names are all known, each from a request that was taken."""
    schema = cq.ClassSchema("many", dict.fromkeys("abc", cq.Integer))
    tight = cq.Settings(limits=cq.Limits(**{limit: 2}))
    pairs = [f"{name}{'[or]' if 'or' in limit else ''}=1" for name in "abc"]
    for text in pairs:
        cq.translate(text, schema, actor=cq.ADMIN, settings=tight)
    assert cq.translate("&".join(pairs[:2]), schema, actor=cq.ADMIN, settings=tight).filter
    for _ in range(2):
        with pytest.raises(cq.RequestError, match="too large"):
            cq.translate("&".join(pairs), schema, actor=cq.ADMIN, settings=tight)


def test_what_no_request_says() -> None:
    """Trees that are printed only as far as a query string can say them."""
    query = search("n=1").query
    for condition in (AnyOf((Compare(FIELDS["n"], EQ, 1),)), Not(Compare(FIELDS["n"], EQ, 1)), Compare(FIELDS["s"], EQ, "null")):
        with pytest.raises(Unprintable):
            to_query_string(Query(**{**query.__getstate__(), "condition": condition}))
    twice = search("nums[in]=1&nums[]=2").query
    assert cq.parse(to_query_string(twice), SCHEMA) == twice
    first = search("_after=").query
    assert cq.parse(to_query_string(first), SCHEMA) == first
    later = search(f"_after={search('_after=').cursor({'_id': ObjectId('0' * 24)})}").query
    with pytest.raises(Unprintable, match="cursor"):
        to_query_string(later)


def test_a_scope_is_of_stored_paths() -> None:
    engine = cq.Engine(cq.MemoryStore(), [SCHEMA])
    path: Any
    for path in ("a..b", "$a", "", 5):
        with pytest.raises(cq.DefinitionError):
            engine.scoped({path: 1})


def test_numbers_of_every_sign() -> None:
    """A body's commands are remembered for some ways in which its numbers lie; all the others go the usual way."""
    schema = cq.ClassSchema("sums", dict.fromkeys(("a", "b", "c"), cq.Integer(minimum=-100, maximum=100)))
    signs = [{"a": a, "b": b, "c": c} for a in (1, -1, 0) for b in (1, -1, 0) for c in (1, -1, 0)]
    for amounts in [signs[0]] * 20 + signs * 2:
        change = cq.translate_update({"inc": amounts}, schema, actor=ANN)
        apart = cq.translate_update({"inc": {"c": amounts["c"], "b": amounts["b"], "a": amounts["a"]}}, schema, actor=cq.Actor(5))
        assert next(iter(change.commands))[1] == next(iter(apart.commands))[1]
        stored = {"user_id": 5, "_update": ["*"], "_read": ["*"], "a": 1, "b": 2, "c": 3}
        assert {name: change.apply(stored)[name] - stored[name] for name in amounts} == amounts


def test_a_quick_change_has_no_more_than_a_change() -> None:
    for _ in range(20):
        change = cq.translate_update({"s": "x", "inc": {"f": 1}}, SCHEMA, actor=ANN)
        next(iter(change.commands))
    for _ in range(2):
        with pytest.raises(AttributeError, match="nothing_of_it"):
            _ = change.nothing_of_it  # type: ignore[attr-defined]
        assert json.dumps(change.update, default=str)
