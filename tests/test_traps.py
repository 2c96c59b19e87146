"""The traps of the specification that concern searches, answers and creation as far as it is read, by row number, at both ends.

Rows that need routes, ids, files or the engine stand in LATER, each with what it needs.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Create, Many
from tests import test_trap_rights, test_trap_updates
from tests.support.cases import read_request
from tests.support.ends import exact, fill, found
from tests.support.fixture import ACTORS, IDS, ITEM, LETTERS, ORDER, PLACE, SCHEMAS, document, documents, items
from tests.support.mongod import Document
from tests.support.traps import is_refused, refusal, the_class, told

ROWS = range(1, 115)
"""Every row of the table of traps."""
LATER = {
    25: "route: ids in the path",
    43: "creation: id, owner and times of a new record",
    45: "creation: several records, all or none",
    59: "route: one answer for hidden and unknown ids over GET, PUT and DELETE",
    61: "route: buckets of a delete of many ids",
    62: "route: an id list of one",
    65: "operation: multi update in numeric order",
    66: "operation: the bucket of readable ids without the right",
    72: "operation: cascade",
    73: "operation: cascade and buckets",
    74: "operation: parent look-up",
    76: "route: an unknown class",
    77: "operation: files",
    79: "every answer again without the hidden record: its own tests",
    93: "operation: cursors",
    100: "creation: tokens and `_acl` of a new record",
    106: "operation: a repeated update by criteria",
    107: "operation: a repeated creation",
    108: "operation: declared parents",
    109: "creation: an admin without user id",
    110: "route: other methods",
}
"""Rows that wait for the engine or the server."""


@dataclass(frozen=True)
class Trap:
    """One request of one row: records in order, a number, an answer as JSON, or a refusal."""

    row: int
    request: str
    expected: str
    actor: str = "O"
    schema: str = "item"
    skip_limit: tuple[int, int] | None = None

    @property
    def id(self) -> str:
        return f"{self.row} {self.actor} {self.request}"[:100]


def traps(rows: Sequence[Trap]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("trap", rows, ids=lambda trap: trap.id)


# --- searches ---------------------------------------------------------------------------------------------------------------------

GROUPS_BY_B = '[{"b":null,"sum":41},{"b":false,"sum":5},{"b":true,"sum":%s}]'
SEARCHES = [
    Trap(1, "n[ne]=1", "B C D"),
    Trap(2, "n[nin]=1,5", "C D"),
    Trap(3, "n=null", "C"),
    Trap(3, "n[ne]=null", "A B D"),
    Trap(3, "n[in]=null,5", "B C"),
    Trap(4, "n[in]=", "-"),
    Trap(4, "n[nin]=", "A B C D"),
    Trap(4, "tags[all]=", "-"),
    Trap(4, "n[or]=", "-"),
    Trap(5, "tags[ne]=b", "C D"),
    Trap(5, "tags=null", "C"),
    Trap(6, "tags[]=a&tags[]=c", "A B"),
    Trap(6, "n[gt]=0&tags=a%2Cc", "A B"),
    Trap(7, "s=a,b", "D"),
    Trap(7, "s[in]=a,b", "-"),
    Trap(7, "s[in][]=a,b", "D"),
    Trap(8, "n[in]=1,5,", "A B"),
    Trap(8, "n[in]=1,,5", "422 wrong_type n @8"),
    Trap(9, "s[in]=%5Babc%2C%20ABC%5D", "A B"),
    Trap(10, "n[in]=1, 5", "422 wrong_type n @8"),
    Trap(11, "n[or]=1&s[or]=ABC", "A B"),
    Trap(11, "n[or]=1&s[or]=ABC&f[lt]=1", "B"),
    Trap(11, "n[or]=1,41&s[or]=ABC", "A B D"),
    Trap(12, "s[or]=secret&n[or]=1", "A", actor="W"),
    Trap(13, "s[ctn]=b", "A D"),
    Trap(13, "s[ctn]=a.c", "-"),
    Trap(13, "s[ctn]=", "A B D"),
    Trap(14, "s[ctn]=(a%2B)%2B%24", "-"),
    Trap(15, "n[ctn]=1", "A D"),
    Trap(16, "f[ctn]=567", "-"),
    Trap(16, "f[ctn]=e%2B06", "D"),
    Trap(16, "f[ctn]=.", "B D"),
    Trap(17, "nums[gt]=4", "422 operator_type nums @5"),
    Trap(17, "s[gt]=a", "422 operator_type s @2"),
    Trap(17, "b[lt]=true", "422 operator_type b @2"),
    Trap(18, "n=41.0", "422 wrong_type n @2"),
    Trap(18, "n=%2041", "422 wrong_type n @2"),
    Trap(18, "n=1_0", "422 wrong_type n @2"),
    Trap(18, "n=%D9%A4%D9%A1", "422 wrong_type n @2"),
    Trap(18, "n=007", "422 wrong_type n @2"),
    Trap(18, "n=9223372036854775808", "422 out_of_range n @2"),
    Trap(18, '{"n":41.0}', '422 wrong_type n ["n"]'),
    Trap(18, '{"n":true}', '422 wrong_type n ["n"]'),
    Trap(19, "f=NaN", "422 wrong_type f @2"),
    Trap(19, "f=1e999", "422 out_of_range f @2"),
    Trap(19, '{"f":NaN}', "400 malformed base"),
    Trap(20, "n=undefined", "422 wrong_type n @2"),
    Trap(20, "s=undefined", "-"),
    Trap(20, "created_at[gt]=Thu%20Jan%2001%201970%2000%3A00%3A00%20GMT%2B0000", "422 wrong_type created_at @15"),
    Trap(21, "n[gtt]=1", '422 unknown_operator n @2: Unknown operator "gtt". Did you mean "gt"? Known operators: '
                         "ctn, eq, gt, gte, in, lt, lte, ne, nin, or"),
    Trap(21, "nn=1", "422 unknown_field nn @0"),
    Trap(21, "or[n]=1", "422 unknown_field or @0"),
    Trap(22, "n=1&n=1", "400 repeated n @4"),
    Trap(22, "n[gt]=1 + form:n[gt]=2", "400 repeated n form@0"),
    Trap(22, "n[in]=1&n[in]=5", "A B"),
    Trap(23, "form:n[gt]=1&sort_desc=n", "D B"),
    Trap(26, "at=2019-09-21T23:21:00%2B02:00", "A"),
    Trap(26, "at=2019-09-21T23:21:00+02:00", "422 wrong_type at @3"),
    Trap(26, "at[gte]=1569100860", "A"),
    Trap(26, "at=1569100860000", "422 out_of_range at @3"),
    Trap(27, "created_at[gt]=1544125509", "C D"),
    Trap(27, "created_at[gt]=2018-12-06T19:45:09Z", "C D"),
    Trap(28, f"_id[lt]={IDS['D']}&sort_desc=_id&limit=2", "C B"),
    Trap(28, "_id=zz", "422 wrong_type _id @4"),
    Trap(29, "loc[near]=25.32,44.551;396", "A"),
    Trap(29, "loc[near]=25.32,44.551;397", "A B"),
    Trap(29, "loc[near]=-180,0;200", "D"),
    Trap(30, "loc[near]=25.32,44.551", "422 wrong_type loc @10"),
    Trap(30, "loc[near]=181,0;1", "422 out_of_range loc @10"),
    Trap(30, "loc[near]=0,0;-1", "422 out_of_range loc @10"),
    Trap(30, "count=1&loc[near]=25.32,44.551;1000", "2"),
    Trap(31, "limit=-1", "D", skip_limit=(0, 1)),
    Trap(31, "sort_asc=n&limit=-1", "D", skip_limit=(0, 1)),
    Trap(31, "limit=-1&skip=1", "422 conflict"),
    Trap(32, "limit=0", "422 out_of_range limit @6"),
    Trap(32, "limit=-2", "422 out_of_range limit @6"),
    Trap(32, "limit=1000", "A B C D", skip_limit=(0, 100)),
    Trap(32, "skip=-1", "422 out_of_range skip @5"),
    Trap(33, "sort_asc=n", "C A B D"),
    Trap(33, "sort_desc=n", "D B A C"),
    Trap(33, "sort_asc=s", "C B D A"),
    Trap(34, "sort_asc=tags,nums", "422 conflict"),
    Trap(34, "sort_asc=n&sort_desc=n", "422 conflict"),
    Trap(34, "sort_asc=nn", "422 unknown_field sort_asc @9"),
    Trap(35, "count=1&skip=2&limit=1", "4"),
    Trap(35, "count=1&skip=2&limit=1", "5", actor="admin"),
    Trap(35, "count=1&skip=2&limit=1", "4", actor="anonymous"),
    Trap(35, "count=2", "422 wrong_type count @6"),
    Trap(36, "output[include]=n&output[exclude]=_id", '[{"n":1},{"n":5},{"n":null},{"n":41}]'),
    Trap(37, "output[include]=_read", "422 unknown_field output @16"),
    Trap(37, "sort_asc=permissions", "422 unknown_field sort_asc @9"),
    Trap(37, "permissions.read.access=open", "422 unknown_field permissions.read.access @0"),
    Trap(37, "group_by=_update&n[calc]=sum", "422 unknown_field group_by @9"),
    Trap(37, '{"$where":"1"}', '422 unknown_field $where ["$where"]'),
    Trap(37, "permissions=1", "422 not_here permissions @0"),
    Trap(38, "n[calc]=sum&group_by=b", GROUPS_BY_B % 1),
    Trap(38, "n[calc]=sum&group_by=b", GROUPS_BY_B % 10, actor="admin"),
    Trap(39, "f[calc]=avg&group_by=b&sort_desc=f&skip=2&limit=30", '[{"b":false,"avg":0.1}]', skip_limit=(2, 30)),
    Trap(40, "n[calc]=min,max&group_by=b&limit=1", '[{"b":null,"min_n":41,"max_n":41}]'),
    Trap(41, "n[calc]=sum", "422 missing group_by"),
    Trap(41, "group_by=b", "422 missing calc"),
    Trap(41, "s[calc]=max&group_by=b", "422 operator_type s @2"),
    Trap(41, "n[calc]=sum&group_by=tags", "422 operator_type group_by @21"),
    Trap(70, "", "-", schema="nobody reads"),
    Trap(70, "count=1", "0", schema="nobody reads"),
    Trap(70, f"_id={IDS['A']}", "-", schema="nobody reads"),
    Trap(70, "", "A B C D H", actor="admin", schema="nobody reads"),
    Trap(80, "address[city]=Bern", "P", schema="place"),
    Trap(80, "address[gt]=5", "P", schema="place"),
    Trap(80, "address[gt][in]=5,6", "P", schema="place"),
    Trap(80, "address[town]=x", "422 unknown_field address[town] @8", schema="place"),
    Trap(80, "address.city=Bern", "422 unknown_field address.city @0", schema="place"),
    Trap(81, "address=null", "R", schema="place"),
    Trap(81, "address[city]=null", "R", schema="place"),
    Trap(81, "address[ne]=null", "422 unknown_field address[ne] @8", schema="place"),
    Trap(81, "address=x", "422 wrong_type address @8", schema="place"),
    Trap(86, "sort_desc=address[city]", "P R", schema="place"),
    Trap(86, "sort_asc=address", "422 operator_type sort_asc @9", schema="place"),
    Trap(86, "output[include]=address[city]", f'[{{"_id":"{IDS["P"]}","address":{{"city":"Bern"}}}},'
                                              f'{{"_id":"{IDS["R"]}","address":{{"city":null}}}}]', schema="place"),
    Trap(86, "address[stats][visits][calc]=sum&group_by=address[city]",
         '[{"address[city]":null,"sum":0},{"address[city]":"Bern","sum":3}]', schema="place"),
    Trap(88, "stars[lt]=99", "P R", schema="place"),
    Trap(90, "title[ne]=Roof", "R", schema="place"),
    Trap(90, "title[in]=Roof,null", "P", schema="place"),
    Trap(91, "seen=2019-09-21T21:21:00.250Z", "P", schema="place"),
    Trap(91, "seen=2019-09-21T21:21:00Z", "-", schema="place"),
    Trap(92, "page=2&per_page=3", "D", skip_limit=(3, 3)),
    Trap(92, "per_page=1000", "A B C D", skip_limit=(0, 100)),
    Trap(92, "page=0", "422 out_of_range page @5"),
    Trap(92, "per_page=x", "422 wrong_type per_page @9"),
    Trap(92, "page=2&skip=0", "422 conflict"),
    Trap(94, "_id=1", "1", schema="order"),
    Trap(94, "_id=01", "422 wrong_type _id @4", schema="order"),
    Trap(94, "_id[gt]=0", "1", schema="order"),
    Trap(95, "", "1", schema="order"),
    Trap(95, "", "1 2", actor="S", schema="order"),
    Trap(95, "", "-", actor="G", schema="order"),
    Trap(95, "", "1 2 3", actor="admin", schema="order"),
    Trap(95, "", "-", actor="anonymous", schema="order"),
    Trap(99, "total=10.5", "1", schema="order"),
    Trap(99, "amt=10.5", "422 unknown_field amt @0", schema="order"),
    Trap(99, "cust_id=47592", "422 unknown_field cust_id @0", schema="order"),
    Trap(99, "sort_asc=amt", "422 unknown_field sort_asc @9", schema="order"),
    Trap(99, "output[include]=sharedWith", "422 unknown_field output @16", schema="order"),
    Trap(102, "_acl=x", "422 unknown_field _acl @0"),
    Trap(102, "_op=x", "422 unknown_field _op @0"),
    Trap(102, "sort_asc=_parent_class", "422 unknown_field sort_asc @9"),
    Trap(102, "output[include]=_v", "422 unknown_field output @16"),
    Trap(102, "_acl[read][access]=open", "422 unknown_field _acl @0"),
    Trap(111, "n=1&nn=2", "422 unknown_field nn @4"),
    Trap(111, "n%5Bgtt%5D=1", "422 unknown_operator n @4"),
    Trap(111, "n=1&n=2", "400 repeated n @4"),
    Trap(111, "n=x", "422 wrong_type n @2"),
    Trap(111, '{"n":"x"}', '422 wrong_type n ["n"]'),
    Trap(112, "permissions=0", "422 not_here permissions @0"),
    Trap(112, "permissions=yes", "422 unknown_field permissions @0"),
    Trap(112, "permissions[read][access]=open", "422 unknown_field permissions @0"),
    Trap(112, "permissions[ctn]=o", "422 unknown_field permissions @0"),
    Trap(98, "permissions=1", "422 not_here permissions @0", schema="order"),
]  # fmt: skip


@traps(SEARCHES)
def test_search(trap: Trap, stored: dict[str, Collection[Document]]) -> None:
    schema, actor = the_class(trap.schema), ACTORS[trap.actor]
    request = read_request(trap.request)
    if is_refused(trap.expected):
        refusal(lambda: request.plan(schema, actor), trap.expected)
        return
    plan = request.plan(schema, actor)
    for answer in (plan.run(documents(schema.name)), found(plan, stored[schema.name])):
        assert told(answer, trap.expected), answer
    if trap.skip_limit is not None:
        assert (plan.skip, plan.limit) == trap.skip_limit


def test_pattern_text_costs_nothing(scratch: Collection[Document]) -> None:
    """Row 14: the needle is never a pattern, however long the text is."""
    plan = cq.translate("s[ctn]=(a%2B)%2B%24", ITEM, actor=ACTORS["O"])
    long = {**document("A"), "s": "a" * 5_000 + "!"}
    fill(scratch, [long])
    start = time.process_time()
    assert plan.select([long]) == []
    assert time.process_time() - start < 0.5
    assert list(scratch.find(**plan.find_args())) == []


# --- rendering --------------------------------------------------------------------------------------------------------------------

RENDERED = [
    (82, "place", "P", {"address": {"city": "Bern", "gt": "5", "geo": None, "stats": {"visits": 3}}, "title": "Roof", "labels": None}),
    (82, "place", "R", {"address": None, "title": None, "labels": None, "stars": 2}),
    (91, "place", "P", {"seen": "2019-09-21T21:21:00.250Z"}),
    (94, "order", "1", {"_id": 1}),
    (97, "order", "3", {"total": None, "who": None, "user_id": None, "guests": None}),
]


@pytest.mark.parametrize(("row", "name", "letter", "expected"), RENDERED, ids=[f"{row} {letter}" for row, _, letter, _ in RENDERED])
def test_rendered(row: int, name: str, letter: str, expected: Document, stored: dict[str, Collection[Document]]) -> None:
    plan = cq.translate("", SCHEMAS[name], actor=cq.ADMIN)
    fetched = stored[name].find_one({"_id": document(letter)["_id"]}, plan.projection)
    assert fetched is not None
    for rendered in (plan.render(document(letter)), plan.render(fetched)):
        assert exact({key: rendered[key] for key in expected}) == exact(expected)
        assert set(rendered) == set(SCHEMAS[name].names())


# --- creation, as far as it is read -----------------------------------------------------------------------------------------------

CREATED = [
    (42, "item", '{"s":"null"}', {"s": "null"}),
    (42, "item", "s=null", {}),
    (87, "place", '{"stars":3}', {"stars": 3, "title": "none"}),
    (87, "place", '{"stars":3,"title":null}', {"stars": 3}),
]
NOT_CREATED = [
    (24, "item", "create_many", "record[0][s=x", "400 malformed base form@0"),
    (44, "item", "create", '{"nn":1}', '422 unknown_field nn ["nn"]'),
    (44, "item", "create", '{"inc":{"n":1}}', '422 not_here inc ["inc"]'),
    (44, "item", "create", '{"tags":["a",null]}', '422 wrong_type tags ["tags",1]'),
    (45, "item", "create_many", '{"record":{"10":{"n":"x"},"9":{"n":"2"}}}', '422 wrong_type record[10][n] ["record","10","n"]'),
    (68, "item", "create", '{"permissions":{"read":{"access":"not_allowed"}}}', "422 permissions permissions"),
    (68, "item", "create", '{"permissions":{"create":{"access":"open"}}}', "422 permissions permissions"),
    (68, "item", "create", '{"permissions":{"update":{"access":"open_for_users_ids"}}}',
     '422 permissions permissions ["permissions","update","access"]: Field ids should be an array'),
    (68, "item", "create", '{"permissions":{"update":{"access":"open_for_users_ids","ids":"1,2"}}}',
     '422 permissions permissions ["permissions","update","ids"]: Field ids should be an array'),
    (87, "place", "create", "{}", "422 missing stars"),
    (87, "place", "create", '{"stars":6}', '422 out_of_range stars ["stars"]'),
    (87, "place", "create", '{"stars":3,"kind":"pub"}', '422 choice kind ["kind"]'),
    (87, "place", "create", '{"stars":3,"title":"Rooftop"}', '422 too_big title ["title"]'),
    (98, "order", "create", '{"permissions":{"read":{"access":"open"}}}', '422 not_here permissions ["permissions"]'),
    (102, "item", "create", '{"_op":"x"}', '422 unknown_field _op ["_op"]'),
    (102, "item", "create", '{"_acl":{}}', '422 unknown_field _acl ["_acl"]'),
    (104, "item", "create", '{"app":2}', '422 unknown_field app ["app"]'),
    (113, "officers update", "create", '{"permissions":{"read":{"access":"open"}}}', '422 not_here permissions ["permissions"]'),
]  # fmt: skip


@pytest.mark.parametrize(("row", "name", "body", "expected"), CREATED, ids=[f"{row} {body}" for row, _, body, _ in CREATED])
def test_create_is_read(row: int, name: str, body: str, expected: Document) -> None:
    tree = read_request(body, "create").parse(the_class(name), "create")
    assert isinstance(tree, Create)
    assert exact({field.name: given for field, given in tree.values}) == exact(expected)


@pytest.mark.parametrize(
    ("row", "name", "place", "body", "expected"), NOT_CREATED, ids=[f"{row} {body}" for row, *_, body, _ in NOT_CREATED]
)
def test_create_is_refused(row: int, name: str, place: str, body: str, expected: str) -> None:
    refusal(lambda: read_request(body, place).parse(the_class(name), place), expected)


def test_record_numbers_are_numbers() -> None:
    """Row 45: the ninth record comes before the tenth, whatever their order in the body."""
    tree = cq.parse({"record": {"10": {"n": "1"}, "9": {"n": "2"}}}, ITEM, place="create_many")
    assert isinstance(tree, Many)
    assert [(number, [given for _, given in record.values]) for number, record in tree.records if isinstance(record, Create)] == [
        (9, [2]),
        (10, [1]),
    ]


@pytest.mark.parametrize("text", ['{"n":1,"n":2}', '{"n":' * 10_000 + "1" + "}" * 10_000, '{"s":"' + "x" * 2**21 + '"}', '{"s":"\\ud800"}'],
                         ids=["repeated key", "10,000 levels", "2 MiB", "lone surrogate"])  # fmt: skip
def test_bodies_that_are_refused_whole(text: str) -> None:
    """Row 78."""
    with pytest.raises(cq.RequestError) as caught:
        cq.parse(cq.read_json(text), ITEM, place="create")
    assert caught.value.status == 400


# --- the rows ------------------------------------------------------------------------------------------------------------------------


def test_every_row_is_held_or_waits() -> None:
    held = {trap.row for trap in SEARCHES} | {each[0] for each in (*CREATED, *NOT_CREATED, *RENDERED)}
    held |= {14, 78} | test_trap_updates.ROWS | test_trap_rights.ROWS
    assert held | set(LATER) == set(ROWS)


def test_fixture_is_as_the_rows_say() -> None:
    assert document("A")["at"] == dt.datetime(2019, 9, 21, 21, 21)
    assert [LETTERS[each["_id"]] for each in items()] == ["A", "B", "C", "D", "H"]
    assert PLACE.fields["stars"].type.required
    assert ORDER.names()["user_id"].path == "cust_id"
