"""Request text is only ever an operand: a sentinel in every text of a request turns up as a literal leaf, and never in generated source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cubequery as cq
from cubequery.evaluate import source
from cubequery.translate.quick import WARM
from tests.attacks.compiled import MARK, Walker
from tests.attacks.fixture import NOW

OTHER = "T4OU"
TEXT = cq.Settings(user_id_type="String")
THING = cq.ClassSchema(
    "thing",
    {
        "qtitle": cq.String, "qkind": cq.String(stored="zkind"), "qtags": cq.Array(cq.String), "qpic": cq.File, "qnumber": cq.Integer,
        "qmass": cq.Float, "qspot": cq.Location, "qnums": cq.Array(cq.Integer), "qlabels": cq.Array(cq.String, max_length=9),
        "qhome": cq.Object(
            {"qcity": cq.String, "qrooms": cq.Array(cq.String), "qdeep": cq.Object({"qleaf": cq.String})}, stored="zhome.zin"
        ),
    },
    id_type="String",
)  # fmt: skip
SHARED = cq.ClassSchema(
    "shared", {"qowner": cq.String, "qteam": cq.Array(cq.String), "qtitle": cq.String, "qtags": cq.Array(cq.String)}, id_type="String",
    acl={"owner": "qowner", "shared": ["qteam"]},
)  # fmt: skip
ACTORS = [cq.ADMIN, cq.Actor("ann"), cq.Actor("bob", ["officers"])]
WORDS = sorted(
    [field.path for schema in (THING, SHARED) for field in schema.fields.values()]
    + [leaf.name for field in THING.fields.values() for leaf in field.leaves]
)

MARKED = st.text(st.sampled_from("$.'\"\\{}[]()*+?|^#&%;: \n\u2028é\U0001f600ax0"), max_size=6).map(lambda tail: f"$.{MARK}{tail}")
"""Texts with everything that means something to somebody; a comma and NUL come below, since both are refused in places."""
_SHAPES = [*["{}"] * 16, "'{}\"", "{},$where", "{}\0"]
VALUES = st.sampled_from(_SHAPES).flatmap(lambda shape: MARKED.map(lambda text: shape.replace("{}", text)))
NAMES = st.sampled_from(
    ["qtitle", "qkind", "qtags", "qlabels", "qpic", "qhome[qcity]", "qhome[qrooms]", "qhome[qdeep][qleaf]", "_id", "_parent_id", "user_id"]
)
OWN = {"qtags", "qtitle", "qowner", "qteam", "_id", "user_id"}


def ids(text: str) -> str:
    """The text as an id may be: no blank at either end, no line break, slash or comma."""
    return "".join(char for char in text if char.isprintable() and char not in "/,").strip() or MARK


@st.composite
def searches(draw: st.DrawFn) -> dict[str, Any]:
    """Pairs of a search, by name; most of them are accepted."""
    pairs: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 4))):
        name = draw(NAMES)
        array, own_id = name in ("qtags", "qlabels", "qhome[qrooms]"), name in ("_id", "_parent_id", "user_id")
        words = ["eq", "ne"] if name == "qpic" else ["eq", "ne", "in", "nin", "or"] + ["ctn", "start_with"] * (not own_id) + ["all"] * array
        words += ["gt", "lte"] * (name == "_id")
        word = draw(st.sampled_from(words))
        values = draw(st.lists(VALUES.map(ids) if own_id and draw(st.integers(0, 9)) else VALUES, min_size=1, max_size=3))
        pairs[f"{name}[{word}]"] = values if word in ("in", "nin", "or", "all") else values[0]
    control = draw(st.sampled_from(["", "", "", "sort_asc", "output[include]", "group_by", "wrong"]))
    if control == "group_by":
        pairs |= {"group_by": "qtitle", "qnumber[calc]": "sum"}
    elif control == "wrong":
        pairs[draw(st.sampled_from(["sort_asc", "output[exclude]", f"x{MARK}", "qnumber", "qtitle[${MARK}]", "qnumber[ctn]"]))] = draw(
            VALUES
        )
    elif control:
        pairs[control] = draw(st.sampled_from(["qtitle", "qhome[qcity]", "qkind", "_id"]))
    return pairs


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    """Pairs of an update in form notation, by name."""
    pairs: dict[str, Any] = {}
    for name in draw(
        st.lists(
            st.sampled_from(["qtitle", "qkind", "qtags", "qlabels", "qhome[qcity]", "qhome[qrooms]", "qhome[qdeep][qleaf]"]),
            unique=True,
            max_size=4,
        )
    ):
        if name in ("qtags", "qlabels", "qhome[qrooms]"):
            form = draw(
                st.sampled_from(
                    [
                        "{}[]",
                        "push[{}][]",
                        "add_to_set[{}][]",
                        "pull[{}]",
                        "pull[{}][ne]",
                        "pull[{}][in][]",
                        "pull[{}][nin][]",
                        "pull_all[{}][]",
                        "{}[0]",
                        "{}[3]",
                    ]
                )
            )
            inner = form.format(name) if form.startswith("{") or "qhome" not in name else form.format("qhome][qrooms")
            pairs[inner.replace("[]", "") if inner.endswith("[]") else inner] = (
                [draw(VALUES), draw(VALUES)] if inner.endswith("[]") else draw(VALUES)
            )
        else:
            pairs[name] = draw(VALUES)
    extra = draw(st.sampled_from(["", "", "rights", "criteria", "number", "parent", "wrong"]))
    if extra == "rights":
        pairs |= {"permissions[read][access]": "open_for_groups", "permissions[read][groups]": [draw(VALUES), "officers"]}
        pairs |= {"permissions[update][access]": "open_for_users_ids", "permissions[update][ids]": [ids(draw(MARKED))]}
    elif extra == "criteria":
        pairs |= {"search_criteria[qtitle][ctn]": draw(VALUES), "search_criteria[qtags][or]": [draw(VALUES)]}
    elif extra == "number":
        pairs |= {"inc[qnumber]": "1", "push[qnums]": ["1", "2"]}
    elif extra == "parent":
        pairs["_parent_id"] = ids(draw(MARKED))
    elif extra == "wrong":
        pairs[draw(st.sampled_from([f"${MARK}", "inc[qnumber]", "qnumber", f"push[{MARK}]", "qhome", "pop[qtags]"]))] = draw(VALUES)
    return pairs


def texts_of(pairs: dict[str, Any]) -> set[str]:
    return {item for value in pairs.values() for item in (value if isinstance(value, list) else [value])}


def as_text(pairs: dict[str, Any]) -> str:
    items = [(f"{name}[]", item) for name, value in pairs.items() if isinstance(value, list) for item in value]
    items += [(name, value) for name, value in pairs.items() if not isinstance(value, list)]
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in items)


def as_json(pairs: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in pairs.items():
        *above, last = name.replace("]", "").split("[")
        inner = body
        for part in above:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                return {}
        inner[last] = value
    return body


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every source that is generated inside the block."""
    seen: list[str] = []
    compiled = source._compiled

    def spy(text: str) -> Any:
        seen.append(text)
        return compiled(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "_compiled", spy)
        yield seen


def plan_of(pairs: dict[str, Any], actor: cq.Actor, carrier: str, schema: cq.ClassSchema = THING) -> cq.Plan:
    if carrier == "J":
        return cq.translate("", schema, json=as_json(pairs), actor=actor, settings=TEXT, where={"zapp": "scope"})
    text = as_text(pairs)
    query, form = (text, "") if carrier == "Q" else ("", text)
    return cq.translate(query, schema, form=form, actor=actor, settings=TEXT, where={"zapp": "scope"})


def change_of(pairs: dict[str, Any], actor: cq.Actor, carrier: str, schema: cq.ClassSchema = THING) -> cq.Change:
    body: Any = as_json(pairs) if carrier == "J" else as_text(pairs)
    return cq.translate_update(body, schema, actor=actor, settings=TEXT, now=NOW, where={"zapp": "scope"}, id=f"{OTHER}.$x")


RECORD: dict[str, Any] = {"_id": "1", "_read": ["*"], "_update": ["*"], "user_id": "ann", "zkind": "x", "qtags": ["a"], "zapp": "scope"}


def test_searches_hold_the_sentinel_as_a_literal_only() -> None:
    shares: Counter[str] = Counter()

    @settings(max_examples=1_200)
    @given(searches(), st.sampled_from(ACTORS), st.sampled_from("QFJ"))
    def check(pairs: dict[str, Any], actor: cq.Actor, carrier: str) -> None:
        try:
            with watched() as sources:
                plan = plan_of(pairs, actor, carrier)
                plan.matches(RECORD)
                plan.select([RECORD])
        except cq.RequestError:
            shares["refused"] += 1
            return
        walker = Walker(THING, "String", texts_of(pairs), scope=["zapp"])
        walker.plan(plan)
        shares["accepted"] += 1
        shares["met"] += walker.met > 0
        assert sources
        assert not any(MARK in text or word in text for text in sources for word in WORDS)

    check()
    assert shares["met"] > 0.3 * (shares["accepted"] + shares["refused"]), shares
    assert shares["refused"] > 0.05 * shares["accepted"], shares


@pytest.mark.parametrize("schema", [THING, SHARED], ids=lambda schema: schema.name)
def test_updates_hold_the_sentinel_as_a_literal_only(schema: cq.ClassSchema) -> None:
    shares: Counter[str] = Counter()

    @settings(max_examples=1_000)
    @given(updates(), st.sampled_from(ACTORS), st.sampled_from("FJ"))
    def check(pairs: dict[str, Any], actor: cq.Actor, carrier: str) -> None:
        if schema is SHARED:
            pairs = {name: value for name, value in pairs.items() if name in OWN or "qtags" in name or "criteria" in name}
            pairs |= {"qteam": pairs["qtags"]} if isinstance(pairs.get("qtags"), list) else {}
        try:
            with watched() as sources:
                change = change_of(pairs, actor, carrier, schema)
                commands = list(change.commands)
                with pytest.raises(cq.RequestError):  # the record has another id
                    change.apply(RECORD)
        except cq.RequestError:
            shares["refused"] += 1
            return
        walker = Walker(schema, "String", {*texts_of(pairs), "ann", "bob"}, scope=["zapp"])
        walker.change(change)
        shares["accepted"] += 1
        shares["met"] += walker.met > 0
        shares["pipelines"] += any(isinstance(update, list) for _, update in commands)
        assert not any(MARK in text or word in text for text in sources for word in WORDS)

    check()
    assert shares["met"] > 0.3 * (shares["accepted"] + shares["refused"]), shares
    if schema is THING:
        assert shares["pipelines"] > 0.1 * shares["accepted"], shares


def test_source_is_the_same_whatever_the_operands_say() -> None:
    """Two requests that differ in operands only run the same generated code, from a class's first request to those it is warm for."""
    shares: Counter[bool] = Counter()

    def other(value: Any) -> Any:
        return [other(item) for item in value] if isinstance(value, list) else value.replace(MARK, OTHER) if MARK in value else value

    @settings(max_examples=400)
    @given(searches(), st.sampled_from(ACTORS), st.sampled_from("QQFJ"))
    def check(pairs: dict[str, Any], actor: cq.Actor, carrier: str) -> None:
        seen = []
        for each in (pairs, {name: other(value) for name, value in pairs.items()}):
            fresh = cq.ClassSchema.from_json(THING.to_json())
            with watched() as sources:
                try:
                    for _ in range(WARM + 3):
                        plan = plan_of(each, actor, carrier, fresh)
                except cq.RequestError:
                    shares[False] += 1
                    return
                plan.matches(RECORD)
                plan.select([RECORD])
            seen.append(sources)
        shares[True] += 1
        assert seen[0] == seen[1]
        assert seen[0]

    check()
    assert shares[True] > shares[False], shares


@pytest.mark.parametrize(
    ("one", "other"), [("qnumber=1", "qnumber=2"), ("qmass[gt]=0.5", "qmass[gt]=7"), ("qnums[in]=1,2", "qnums[in]=3,4,5")]
)
def test_numbers_are_parameters_too(one: str, other: str) -> None:
    seen = []
    for text in (one, other, one):
        fresh = cq.ClassSchema.from_json(THING.to_json())
        with watched() as sources:
            for _ in range(WARM + 3):
                plan = cq.translate(text, fresh, actor=cq.Actor("ann"), settings=TEXT)
            plan.select([RECORD])
            plan.matches(RECORD)
        seen.append(sources)
    assert seen[0] == seen[1] == seen[2]


def test_the_walker_sees_what_is_wrong() -> None:
    """The measure itself: each of these would be an injection."""
    walker = Walker(THING, "String", {f"a.{MARK}"})
    wrong: list[dict[str, Any]] = [
        {MARK: {"$eq": 1}}, {"$where": "1"}, {"qtitle": {"$regex": f"a.{MARK}"}}, {"qtitle": f"{MARK}"}, {"qtitle": {f"${MARK}": 1}},
        {"zkind.x": {"$eq": 1}}, {"qkind": {"$eq": 1}}, {"$expr": {"$eq": ["$zkind", f"${MARK}"]}}, {"$expr": {"$eq": ["$zkind", MARK]}},
        {"$expr": {"$function": {}}}, {"qtitle": {"$eq": {"$ne": 1}}}, {"qtitle": {"$options": "i"}}, {"qtitle": {"$type": MARK}},
        {"qtags.x": {"$eq": 1}}, {"secret": {"$eq": 1}},
    ]  # fmt: skip
    for filter in wrong:
        with pytest.raises(AssertionError):
            walker.filter(filter)
    for update in (
        {"$set": {"qkind": 1}},
        {"$rename": {"qtitle": "x"}},
        [{"$set": {"qtitle": f"${MARK}"}}],
        {"$push": {"qtags": {"$position": 0}}},
    ):
        with pytest.raises(AssertionError):
            walker.update(update)
