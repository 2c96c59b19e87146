"""The traps that concern updates of one record and criteria, by row number, at both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from pymongo.collection import Collection

import cubequery as cq
from tests.support.cases import read_request, value
from tests.support.ends import exact, sent
from tests.support.fixture import ACTORS, ITEM, NOW, document
from tests.support.mongod import Document
from tests.support.traps import is_refused, refusal, the_class


@dataclass(frozen=True)
class Put:
    """One update of one record: what it holds afterwards (None: unset), or a refusal; ``moves``: whether `updated_at` moves."""

    row: int
    record: str
    body: str
    expected: str
    actor: str = "O"
    schema: str = ""
    moves: bool = True

    @property
    def id(self) -> str:
        return f"{self.row} {self.actor} {self.record} {self.body}"[:100]


SCHEMA_OF = {**dict.fromkeys("ABCDH", "item"), "P": "place", "R": "place", "1": "order", "2": "order", "3": "order"}
UPDATES = [
    Put(47, "A", "{}", '{"n":1}', moves=False),
    Put(47, "A", '{"id":"A"}', '{"n":1}', moves=False),
    Put(48, "C", '{"inc":{"n":2},"push":{"tags":["x"]}}', '{"n":2,"tags":["x"]}'),
    Put(49, "C", '{"pull":{"tags":"x"},"pop":{"nums":1}}', '{"tags":null,"nums":null}'),
    Put(50, "A", '{"inc":{"n":0.5}}', '422 wrong_type n ["inc","n"]'),
    Put(50, "A", '{"inc":{"n":"9223372036854775807"}}', "422 overflow n"),
    Put(50, "A", '{"inc":{"s":1}}', '422 operator_type s ["inc","s"]'),
    Put(51, "A", '{"push":{"tags":["x"]},"pull":{"tags":"a"}}',
        '422 conflict tags ["pull","tags"]: Field is changed twice in one request'),
    Put(51, "A", '{"n":3,"inc":{"n":1}}', '422 conflict n ["inc","n"]'),
    Put(51, "A", '{"tags":{"0":"z"},"push":{"tags":["x"]}}', '422 conflict tags ["push","tags"]'),
    Put(52, "A", '{"tags":{"2":"x"}}', '{"tags":["a","b","x"]}'),
    Put(52, "A", '{"tags":{"3":"x"}}', "422 index tags"),
    Put(52, "A", '{"tags":{"2":"x","3":"y"}}', '{"tags":["a","b","x","y"]}'),
    Put(52, "A", '{"tags":{"-1":"x"}}', '422 index tags ["tags","-1"]'),
    Put(52, "A", '{"tags":{"1500001":"x"}}', "422 index tags"),
    Put(53, "C", '{"tags":{"0":"x"}}', '{"tags":["x"]}'),
    Put(53, "C", '{"tags":{"1":"x"}}', "422 index tags"),
    Put(54, "A", '{"pop":{"tags":"1"}}', '{"tags":["a"]}'),
    Put(54, "A", '{"pop":{"tags":"-1"}}', '{"tags":["b"]}'),
    Put(54, "A", '{"pop":{"tags":2}}', '422 wrong_type tags ["pop","tags"]'),
    Put(54, "A", '{"pop":{"tags":1.0}}', '422 wrong_type tags ["pop","tags"]'),
    Put(54, "A", '{"pop":{"tags":true}}', '422 wrong_type tags ["pop","tags"]'),
    Put(55, "A", '{"add_to_set":{"tags":["b","c","c"]}}', '{"tags":["a","b","c"]}'),
    Put(55, "A", "add_to_set[tags]=b,c", '{"tags":["a","b","c"]}'),
    Put(55, "A", '{"push":{"tags":"x,y"}}', '{"tags":["a","b","x,y"]}'),
    Put(56, "A", '{"pull":{"nums":{"gt":0,"lt":5}}}', '{"nums":[10]}'),
    Put(56, "C", '{"push":{"tags":[]}}', '{"tags":null}'),
    Put(57, "A", '{"n":{"gt":3}}', '422 wrong_type n ["n","gt"]'),
    Put(57, "A", '{"tags":{}}', '422 wrong_type tags ["tags"]'),
    Put(57, "A", '{"inc":{"user_id":1}}', '422 operator_type user_id ["inc","user_id"]'),
    Put(57, "A", '{"$set":{"n":1}}', '422 unknown_field $set ["$set"]'),
    Put(58, "A", '{"n":2}', "403 forbidden base", actor="G"),
    Put(59, "H", '{"n":2}', "404 not_found base"),
    Put(60, "H", '{"s":"x"}', '{"s":"x","n":9}', actor="W"),
    Put(60, "H", '{"inc":{"n":1}}', "422 needs_read n", actor="W"),
    Put(60, "H", '{"tags":{"0":"x"}}', "422 needs_read tags", actor="W"),
    Put(67, "H", '{"permissions":{"read":{"access":"open"}}}',
        '{"_read":["u51941"],"_acl":{"read":{"access":"owner"},"update":{"access":"open_for_users_ids","users_ids":["60001"]},'
        '"delete":{"access":"open_for_groups","users_groups":["officers"]}}}', actor="W", moves=False),
    Put(71, "A", '{"n":2}', "403 forbidden base", schema="60001 updates"),
    Put(71, "A", '{"n":2}', '{"n":2}', actor="W", schema="60001 updates"),
    Put(71, "A", '{"n":2}', "403 need_user base", actor="anonymous", schema="60001 updates"),
    Put(83, "P", '{"address":{"city":"Ulm"}}', '{"address":{"city":"Ulm","gt":"5","stats":{"visits":3},"zip":"3000"}}'),
    Put(83, "P", '{"address":null}', '{"address":{"stats":{},"zip":"3000"}}'),
    Put(83, "P", '{"address":{}}', '422 wrong_type address ["address"]'),
    Put(83, "P", '{"address":{"zip":"1"}}', '422 unknown_field address[zip] ["address","zip"]'),
    Put(84, "R", '{"address":{"city":"Ulm"}}', '{"address":{"city":"Ulm"}}'),
    Put(84, "R", '{"inc":{"address":{"stats":{"visits":1}}}}', '{"address":{"stats":{"visits":1}}}'),
    Put(84, "R", '{"push":{"labels":["a"]}}', '{"labels":["a"]}'),
    Put(84, "R", '{"pull":{"labels":"a"}}', '{"stars":2}'),
    Put(85, "P", "address=null&address[city]=x", "422 conflict address form@13"),
    Put(85, "P", '{"inc":{"address":1}}', '422 operator_type address ["inc","address"]'),
    Put(85, "P", '{"address":[1]}', '422 wrong_type address ["address"]'),
    Put(88, "P", '{"stars":null}', "422 missing stars"),
    Put(88, "P", '{"inc":{"stars":2}}', "422 out_of_range stars"),
    Put(88, "P", '{"inc":{"stars":1}}', '{"stars":5}'),
    Put(90, "R", '{"stars":3}', '{"stars":3,"title":7}'),
    Put(90, "R", '{"title":"Attic"}', '{"title":"Attic"}'),
    Put(96, "1", '{"total":3,"guests":[60000]}', '{"amt":3.0,"sharedWith":[51941],"cust_id":47592}', actor="S"),
    Put(96, "1", '{"push":{"guests":[60000]}}', '{"sharedWith":[51941]}', actor="S", moves=False),
    Put(96, "1", '{"who":51941}', '{"cust_id":47592}', actor="S", moves=False),
    Put(96, "1", '{"inc":{"who":1}}', '422 operator_type who ["inc","who"]', actor="S"),
    Put(97, "3", '{"push":{"guests":[5]}}', '{"sharedWith":[5],"amt":"x"}', actor="admin"),
    Put(102, "A", '{"_op":"x"}', '422 unknown_field _op ["_op"]'),
    Put(102, "A", '{"_acl":{}}', '422 unknown_field _acl ["_acl"]'),
    Put(113, "A", '{"n":2}', "403 forbidden base", schema="officers update"),
    Put(113, "A", '{"n":2}', '{"n":2}', actor="G", schema="officers update"),
    Put(113, "A", '{"permissions":{"read":{"access":"open"}}}', '422 not_here permissions ["permissions"]', schema="officers update"),
]  # fmt: skip


def changed(put: Put, start: Document, **options: Any) -> cq.Change:
    body: Any = cq.read_json(put.body) if put.body.startswith("{") else put.body
    schema = the_class(put.schema or SCHEMA_OF[put.record])
    return cq.translate_update(body, schema, actor=ACTORS[put.actor], id=str(start["_id"]), now=NOW, **options)


@pytest.mark.parametrize("put", UPDATES, ids=lambda put: put.id)
def test_update(put: Put, scratch: Collection[Document]) -> None:
    start = document(put.record)
    if is_refused(put.expected):
        refusal(lambda: changed(put, start).apply(start), put.expected)
        if put.expected.endswith(("n", "tags", "stars", "base")) and put.expected not in ("422 missing stars", "403 need_user base"):
            assert sent(changed(put, start), scratch, start) is None
        return
    expected = value(put.expected)
    after, server = changed(put, start).apply(start), sent(changed(put, start), scratch, start)
    assert exact(after) == exact(server)
    assert start == document(put.record)
    assert exact({key: after.get(key) for key in expected}) == exact(expected)
    assert (after.get("updated_at") == NOW) == put.moves
    untouched = set(start) - set(expected) - {"updated_at"}
    assert exact({key: start[key] for key in untouched}) == exact({key: after.get(key) for key in untouched})


def test_whole_answer_put_back(scratch: Collection[Document]) -> None:
    """Row 46: system fields are ignored, both spellings of the lists accepted, and nothing but the time moves."""
    owned = {**document("H"), "user_id": 47592, "_read": ["u47592"], "_update": ["u60001", "u47592"], "_delete": ["gofficers", "u47592"]}
    plain = {"read": {"access": "open"}, "update": {"access": "owner"}, "delete": {"access": "owner"}}
    plan = cq.translate("", ITEM, actor=ACTORS["O"])
    for start, permissions in ((document("A"), plain), (owned, owned["_acl"])):
        body = {**plan.render(start), "permissions": permissions}
        change = cq.translate_update(body, ITEM, actor=ACTORS["O"], id=str(start["_id"]), now=NOW)
        for after in (change.apply(start), sent(change, scratch, start)):
            assert exact(after) == exact({**start, "updated_at": NOW})


def test_options_of_results(scratch: Collection[Document]) -> None:
    """Row 89: an append beyond the longest list is refused, and the record stays as it was."""
    put = Put(89, "R", '{"push":{"labels":["a","b"]}}', "")
    start = changed(put, document("R")).apply(document("R"))
    assert start["labels"] == ["a", "b"]
    for body in ('{"push":{"labels":["c"]}}', '{"labels":{"2":"c"}}'):
        change = changed(replace(put, body=body), start)
        refusal(lambda change=change: change.apply(start), "422 too_big labels")  # type: ignore[misc]  # a default binds it now
        assert sent(change, scratch, start) is None


# --- by criteria ------------------------------------------------------------------------------------------------------------------

EMPTY = [
    (64, "by_criteria", '{"search_criteria":{},"n":1}', "422 empty_criteria search_criteria"),
    (64, "by_criteria", '{"n":1}', "422 empty_criteria search_criteria"),
    (64, "by_criteria", '{"search_criteria":{"n":{"nin":[]}},"n":1}', "422 empty_criteria search_criteria"),
    (64, "delete_by_criteria", "(empty)", "422 empty_criteria base"),
    (92, "delete_by_criteria", "n=1&page=1", "422 not_here page @4"),
]


@pytest.mark.parametrize(
    ("row", "place", "request_text", "expected"), EMPTY, ids=[f"{row} {place} {text}" for row, place, text, _ in EMPTY]
)
def test_criteria(row: int, place: str, request_text: str, expected: str) -> None:
    refusal(lambda: read_request(request_text, place).parse(ITEM, place), expected)


def test_delete_by_limit_alone() -> None:
    """Row 64: two faults, under `limit` and under `base`."""
    with pytest.raises(cq.RequestError) as caught:
        cq.parse("limit=10", ITEM, place="delete_by_criteria")
    assert [(fault.status, fault.code, fault.key) for fault in caught.value.faults] == [
        (422, "not_here", "limit"),
        (422, "empty_criteria", "base"),
    ]


def test_criteria_need_both_rights(stored: dict[str, Collection[Document]]) -> None:
    """Row 63: W may update H, but not read it."""
    body = {"search_criteria": {"s": "secret"}, "s": "x"}
    change = cq.translate_update(body, ITEM, actor=ACTORS["W"], now=NOW)
    assert change.criteria is not None
    assert stored["item"].count_documents(change.criteria) == 0
    refusal(lambda: change.apply(document("H")), "404 not_found base")
    assert stored["item"].count_documents(cq.translate_update(body, ITEM, actor=cq.ADMIN, now=NOW).criteria or {}) == 1


ROWS = {put.row for put in UPDATES} | {each[0] for each in EMPTY} | {46, 63, 89}
"""Rows that this file holds."""
