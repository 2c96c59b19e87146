"""Properties of the language: printing, rights, partition, monotonicity, and the three encodings of one request."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cubequery as cq
from cubequery.ast import EVERYTHING, AnyOf, Compare, Query
from cubequery.parse.printer import Unprintable
from tests.support.strategies import ITEM, criteria, searches
from tests.support.worlds import ACTORS, World

WORLDS = [World(seed, size=60) for seed in range(300, 312)]
actors = st.sampled_from(ACTORS)
worlds = st.sampled_from(WORLDS)


def ids(documents: Any) -> set[Any]:
    return {document["_id"] for document in documents}


def parsed(text: str) -> Query:
    """The tree of a valid request; invalid ones are not this property's matter."""
    try:
        tree = cq.parse(text, ITEM)
    except cq.RequestError:
        assume(False)
    assert isinstance(tree, Query)
    return tree


@settings(max_examples=600)
@given(searches())
def test_a_printed_tree_reads_as_itself(text: str) -> None:
    tree = parsed(text)
    try:
        printed = cq.to_query_string(tree)
    except Unprintable:
        assume(False)
    assert cq.parse(printed, ITEM) == tree
    assert cq.to_query_string(cq.parse(printed, ITEM)) == printed


@settings(max_examples=400)
@given(searches())
def test_query_form_and_json_are_one_request(text: str) -> None:
    tree = parsed(text)
    assert cq.parse("", ITEM, form=text) == tree
    half = text.find("&")
    if half > 0 and cq.to_query_string(tree):
        assert cq.parse(text[:half], ITEM, form=text[half + 1 :]) == tree


@settings(max_examples=300)
@given(searches())
def test_json_says_the_same(text: str) -> None:
    tree = parsed(text)
    try:
        body = as_json(tree)
    except Unprintable:
        assume(False)
    assert members(cq.parse(body, ITEM)) == members(tree)


def members(tree: Query) -> list[str]:
    """What is asked, without the order: a JSON object keeps the criteria of one field together."""
    return sorted(map(repr, (each for one in conjuncts(tree) for each in (one.members if isinstance(one, AnyOf) else (one,)))))


def conjuncts(tree: Query) -> tuple[Any, ...]:
    return () if tree.condition == EVERYTHING else getattr(tree.condition, "members", (tree.condition,))


def as_json(tree: Query) -> dict[str, Any]:
    """The condition of a tree as a JSON body with lists, numbers and nulls of its own."""
    body: dict[str, Any] = {}
    for member in (each for one in conjuncts(tree) for each in (one.members if isinstance(one, AnyOf) else (one,))):
        assert isinstance(member, Compare)
        kind = member.field.type.element
        values = member.operand if member.operator.shape == "list" else [member.operand]
        said = [
            None if value is None else str(value) if member.operator.shape in ("literal", "circle") else kind.print(value)
            for value in values
        ]
        parts = [*member.field.name.replace("]", "").split("["), member.operator.name]
        inner = body
        for part in parts[:-1]:
            inner = inner.setdefault(part, {})
        if parts[-1] in inner:
            raise Unprintable("the same list operator twice")
        inner[parts[-1]] = said if member.operator.shape == "list" else said[0]
    return body


def test_rights_only_take_away() -> None:
    """What an actor selects is what everybody would select, less what he may not read."""
    shares: Counter[str] = Counter()

    @settings(max_examples=400)
    @given(worlds, actors, st.integers(0, 2**32))
    def check(world: World, actor: cq.Actor, seed: int) -> None:
        world.random.seed(seed)
        text = world.request()
        mine = cq.translate(text, world.schema, actor=actor).select(world.documents)
        every = cq.translate(text, world.schema, actor=cq.ADMIN).select(world.documents)
        readable = cq.translate("", world.schema, actor=actor).select(world.documents)
        assert ids(mine) == ids(every) & ids(readable)
        shares["hidden" if len(readable) < len(world.documents) else "all"] += 1

    check()
    assert shares["hidden"] >= 0.2 * shares.total()


@settings(max_examples=300)
@given(worlds, st.integers(0, 2**32))
def test_an_operator_and_its_opposite_part_the_records(world: World, seed: int) -> None:
    world.random.seed(seed)
    field = world.random.choice([each for each in world.fields if each.type.kind not in ("Location", "File")])
    own = field.type.kind[:-2] if field.type.kind.endswith("_a") else field.type.kind
    operand = world._operand(field.type.element, own, null=True)
    for one, other in (("eq", "ne"), ("in", "nin")):
        left, right = (
            ids(cq.translate(f"{field.name}[{word}]={operand}", world.schema, actor=cq.ADMIN).select(world.documents))
            for word in (one, other)
        )
        assert not left & right
        assert left | right == ids(world.documents)


@settings(max_examples=300)
@given(worlds, actors, st.integers(0, 2**32))
def test_a_criterion_never_adds_and_an_alternative_never_removes(world: World, actor: cq.Actor, seed: int) -> None:
    world.random.seed(seed)
    text, further = world.request(), world.criterion()

    def found(request: str) -> set[Any] | None:
        try:
            return ids(cq.translate(request, world.schema, actor=actor).select(world.documents))
        except cq.RequestError:
            return None  # the same parameter twice

    base, narrowed = found(text), found(f"{text}&{further}")
    assert base is not None
    # A list given in parts (`f[in][]=1&f[in][]=2`) is one criterion: more parts of it are more alternatives.
    united = "[]" in further and further.partition("=")[0] in {pair.partition("=")[0] for pair in text.split("&")}
    if narrowed is not None and "[or]" not in text + further and not united:
        assert narrowed <= base
    group, widened = found("n[or]=5"), found("n[or]=5&s[or]=a")
    assert group is not None
    assert widened is not None
    assert group <= widened


@given(worlds, st.integers(0, 2**32))
def test_a_group_given_to_an_actor_never_hides(world: World, seed: int) -> None:
    world.random.seed(seed)
    text = world.request()
    without = cq.translate(text, world.schema, actor=cq.Actor(2, ["b"])).select(world.documents)
    assert ids(without) <= ids(cq.translate(text, world.schema, actor=cq.Actor(2, ["b", "a"])).select(world.documents))


@given(worlds, actors, st.integers(1, 7), st.sampled_from(["", "sort_asc=b", "sort_desc=s,n"]))
def test_pages_cover_the_whole_once(world: World, actor: cq.Actor, size: int, order: str) -> None:
    whole = cq.translate(f"{order}&limit=100", world.schema, actor=actor).run(world.documents)
    assert isinstance(whole, list)
    pages: list[Any] = []
    for start in range(0, len(whole), size):
        page = cq.translate(f"{order}&skip={start}&limit={size}", world.schema, actor=actor).run(world.documents)
        assert isinstance(page, list)
        pages += page
    assert pages == whole


@given(worlds, actors, st.sampled_from(["b", "s", "n"]))
def test_groups_add_up(world: World, actor: cq.Actor, by: str) -> None:
    count = cq.translate("count=1", world.schema, actor=actor).run(world.documents)
    groups = cq.translate(f"n[calc]=sum&group_by={by}", world.schema, actor=actor)
    rows = groups.run(world.documents)
    assert isinstance(rows, list)
    assert len({str(row[by]) for row in rows}) == len(rows)
    assert (not rows) == (count == 0)


@given(criteria(), actors)
def test_plans_share_nothing(text: str, actor: cq.Actor) -> None:
    """A caller may change what a plan gave out; the next plan, and the next actor's, do not see it."""
    try:
        plan = cq.translate(text, ITEM, actor=actor)
    except cq.RequestError:
        return
    before = repr(plan.filter)
    plan.filter.clear()
    plan.find_args()["filter"].clear()
    assert repr(cq.translate(text, ITEM, actor=actor).filter) == before
    other = cq.Actor(77, ["elsewhere"])
    assert "u77" in repr(cq.translate(text, ITEM, actor=other).filter)
    assert "u77" not in repr(cq.translate(text, ITEM, actor=actor).filter)


def test_a_tree_with_rights_cannot_be_printed() -> None:
    plan = cq.translate("n=1", ITEM, actor=cq.Actor(1))
    with pytest.raises(Unprintable):
        cq.to_query_string(Query(cq.condition({"$nor": [{"n": 1}]})))
    assert cq.to_query_string(plan.query) == "n[eq]=1"
