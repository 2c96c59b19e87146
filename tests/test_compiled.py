"""What MongoDB is told, word for word: the commands of many updates, searches, cursors and groups, each a line of `cases/compiled.jsonl`.

Other tests hold these forms to a real server; this one notices, without one, that a form has changed. A line is what is asked by whom,
the request, and what is told. A new line may end in null: ``python -m tests.test_compiled`` fills it in, to be read in the difference.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, cast

import pytest
from bson import ObjectId
from bson.json_util import JSONMode, JSONOptions, default, object_hook

import cubequery as cq
from cubequery.ast import EVERYTHING, NOTHING, All, AnyOf, Condition, Not, all_of
from cubequery.compile.mongo_filter import compile_filter, join_filters

KEPT = Path(__file__).parent / "cases" / "compiled.jsonl"
SCHEMA = cq.ClassSchema(
    "kept",
    {
        "s": cq.String(choices=["a", "b"]), "n": cq.Integer(minimum=-5, maximum=50), "c": cq.Integer(choices=[1, 2, 3]), "i": cq.Integer,
        "f": cq.Float(maximum=9.5), "g": cq.Float, "b": cq.Boolean, "d": cq.Date, "spot": cq.Location, "avatar": cq.File,
        "tags": cq.Array(max_length=5), "nums": cq.Array(cq.Integer, minimum=0), "marks": cq.Array(cq.Float), "flags": cq.Array(cq.Boolean),
        "o": cq.Object({"t": cq.Array(cq.Integer), "x": cq.Integer(stored="y")}),
    },
)  # fmt: skip
OWNED = cq.ClassSchema(
    "owned", {"who": cq.Integer, "with": cq.Array(cq.Integer), "n": cq.Integer}, acl={"owner": "who", "shared": ["with"]}
)
DEEP = cq.ClassSchema(
    "deep",
    {
        "a": cq.Object({"b": cq.Object({"n": cq.Integer, "l": cq.Array(cq.Integer), "w": cq.String}), "m": cq.Integer, "t": cq.String}),
        "z": cq.Integer, "k": cq.Array(cq.Integer, max_length=3), "e": cq.Object({"n": cq.Integer}), "s": cq.String,
    },
)  # fmt: skip
CLASSES = {"update owned": OWNED, "update deep": DEEP}
ACTORS = {"user": cq.Actor(5, ["a"]), "admin": cq.ADMIN}
NAIVE = JSONOptions(json_mode=JSONMode.CANONICAL, tz_aware=False)
LINES = KEPT.read_text(encoding="utf-8").splitlines()


def told(what: str, request: Any) -> Any:
    """The commands of an update, the filter behind a cursor, the pipeline of groups, the arguments of a find, or what is refused."""
    who, _, place = what.partition(": ")
    actor = ACTORS[who]
    try:
        if place == "list":
            plan = cq.translate(request, SCHEMA, actor=actor)
            return plan.pipeline if plan.kind == "groups" else {**plan.find_args(), "count": plan.kind == "count"}
        if place.startswith("behind "):
            stored = {"_id": ObjectId("0" * 24)} | {name: _stored(value) for name, value in request.items()}
            text = place.removeprefix("behind ")
            cursor = cq.translate(f"{text}&_after=", SCHEMA, actor=actor).cursor(stored)
            return cq.translate(f"{text}&_after={cursor}", SCHEMA, actor=actor).filter
        by_criteria = place == "by_criteria"
        body = {**request, "search_criteria": {"n": 1}} if by_criteria else request
        return list(cq.translate_update(body, CLASSES.get(place, SCHEMA), actor=actor, by_criteria=by_criteria).commands)
    except cq.RequestError as error:
        return [(fault.code, fault.key) for fault in error.faults]


def _stored(value: Any) -> Any:
    return object_hook(value, NAIVE) if isinstance(value, dict) else value


def _spelled(value: Any) -> Any:
    """A date of this year is the clock's."""
    return "now" if isinstance(value, dt.datetime) and value.year > 2025 else default(value)


def again(line: str) -> str:
    """A line with what is told today."""
    what, request, _ = json.loads(line)
    return json.dumps([what, request, told(what, request)], default=_spelled)


@pytest.mark.parametrize("first", range(0, len(LINES), 24))
def test_what_is_told_is_what_was_kept(first: int) -> None:
    for line in LINES[first : first + 24]:
        assert again(line) == line


A, B, C = cq.condition({"a": 1}), cq.condition({"b": [2]}), cq.condition({"$or": [{"c": 3}, {"d": None}]})


@pytest.mark.parametrize("first", [(), (A,), (A, B)], ids=len)
@pytest.mark.parametrize(
    "others", [(), (EVERYTHING,), (NOTHING,), (C,), (all_of(B, C),), (EVERYTHING, C), (all_of(B, C), A), (C, NOTHING, A)]
)
def test_filters_are_joined_as_their_conjunction_compiles(first: tuple[Condition, ...], others: tuple[Condition, ...]) -> None:
    assert join_filters([*map(compile_filter, first)], *others) == compile_filter(all_of(*first, *others))


@pytest.mark.parametrize(
    ("node", "compiled"), [(All(()), {}), (AnyOf(()), {"_id": {"$in": []}}), (Not(AnyOf((A, C))), None), (Not(A), None)]
)
def test_nodes_that_no_request_makes(node: Condition, compiled: Any) -> None:
    """Empty nodes, and negations: none of what is negated may hold."""
    members = node.member.members if isinstance(node, Not) and isinstance(node.member, AnyOf) else (A,)
    assert compile_filter(node) == (compiled if compiled is not None else {"$nor": [*map(compile_filter, members)]})


def test_what_is_no_condition_is_named() -> None:
    with pytest.raises(TypeError, match=r"^no condition: int$"):
        compile_filter(cast(Any, 3))


def test_nothing_of_a_filter_is_the_trees_own() -> None:
    """Lists and documents of an operand are copied, inner ones too."""
    operand = [[1, {"x": [2]}], {"y": {"z": [3]}}]
    condition = cq.condition({"a": {"$in": operand}})
    compile_filter(condition)["a"]["$in"][0][1]["x"].append(9)
    compile_filter(condition)["a"]["$in"][1]["y"]["z"].append(9)
    assert compile_filter(condition) == {"a": {"$in": operand}}


def test_most_of_it_is_commands() -> None:
    commands = [line for line in LINES if "$" in line]
    assert len(commands) > 0.85 * len(LINES) > 400


if __name__ == "__main__":
    KEPT.write_text("".join(f"{again(line)}\n" for line in LINES), encoding="utf-8")
