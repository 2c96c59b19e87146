"""Requests over records of older data: stored nulls, values of other types, fractions of a second, undeclared names; over every store."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from itertools import zip_longest
from typing import Any

import pytest
from bson import DatetimeMS, Decimal128

import cubequery as cq
from tests.engine.asked import check
from tests.engine.stores import End
from tests.support.ends import exact
from tests.support.fixture import IDS, NOW, default_rights
from tests.support.mongod import Document

ITEM = cq.ClassSchema(
    "item",
    {
        "n": cq.Integer, "s": cq.String, "f": cq.Float, "tags": cq.Array(cq.String), "at": cq.Date, "ms": cq.Date(resolution="ms"),
        "loc": cq.Location, "town": cq.String(stored="address.city"), "home": cq.Object({"floor": cq.Integer, "door": cq.String}),
    },
)  # fmt: skip
FRACTION = dt.datetime(2019, 9, 21, 21, 21, 0, 250_000)
WHOLE = dt.datetime(2019, 9, 21, 21, 21)
MILLISECOND = DatetimeMS(1)
_OWN = {"user_id": 47592, "created_at": FRACTION, "updated_at": FRACTION, **default_rights(47592)}
OLD: dict[str, Document] = {
    # nothing but nulls
    "A": {"n": None, "s": None, "f": None, "tags": None, "at": None, "loc": None, "address": None, "home": None},
    # a value of another type in every field
    "B": {"n": "x", "s": 7, "f": Decimal128("1"), "tags": "a", "at": 1544124810, "loc": "1,2", "address": [{"city": "Ulm"}], "home": "x"},
    # foreign elements, dates between two seconds, a date beyond every calendar
    "C": {"n": 41.5, "tags": ["a", None, 5, "b"], "at": FRACTION, "ms": FRACTION, "home": {"floor": "x", "door": 3}, "loc": [1, 200]},
    # undeclared names beside and inside of declared ones
    "D": {"n": 5, "zip": "s3cret", "address": {"city": "Bern", "zip": "s3cret"}, "home": {"floor": 2, "key": "s3cret"}, "at": MILLISECOND},
}  # fmt: skip
EMPTY = '"n":null,"s":null,"f":null,"tags":null,"at":null,"ms":null,"loc":null,"town":null,"home":null'
REFUSED = "422 operator_type"
Changed = dict[str, Document]


def records() -> list[Document]:
    return [{"_id": IDS[letter], **_OWN, **deepcopy(values)} for letter, values in OLD.items()]


READS = [
    ("GET item/<A>", f"has {{{EMPTY}}}"),
    ("GET item/<B>", f"has {{{EMPTY}}}"),
    ("GET item/<C>", 'has {"n":null,"tags":["a",null,null,"b"],"home":null,"loc":null}'),
    ("GET item/<C>", 'has {"at":"2019-09-21T21:21:00Z","ms":"2019-09-21T21:21:00.250Z"}'),
    ("GET item/<D>", 'has {"n":5,"town":"Bern","home":{"floor":2,"door":null},"at":"1970-01-01T00:00:00Z","created_at":1569100860}'),
    ("GET item n=null", "-> A"), ("GET item n[ne]=null", "-> B C D"), ("GET item n=x", "422 wrong_type n"), ("GET item n[gt]=0", "-> C D"),
    ("GET item s[ctn]=7", "-> -"), ("GET item n[ctn]=41", "-> C"), ("GET item tags=a", "-> B C"), ("GET item tags[nin]=a", "-> A D"),
    ("GET item tags=null", "-> A C D"), ("GET item town=Ulm", "-> B"), ("GET item town=null", "-> A C"), ("GET item home=null", "-> A B"),
    ("GET item home[floor]=2", "-> D"), ("GET item loc[near]=1,2;9", "-> -"), ("GET item zip=s3cret", "422 unknown_field zip"),
    ("GET item address[zip]=x", "422 unknown_field address"), ("GET item home[key]=x", "422 unknown_field home[key]"),
    # a fraction is matched as it is stored, and shown cut down
    ("GET item at=2019-09-21T21:21:00Z", "-> -"), ("GET item at[gt]=2019-09-21T21:21:00Z", "-> C"),
    ("GET item ms=2019-09-21T21:21:00.250Z", "-> C"), ("GET item created_at[gt]=1569100860", "-> A B C D"),
    # nulls first, then by MongoDB's order of types; foreign values are in the group of null, and in no sum
    ("GET item sort_asc=n", "-> A D C B"), ("GET item sort_desc=n", "-> B C D A"), ("GET item sort_asc=at&limit=3", "-> A B D"),
    ("GET item n[calc]=sum&group_by=s", 'has {"items":[{"s":null,"sum":5}]}'),
    ("GET item n[calc]=sum,min&group_by=n", 'has {"items":[{"n":null,"sum_n":0,"min_n":null},{"n":5,"sum_n":5,"min_n":5}]}'),
    ("GET item count=1&n[ne]=5", '= {"items":{"count":3}}'),
]  # fmt: skip
UPDATES: list[tuple[str, str, Changed]] = [
    # stored null counts as unset
    ('PUT item/<A> {"inc":{"n":2,"f":0.5}}', 'has {"n":2,"f":0.5}', {"A": {"n": 2, "f": 0.5}}),
    ('PUT item/<A> {"push":{"tags":["x"]}}', 'has {"tags":["x"]}', {"A": {"tags": ["x"]}}),
    ('PUT item/<A> {"add_to_set":{"tags":["x","x"]}}', 'has {"tags":["x"]}', {"A": {"tags": ["x"]}}),
    ('PUT item/<A> {"pull":{"tags":"x"}}', 'has {"tags":null}', {"A": {}}),
    ('PUT item/<A> {"tags":{"0":"x"}}', 'has {"tags":["x"]}', {"A": {"tags": ["x"]}}),
    ('PUT item/<A> {"tags":{"1":"x"}}', "422 index tags", {}),
    ('PUT item/<A> {"home":{"floor":1},"town":"Ulm"}', 'has {"home":{"floor":1,"door":null},"town":"Ulm"}',
     {"A": {"home": {"floor": 1}, "address": {"city": "Ulm"}}}),
    ('PUT item/<A> {"inc":{"home":{"floor":1}}}', 'has {"home":{"floor":1,"door":null}}', {"A": {"home": {"floor": 1}}}),
    # a foreign value stays until a plain one replaces it, and no operator touches it
    ('PUT item/<B> {"inc":{"n":1}}', f"{REFUSED} n", {}), ('PUT item/<B> {"push":{"tags":["x"]}}', f"{REFUSED} tags", {}),
    ('PUT item/<B> {"pop":{"tags":1}}', f"{REFUSED} tags", {}), ('PUT item/<B> {"tags":{"0":"x"}}', f"{REFUSED} tags", {}),
    ('PUT item/<B> {"inc":{"f":1}}', f"{REFUSED} f", {}), ('PUT item/<C> {"inc":{"n":1}}', f"{REFUSED} n", {}),
    ('PUT item/<B> {"inc":{"home":{"floor":1}}}', f"{REFUSED} home[floor]", {}),
    ('PUT item/<C> {"inc":{"home":{"floor":1}}}', f"{REFUSED} home[floor]", {}),
    ('PUT item/<B> {"ms":5}', 'has {"ms":"1970-01-01T00:00:05.000Z","n":null}', {"B": {"ms": dt.datetime(1970, 1, 1, 0, 0, 5)}}),
    ('PUT item/<B> {"n":1,"s":"y","tags":["z"],"home":{"door":"d"},"town":"Ulm"}', 'has {"n":1,"s":"y","tags":["z"],"town":"Ulm"}',
     {"B": {"n": 1, "s": "y", "tags": ["z"], "home": {"door": "d"}, "address": {"city": "Ulm"}}}),
    ('PUT item/<B> {"n":null,"tags":null}', 'has {"n":null,"tags":null}', {"B": {"n": ..., "tags": ...}}),
    # foreign elements keep their places
    ('PUT item/<C> {"push":{"tags":["c"]}}', 'has {"tags":["a",null,null,"b","c"]}', {"C": {"tags": ["a", None, 5, "b", "c"]}}),
    ('PUT item/<C> {"pull":{"tags":"a"}}', 'has {"tags":[null,null,"b"]}', {"C": {"tags": [None, 5, "b"]}}),
    ('PUT item/<C> {"tags":{"1":"x"}}', 'has {"tags":["a","x",null,"b"]}', {"C": {"tags": ["a", "x", 5, "b"]}}),
    ('PUT item/<C> {"at":"2019-09-21T21:21:00.250Z"}', 'has {"at":"2019-09-21T21:21:00Z"}', {"C": {"at": WHOLE}}),
    # undeclared names survive
    ('PUT item/<D> {"inc":{"n":1},"home":{"floor":null},"town":null}', 'has {"n":6,"home":null,"town":null}',
     {"D": {"n": 6, "home": {"key": "s3cret"}, "address": {"zip": "s3cret"}}}),
    ('PUT item/<D> {"zip":"x"}', "422 unknown_field zip", {}),
    ('PUT item/<D> {"home":null}', 'has {"home":null}', {"D": {"home": {"key": "s3cret"}}}),
    # many at once: what one value does not allow refuses all of it, and nothing is written
    ('PUT item/by_criteria {"search_criteria":{"n":{"ne":null}},"inc":{"n":1}}', f"{REFUSED} n", {}),
    ('PUT item/by_criteria {"search_criteria":{"n":null},"inc":{"n":1}}', 'has {"total_found":1}', {"A": {"n": 1}}),
    ('PUT item/by_criteria {"search_criteria":{"tags":"a"},"n":3}', 'has {"total_found":2}', {"B": {"n": 3}, "C": {"n": 3}}),
    ('PUT item/multi {"record":{"1":{"id":"<A>","inc":{"n":1}},"2":{"id":"<B>","inc":{"n":1}}}}', f"{REFUSED} record[2][n]", {}),
    ('PUT item/multi {"record":{"1":{"id":"<A>","n":1},"2":{"id":"<D>","n":2}}}',
     'has {"items":[{"n":1},{"n":2}]}', {"A": {"n": 1}, "D": {"n": 2}}),
]  # fmt: skip


def expected(changed: Changed) -> list[Document]:
    """The records afterwards; a changed one has moved."""
    found = []
    for each, letter in zip(records(), OLD, strict=True):
        new = {**each, "updated_at": NOW, **changed[letter]} if letter in changed else each
        found.append({name: value for name, value in new.items() if value is not ...})
    return found


@pytest.mark.parametrize(("request_text", "answer"), READS)
def test_reading(end: End, request_text: str, answer: str) -> None:
    end.fill({"item": records()})
    assert "s3cret" not in str(check(end.engine([ITEM]), request_text, answer))


@pytest.mark.parametrize(("request_text", "answer", "changed"), UPDATES)
def test_updating(end: End, request_text: str, answer: str, changed: Changed) -> None:
    end.fill({"item": records()})
    assert "s3cret" not in str(check(end.engine([ITEM]), request_text, answer))
    for left, right in zip_longest(end.stored(["item"])["item"], expected(changed)):
        assert exact({name: value for name, value in left.items() if name != "_op"}) == exact(right)


def test_deleting(end: End) -> None:
    end.fill({"item": records()})
    check(end.engine([ITEM]), "DELETE item/by_criteria n[ne]=5", '= {"total_deleted":3}')
    assert [each["_id"] for each in end.stored(["item"])["item"]] == [IDS["D"]]


def test_records_without_rights_are_an_admins_alone(end: End) -> None:
    """Until somebody gives them tokens."""
    bare: list[Any] = [{name: value for name, value in each.items() if name not in ("_read", "_update", "_delete")} for each in records()]
    end.fill({"item": bare})
    engine = end.engine([ITEM])
    check(engine, "GET item", "-> -")
    check(engine, "PUT item/<A> n=1", "404 not_found base")
    check(engine, "DELETE item/<A>", "404 not_found base")
    check(engine, "admin: GET item", "-> A B C D")
    engine.adopt("item")
    check(engine, "GET item", "-> A B C D")
    for left, right in zip_longest(end.stored(["item"])["item"], records()):
        assert exact(left) == exact(right)
