"""The kinds of named predicates: THE place to add one. A row says which fields it stands over, how it reads its text and what it asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cubequery.ast import EVERYTHING, Compare, Condition, Field, all_of, any_of
from cubequery.dialects.cubicl.declaration import Parameter
from cubequery.dialects.cubicl.operands import IDS, TIMES, read_list, read_literal, read_natural, read_switch, read_value
from cubequery.errors import Refused
from cubequery.limits import Limits
from cubequery.operators import EQ, GT, GTE, ICONTAINS, IN, LT, LTE, NE, WORD_PREFIX, SearchOperator

Values = Mapping[str, Any]
"""The operands of a request by the names of their parameters, defaults among them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A parameter with the class's own fields."""

    parameter: Parameter
    fields: tuple[Field, ...]
    kind: Kind

    @property
    def name(self) -> str:
        """Its name in requests."""
        return self.parameter.name


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. ``takes``: types of the fields it stands over, none where it stands over none; ``several``: whether they may be more.

    ``read`` gives the operand or raises Refused, ``ask`` the condition of all operands together. ``pair``: what the parameter's pair is,
    ``bound`` (a second operand) or ``flag`` (another parameter, of that kind).
    """

    what: str
    read: Callable[[str, Row, Limits], Any]
    ask: Callable[[Row, Values], Condition] = lambda row, values: EVERYTHING
    takes: frozenset[str] = frozenset()
    several: bool = False
    pair: str = ""


def _is_equal(row: Row, values: Values) -> Condition:
    """Equal; false is also what is unset, since the services write no false."""
    value = values[row.name]
    return Compare(row.fields[0], NE, True) if value is False else Compare(row.fields[0], EQ, value)


def _read_tri_state(text: str, row: Row, limits: Limits) -> Any:
    return None if text == "all" else read_switch(text)


def _tri_state(row: Row, values: Values) -> Condition:
    return EVERYTHING if values[row.name] is None else _is_equal(row, values)


def _interval(row: Row, values: Values) -> Condition:
    """Both ends inclusive. The last second is a whole one where the field keeps milliseconds."""
    first, last = values[row.name], values[str(row.parameter.pair)]

    def inside(field: Field) -> Condition:
        end = last + dt.timedelta(milliseconds=999) if getattr(field.type, "resolution", "s") == "ms" else last
        return all_of(Compare(field, GTE, first), Compare(field, LTE, end))

    return any_of(*map(inside, row.fields))


def _tree(row: Row, values: Values) -> Condition:
    """The given one, or, under its flag, the given one and its descendants: they were put in its place as a list."""
    value = values[row.name]
    return Compare(row.fields[0], IN, value) if isinstance(value, list) else Compare(row.fields[0], EQ, value)


def _some(operator: SearchOperator) -> Callable[[Row, Values], Condition]:
    return lambda row, values: any_of(*[Compare(field, operator, values[row.name]) for field in row.fields])


def _one(operator: SearchOperator) -> Callable[[Row, Values], Condition]:
    return lambda row, values: Compare(row.fields[0], operator, values[row.name])


def _value(text: str, row: Row, limits: Limits) -> Any:
    return read_value(text, row.fields[0].type, limits)


def _values(text: str, row: Row, limits: Limits) -> list[Any]:
    return [_value(item, row, limits) for item in read_list(text, limits)]


def _flag(text: str, row: Row, limits: Limits) -> bool:
    return bool(text) and read_switch(text)


def _limit(text: str, row: Row, limits: Limits) -> int:
    size = read_natural(text, limits)
    if not size:
        raise Refused("out_of_range")
    return min(size, row.parameter.most)


def _skip(text: str, row: Row, limits: Limits) -> int:
    count = read_natural(text, limits)
    if count > limits.max_skip:
        raise Refused("out_of_range")
    return count


_TEXTS = frozenset({"String", "String_a"})
_ARRAYS = frozenset({"Integer_a", "Float_a", "String_a", "Boolean_a"})
_LISTED = IDS | TIMES | {"Integer", "Float", "String"}
_NAMES = "a list of fields"

KINDS: Mapping[str, Kind] = {
    "equals": Kind("a value", _value, _is_equal, _LISTED | {"Boolean"}),
    "any_of": Kind("a list of values", _values, _one(IN), _LISTED),
    "array_contains": Kind("a value", _value, _one(EQ), _ARRAYS),
    "tri_state": Kind("true, false or all", _read_tri_state, _tri_state, frozenset({"Boolean"})),
    "flag": Kind("true or false", _flag),
    "interval_pair": Kind("Unix seconds", _value, _interval, TIMES, several=True, pair="bound"),
    "word_prefix": Kind("a text that is not empty", lambda text, row, limits: read_literal(text, limits), _some(WORD_PREFIX), _TEXTS,
                        several=True),
    "text": Kind("a text that is not empty", lambda text, row, limits: read_literal(text, limits), _some(ICONTAINS), _TEXTS, several=True),
    "tree": Kind("an id", _value, _tree, IDS | {"Integer", "String"}, pair="flag"),
    "include": Kind(_NAMES, lambda text, row, limits: read_list(text, limits)),
    "exclude": Kind(_NAMES, lambda text, row, limits: read_list(text, limits)),
    "all_fields": Kind("true or false", lambda text, row, limits: read_switch(text)),
    "cursor_after": Kind("an id", _value, _one(GT), frozenset({"id"})),
    "cursor_before": Kind("an id", _value, _one(LT), frozenset({"id"})),
    "skip": Kind("digits", _skip),
    "limit": Kind("digits", _limit),
}  # fmt: skip
"""Every kind by its name."""
