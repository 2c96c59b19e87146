"""The traps of the specification that need an engine, by row number: requests, answers, and what is stored afterwards, over every store.

Not here: rows 77 and 110 and the rest of 25 and 78 need routes, files or bytes of a body; the audit of row 101 is a tool of its own.
Rows of searches alone (1-24, 26-27, 29-30, 32-34, 36-41, 80, 86, 91-93, 99, 102, 111-112, 114) ask no engine: tests.test_traps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import pytest

import cubequery as cq
from tests.engine.asked import ask, check, expand, same
from tests.engine.stores import NEW, End, MemoryEnd
from tests.support.fixture import IDS, ITEM_FIELDS, NOW, SCHEMAS, S, W, default_rights, document, documents
from tests.support.mongod import Document
from tests.support.traps import CLASS_LEVELS

NAMES = ("item", "note", "place", "order")
ABSENT = object()
GONE = None
Changed = Mapping[str, Mapping[str, Any] | None]
VARIANTS: dict[str, cq.ClassSchema] = {
    **CLASS_LEVELS,
    "nobody creates": cq.ClassSchema("item", ITEM_FIELDS, permissions={"create": {"access": "open_for_groups", "groups": ["officers"]}}),
    "below items": cq.ClassSchema("note", {"text": cq.String}, parents=["item"]),
}


@dataclass(frozen=True)
class Trap:
    """One row: requests and answers in turn; ``stored`` what records differ in afterwards, all others being as before.

    ``added`` are records beside those of the fixture, ``changes`` what stored paths hold otherwise from the start.
    """

    row: int
    request: str | tuple[str, ...]
    answer: str | tuple[str, ...]
    stored: Changed = field(default_factory=dict)
    variant: str = ""
    changes: Changed = field(default_factory=dict)
    scope: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{self.row} {self.request if isinstance(self.request, str) else self.request[0]}"[:90]

    @property
    def steps(self) -> list[tuple[str, str]]:
        if isinstance(self.request, str):
            assert isinstance(self.answer, str)
            return [(self.request, self.answer)]
        return list(zip(self.request, self.answer, strict=True))


FORBIDDEN, NOT_FOUND, NEED_USER = "403 forbidden base", "404 not_found base", "403 need_user base"
EMPTY = '= {"SuccessfullyDeleted":{"ids":%s},"WrongPermissions":{"ids":%s},"NotFound":{"ids":%s}}'
DEFAULTS = '{"read":{"access":"open"},"update":{"access":"owner"},"delete":{"access":"owner"}}'
NEW_ITEM = (
    '"_id":"<new1>","_parent_id":null,"user_id":47592,"created_at":<now>,"updated_at":<now>,"n":null,"f":null,"b":null,"tags":null,'
    f'"nums":null,"at":null,"loc":null,"pic":null,"permissions":{DEFAULTS}'
)
BLIND = '= {"_id":"<H>","updated_at":<now>}'

READS = [
    Trap(25, "GET item/<A>,<B>", "many A B"),
    Trap(25, "GET item/<B>,,<A>,<B>", "many B A"),
    Trap(25, "GET item/<A>,", "many A"),
    Trap(28, "GET item/zz", NOT_FOUND),
    Trap(31, "GET item limit=-1", 'has {"limit":1,"items":[{"_id":"<D>"}]}'),
    Trap(31, "GET item sort_asc=n&limit=-1", 'has {"limit":1,"items":[{"_id":"<D>"}]}'),
    Trap(31, "GET item limit=-1&skip=1", "422 conflict skip"),
    Trap(35, "GET item count=1&skip=2&limit=1", '= {"items":{"count":4}}'),
    Trap(35, "admin: GET item count=1&skip=2&limit=1", '= {"items":{"count":5}}'),
    Trap(35, "anonymous: GET item count=1&skip=2&limit=1", '= {"items":{"count":4}}'),
    Trap(35, "GET item count=2", "422 wrong_type count"),
    Trap(
        38,
        "GET item n[calc]=sum&group_by=b",
        'has {"skip":0,"limit":100,"items":[{"b":null,"sum":41},{"b":false,"sum":5},{"b":true,"sum":1}]}',
    ),
    Trap(38, "admin: GET item n[calc]=sum&group_by=b", 'has {"items":[{"b":null,"sum":41},{"b":false,"sum":5},{"b":true,"sum":10}]}'),
]
CREATES = [
    Trap(42, 'POST item {"s":"null"}', f'= {{{NEW_ITEM},"s":"null"}}', {"new1": {"s": "null"}}),
    Trap(42, "POST item s=null", f'= {{{NEW_ITEM},"s":null}}', {"new1": {}}),
    Trap(43, 'POST item {"user_id":1,"_id":"<A>","created_at":5,"s":"x"}', f'= {{{NEW_ITEM},"s":"x"}}', {"new1": {"s": "x"}}),
    Trap(44, 'POST item {"nn":1}', "422 unknown_field nn"),
    Trap(44, 'POST item {"inc":{"n":1}}', "422 not_here inc"),
    Trap(44, 'POST item {"tags":["a",null]}', "422 wrong_type tags"),
    Trap(
        *(45, 'POST item/multi {"record":{"10":{"n":"1"},"9":{"n":"2"}}}'),
        'has {"class_name":"item","items":[{"_id":"<new1>","n":2},{"_id":"<new2>","n":1}]}',
        {"new1": {"n": 2}, "new2": {"n": 1}},
    ),
    Trap(45, 'POST item/multi {"record":{"10":{"n":"x"},"9":{"n":"2"}}}', "422 wrong_type record[10][n]"),
]  # fmt: skip
OWN_ANSWER = (
    '"_id":"<A>","_parent_id":null,"user_id":47592,"created_at":1544124810,"n":1,"f":2.0,"s":"abc","b":true,"tags":["a","b"],'
    f'"nums":[1,10],"at":"2019-09-21T21:21:00Z","loc":[25.32,44.551],"pic":null,"permissions":{DEFAULTS}'
)
UPDATES = [
    Trap(46, "GET item/<A>", f'= {{{OWN_ANSWER},"updated_at":1544124810}}'),
    Trap(46, f'PUT item/<A> {{{OWN_ANSWER},"updated_at":1544124810}}', f'= {{{OWN_ANSWER},"updated_at":<now>}}', {"A": {}}),
    Trap(47, "PUT item/<A> {}", f'= {{{OWN_ANSWER},"updated_at":1544124810}}'),
    Trap(47, 'PUT item/<A> {"id":"<A>"}', f'= {{{OWN_ANSWER},"updated_at":1544124810}}'),
    Trap(48, 'PUT item/<C> {"inc":{"n":2},"push":{"tags":["x"]}}', 'has {"n":2,"tags":["x"]}', {"C": {"n": 2, "tags": ["x"]}}),
    Trap(49, 'PUT item/<C> {"pull":{"tags":"x"},"pop":{"nums":1}}', 'has {"tags":null,"nums":null}', {"C": {}}),
    Trap(50, 'PUT item/<A> {"inc":{"n":0.5}}', "422 wrong_type n"),
    Trap(50, 'PUT item/<A> {"inc":{"n":"9223372036854775807"}}', "422 overflow n"),
    Trap(50, 'PUT item/<A> {"inc":{"s":1}}', "422 operator_type s"),
    Trap(51, 'PUT item/<A> {"push":{"tags":["x"]},"pull":{"tags":"a"}}', "422 conflict tags"),
    Trap(51, 'PUT item/<A> {"n":3,"inc":{"n":1}}', "422 conflict n"),
    Trap(51, 'PUT item/<A> {"tags":{"0":"z"},"push":{"tags":["x"]}}', "422 conflict tags"),
    Trap(52, 'PUT item/<A> {"tags":{"2":"x"}}', 'has {"tags":["a","b","x"]}', {"A": {"tags": ["a", "b", "x"]}}),
    Trap(52, 'PUT item/<A> {"tags":{"3":"x"}}', "422 index tags"),
    Trap(52, 'PUT item/<A> {"tags":{"2":"x","3":"y"}}', 'has {"tags":["a","b","x","y"]}', {"A": {"tags": ["a", "b", "x", "y"]}}),
    Trap(52, 'PUT item/<A> {"tags":{"-1":"x"}}', "422 index tags"),
    Trap(52, 'PUT item/<A> {"tags":{"1500001":"x"}}', "422 index tags"),
    Trap(53, 'PUT item/<C> {"tags":{"0":"x"}}', 'has {"tags":["x"]}', {"C": {"tags": ["x"]}}),
    Trap(53, 'PUT item/<C> {"tags":{"1":"x"}}', "422 index tags"),
    Trap(54, 'PUT item/<A> {"pop":{"tags":"1"}}', 'has {"tags":["a"]}', {"A": {"tags": ["a"]}}),
    Trap(54, 'PUT item/<A> {"pop":{"tags":"-1"}}', 'has {"tags":["b"]}', {"A": {"tags": ["b"]}}),
    Trap(54, 'PUT item/<A> {"pop":{"tags":2}}', "422 wrong_type tags"),
    Trap(54, 'PUT item/<A> {"pop":{"tags":1.0}}', "422 wrong_type tags"),
    Trap(54, 'PUT item/<A> {"pop":{"tags":true}}', "422 wrong_type tags"),
    Trap(55, 'PUT item/<A> {"add_to_set":{"tags":["b","c","c"]}}', 'has {"tags":["a","b","c"]}', {"A": {"tags": ["a", "b", "c"]}}),
    Trap(55, "PUT item/<A> add_to_set[tags]=b,c", 'has {"tags":["a","b","c"]}', {"A": {"tags": ["a", "b", "c"]}}),
    Trap(55, 'PUT item/<A> {"push":{"tags":"x,y"}}', 'has {"tags":["a","b","x,y"]}', {"A": {"tags": ["a", "b", "x,y"]}}),
    Trap(56, 'PUT item/<A> {"pull":{"nums":{"gt":0,"lt":5}}}', 'has {"nums":[10]}', {"A": {"nums": [10]}}),
    Trap(56, 'PUT item/<C> {"push":{"tags":[]}}', 'has {"tags":null}', {"C": {}}),
    Trap(57, 'PUT item/<A> {"n":{"gt":3}}', "422 wrong_type n"),
    Trap(57, 'PUT item/<A> {"tags":{}}', "422 wrong_type tags"),
    Trap(57, 'PUT item/<A> {"inc":{"user_id":1}}', "422 operator_type user_id"),
    Trap(57, 'PUT item/<A> {"$set":{"n":1}}', "422 unknown_field $set"),
    Trap(58, 'G: PUT item/<A> {"n":2}', FORBIDDEN),
    Trap(58, "G: GET item/<A> permissions=1", FORBIDDEN),
    Trap(58, "GET item/<A> permissions=1", f'= {{"permissions":{DEFAULTS},"record_id":"<A>"}}'),
    Trap(58, "GET item/<A> permissions=0", f'= {{{OWN_ANSWER},"updated_at":1544124810}}'),
    Trap(60, 'W: PUT item/<H> {"s":"x"}', BLIND, {"H": {"s": "x"}}),
    Trap(60, 'W: PUT item/<H> {"inc":{"n":1}}', "422 needs_read n"),
    Trap(60, 'W: PUT item/<H> {"tags":{"0":"x"}}', "422 needs_read tags"),
    Trap(63, 'W: PUT item/by_criteria {"search_criteria":{"s":"secret"},"s":"x"}', 'has {"skip":0,"limit":100,"total_found":0,"items":[]}'),
    Trap(64, 'PUT item/by_criteria {"search_criteria":{},"n":1}', "422 empty_criteria search_criteria"),
    Trap(64, 'PUT item/by_criteria {"n":1}', "422 empty_criteria search_criteria"),
    Trap(64, 'PUT item/by_criteria {"search_criteria":{"n":{"nin":[]}},"n":1}', "422 empty_criteria search_criteria"),
    Trap(64, "DELETE item/by_criteria", "422 empty_criteria base"),
    Trap(64, "DELETE item/by_criteria limit=10", "422 not_here limit ; 422 empty_criteria base"),
    Trap(
        *(65, 'PUT item/multi {"record":{"2":{"id":"<A>","n":7},"1":{"id":"<A>","n":6},"3":{"id":"<H>","n":1},"4":{"id":"zz"}}}'),
        'has {"class_name":"item","not_found":{"ids":["<H>","zz"]},"items":[{"_id":"<A>","n":6},{"_id":"<A>","n":7}]}',
        {"A": {"n": 7}},
    ),
    Trap(
        *(66, 'G: PUT item/multi {"record":{"1":{"id":"<A>","n":7}}}'),
        '= {"class_name":"item","items":[],"not_found":{"ids":[]},"wrong_permissions":{"ids":["<A>"]}}',
    ),
    Trap(67, 'W: PUT item/<H> {"permissions":{"read":{"access":"open"}}}', '= {"_id":"<H>","updated_at":1544383884}'),
    Trap(68, 'POST item {"permissions":{"read":{"access":"not_allowed"}}}', "422 permissions permissions"),
    Trap(68, 'POST item {"permissions":{"create":{"access":"open"}}}', "422 permissions permissions"),
    Trap(
        *(68, 'POST item {"permissions":{"update":{"access":"open_for_users_ids"}}}'),
        '422 permissions permissions: Field ids should be an array',
    ),
    Trap(
        *(68, 'POST item {"permissions":{"update":{"access":"open_for_users_ids","ids":"1,2"}}}'),
        '422 permissions permissions: Field ids should be an array',
    ),
]  # fmt: skip
RIGHTS = [
    Trap(69, "W: GET item/<H>", NOT_FOUND, changes={"H": {"_read": ["g*"]}}),
    Trap(69, "W: GET item/<H>", NOT_FOUND, changes={"H": {"_read": ["gu60001"]}}),
    Trap(70, "GET item", "-> -", variant="nobody reads"),
    Trap(70, "GET item count=1", '= {"items":{"count":0}}', variant="nobody reads"),
    Trap(70, "GET item/<A>", NOT_FOUND, variant="nobody reads"),
    Trap(70, "admin: GET item", "-> A B C D H", variant="nobody reads"),
    Trap(71, 'PUT item/<A> {"n":2}', FORBIDDEN, variant="60001 updates"),
    Trap(71, 'W: PUT item/<A> {"n":2}', 'has {"_id":"<A>","n":2}', {"A": {"n": 2}}, variant="60001 updates"),
    Trap(71, 'anonymous: PUT item/<A> {"n":2}', NEED_USER, variant="60001 updates"),
    Trap(76, "GET nothing", "404 undefined_class base"),
    Trap(76, "anonymous: POST nothing {}", NEED_USER),
    Trap(76, "GET nothing n[=1", "400 malformed base"),
    Trap(76, "GET nothing/<A> n=%ff", "400 malformed base"),
    Trap(76, "anonymous: GET nothing n[=1", "400 malformed base"),
    Trap(75, 'S: PUT item/<A> {"_parent_id":"<N1>"}', FORBIDDEN, changes={"A": {"_update": ["*"]}}),
    Trap(75, 'S: PUT item/multi {"record":{"1":{"id":"<A>","_parent_id":"<N1>"}}}', FORBIDDEN, changes={"A": {"_update": ["*"]}}),
    Trap(
        *(75, 'S: PUT item/by_criteria {"search_criteria":{"n":1},"_parent_id":"<N1>"}', FORBIDDEN),
        changes={"A": {"_update": ["*"]}},
    ),
    Trap(
        *(100, 'POST item {"permissions":{"read":{"access":"open_for_users_ids","ids":["47592","51941"]}}}'),
        'has {"permissions":{"read":{"access":"open_for_users_ids","users_ids":["47592","51941"]}}}',
        {"new1": {"_read": ["u51941", "u47592"], "_acl": {"read": {"access": "open_for_users_ids", "users_ids": ["47592", "51941"]}}}},
    ),
    Trap(100, "POST item {}", f'has {{"permissions":{DEFAULTS}}}', {"new1": {}}),
    Trap(101, "GET item/<H>", NOT_FOUND, changes={"H": {"_acl": {"read": {"access": "open"}}}}),
    Trap(
        *(101, "S: GET item/<H>", 'has {"permissions":{"read":{"access":"open"}}}'),
        changes={"H": {"_acl": {"read": {"access": "open"}}}},
    ),
    Trap(109, 'admin: POST item {"s":"x"}', "422 missing user_id"),
    Trap(
        *(109, 'admin: POST item {"s":"x","user_id":5}', 'has {"_id":"<new1>","user_id":5}'),
        {"new1": {"s": "x", "user_id": 5}},
    ),
    Trap(113, 'PUT item/<A> {"n":2}', FORBIDDEN, variant="officers update"),
    Trap(113, 'G: PUT item/<A> {"n":2}', 'has {"n":2}', {"A": {"n": 2}}, variant="officers update"),
    Trap(113, 'POST item {"permissions":{"read":{"access":"open"}}}', "422 not_here permissions", variant="officers update"),
    Trap(37, "GET item/<A>,<B> permissions=1", "422 not_here permissions"),
    Trap(37, "DELETE item/<A> permissions=1", "422 not_here permissions"),
    Trap(64, "DELETE item/<A>,<B> limit=1&output[include]=n&x=1", "422 not_here limit ; 422 not_here output ; 422 unknown_field x"),
]  # fmt: skip
DELETES = [
    Trap(61, "G: DELETE item/<A>,<H>,zz,<A>", EMPTY % ('["<H>"]', '["<A>"]', '["zz"]'), {"H": GONE}),
    Trap(62, "DELETE item/<H>,", EMPTY % ("[]", "[]", '["<H>"]')),
    Trap(72, ("DELETE item/<A>", "S: GET note"), ("-", "-> -"), {"A": GONE, "N1": GONE, "N2": GONE}),
    Trap(73, "S: DELETE note/<N1>,<N2>", EMPTY % ('["<N1>","<N2>"]', "[]", "[]"), {"N1": GONE, "N2": GONE}),
    Trap(73, "S: DELETE note/by_criteria _parent_id=<A>", '= {"total_deleted":1}', {"N1": GONE, "N2": GONE}),
    Trap(74, 'POST note {"_parent_id":"<H>"}', "422 parent _parent_id"),
    Trap(74, 'POST note {"_parent_id":"65000000000000000000ffff"}', "422 parent _parent_id"),
    Trap(74, 'POST note {"_parent_id":"zz"}', "422 parent _parent_id"),
    Trap(108, 'S: POST note {"_parent_id":"<N1>"}', "422 parent _parent_id", variant="below items"),
    Trap(
        *(108, 'S: POST note {"_parent_id":"<A>"}', 'has {"_parent_id":"<A>"}'),
        {"note new1": {"user_id": 51941, "_parent_id": IDS["A"], "_parent_class": "item"}},
        variant="below items",
    ),
]  # fmt: skip
ADDRESS = {"city": "Bern", "gt": "5", "stats": {"visits": 3}, "zip": "3000"}
PLACES = [
    Trap(81, "GET place address=null", "-> R"),
    Trap(81, "GET place address[city]=null", "-> R"),
    Trap(81, "GET place address[ne]=null", "422 unknown_field address[ne]"),
    Trap(81, "GET place address=x", "422 wrong_type address"),
    Trap(
        *(82, "GET place/<P>"),
        '= {"_id":"<P>","_parent_id":null,"user_id":47592,"created_at":1544384002,"updated_at":1544384002,"address":{"city":"Bern",'
        '"gt":"5","geo":null,"stats":{"visits":3}},"stars":4,"kind":null,"title":"Roof","labels":null,'
        f'"seen":"2019-09-21T21:21:00.250Z","permissions":{DEFAULTS}}}',
    ),
    Trap(82, "GET place/<R>", 'has {"address":null,"title":null,"labels":null}'),
    Trap(
        *(83, 'PUT place/<P> {"address":{"city":"Ulm"}}', 'has {"address":{"city":"Ulm","gt":"5","geo":null,"stats":{"visits":3}}}'),
        {"P": {"address": {**ADDRESS, "city": "Ulm"}}},
    ),
    Trap(83, 'PUT place/<P> {"address":null}', 'has {"address":null}', {"P": {"address": {"stats": {}, "zip": "3000"}}}),
    Trap(83, 'PUT place/<P> {"address":{}}', "422 wrong_type address"),
    Trap(83, 'PUT place/<P> {"address":{"zip":"1"}}', "422 unknown_field address[zip]"),
    Trap(84, 'PUT place/<R> {"address":{"city":"Ulm"}}', 'has {"address":{"city":"Ulm"}}', {"R": {"address": {"city": "Ulm"}}}),
    Trap(
        *(84, 'PUT place/<R> {"inc":{"address":{"stats":{"visits":1}}}}', 'has {"address":{"stats":{"visits":1}}}'),
        {"R": {"address": {"stats": {"visits": 1}}}},
    ),
    Trap(84, 'PUT place/<R> {"push":{"labels":["a"]}}', 'has {"labels":["a"]}', {"R": {"labels": ["a"]}}),
    Trap(84, 'PUT place/<R> {"pull":{"labels":"a"}}', 'has {"labels":null}', {"R": {}}),
    Trap(85, "PUT place/<P> address=null&address[city]=x", "422 conflict address"),
    Trap(85, 'PUT place/<P> {"inc":{"address":1}}', "422 operator_type address"),
    Trap(85, 'PUT place/<P> {"address":[1]}', "422 wrong_type address"),
    Trap(87, "POST place {}", "422 missing stars"),
    Trap(87, 'POST place {"stars":6}', "422 out_of_range stars"),
    Trap(87, 'POST place {"stars":3,"kind":"pub"}', "422 choice kind"),
    Trap(87, 'POST place {"stars":3,"title":"Rooftop"}', "422 too_big title"),
    Trap(87, 'POST place {"stars":3}', 'has {"stars":3,"title":"none"}', {"place new1": {"stars": 3, "title": "none"}}),
    Trap(87, 'POST place {"stars":3,"title":null}', 'has {"stars":3,"title":null}', {"place new1": {"stars": 3}}),
    Trap(88, "GET place stars[lt]=99", "-> P R"),
    Trap(88, 'PUT place/<P> {"stars":null}', "422 missing stars"),
    Trap(88, 'PUT place/<P> {"inc":{"stars":2}}', "422 out_of_range stars"),
    Trap(88, 'PUT place/<P> {"inc":{"stars":1}}', 'has {"stars":5}', {"P": {"stars": 5}}),
    Trap(
        89,
        ('PUT place/<R> {"push":{"labels":["a","b"]}}', 'PUT place/<R> {"push":{"labels":["c"]}}', 'PUT place/<R> {"labels":{"2":"c"}}'),
        ('has {"labels":["a","b"]}', "422 too_big labels", "422 too_big labels"),
        {"R": {"labels": ["a", "b"]}},
    ),
    Trap(90, "GET place title[ne]=Roof", "-> R"),
    Trap(90, "GET place title[in]=Roof,null", "-> P"),
    Trap(90, 'PUT place/<R> {"stars":3}', 'has {"stars":3,"title":null}', {"R": {"stars": 3}}),
    Trap(90, 'PUT place/<R> {"title":"Attic"}', 'has {"title":"Attic"}', {"R": {"title": "Attic"}}),
]  # fmt: skip
ORDERS = [
    Trap(94, "GET order/1", 'has {"_id":1,"total":10.5,"who":47592,"user_id":47592,"guests":[51941]}'),
    Trap(94, "GET order/01", NOT_FOUND),
    Trap(94, "GET order/x", NOT_FOUND),
    Trap(94, "GET order _id=1", "-> 1"),
    Trap(94, "GET order _id=01", "422 wrong_type _id"),
    Trap(94, "GET order _id[gt]=0", "-> 1"),
    Trap(95, "GET order", "-> 1"),
    Trap(95, "S: GET order", "-> 1 2"),
    Trap(95, "G: GET order", "-> -"),
    Trap(95, "admin: GET order", "-> 1 2 3"),
    Trap(95, "anonymous: GET order", "-> -"),
    Trap(96, 'S: PUT order/1 {"total":3,"guests":[60000]}', 'has {"total":3.0,"guests":[51941]}', {"1": {"amt": 3.0, "updated_at": NOW}}),
    Trap(96, 'S: PUT order/1 {"push":{"guests":[60000]}}', 'has {"guests":[51941]}'),
    Trap(96, 'S: PUT order/1 {"who":51941}', 'has {"who":47592}'),
    Trap(96, 'S: PUT order/1 {"inc":{"who":1}}', "422 operator_type who"),
    Trap(96, "S: DELETE order/1", "-", {"1": GONE}),
    Trap(97, "admin: GET order/3", 'has {"total":null,"who":null,"user_id":null,"guests":null}'),
    Trap(97, 'admin: PUT order/3 {"push":{"guests":[5]}}', 'has {"guests":[5]}', {"3": {"sharedWith": [5], "updated_at": NOW}}),
    Trap(98, 'POST order {"permissions":{"read":{"access":"open"}}}', "422 not_here permissions"),
    Trap(98, "GET order/1 permissions=1", "422 not_here permissions"),
    Trap(
        *(98, "GET order/1"),
        '= {"_id":1,"_parent_id":null,"user_id":47592,"created_at":null,"updated_at":null,"total":10.5,"who":47592,"guests":[51941]}',
    ),
]  # fmt: skip
APPS: Changed = {letter: {"app": app} for letter, app in zip("ABCD", (1, 1, 2, 2), strict=True)}
ONE = {"app": 1}
SCOPED = [
    Trap(103, "GET item", "-> A B", changes=APPS, scope=ONE),
    Trap(103, "GET item count=1", '= {"items":{"count":2}}', changes=APPS, scope=ONE),
    Trap(103, "admin: GET item", "-> A B", changes=APPS, scope=ONE),
    Trap(103, "GET item/<C>", NOT_FOUND, changes=APPS, scope=ONE),
    Trap(
        *(103, "DELETE item/<A>,<C>", EMPTY % ('["<A>"]', "[]", '["<C>"]'), {"A": GONE}),
        changes=APPS, scope=ONE,
    ),
    Trap(104, 'POST item {"n":1}', 'has {"n":1}', {"new1": {"n": 1, "app": 1}}, changes=APPS, scope=ONE),
    Trap(104, 'POST item {"app":2}', "422 unknown_field app", changes=APPS, scope=ONE),
    Trap(104, 'PUT item/<A> {"app":2}', 'has {"app":1}', {}, "with app", APPS, ONE),
    Trap(
        *(104, 'PUT item/multi {"record":{"1":{"id":"<A>","app":2,"n":8},"2":{"id":"<C>","n":8}}}'),
        'has {"items":[{"app":1,"n":8}],"not_found":{"ids":["<C>"]}}',
        {"A": {"n": 8}}, "with app", APPS, ONE,
    ),
    Trap(
        *(104, 'admin: PUT item/by_criteria {"search_criteria":{"app":2},"app":null}', 'has {"total_found":0,"items":[]}'),
        {}, "with app", APPS, ONE,
    ),
    Trap(
        *(104, 'admin: PUT item/by_criteria {"search_criteria":{"app":1},"app":null,"b":true}', 'has {"items":[{"app":1},{"app":1}]}'),
        {"A": {"b": True}, "B": {"b": True}}, "with app", APPS, ONE,
    ),
    Trap(104, 'admin: PUT item/<A> {"app":2,"n":8}', 'has {"app":1,"n":8}', {"A": {"n": 8}}, "with app", APPS, ONE),
    Trap(104, 'PUT item/<A> {"inc":{"app":1}}', "422 operator_type app", {}, "with app", APPS, ONE),
    Trap(104, 'POST item {"app":2}', 'has {"app":1}', {"new1": {"app": 1}}, "with app", APPS, ONE),
    Trap(104, 'POST item {"_parent_id":"<C>"}', "422 parent _parent_id", changes=APPS, scope=ONE),
]  # fmt: skip
BY = '{"search_criteria":{"n":{"gt":0}},"inc":{"n":1}}'
TWO = '{"record":{"1":{"n":1},"2":{"n":2}}}'
OPERATIONS = [
    Trap(
        *(106, (f"PUT#k item/by_criteria {BY}", f"PUT#k item/by_criteria {BY}")),
        ('has {"total_found":3,"items":[{"n":2},{"n":6},{"n":42}]}',) * 2,
        {"A": {"n": 2}, "B": {"n": 6}, "D": {"n": 42}},
    ),
    Trap(
        *(106, (f"PUT#k item/by_criteria {BY}", f"PUT#k item/by_criteria {BY}", f"admin: PUT#k item/by_criteria {BY}")),
        (*('has {"total_found":3,"items":[{"n":2},{"n":6},{"n":42}]}',) * 2, 'has {"total_found":4}'),
        {"A": {"n": 3}, "B": {"n": 7}, "D": {"n": 43}, "H": {"n": 10}},
    ),
    Trap(
        *(107, (f"POST#m item/multi {TWO}", f"POST#m item/multi {TWO}", 'POST#m item/multi {"record":{"1":{"n":3}}}')),
        (*('has {"items":[{"_id":"<new1>","n":1},{"_id":"<new2>","n":2}]}',) * 2, 'has {"items":[{"n":3}]}'),
        {"new1": {"n": 1}, "new2": {"n": 2}, "new5": {"n": 3}},
    ),
    Trap(107, f"POST#{'k' * 256} item/multi {TWO}", "400 malformed base"),
    Trap(107, f"POST#a\r\nb item/multi {TWO}", "400 malformed base"),
]
TABLE = [*READS, *CREATES, *UPDATES, *RIGHTS, *DELETES, *PLACES, *ORDERS, *SCOPED, *OPERATIONS]


def fixture(changes: Changed) -> dict[str, list[Document]]:
    """The records of the fixture, some of them changed."""
    records = {name: documents(name) for name in NAMES}
    for each in (each for name in NAMES for each in records[name]):
        for letter, own in IDS.items():
            if own == each["_id"]:
                each.update(changes.get(letter) or {})
    return records


def expected(start: dict[str, list[Document]], stored: Changed) -> dict[str, list[Document]]:
    """What is stored afterwards. A changed record has moved, unless it says that it has not."""
    after = deepcopy(start)
    for called, values in stored.items():
        name, _, letter = called.rpartition(" ")
        if letter in NEW:
            given = dict(values or {})
            owner = given.pop("user_id", 47592)
            times = {"created_at": NOW, "updated_at": NOW}
            after[name or "item"].append({"_id": NEW[letter], "user_id": owner, **times, **default_rights(owner), **given})
            continue
        own = IDS.get(letter, letter)
        (name, place) = next((name, place) for name in NAMES for place, each in enumerate(after[name]) if str(each["_id"]) == str(own))
        if values is None:
            del after[name][place]
            continue
        changed = {**after[name][place], "updated_at": NOW, **values}
        after[name][place] = {path: value for path, value in changed.items() if value is not ABSENT}
    return {name: sorted(each, key=lambda one: str(one["_id"])) for name, each in after.items()}


def without_stamps(records: dict[str, list[Document]]) -> dict[str, list[Document]]:
    return {name: [{path: value for path, value in each.items() if path != "_op"} for each in found] for name, found in records.items()}


def classes(variant: str) -> list[cq.ClassSchema]:
    own = VARIANTS.get(variant)
    return [own if own is not None and own.name == name else SCHEMAS[name] for name in NAMES]


@pytest.mark.parametrize("trap", TABLE, ids=lambda trap: trap.id)
def test_trap(end: End, trap: Trap) -> None:
    start = fixture(trap.changes)
    end.fill(deepcopy(start))
    engine = end.engine(classes(trap.variant))
    engine = engine if trap.scope is None else engine.scoped(trap.scope)
    for request, answer in trap.steps:
        check(engine, request, answer)
    now, wanted = without_stamps(end.stored(NAMES)), expected(start, trap.stored)
    for name in NAMES:
        for left, right in zip_longest(now[name], wanted[name]):
            assert same(left, right)


def test_a_whole_answer_with_listed_users_is_sent_back(end: End) -> None:
    """Row 46, of a record whose permissions show users_ids and users_groups."""
    end.fill(fixture({}))
    engine = end.engine(classes(""))
    answer = ask(engine, "S: GET item/<H>")
    assert answer["permissions"]["update"] == {"access": "open_for_users_ids", "users_ids": ["60001"]}
    assert answer["permissions"]["delete"] == {"access": "open_for_groups", "users_groups": ["officers"]}
    sent = engine.update("item", str(IDS["H"]), answer, S)
    assert same(sent, {**answer, "updated_at": int(expand("<now>"))})
    assert same(without_stamps(end.stored(NAMES)), expected(fixture({}), {"H": {}}))


def test_hidden_and_unknown_ids_have_one_answer(end: End) -> None:
    """Row 59: four requests, each about a hidden and about an unknown record."""
    end.fill(fixture({}))
    engine = end.engine(classes(""))
    asked = ("GET item/%s", 'PUT item/%s {"n":1}', "DELETE item/%s", "GET item/%s permissions=1")
    bodies = {json.dumps(check(engine, each % own, NOT_FOUND)) for each in asked for own in ("<H>", "65000000000000000000ffff")}
    assert len(bodies) == 1
    assert same(end.stored(NAMES), expected(fixture({}), {}))


def test_reasons_against_a_parent_have_one_answer(end: End) -> None:
    """Row 74."""
    end.fill(fixture({}))
    engine = end.engine(classes(""))
    bodies = set()
    for parent in ("<H>", "65000000000000000000ffff", "zz"):
        bodies.add(json.dumps(check(engine, f'POST note {{"_parent_id":"{parent}"}}', "422 parent _parent_id")))
    assert len(bodies) == 1


def test_text_user_ids(end: End) -> None:
    """Row 105: an actor called `*` has the token `u*` and no other right."""
    end.fill({"item": [{**document("A"), "user_id": "me", "_read": ["u*"]}, {**document("H"), "user_id": "me"}]})
    engine = end.engine([SCHEMAS["item"]], settings=cq.Settings(user_id_type="String"))
    actors = {name: cq.Actor(name) for name in ("*", "a", "me")}
    star = {"O": actors["*"], "a": actors["a"], "me": actors["me"]}
    check(engine, "GET item/<A>", 'has {"_id":"<A>"}', star)
    check(engine, "GET item/<H>", NOT_FOUND, star)
    check(engine, "a: GET item/<A>", NOT_FOUND, star)
    level = '{"permissions":{"read":{"access":"open_for_users_ids","ids":[%s]}}}'
    check(engine, f"me: POST item {level % 5}", "422 permissions permissions", star)
    body = {"permissions": {"read": {"access": "open_for_users_ids", "ids": ["*"]}}}
    engine.create("item", body, actors["me"])
    assert end.stored(["item"])["item"][-1]["_read"] == ["u*", "ume"]


HIDDEN: list[Changed] = [{"H": GONE}, {"H": {"n": 1, "s": "abc", "b": False, "tags": ["a"], "_update": ["u51941"], "_parent_id": IDS["A"]}}]


@pytest.mark.parametrize("trap", [trap for trap in TABLE if not trap.changes], ids=lambda trap: trap.id)
@pytest.mark.parametrize("changed", HIDDEN, ids=["removed", "changed"])
def test_no_answer_to_others_depends_on_a_hidden_record(trap: Trap, changed: Changed) -> None:
    """Row 79, over every row of this table."""
    answers = []
    for hidden in ({}, changed):
        end = MemoryEnd()
        end.fill(expected(fixture({}), hidden))
        engine = end.engine(classes(trap.variant))
        told = []
        for request, _ in trap.steps:
            if request.split(":")[0] in ("S", "W", "G", "admin"):
                continue
            try:
                told.append(ask(engine, request))
            except cq.RequestError as error:
                told.append(error.body())
        answers.append(json.dumps(told))
    assert answers[0] == answers[1]


def test_rights_of_a_new_level(end: End) -> None:
    """A class level that no record can hold gives `owner`; others are the default of a new record."""
    levels = {"read": {"access": "not_allowed", "primary": True}, "update": {"access": "open_for_users_ids", "users_ids": []}}
    end.fill({})
    engine = end.engine([cq.ClassSchema("item", ITEM_FIELDS, permissions=levels)])
    engine.create("item", {"s": "x"}, W)
    (record,) = end.stored(["item"])["item"]
    assert (record["_read"], record["_update"], record["_delete"]) == (["u60001"], ["u60001"], ["u60001"])
    assert record["_acl"] == {"read": {"access": "owner"}, "update": {"access": "open_for_users_ids", "users_ids": []}}


def test_criteria_reach_ids_of_every_type(end: End) -> None:
    """A collection of older data may hold ids of several types; what goes batch by batch goes on from one type to the next."""
    ids = [-1.5, 2, 3, 4, "a", "b", "c", IDS["A"], IDS["B"], True]
    end.fill({"item": [{**document("A"), "_id": each, "n": 1} for each in ids]})
    engine = end.engine([SCHEMAS["item"]], settings=cq.Settings(limits=cq.Limits(write_batch=2)))
    assert ask(engine, 'PUT item/by_criteria {"search_criteria":{"n":1},"inc":{"n":1}}')["total_found"] == len(ids)
    assert {each["n"] for each in end.stored(["item"])["item"]} == {2}
    assert ask(engine, "DELETE item/by_criteria n=2") == {"total_deleted": len(ids)}
    assert end.stored(["item"])["item"] == []


def test_null_in_a_system_field_is_not_given(end: End) -> None:
    """As exports of older data have it; an owner must be somebody, and what is unset is absent in the store."""
    end.fill({})
    engine = end.engine([SCHEMAS["item"], SCHEMAS["order"]])
    check(engine, 'admin: POST item {"_id":null,"user_id":null,"created_at":null}', "422 missing user_id")
    check(engine, 'admin: POST item {"_id":null,"user_id":5,"created_at":null,"updated_at":null}', 'has {"user_id":5,"created_at":<now>}')
    assert [each["updated_at"] for each in end.stored(["item"])["item"]] == [NOW]


def test_the_owner_field_of_a_class_is_its_user_id(end: End) -> None:
    end.fill({})
    engine = end.engine([SCHEMAS["order"]])
    check(engine, 'admin: POST order {"_id":7,"who":5,"total":1}', 'has {"user_id":5,"who":5}')
    check(engine, 'admin: POST order {"_id":8,"user_id":6,"who":6}', 'has {"user_id":6,"who":6}')
    check(engine, 'admin: PUT order/8 {"user_id":5,"who":5}', 'has {"user_id":5,"who":5}')
    check(engine, 'admin: PUT order/8 {"who":null}', 'has {"user_id":null,"who":null}')
    assert "cust_id" not in end.stored(["order"])["order"][1]


def test_numbers_without_bounds_in_ignored_fields(end: End) -> None:
    end.fill({"item": [document("A")]})
    engine, huge = end.engine([SCHEMAS["item"]]), "9" * 100
    check(engine, f'POST item/multi {{"record":{{"1":{{"pic":{{"size":{huge}}},"user_id":{huge},"n":1}}}}}}', 'has {"items":[{"n":1}]}')
    check(engine, f'PUT item/multi {{"record":{{"1":{{"id":"<A>","user_id":{huge},"n":2}}}}}}', 'has {"items":[{"n":2}]}')
