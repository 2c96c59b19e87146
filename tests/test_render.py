"""What a stored value looks like in an answer, whatever shortcut shows it; and pages of columns that Python orders by itself."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from functools import partial
from math import floor
from typing import Any

import pytest
from bson import DatetimeMS, Decimal128, Int64, ObjectId
from hypothesis import given
from hypothesis import strategies as st

import cubequery as cq
from cubequery.evaluate import first, sort_documents
from cubequery.evaluate.order import rank
from cubequery.values import Date, FieldType, Time
from cubequery.values.ids import IntegerIdType, ObjectIdType, StringIdType, TextUserIdType, UserIdType

EPOCH = dt.datetime(1970, 1, 1)


class Odd(str):
    """A text of a class of its own."""

    __slots__ = ()


TYPES: list[FieldType] = [
    cq.Integer(), cq.Float(), cq.String(), cq.Boolean(), cq.Date(), cq.Date(resolution="ms"), Time(), cq.Location(), cq.File(),
    cq.Array(cq.Integer), cq.Array(cq.String), cq.Array(cq.Boolean), cq.Array(cq.Float),
    ObjectIdType(), IntegerIdType(), StringIdType(), UserIdType(), TextUserIdType(),
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**63 - 1, Int64(7), 0.0, -0.0, 1.5, float("nan"), float("inf"), "", "a", Odd("a"), b"a",
    [], [1, "a", None, True], [1.5, Int64(2)], {"a": 1}, ObjectId("0" * 24), Decimal128("1"),
    EPOCH, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999), dt.datetime(2024, 2, 29, 12, 0, 0, 999, dt.UTC),
    DatetimeMS(-1), DatetimeMS(10**18),
]  # fmt: skip


@pytest.mark.parametrize("kind", TYPES, ids=repr)
def test_what_is_shown_as_it_is(kind: FieldType) -> None:
    """A shortcut may leave out only what :meth:`render` would give back."""
    for value in VALUES:
        if type(value) in kind.same:
            assert kind.render(value) is value
    assert type(None) in kind.same


def test_arrays_show_their_own_elements() -> None:
    assert cq.Array(cq.Integer()).render([1, Int64(2), None, True, "a", 1.0]) == [1, 2, None, None, None, None]
    assert type(cq.Array(cq.Integer()).render([Int64(2)])[0]) is int
    assert cq.Array(cq.String()).render(["a", 1, None, Odd("b")]) == ["a", None, None, None]
    assert cq.Array(cq.Float()).render([1, float("nan"), 1.5]) == [1, None, 1.5]
    assert cq.Array(cq.Boolean()).render([True, 1, 0]) == [True, None, None]


def test_a_page_shows_its_own_types_only() -> None:
    schema = cq.ClassSchema("one", {"n": cq.Integer, "s": cq.String, "b": cq.Boolean, "f": cq.Float, "d": cq.Date})
    plan = cq.translate("", schema, actor=cq.ADMIN)
    shown = [plan.render({"_id": ObjectId("0" * 24), "n": value, "s": value, "b": value, "f": value, "d": value}) for value in VALUES]
    for value, record in zip(VALUES, shown, strict=True):
        for name in ("n", "s", "b", "f", "d"):
            expected = schema.fields[name].type.render(value)
            assert record[name] == expected
            assert type(record[name]) is type(expected)


dates = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999))


@given(dates)
def test_times_are_cut_down_and_never_rounded(date: dt.datetime) -> None:
    micros = (date - EPOCH) // dt.timedelta(microseconds=1)
    assert Time().render(date) == floor(Fraction(micros, 1_000_000)) == Time().render(DatetimeMS(micros // 1000))
    second = EPOCH + dt.timedelta(seconds=micros // 1_000_000)
    assert Date().render(date) == f"{second.isoformat()}Z" == Date().render(date.replace(tzinfo=dt.UTC))
    assert Date(resolution="ms").render(date) == f"{second.isoformat()}.{date.microsecond // 1000:03}Z"


COLUMNS = [
    st.none() | st.integers(-3, 3) | st.integers(-3, 3).map(Int64),
    st.none() | st.sampled_from(["", "a", "b", "é", "\0"]),
    st.none() | st.booleans(),
    st.none() | st.sampled_from([ObjectId("0" * 24), ObjectId("f" * 24)]),
    st.none() | st.integers(-2, 2) | st.sampled_from([1.5, -0.0, 0.5, float("inf"), float("-inf")]),
    st.none() | st.integers(-2, 2) | st.sampled_from([1.5, float("nan"), 2.0**53]),
    st.sampled_from([None, 1, "a", True, 1.5, ObjectId("0" * 24), dt.datetime(2000, 1, 1), Decimal128("1")]),
]


def _rank(path: str, document: dict[str, Any]) -> Any:
    return rank(document.get(path))


@given(
    st.data(), st.sampled_from(COLUMNS), st.sampled_from(COLUMNS), st.sampled_from([1, -1]), st.sampled_from([1, -1]), st.integers(0, 12)
)
def test_a_page_is_the_beginning_of_the_whole_order(data: st.DataObject, one: Any, two: Any, up: int, other: int, count: int) -> None:
    """Columns of one class of values are not ranked; the order is the same, and so is what a page is taken from."""
    documents: list[dict[str, Any]] = data.draw(st.lists(st.fixed_dictionaries({}, optional={"a": one, "b": two}), max_size=14))
    keys = [("a", up), ("b", other)]
    expected = documents
    for path, direction in reversed(keys):
        expected = sorted(expected, key=partial(_rank, path), reverse=direction < 0)
    assert [*map(id, sort_documents(documents, keys))] == [*map(id, expected)]
    assert [*map(id, first(documents, keys, count))] == [*map(id, expected[:count])]
