"""What stored values do not allow: all of it in one answer, each fault under its record, and nothing written; over every store."""

from __future__ import annotations

import pytest

import cubequery as cq
from tests.engine.asked import check, same
from tests.engine.stores import End
from tests.support.fixture import ITEM, NOTE, documents

NAMES = ("item", "note")
TOO_FAR = '"inc":{"n":9223372036854775807}'
SHORT = cq.ClassSchema("item", {"n": cq.Integer, "tags": cq.Array(cq.String, max_length=3), "s": cq.String, "nums": cq.Array(cq.Integer)})
REFUSED = [
    (f'PUT item/<A> {{{TOO_FAR},"tags":{{"5":"x"}}}}', "422 overflow n ; 422 index tags"),
    ('W: PUT item/<H> {"inc":{"n":1},"s":"x","push":{"tags":["x"]}}', "422 needs_read n ; 422 needs_read tags"),
    (
        f'PUT item/multi {{"record":{{"2":{{"id":"<B>",{TOO_FAR}}},"1":{{"id":"<A>","tags":{{"5":"x"}}}},"3":{{"id":"<C>","n":1}}}}}}',
        "422 index record[1][tags] ; 422 overflow record[2][n]",
    ),
    (
        f'PUT item/by_criteria {{"search_criteria":{{"n":{{"gt":0}}}},{TOO_FAR},"nums":{{"1":7}}}}',
        "422 overflow n ; 422 index nums",  # n of every record, nums of D alone
    ),
    (
        'PUT item/multi {"record":{"1":{"id":"<A>","push":{"tags":["c"]}},"2":{"id":"<A>","push":{"tags":["d"]}}}}',
        "422 too_big record[2][tags]",
    ),
    (
        'PUT item/multi {"record":{"1":{"id":"<A>","pop":{"tags":1}},"2":{"id":"<A>","tags":{"2":"x"}}}}',
        "422 index record[2][tags]",
    ),
    (
        'POST note/multi {"record":{"3":{"_parent_id":"<H>"},"2":{"text":"x"},"1":{"_parent_id":"<C>"},"4":{"_parent_id":"<P>"}}}',
        "422 parent record[3][_parent_id] ; 422 parent record[4][_parent_id]",
    ),
    ('admin: POST item/multi {"record":{"7":{"n":1}}}', "422 missing record[7][user_id]"),
    ('S: PUT note/<N1> {"_parent_id":"<N1>"}', "422 parent _parent_id"),
    ('S: PUT item/<C> {"_parent_id":"<C>"}', "403 forbidden base"),  # he may update it, but not delete it: that comes first
    ('S: PUT item/multi {"record":{"1":{"id":"<C>","_parent_id":"<C>"}}}', "403 forbidden base"),
]


def fill(end: End) -> None:
    """The records of the fixture; C may be updated by everybody."""
    end.fill({"item": [each | ({"_update": ["*"]} if "n" not in each else {}) for each in documents("item")], "note": documents("note")})


@pytest.mark.parametrize(("request_", "answer"), REFUSED, ids=[line[:90] for line, _ in REFUSED])
def test_refused(end: End, request_: str, answer: str) -> None:
    fill(end)
    before = end.stored(NAMES)
    check(end.engine([SHORT, NOTE]), request_, answer)
    assert same(end.stored(NAMES), before)


def test_a_record_that_stands_twice_is_judged_as_it_will_be(end: End) -> None:
    fill(end)
    changes = '{"1":{"id":"<A>","push":{"tags":["c"]}},"2":{"id":"<A>","tags":{"3":"x"}},"3":{"id":"<A>","inc":{"n":1}}}'
    answer = 'has {"items":[{"tags":["a","b","c"]},{"tags":["a","b","c","x"]},{"tags":["a","b","c","x"],"n":2}]}'
    check(end.engine([ITEM, NOTE]), f'PUT item/multi {{"record":{changes}}}', answer)
    check(end.engine([ITEM, NOTE]), "GET item/<A>", 'has {"n":2,"tags":["a","b","c","x"]}')
