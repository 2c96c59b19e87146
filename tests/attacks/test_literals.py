"""Values that look like syntax: accepted, compared as plain text, and decided alike in memory and on a real server."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import quote

import pytest
from bson import Decimal128, Int64, ObjectId
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Compare
from tests.attacks.covered import covers
from tests.attacks.fixture import ATTACKER, PROFILE, R, record
from tests.support.ends import fill, found
from tests.support.mongod import Document

SYNTAX = [
    "$_read", '{"$gt":""}', "/.*/", "$$NOW", "$where", "$$ROOT", "%25", "x&age[gt]=1", "Doe, John", "a;b", "[x]", "{}", "$",
    "__proto__", "' or 1=1 --", "${7*7}", "\u202e", "\ufeff", "\U0001f600", "a=b", "+", "a%00b", "true", "1", "undefined",
]  # fmt: skip
PATTERNS = [
    ".*", "(a+)+b", "[abc", "\\E.*", "(?i)x", "a|b", "^", "$", "a#b c", "line\nbreak", "\\Q", "\\", "{2,}", "a{1,1000000}", "(?#", "*", "+",
    "?", "(?:a|a)*", "[[:alpha:]]", "\\x{41}", "\\p{L}", "\r\n", "\t", "\u2028", "a.c", "(*LIMIT_MATCH=1)", "(*UTF)", "\\1", "]", "-", "~",
    "&&", "é",
]  # fmt: skip
ONLY = {"limit": 0}


def numbered(place: int) -> ObjectId:
    return ObjectId(f"{place:024x}")


def stored(texts: list[str]) -> list[Document]:
    return [record(numbered(place), 1, ["*"], [], full_name=text, tags=["x", text]) for place, text in enumerate(texts)]


def ends(text: str, documents: list[Document], collection: Collection[Document]) -> set[str]:
    """Names of the records found, the same by a find, in memory by one and by all."""
    plan = cq.translate(text, PROFILE, actor=ATTACKER)
    here = {each["full_name"] for each in plan.select(documents)}
    assert here == {each["full_name"] for each in collection.find(**{**plan.find_args(), **ONLY})}, text
    assert here == {each["full_name"] for each in documents if plan.matches(each)}, text
    return here


@covers(48, 129)
def test_values_that_look_like_syntax(collection: Collection[Document]) -> None:
    texts = [*SYNTAX, "", "x", "null)", "decoy"]
    documents = stored(texts)
    fill(collection, documents)
    for text in SYNTAX:
        assert ends(f"full_name={quote(text)}", documents, collection) == {text}
        assert ends(f"full_name[in][]={quote(text)}", documents, collection) == {text}
        assert ends(f"full_name[or][]={quote(text)}&full_name[or][]=x", documents, collection) == {text, "x"}
        assert ends(f"tags[all][]={quote(text)}", documents, collection) == {text}
        assert ends(f"full_name[ne]={quote(text)}", documents, collection) == set(texts) - {text}
        assert cq.parse({"full_name": text}, PROFILE) == cq.parse(f"full_name={quote(text)}", PROFILE)
    assert ends("full_name[in]=$$NOW,null)", documents, collection) == {"$$NOW", "null)"}
    assert ends("full_name=%2525", documents, collection) == {"%25"}
    assert ends("full_name=x%26age%5Bgt%5D%3D1", documents, collection) == {"x&age[gt]=1"}
    assert ends("full_name=Doe%2C%20John", documents, collection) == {"Doe, John"}


@covers(49)
@pytest.mark.parametrize("operator", ["ctn", "start_with"])
def test_patterns_are_plain_texts(operator: str, collection: Collection[Document]) -> None:
    """``ctn`` and ``start_with`` are Python's ``in`` and ``startswith``, whatever the text would mean as a pattern."""
    around = [f"{left}{text}{right}" for text in PATTERNS for left in ("", "x") for right in ("", "y")]
    texts = sorted({*around, "", "a" * 28 + "c", "abc", "AXC", "a\nb"})
    documents = stored(texts)
    fill(collection, documents)
    holds = str.__contains__ if operator == "ctn" else str.startswith
    for pattern in PATTERNS:
        assert ends(f"full_name[{operator}]={quote(pattern, safe='')}", documents, collection) == {t for t in texts if holds(t, pattern)}
        [condition] = cq.translate({"full_name": {operator: pattern}}, PROFILE, actor=cq.ADMIN).filter.values()
        assert condition == {"$regex": ("^" if operator == "start_with" else "") + re.escape(pattern)}


@covers(63, 60)
def test_every_operator_on_a_field_holds(collection: Collection[Document]) -> None:
    documents = [record(numbered(age), 1, ["*"], [], full_name=str(age), age=age) for age in range(8)]
    fill(collection, documents)
    assert ends("age[gt]=1&age[lt]=5&age[ne]=3", documents, collection) == {"2", "4"}
    assert ends("age[in]=1,2,3&age[nin]=2&age[gte]=2", documents, collection) == {"3"}
    assert ends("age[or]=1,2&age[gt]=1&full_name[or]=7", documents, collection) == {"2", "7"}


@covers(139, 142, 144, 140)
@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("age=9007199254740993", 9007199254740993),
        ("age=-9223372036854775808", -(2**63)),
        ("age=null", None),
        ("full_name=", ""),
        ("full_name=null", None),
        ("active=1", True),
        ("active=false", False),
        ("rating=-0", 0.0),
        ("_id=650000000000000000000001", R),
        ("_parent_id=", None),
        ("user_id=null", None),
    ],
)
def test_exact_values(text: str, operand: Any) -> None:
    condition = cq.parse(text, PROFILE).condition
    assert isinstance(condition, Compare)
    assert (type(condition.operand), condition.operand) == (type(operand), operand)
    assert math.copysign(1, condition.operand or 1) == math.copysign(1, operand or 1) if type(operand) is float else True


@covers(144)
def test_an_id_in_either_case_is_one() -> None:
    lower, upper = "65000000000000000000abcd", "65000000000000000000ABCD"
    assert cq.parse(f"_id={lower}", PROFILE) == cq.parse(f"_id={upper}", PROFILE)
    changes = [cq.translate_update("age=1", PROFILE, actor=ATTACKER, id=own) for own in (lower, upper)]
    assert changes[0].condition == changes[1].condition
    for odd in ("x", "5c09", '{"$gt":""}', "123456789012", "", lower + "0", {"$gt": ""}, 5, True, b"x" * 12, [lower]):
        with pytest.raises(cq.RequestError) as caught:
            cq.translate_update("age=1", PROFILE, actor=ATTACKER, id=odd)
        assert (caught.value.status, caught.value.code, caught.value.key) == (404, "not_found", "base")


@covers(140, 148)
def test_equality_of_stored_numbers(collection: Collection[Document]) -> None:
    """true is not 1, 1.0 is, and NaN is itself: as the server decides for each pair."""
    values: list[Any] = [1, 1.0, Int64(1), Decimal128("1"), True, False, 0, 0.0, -0.0, math.nan, 2**53, 2**53 + 1, float(2**53)]
    values += [[1], [[1]], None, "1", [True], [None], []]
    pairs = enumerate(values)
    documents = [record(numbered(place), 1, ["*"], [], full_name=str(place), age=value, rating=value) for place, value in pairs]
    documents.append(record(ObjectId("f" * 24), 1, ["*"], [], full_name="absent"))
    fill(collection, documents)
    operands = ("0", "1", "2", "9007199254740992", "9007199254740993", "null")
    for field in ("age", "rating"):
        for operator in ("eq", "ne", "in", "nin", "or", "gt", "gte", "lt", "lte", "ctn"):
            for operand in operands:
                if operand != "null" or operator in ("eq", "ne", "in", "nin", "or"):
                    ends(f"{field}[{operator}]={operand}", documents, collection)
    places = {str(place) for place, value in enumerate(values) if value is True or value is False or str(value) == "[True]"}
    assert not ends("age=1", documents, collection) & places
    assert not ends("age[in]=1,0", documents, collection) & places


@covers(105)
def test_a_condition_that_raises_on_a_hidden_record(collection: Collection[Document]) -> None:
    """The server reads a hidden record through an index on the field, before it looks at rights: nothing stored may make that fail."""
    hidden = [[1, 4], {"a": 4}, "4", True, b"4", ObjectId(), math.nan, Decimal128("44"), None, [[4]], {"$gt": 4}]
    rows = [record(numbered(place), 1, ["*"], [], age=place, rating=place / 4, full_name=str(place)) for place in range(60)]
    secret = [record(numbered(100 + place), 1, ["u2"], [], age=value) for place, value in enumerate(hidden)]
    secret += [record(numbered(200 + place), 1, ["u2"], [], rating=value) for place, value in enumerate(hidden)]
    collection.create_index("age")
    collection.create_index("rating")
    requests = ["age[gt]=0&age[ctn]=4", "age[ctn]=4", "rating[gte]=0&rating[ctn]=.", "age[ctn]=4&count=1", "age[ctn]=$age", "rating[ctn]="]
    requests += ["age[ctn]=4&age[calc]=sum&group_by=active", "rating[ctn]=1&age[ctn]=4&sort_desc=age"]
    plans = [cq.translate(text, PROFILE, actor=ATTACKER) for text in requests]
    fill(collection, rows)
    without = [found(plan, collection) for plan in plans]
    collection.insert_many(secret)
    assert [found(plan, collection) for plan in plans] == without
    assert [plan.run([*secret, *rows]) for plan in plans] == without


@covers(106)
def test_stored_values_never_make_an_order_or_a_group_fail(collection: Collection[Document]) -> None:
    odd: list[Any] = [None, [], [1, 2], {"a": 1}, "x", True, math.nan, [200, 0], [1, "a"], [[1, 2], [3, 4]], 5, [1.0, 2.0]]
    odd += [{"type": "Point", "coordinates": [1]}, {"type": "Point", "coordinates": "x"}, {"coordinates": [1, 2]}]
    names = ("spot", "age", "tags", "full_name")
    rows = [record(numbered(place), 1, ["*"], [], **dict.fromkeys(names, value)) for place, value in enumerate(odd)]
    fill(collection, rows)
    texts = ["sort_asc=tags", "sort_desc=spot", "spot[near]=1,2;5", "age[calc]=avg,sum,min,max&group_by=full_name", "tags[all]=x"]
    texts += ["sort_asc=full_name&limit=-1", "spot=1,2", "age[calc]=sum&group_by=age&sort_desc=sum", "full_name[ctn]=x", "tags[ctn]=x"]
    texts += ["age[ctn]=1", "count=1&age[ctn]=1", "count=1&spot[near]=1,2;5"]
    for text in texts:
        plan = cq.translate(text, PROFILE, actor=ATTACKER)
        assert found(plan, collection) == plan.run(rows), text


def test_a_long_operand_is_still_a_legal_pattern(collection: Collection[Document]) -> None:
    """The longest operand that is accepted does not make the server's pattern too large."""
    for text in ("a" * 1_000, "." * 1_000, "é" * 1_000, "\U0001f600" * 1_000, "\n" * 1_000):
        documents = stored([text, "x" + text, "y"])
        fill(collection, documents)
        plan = cq.translate({"full_name": {"ctn": text}, "tags": {"ctn": text}}, PROFILE, actor=ATTACKER)
        assert {each["full_name"] for each in collection.find(**plan.find_args())} == {text, "x" + text}
        assert {each["full_name"] for each in plan.select(documents)} == {text, "x" + text}
