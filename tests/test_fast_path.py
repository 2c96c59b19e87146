"""The fast path equals Lark over the whole request: the same tree, or the same status, code, key and offset of every fault."""

from __future__ import annotations

from collections import Counter
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
from cubequery.parse.shapes import WARM
from cubequery.syntax import load
from cubequery.translate import plan_for
from cubequery.translate.quick import QuickPlan
from tests.support.strategies import ARBITRARY, ITEM, SEARCH_TEXTS, UPDATE_TEXTS, mutated, searches

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
        cq.translate(text, schema, actor=cq.ADMIN, settings=bounded)
        cq.translate(text, schema, actor=cq.ADMIN, settings=bounded)
        assert len(reader._shapes) <= 8
    assert "987654321" not in repr([(names, shape) for names, shape in reader._shapes.items()])


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
]
NAMES = ["limit", "skip", "count", "_id", "_id[in]", "n", "n[in]", "d", "d[gt]", "f", "f[gte]", "b", "s", "s[ctn]", "s[in]", "l[near]"]
KINDS: Any = {"n": cq.Integer, "d": cq.Date, "f": cq.Float, "b": cq.Boolean, "s": cq.String, "l": cq.Location}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("times", [1, WARM + 1], ids=["first", "written"])
def test_what_is_read_at_once_is_what_the_usual_way_reads(name: str, times: int) -> None:
    """Shortcuts of values, before and after functions are written for the combination: the same plan, or the same refusal."""
    schema = cq.ClassSchema("kinds", KINDS)
    trees = {value: outcome(lambda value=value: cq.reference_parse(f"{name}={value}", schema)) for value in SPELLINGS}
    good = next(value for value, tree in trees.items() if isinstance(tree, Query))
    plans = [cq.translate(f"{name}={good}", schema, actor=cq.ANONYMOUS) for _ in range(times + 1)]
    assert isinstance(plans[-1], QuickPlan)
    for value, tree in trees.items():
        quick = outcome(lambda value=value: cq.translate(f"{name}={value}", schema, actor=cq.ANONYMOUS))
        if isinstance(tree, list):
            assert quick == tree, value
        else:
            usual = plan_for(tree, schema, cq.ANONYMOUS, EVERYTHING, DEFAULTS)
            assert (quick.find_args(), quick.kind) == (usual.find_args(), usual.kind), value
