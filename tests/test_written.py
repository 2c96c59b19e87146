"""What is written for a condition, word for word: source, operands and classes, each a line of `cases/written.jsonl`.

Other tests hold the decisions to a real server; this one notices that a comparison has left its short cut, which changes no decision
and costs much. A new line may be a request or a host's filter alone: ``python -m tests.test_written`` fills in the rest, to be read in
the difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from unittest.mock import patch

import pytest

import cubequery as cq
from cubequery.ast import AnyOf, Compare, Condition, Field, Not, all_of
from cubequery.evaluate import leaf as leaves
from cubequery.evaluate import matcher, predicate, selector
from cubequery.evaluate.leaf import leaf
from cubequery.evaluate.predicate import DEPTH, LEAVES, PARTS, WIDTH
from cubequery.operators import Plain, SearchOperator
from cubequery.ordering import MISSING
from cubequery.values import Anything
from tests.test_compiled import ACTORS, SCHEMA

KEPT = Path(__file__).parent / "cases" / "written.jsonl"
LINES = KEPT.read_text(encoding="utf-8").splitlines()
Written = list[tuple[str, Sequence[Any]]]


@contextmanager
def recorded(module: ModuleType) -> Iterator[Written]:
    """Every source that a module has written from here on, with its parameters."""
    found: Written = []
    write: Callable[..., Any] = module.function

    def record(source: str, parameters: Sequence[Any]) -> Any:
        found.append((source, parameters))
        return write(source, parameters)

    with patch.object(module, "function", record):
        yield found


def shown(parameter: Any) -> Any:
    """A parameter as it is kept: classes by name, sets in order, functions without a word."""
    if isinstance(parameter, frozenset | tuple):
        return sorted(map(str, map(shown, parameter)))
    if isinstance(parameter, predicate.Elsewhere):
        return "elsewhere"
    return getattr(parameter, "__name__", repr(parameter))


def ordered(found: Sequence[Any]) -> list[Any]:
    """Texts and ids that stand beside one another in order: those of a list come from a set."""
    runs = groupby(found, key=lambda each: isinstance(each, str) and each.startswith(("'", "ObjectId(")))
    return [each for is_operand, run in runs for each in (sorted(run) if is_operand else run)]


def written(asked: str | dict[str, Any]) -> list[Any]:
    """The decision of a request's or a host's condition with its parameters, and how stored values of each leaf are judged."""
    condition = cq.condition(asked) if isinstance(asked, dict) else cq.translate(asked, SCHEMA, actor=cq.ADMIN).condition
    with recorded(predicate) as whole, recorded(leaves) as values:
        matcher(condition)
    (source, parameters), *more = whole
    assert not more
    return [
        source.split("return ", 1)[1].splitlines()[0],
        *ordered([*map(shown, parameters)]),
        *([*[line.strip() for line in source.splitlines() if "if " in line][1:3], *map(shown, given[:-1])] for source, given in values),
    ]


def again(line: str) -> str:
    """A line with what is written today."""
    given = json.loads(line)
    asked = given[0] if isinstance(given, list) else given
    return json.dumps([asked, *written(asked)])


@pytest.mark.parametrize("first", range(0, len(LINES), 24))
def test_what_is_written_is_what_was_kept(first: int) -> None:
    for line in LINES[first : first + 24]:
        assert again(line) == line


def test_rights_come_in_as_operands() -> None:
    """Owner or token: one function, the tokens its parameters, and the selector's loop around the same decision."""
    plan = cq.translate("i=3", SCHEMA, actor=ACTORS["user"])
    with recorded(predicate) as whole:
        matcher(plan.condition), selector(plan.condition)
    (match, given), (select, too) = whole
    assert match.split("return ")[1].splitlines()[0] in select
    assert [shown(parameter) for parameter in given] == [shown(parameter) for parameter in too]
    assert not any(word in match for word in ("_read", "u5", "ga", "'"))


def one(number: int) -> Condition:
    return cq.condition({f"f{number}": number})


def sizes(condition: Condition) -> list[int]:
    """Comparisons in each of the functions that are written, in the order in which they are finished."""
    with recorded(predicate) as whole:
        matcher(condition)
    return [source.count(":= d.get") for source, _ in whole]


def negated(levels: int) -> Condition:
    condition = one(0)
    for _ in range(levels):
        condition = Not(condition)
    return condition


@pytest.mark.parametrize("operand", [3, None])
def test_a_row_from_outside_is_asked_itself_about_all_but_its_own_class(operand: Any) -> None:
    """Its quick text may be one of ours; what that means to arrays is the row's own affair."""
    row = SearchOperator("same", ("any",), "one", Plain("$eq"), _alone, "{field} is {operand}", null=True, quick="v == x")
    part = leaf(Compare(Field("f", "a.f", Anything()), row, operand))
    assert (part.own, part.operand, part.quick) == ((int, 3, "v == x") if operand else (None, None, ""))
    assert (part.unset, part.foreign, part.listed, part.few) == (operand is None, None, "", ())
    assert [part.value(value) for value in (3, 4, [3], [3, 4])] == [operand == 3, False, False, False]
    assert [part.record({"a": {"f": value}}) for value in (3, None, [3])] == [operand == 3, operand is None, False]
    assert part.record({"a": 1}) == (operand is None)


def _alone(operand: Any) -> Callable[[Sequence[Any]], bool]:
    return lambda values: [None if value is MISSING else value for value in values] == [operand]


def alternating(levels: int) -> Condition:
    """``and`` and ``or`` in turn, a comparison on each level."""
    condition = one(0)
    for level in range(1, levels + 1):
        condition = AnyOf((one(level), condition)) if level % 2 else all_of(one(level), condition)
    return condition


def test_one_function_holds_so_much_and_no_more() -> None:
    assert sizes(all_of(*map(one, range(LEAVES)))) == [LEAVES]
    assert sizes(AnyOf((all_of(*map(one, range(LEAVES))), all_of(one(1), one(2))))) == [2, LEAVES]
    assert sizes(negated(DEPTH)) == [1]
    assert sizes(negated(DEPTH + 1)) == [1, 0]
    assert sizes(alternating(DEPTH)) == [DEPTH + 1]
    assert sizes(alternating(DEPTH + 1)) == [2, DEPTH]
    for parts, inline in ((PARTS, 1), (PARTS + 1, 0)):
        assert sizes(cq.condition({".".join("abcdefgh"[:parts]): 1})) == [inline]
    wide = all_of(*map(one, range(WIDTH + 1)))
    with recorded(predicate) as whole:
        matcher(wide)
    assert whole[0][0].count(" and ((") == 1, "seventeen members are two groups"


@pytest.mark.parametrize("levels", [0, DEPTH + 1])
def test_an_element_without_hash_is_no_fault_however_deep(levels: int) -> None:
    """A hasty step that meets one gives way to a careful function, also where the step stands in a function of its own."""
    condition = cq.condition({"f": {"$in": list("abcde")}})
    for _ in range(levels):
        condition = Not(condition)
    for values, holds in ((["x", {}], False), ([{}, "c"], True), ([["c"]], False), ({"c": 1}, False), ("c", True)):
        found = selector(condition)([{"f": values}, {"f": values}])
        assert len(found) == 2 * (holds != bool(levels % 2))
        assert matcher(condition)({"f": values}) == (holds != bool(levels % 2))


def test_only_what_may_raise_is_written_with_care() -> None:
    for asked, careful in (("s=a", True), ("i=3", False), ("tags[in]=a,b", False), ("tags[in]=a,b,c,d,e", True)):
        with recorded(predicate) as whole:
            matcher(cq.translate(asked, SCHEMA, actor=cq.ADMIN).condition)
        assert ["except TypeError" in source for source, _ in whole] == [careful], asked


def test_what_is_no_condition_is_named() -> None:
    with pytest.raises(TypeError, match=r"^no condition: int$"):
        matcher(cast(Any, 3))


def test_a_path_is_read_once_where_it_was_surely_read() -> None:
    """Behind ``and`` and ``or`` a value is known; what only the second branch has read is read again outside."""
    first, second = one(1), one(2)
    for condition, reads in (
        (all_of(first, Not(first)), 1),
        (AnyOf((first, first)), 1),
        (all_of(AnyOf((first, second)), first, second), 4),
    ):
        assert sizes(condition) == [reads]


if __name__ == "__main__":
    KEPT.write_text("".join(f"{again(line)}\n" for line in LINES), encoding="utf-8")
