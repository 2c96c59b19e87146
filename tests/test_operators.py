"""Single decisions of operator rows on stored values of every shape, where a request would say it in a roundabout way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bson import Decimal128, Int64, Regex

from cubequery.operators import SEARCH, Circle, near
from cubequery.operators.aggregate import CALCULATIONS
from cubequery.operators.caseless import ICONTAINS, WORD_PREFIX
from cubequery.operators.keyset import AFTER, GREATER, LESS
from cubequery.operators.text import contains_number, number_text
from cubequery.ordering import MISSING

HERE = Circle(10.0, 20.0, 1_000.0)
POINTS: list[tuple[Any, bool]] = [
    ([10, 20], True),
    ((10, 20), True),
    ([10, 20, 5, "x"], True),
    ([Int64(10), Decimal128("20")], True),
    ([10.001, 20.001], True),
    ([11, 20], False),
    ([10], False),
    ([], False),
    ([10, "20"], False),
    ([True, 20], False),
    ("10,20", False),
    (None, False),
    (10, False),
    ([[10, 20]], False),
    ({"lng": 10, "lat": 20}, True),
    ({"lng": 10, "lat": 20, "z": 1}, True),
    ({"lng": 10}, False),
    ({}, False),
    ({"type": "Point", "coordinates": [10, 20]}, True),
    ({"type": "Point", "coordinates": [10]}, False),
    ({"type": "point", "coordinates": [10, 20]}, False),
    ({"type": "Point", "coordinates": "10"}, False),
    ({"type": "Point"}, False),
    ({"coordinates": [10, 20]}, False),
    ({"type": "Point", "coordinates": 5}, False),
    ([float("nan"), 20], False),
    ([190, 20], False),
    ([10, 91], False),
    ([-181, 20], False),
    ([10, -90.5], False),
]
EDGES: list[tuple[Any, bool]] = [
    ([180, 0], True),
    ([-180, 0], True),
    ([180.001, 0], False),
    ([-180.001, 0], False),
    ([0, 90], True),
    ([0, -90], True),
    ([0, 90.001], False),
    ([180.5, 0], False),
    ([181, 0], False),
    ([0, 91], False),
    ([0, -91], False),
]


@pytest.mark.parametrize(("stored", "within"), POINTS, ids=repr)
def test_a_point_of_the_circle(stored: Any, within: bool) -> None:
    assert near.inside(stored, HERE) is within


@pytest.mark.parametrize(("stored", "within"), EDGES, ids=repr)
def test_the_edges_of_the_world_are_in_it(stored: Any, within: bool) -> None:
    assert near.inside(stored, Circle(0.0, 0.0, 30_000_000.0)) is within


def test_a_circle_is_measured_on_the_earth() -> None:
    """A degree of latitude has 111 km; around the pole the meridians meet, and the date line is none."""
    for radius, within in ((111_000.0, False), (111_400.0, True)):
        assert near.inside([0, 1], Circle(0.0, 0.0, radius)) is within
        assert near.inside([1, 0], Circle(0.0, 0.0, radius)) is within
        assert near.inside([179.5, 0], Circle(-179.5, 0.0, radius)) is within
        assert near.inside([180, 89.5], Circle(0.0, 89.5, radius)) is within
    assert near.inside([0, 0], Circle(0.0, 0.0, 0.001))
    assert near.present(None)
    assert not near.present(MISSING)


WORDS: list[tuple[str, str, bool]] = [
    ("Report of May", "report", True),
    ("Report of May", "MAY", True),
    ("Report of May", "ay", False),
    ("a-report", "rep", True),
    ("areport", "rep", False),
    ("prep report", "rep", True),
    ("prep", "rep", False),
    ("", "a", False),
    ("é rep", "rep", True),
    ("érep", "rep", False),
    ("1rep", "rep", False),
    ("x_rep", "rep", True),
    ("rep", "rep", True),
    ("re", "rep", False),
    ("prepare repeat", "repe", True),
    ("a.b", ".b", False),
    (".b", ".b", True),
]


@pytest.mark.parametrize(("text", "needle", "found"), WORDS)
def test_a_word_starts_with(text: str, needle: str, found: bool) -> None:
    assert WORD_PREFIX.decide(needle)((text,)) is found
    assert ICONTAINS.decide(needle)((text,)) is (needle.lower() in text.lower())


def test_patterns_that_are_stored() -> None:
    for row, prefix in ((ICONTAINS, ""), (WORD_PREFIX, WORD_PREFIX.compile("s", "a.b")["s"]["$regex"].removesuffix("a\\.b"))):
        assert row.compile("s", "a.b") == {"s": {"$regex": f"{prefix}a\\.b", "$options": "i"}}
        assert row.decide("a.b")((5, None, Regex(f"{prefix}a\\.b", "i")))
        for odd in (Regex(f"{prefix}a\\.b"), Regex(f"{prefix}a.b", "i"), 5, None, MISSING):
            assert not row.decide("a.b")((odd,))


NUMBERS: list[tuple[Any, str]] = [
    (41, "41"),
    (-41, "-41"),
    (Int64(2**40), "1099511627776"),
    (1.5, "1.5"),
    (2.0, "2"),
    (1e20, "1e+20"),
    (0.1 + 0.2, "0.3"),
    (float("nan"), "NaN"),
    (float("inf"), "Infinity"),
    (float("-inf"), "-Infinity"),
    (Decimal128("1.50"), "1.50"),
    (123456789.0, "1.23457e+08"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS, ids=repr)
def test_a_number_as_text(value: Any, text: str) -> None:
    assert number_text(value) == text
    assert contains_number(text)((value,))
    assert contains_number(text[-1])(("x", None, True, value))
    assert not contains_number("x9")((value,))
    for odd in (text, None, True, [value], MISSING):
        assert not contains_number(text)((odd,))


ORDER: list[Any] = [None, float("nan"), -1, 0.5, 2, "a", "b", {"x": 1}, False, True]
"""Each stands before the next one."""


@pytest.mark.parametrize(("row", "behind"), [(GREATER, True), (LESS, False), (AFTER, True)], ids=["greater", "less", "after"])
def test_what_stands_behind_and_before(row: Any, behind: bool) -> None:
    for place, operand in enumerate(ORDER):
        decide: Callable[[Any], bool] = row.decide(operand)
        for other, value in enumerate(ORDER):
            assert decide((value,)) is ((other > place) if behind else (other < place)), (operand, value)
        assert decide((MISSING,)) is decide((None,))
        assert not decide((list(ORDER),))


def test_rows_are_found_by_name_and_type() -> None:
    assert "gt" in SEARCH
    assert "$gt" not in SEARCH
    assert SEARCH.row("gt", "Integer") is SEARCH["gt"][0]
    assert SEARCH.row("gt", "Boolean") is None
    assert [*SEARCH.names_for("Boolean")] == sorted(SEARCH.names_for("Boolean"))
    assert SEARCH.offer("Integer") is SEARCH.offer("Integer")
    assert {row.name for row in SEARCH.rows} >= {"eq", "ne", "in", "nin", "ctn", "near", "or"}
    for row in CALCULATIONS:
        assert row.name in repr(row)
