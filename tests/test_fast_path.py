"""The fast path equals Lark over the whole request: the same tree, or the same status, code, key and offset of every fault."""

from __future__ import annotations

import copy
import re
import weakref
from collections import Counter
from itertools import product
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Token

import cubequery as cq
from cubequery.ast import EVERYTHING, Query
from cubequery.check import DEFAULTS
from cubequery.check.slots import split_search, split_write
from cubequery.parse import reader_for, sources
from cubequery.syntax import load
from cubequery.translate import plan_for
from cubequery.translate.quick import WARM, QuickPlan
from tests.support.strategies import ARBITRARY, ITEM, SEARCH_TEXTS, UPDATE_TEXTS, mutated, searches

WRITTEN = WARM + 2
"""Requests of one combination of new names that leave a function: the first learns the names, from the third on shapes are remembered."""
PLACES = {"list": SEARCH_TEXTS, "update": UPDATE_TEXTS}


def outcome(read: Any) -> Any:
    """The tree, or what is wrong and where."""
    try:
        return read()
    except cq.RequestError as error:
        return [(fault.status, fault.code, fault.key, fault.source, fault.offset, fault.text) for fault in error.faults]


@pytest.mark.parametrize("place", PLACES)
def test_fast_path_equals_the_grammar(place: str) -> None:
    shares: Counter[bool] = Counter()
    reader = reader_for(ITEM, place=place)

    @settings(max_examples=1_500)
    @given(PLACES[place])
    def check(text: str) -> None:
        fast = outcome(lambda: reader.read(sources(text)))
        reference = outcome(lambda: cq.reference_parse(text, ITEM, place=place))
        assert fast == reference
        shares[not isinstance(fast, list)] += 1

    check()
    assert shares[True] >= 0.5 * shares.total(), f"too few valid requests to mean anything: {shares}"


@given(st.sampled_from(["by_criteria", "create", "create_many", "update_many", "delete_by_criteria"]), mutated() | searches() | ARBITRARY)
def test_other_places_equal_the_grammar(place: str, text: str) -> None:
    prefix = {"by_criteria": "search_criteria[n]=1&", "create_many": "record[1][n]=1&", "update_many": "record[1][id]=a&"}.get(place, "")
    for request in (text, prefix + text):
        fast = outcome(lambda request=request: reader_for(ITEM, place=place).read(sources(request)))
        assert fast == outcome(lambda request=request: cq.reference_parse(request, ITEM, place=place))


@given(mutated() | searches() | ARBITRARY)
def test_lists_are_split_as_the_grammar_does(text: str) -> None:
    """Elements come from the parser's own tokens here, and from str.split in the reader."""
    raw = text.replace("&", "")
    try:
        tree = load().parse(f"x={raw}")
    except Exception:
        return
    tokens = list(tree.scan_values(lambda value: isinstance(value, Token)))[2:]
    brackets = bool(tokens) and tokens[0].type.endswith("LIST_OPEN")
    items, current = [], ""
    for token in tokens[1:-1] if brackets else tokens:
        if token.type.endswith("COMMA"):
            items.append(current)
            current = ""
        else:
            current = unquote_plus(token)
    items.append(current)
    if items[-1] == "":
        items.pop()
    stripped = [item[1:] if brackets and place and item.startswith(" ") else item for place, item in enumerate(items)]
    assert split_search(unquote_plus(raw)) == stripped
    if not brackets:
        assert split_write(unquote_plus(raw)) == items


@given(searches() | mutated())
def test_remembering_changes_nothing(text: str) -> None:
    """A class that saw the name before and one that did not read alike, errors included."""
    fresh = cq.ClassSchema.from_json(ITEM.to_json())
    assert outcome(lambda: reader_for(fresh).read(sources(text))) == outcome(lambda: reader_for(ITEM).read(sources(text)))


def test_memory_of_names_is_bounded_and_holds_no_errors() -> None:
    schema = cq.ClassSchema("one", {"n": cq.Integer})
    settings_ = cq.Settings(limits=cq.Limits(name_cache=16))
    reader = reader_for(schema, settings_)
    for number in range(200):
        outcome(lambda number=number: reader.read(sources(f"n{number}=1")))
    assert not reader._texts
    for number in range(200):
        spelled = "".join(f"%{ord(char):02x}" if number >> place & 1 else char for place, char in enumerate("_id[ne]_"[:7]))
        outcome(lambda spelled=spelled: reader.read(sources(f"{spelled}=5c0d7458ca8bf43a5b8cf487")))
        assert len(reader._texts) <= 16


def test_a_combination_seen_before_gives_the_same_plan() -> None:
    """The plan of a remembered combination is the usual plan: tree, filter, order, page, and what is found; nothing new is accepted."""
    quick: Counter[bool] = Counter()
    actor = cq.Actor(47592, ["officers"])
    where = cq.condition({"app": 7})

    @settings(max_examples=800)
    @given(searches() | mutated() | ARBITRARY, st.sampled_from([None, where]))
    def check(text: str, host: Any) -> None:
        tree = outcome(lambda: cq.reference_parse(text, ITEM))
        for _ in range(2):  # the first time learns the names, the second remembers the combination
            plan = outcome(lambda: cq.translate(text, ITEM, actor=actor, where=host))
            if isinstance(tree, list):
                assert plan == tree
                continue
            usual = plan_for(tree, ITEM, actor, host or EVERYTHING, DEFAULTS)
            assert (plan.find_args(), plan.kind, plan.skip, plan.limit) == (usual.find_args(), usual.kind, usual.skip, usual.limit)
            assert (plan.filter, plan.pipeline, plan.query, plan.condition) == (usual.filter, usual.pipeline, usual.query, usual.condition)
            quick[isinstance(plan, QuickPlan)] += 1

    check()
    assert quick[True] >= 0.2 * quick.total(), quick


def test_combinations_are_bounded_and_hold_no_values() -> None:
    schema = cq.ClassSchema("many", {f"f{number}": cq.Integer for number in range(12)})
    bounded = cq.Settings(limits=cq.Limits(plan_cache=8))
    reader = reader_for(schema, bounded)
    for mask in range(1, 200):
        text = "&".join(f"f{place}=987654321" for place in range(12) if mask >> place & 1)
        for _ in range(WRITTEN + 1):
            cq.translate(text, schema, actor=cq.ADMIN, settings=bounded)
        assert 0 < len(reader.shapes) <= 8
        assert len(reader._once) <= 8
    held = [(shape.seen, shape.controls, shape.members, shape.answer.__defaults__) for shape in reader.shapes.values()]
    assert all(seen == WARM and given for seen, _, _, given in held)
    assert "987654321" not in repr((list(reader.shapes), held))


def test_new_combinations_leave_those_in_use_alone() -> None:
    """Whoever sends names in ever new orders drives out nobody's: what comes once is not remembered."""
    schema = cq.ClassSchema("many", {f"f{number}": cq.Integer for number in range(12)})
    bounded = cq.Settings(limits=cq.Limits(plan_cache=8))
    used = "f1=1&f2=2"
    for _ in range(WRITTEN):
        cq.translate(used, schema, actor=cq.ADMIN, settings=bounded)
    written = reader_for(schema, bounded).shapes["f1&f2"].answer
    for mask in range(1, 1000):
        cq.translate("&".join(f"f{place}=1" for place in range(12) if mask >> place & 1), schema, actor=cq.ADMIN, settings=bounded)
    assert reader_for(schema, bounded).shapes["f1&f2"].answer is written


SPELLINGS = [
    *(
        "0",
        "1",
        "9",
        "00",
        "01",
        "99",
        "100",
        "101",
        "1000",
        "999999999999999999",
        "9223372036854775807",
        "9223372036854775808",
        "-1",
        "-0",
    ),
    *("1.", "1.5", ".5", "1e2", "1_0", "0x1", " 1", "", "true", "false", "null", "a", "1,2", "1,", "[1]", "NaN"),
    *("2020-01-01", "2020-1-01", "2020-W01-1", "20200101", "2020-02-30", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00ZZ"),
    *("2020-01-01T00:00:00Z22", "2020-01-01T00:00:00", "2020-01-01T00:00:0Z", "2020-01-01T0000:00ZZ", "2020-01-01 00:00:00Z"),
    *("2020-01-01T24:00:00Z", "2020-01-01T00:00:00z", "+020-01-01", "5c0d7458ca8bf43a5b8cf487", "5C0D7458CA8BF43A5B8CF487"),
    *(
        "5c0d7458ca8bf43a5b8cf48",
        "5c0d7458ca8bf43a5b8cf48g",
        "1,2;3",
        "1.5,-2.25;3.5",
        "181,2;3",
        "-0,0;0",
        "1,2;-3",
        "avg",
        "avg,max",
        "avg,avg",
    ),
    *("0.5", "0.", "00.5", "0.0", "%31", "1%30", "%30", "1+1", "+1", "1+", "1%2C2", "1%2c2,", "%5B1,+2%5D", "%74rue", "nul%6C", "%6Eull,1"),
    *("2020-01-01T00%3A00%3A00Z", "2020-01-01T00:00+00:0Z", "2020%2D01-01", "202+-01-01"),
    *("2020-01-01T08:30:00Z"[:place] + sign + "2020-01-01T08:30:00Z"[place + 1 :] for place in range(20) for sign in "+- .%W0:Z"),
    *("5c0d7458ca8bf43a5b8cf4%387", "5c0d7458ca8bf43a5b8cf+87", "1%2C2%3B3", "1.5,-2.25;+3.5", "a+b", "a%20b", "a-b", "%C3%A9"),
    *("\u00e9", "\uff11", "a=b", "a&n=1", "1=1", "=", "&", "%", "%zz", "%0", "%00", "\0", "a\0", "1\0", "a%26b"),
    *("TRUE", "True", "FALSE", "Null", "[a, b]", "[a,b]", "a,b]", "a]", "[a", "a,null", "a,,b", "a,", ",", "-1,2", "1,-2", "1,1e2"),
    *("1, 2", "1,\t2", "1,\n2", "1,\r2", "[1, 2]", "1,9223372036854775808", "1,-9223372036854775809", "true,false", "0,1"),
    *("n", "%6E", "n,s", "n%2Cs", "n,,s", "s,s", "n+s"),
]
NAMES = [
    *("limit", "skip", "count", "_id", "_id[in]", "n", "n[in]", "d", "d[gt]", "f", "f[gte]", "b", "s", "s[ctn]", "s[in]", "l[near]"),
    *("sort_asc", "output[include]", "output[exclude]", "%6E[gt]", "s%5Bin%5D", "s[in][]", "n[in][]"),
]
TIGHT: Any = ({"max_scalar_chars": 3}, {"max_scalar_chars": 18}, {"max_scalar_chars": 23}, {"max_date_chars": 9}, {"max_date_chars": 19},
         {"max_list_items": 1}, {"max_ctn_chars": 1}, {"max_limit": 10, "max_skip": 9})  # fmt: skip
READ = [({}, 1), *((limits, WRITTEN) for limits in ({}, *TIGHT))]
"""Limits of values, and how often the combination was asked for."""
KINDS: Any = {"n": cq.Integer, "d": cq.Date, "f": cq.Float, "b": cq.Boolean, "s": cq.String, "l": cq.Location}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("limits", "times"), READ, ids=str)
def test_what_is_read_at_once_is_what_the_usual_way_reads(name: str, limits: Any, times: int) -> None:
    """Shortcuts of values, before and after functions are written for the combination: the same plan, or the same refusal."""
    schema, bound = cq.ClassSchema("kinds", KINDS), cq.Settings(limits=cq.Limits(**limits))

    def translated(value: str) -> cq.Plan:
        return cq.translate(f"{name}={value}", schema, actor=cq.ANONYMOUS, settings=bound)

    trees = {value: outcome(lambda value=value: cq.reference_parse(f"{name}={value}", schema, settings=bound)) for value in SPELLINGS}
    valid = [value for value, tree in trees.items() if isinstance(tree, Query)]
    kinds = {isinstance(translated(value), QuickPlan) for value in valid * (times + 1)}
    assert limits or True in kinds
    for value, tree in trees.items():
        quick = outcome(lambda value=value: translated(value))
        if isinstance(tree, list):
            assert quick == tree, value
        else:
            usual = plan_for(tree, schema, cq.ANONYMOUS, EVERYTHING, bound)
            assert (quick.filter, quick.find_args(), quick.kind) == (usual.filter, usual.find_args(), usual.kind), value


@pytest.mark.parametrize("text", [
    "group_by=s", "n[calc]=avg", "n[calc]=avg&count=1&group_by=s", "n[calc]=avg&group_by=s&sort_asc=f", "n[calc]=avg,max&group_by=s",
    "output[include][]=n,s", "output[exclude][]=n,s", "n[calc][]=avg,max&group_by=s",
])  # fmt: skip
def test_controls_stay_refused(text: str) -> None:
    """What does not go together, is more than a list may hold, or is one name that has a comma."""
    schema, bound = cq.ClassSchema("kinds", KINDS), cq.Settings(limits=cq.Limits(max_list_items=1))
    reference = outcome(lambda: cq.reference_parse(text, schema, settings=bound))
    assert isinstance(reference, list)
    for _ in range(WRITTEN + 1):
        outcome(lambda: cq.translate(text.replace(",max", "").replace(",s", ""), schema, actor=cq.ANONYMOUS, settings=bound))
        assert outcome(lambda: cq.translate(text, schema, actor=cq.ANONYMOUS, settings=bound)) == reference


def test_a_class_that_does_not_know_the_actor_says_so_behind_the_request() -> None:
    """The order of the usual way, whatever was seen before: faults of the request first, then the definition."""
    rights = {"read": {"access": "open_for_users_ids", "users_ids": ["x"], "primary": True}}
    schema = cq.ClassSchema("kinds", KINDS, permissions=rights)
    for _ in range(WRITTEN + 1):
        cq.translate("n=1", schema, actor=cq.ADMIN)
        for text in ("n=x", "skip=-5", "zz=1"):
            with pytest.raises(cq.RequestError):
                cq.translate(text, schema, actor=cq.Actor(1))
        with pytest.raises(cq.DefinitionError):
            cq.translate("n=1", schema, actor=cq.Actor(1))


def test_actors_and_texts_of_classes_of_their_own() -> None:
    class Person(cq.Actor):
        def check(self, user_id_type: str) -> cq.Actor:
            raise cq.DefinitionError(["nobody"])

    class Text(str):
        __slots__ = ()

    schema = cq.ClassSchema("kinds", KINDS)
    for _ in range(WRITTEN + 1):
        assert cq.translate(Text("s=a"), schema, actor=cq.ANONYMOUS).filter == cq.translate("s=a", schema, actor=cq.ANONYMOUS).filter
        for where in (None, {"app": 7}):
            with pytest.raises(cq.DefinitionError):
                cq.translate("n=1", schema, actor=Person(1), where=where)
    assert {type(each) for known in (reader_for(schema).shapes, reader_for(schema)._texts) for each in known} == {str}


def test_a_plan_is_copied_and_referred_to() -> None:
    schema = cq.ClassSchema("kinds", KINDS)
    for text in ["n=1", "n=1", "n=1&sort_asc=s"]:
        for actor in (cq.Actor(1), cq.ADMIN):
            plan = cq.translate(text, schema, actor=actor)
            assert copy.copy(plan).find_args() == plan.find_args()
            assert weakref.ref(plan)() is plan
    assert cq.Plan.filter.__doc__ == "MongoDB filter."


@pytest.mark.parametrize("text", ["n[gt]=1&s=2&sort_asc=n", "s=1&n=2", "n=1", "n[calc]=avg&group_by=s&n=1"])
@pytest.mark.parametrize("times", [1, WRITTEN], ids=["first", "written"])
def test_a_known_combination_with_other_separators_is_another_request(text: str, times: int) -> None:
    """Names where names stood and values where values stood, and still nothing is taken for what it is not."""
    schema = cq.ClassSchema("kinds", KINDS)
    assert isinstance([cq.translate(text, schema, actor=cq.ANONYMOUS) for _ in range(times + 1)][-1], QuickPlan)
    pieces = re.split("[=&]", text)
    for separators in product("=&", repeat=len(pieces) - 1):
        other = "".join(f"{piece}{separator}" for piece, separator in zip(pieces, (*separators, ""), strict=True))
        for spelled in (other, f"{other}&", f"{other}=", f"&{other}", f"={other}"):
            tree = outcome(lambda spelled=spelled: cq.reference_parse(spelled, schema))
            quick = outcome(lambda spelled=spelled: cq.translate(spelled, schema, actor=cq.ANONYMOUS))
            if isinstance(tree, list):
                assert quick == tree, spelled
            else:
                usual = plan_for(tree, schema, cq.ANONYMOUS, EVERYTHING, DEFAULTS)
                assert (quick.filter, quick.query) == (usual.filter, usual.query), spelled
