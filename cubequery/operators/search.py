"""Search operators: THE place to add one. A row is all there is to an operator."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from bson import MaxKey, MinKey, Regex

from cubequery.names import KnownNames
from cubequery.operators import near
from cubequery.operators.among import among
from cubequery.operators.expressions import OnValue, listed, ranged, same
from cubequery.operators.text import contains_number, number_contains
from cubequery.ordering import STRING, compare, equal, is_nan, type_class
from cubequery.record import Record
from cubequery.values.base import FieldType

Candidates = Sequence[Any]
"""The values a path leads to, arrays opened one level as MongoDB opens them; ``MISSING`` where it leads nowhere."""

_ENDS = (MinKey, MaxKey)
NUMBERS = ("Integer", "Float")
ARRAYS = ("Integer_a", "Float_a", "String_a", "Boolean_a")
IDS = ("id", "parent", "user", "user_text")
SCALARS = (*NUMBERS, "String", "Boolean", "Date", *ARRAYS, *IDS, "time")
EVERY = (*SCALARS, "Location", "File", "any")
RANGES = (*NUMBERS, "Date", "id", "user", "time", "any")


class SearchOperator(Record):
    """One operator.

    ``kinds``: field types it takes. ``shape``: how its operand is read: ``one`` value of the field's type, a ``list`` of them, a
    ``literal`` text, or the ``circle`` of near. ``null``: whether null is an operand. ``compile(path, operand)`` is the MongoDB
    filter, ``decide(operand)`` the same decision over candidates; ``whole`` operators see the stored value itself, arrays unopened.
    ``quick`` is the decision as a Python expression in ``v`` and ``x``, right where the stored value ``v`` has exactly the class of
    the operand ``x`` (of its items, for a list). ``grouped`` operators form the one ``or`` group of a request.
    ``expression(value, operand)`` decides one value as an aggregation expression (its complement where ``negated``): operators that have
    one are also conditions of ``pull``.
    """

    name: str
    kinds: tuple[str, ...]
    shape: Literal["one", "list", "literal", "circle"]
    compile: Callable[[str, Any], dict[str, Any]]
    decide: Callable[[Any], Callable[[Candidates], bool]]
    sentence: str
    null: bool = False
    whole: bool = False
    quick: str = ""
    grouped: bool = False
    mongo: str = ""
    expression: OnValue | None = None
    negated: bool = False

    def __repr__(self) -> str:
        return f"<SearchOperator {self.name}>"


class Plain(Record):
    """The form ``{path: {operator: operand}}``: the operand always stands under an explicit operator."""

    operator: str

    def __call__(self, path: str, operand: Any) -> dict[str, Any]:
        return {path: {self.operator: operand}}


class Pattern(Record):
    """The form ``{path: {"$regex": prefix + needle}}``, with every special character of the needle escaped; no options."""

    prefix: str

    def __call__(self, path: str, needle: str) -> dict[str, Any]:
        return {path: {"$regex": self.prefix + (needle if needle.isalnum() else re.escape(needle))}}


def _some(test: Callable[[Any, Any], bool]) -> Callable[[Any], Callable[[Candidates], bool]]:
    """True where some candidate passes ``test(candidate, operand)``."""
    return lambda operand: lambda values: any(test(value, operand) for value in values)


def _none(test: Callable[[Any, Any], bool]) -> Callable[[Any], Callable[[Candidates], bool]]:
    """The exact complement of :func:`_some`."""
    return lambda operand: lambda values: not any(test(value, operand) for value in values)


def _range(accepts: Callable[[int], bool], *, nan: bool) -> Callable[[Any, Any], bool]:
    """A comparison inside one class of types, but for MinKey and MaxKey; NaN is equal to itself and in no other range."""

    def test(value: Any, operand: Any) -> bool:
        if type_class(value) != type_class(operand):
            return isinstance(operand, _ENDS) and accepts(compare(value, operand))
        if is_nan(value) or is_nan(operand):
            return nan and is_nan(value) and is_nan(operand)
        return accepts(compare(value, operand))

    return test


def _listed(operand: Sequence[Any]) -> Callable[[Candidates], bool]:
    is_among = among(operand)
    return lambda values: any(map(is_among, values))


def _unlisted(operand: Sequence[Any]) -> Callable[[Candidates], bool]:
    is_among = among(operand)
    return lambda values: not any(map(is_among, values))


def _contains(value: Any, needle: str) -> bool:
    return needle in value if type_class(value) == STRING else _same_pattern(value, re.escape(needle))


def _starts(value: Any, needle: str) -> bool:
    return value.startswith(needle) if type_class(value) == STRING else _same_pattern(value, "^" + re.escape(needle))


def _same_pattern(value: Any, pattern: str) -> bool:
    """A stored pattern is found by its own text."""
    return isinstance(value, Regex) and value.pattern == pattern and not value.flags


def _all(operand: Sequence[Any]) -> Callable[[Candidates], bool]:
    return lambda values: bool(operand) and all(any(equal(value, item) for value in values) for item in operand)


SEARCH_OPERATORS: tuple[SearchOperator, ...] = (
    SearchOperator("eq", EVERY, "one", Plain("$eq"), _some(equal), "{field} is {operand}",
                   null=True, quick="v == x", mongo="$eq", expression=same),
    SearchOperator("ne", EVERY, "one", Plain("$ne"), _none(equal), "{field} is not {operand}",
                   null=True, quick="v != x", mongo="$ne", expression=same, negated=True),
    SearchOperator("gt", RANGES, "one", Plain("$gt"), _some(_range(lambda c: c > 0, nan=False)), "{field} is greater than {operand}",
                   quick="v > x", mongo="$gt", expression=ranged("$gt")),
    SearchOperator("gte", RANGES, "one", Plain("$gte"), _some(_range(lambda c: c >= 0, nan=True)), "{field} is at least {operand}",
                   quick="v >= x", mongo="$gte", expression=ranged("$gte")),
    SearchOperator("lt", RANGES, "one", Plain("$lt"), _some(_range(lambda c: c < 0, nan=False)), "{field} is less than {operand}",
                   quick="v < x", mongo="$lt", expression=ranged("$lt")),
    SearchOperator("lte", RANGES, "one", Plain("$lte"), _some(_range(lambda c: c <= 0, nan=True)), "{field} is at most {operand}",
                   quick="v <= x", mongo="$lte", expression=ranged("$lte")),
    SearchOperator("in", (*SCALARS, "any"), "list", Plain("$in"), _listed, "{field} is one of {operand}",
                   null=True, quick="v in x", mongo="$in", expression=listed),
    SearchOperator("nin", (*SCALARS, "any"), "list", Plain("$nin"), _unlisted, "{field} is none of {operand}",
                   null=True, quick="v not in x", mongo="$nin", expression=listed, negated=True),
    SearchOperator("all", (*ARRAYS, "any"), "list", Plain("$all"), _all, "{field} holds all of {operand}",
                   quick="x == {v}", mongo="$all"),
    SearchOperator("or", SCALARS, "list", Plain("$in"), _listed, "{field} is one of {operand}",
                   null=True, quick="v in x", grouped=True, expression=listed),
    SearchOperator("ctn", ("String", "String_a", "any"), "literal", Pattern(""), _some(_contains), "{field} contains {operand}",
                   quick="x in v"),
    SearchOperator("ctn", NUMBERS, "literal", number_contains, contains_number, "the digits of {field} contain {operand}", whole=True),
    SearchOperator("start_with", ("String", "String_a", "any"), "literal", Pattern("^"), _some(_starts), "{field} starts with {operand}",
                   quick="v.startswith(x)"),
    SearchOperator("near", ("Location", "any"), "circle", near.compile_circle, _some(near.inside), "{field} is within {operand}"),
)  # fmt: skip

HOST_OPERATORS: tuple[SearchOperator, ...] = (
    SearchOperator("exists", ("any",), "one", Plain("$exists"), lambda wanted: lambda values: wanted is any(map(near.present, values)),
                   "{field} is stored: {operand}", mongo="$exists"),
)  # fmt: skip
"""Operators of host conditions only; no request can name them."""


class OperatorTable:
    """Rows by name; :meth:`row` finds the one for a field type. Immutable: further rows give another table."""

    def __init__(self, rows: Sequence[SearchOperator]) -> None:
        self.rows = tuple(rows)
        self._names: dict[str, tuple[SearchOperator, ...]] = {}
        self._cells: dict[tuple[str, str], SearchOperator] = {}
        self._offers: dict[str, KnownNames] = {}
        for row in rows:
            self._names[row.name] = (*self._names.get(row.name, ()), row)
            for kind in row.kinds:
                if (row.name, kind) in self._cells:
                    raise ValueError(f'two operators "{row.name}" for {kind}')
                self._cells[row.name, kind] = row

    def __getitem__(self, name: str) -> tuple[SearchOperator, ...]:
        return self._names[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def row(self, name: str, kind: FieldType | str) -> SearchOperator | None:
        """The operator's row for a field type, or None where it does not take it."""
        return self._cells.get((name, kind if isinstance(kind, str) else kind.kind))

    def names_for(self, kind: str) -> Sequence[str]:
        """Operators that a field of this type takes, in code-point order."""
        return self.offer(kind).names

    def offer(self, kind: str) -> KnownNames:
        """The same as what an error may offer."""
        found = self._offers.get(kind)
        if found is None:
            found = self._offers[kind] = KnownNames(name for name, its in self._cells if its == kind)
        return found

    def with_rows(self, rows: Sequence[SearchOperator]) -> OperatorTable:
        """A table with further rows beside these."""
        return OperatorTable((*self.rows, *rows))


SEARCH = OperatorTable(SEARCH_OPERATORS)
HOST = OperatorTable((*SEARCH_OPERATORS, *HOST_OPERATORS))
EQ, NE, GT, GTE, LT, LTE, IN, OR = (SEARCH[name][0] for name in ("eq", "ne", "gt", "gte", "lt", "lte", "in", "or"))
