"""From what was received to what a list or one record is asked for: the page, the dates, scopes, expansions, counts and filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cubequery.ast import Compare, Condition, all_of
from cubequery.dialects.connectnow.binding import LATEST, Bound
from cubequery.dialects.connectnow.dates import Moment, read_moment
from cubequery.dialects.connectnow.declaration import Filter
from cubequery.dialects.connectnow.refusals import ARRAY, DATE, INTEGER, LEAST, MOST, PROHIBITED, SELECTED, Findings
from cubequery.dialects.connectnow.splitting import trimmed
from cubequery.dialects.cubicl.kinds import KINDS
from cubequery.errors import Refused
from cubequery.operators import GTE, LT, LTE
from cubequery.values import INT64_MAX

Given = Mapping[str, Any]
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)", re.ASCII)
_LONGEST = 20
"""Characters of a number of 64 bits with its sign."""


def text_at(given: Given, name: str) -> Any:
    """The text of a parameter, trimmed; None where it is absent or empty, and what it is where it is no text."""
    value = given.get(name)
    if type(value) in (int, float):
        value = str(value)
    return (trimmed(value) or None) if isinstance(value, str) else value


def read_page(given: Given) -> int:
    """The number of the page; whatever is none is page 1."""
    text = text_at(given, "page")
    return number if isinstance(text, str) and (number := _integer(text)) is not None and 1 <= number <= INT64_MAX else 1


def _integer(text: str) -> int | None:
    return int(text) if len(text) <= _LONGEST and _INTEGER.fullmatch(text) else None


def read_size(given: Given, usual: int, most: int, found: Findings) -> int:
    """How many records a page has."""
    text = text_at(given, "per_page")
    if text is None:
        return usual
    if not isinstance(text, str) or _INTEGER.fullmatch(text) is None:
        found.add("per_page", INTEGER)
    elif (number := _integer(text)) is None or number > most:
        found.add("per_page", LEAST if text.startswith("-") else MOST, "out_of_range", n=1 if text.startswith("-") else most)
    elif number < 1:
        found.add("per_page", LEAST, "out_of_range", n=1)
    else:
        return number
    return usual


def read_dates(given: Given, bound: Bound, timezone: str, found: Findings) -> Condition:
    """``before`` and ``after`` as one range of ``created_at``."""
    field, members = bound.names["created_at"], []
    for name in ("before", "after"):
        text = text_at(given, name)
        if text is None:
            continue
        try:
            moment = read_moment(text, timezone, bound.settings.limits)
        except Refused as refused:
            found.add(name, DATE, refused.code)
            continue
        members.append(_until(field, moment) if name == "before" else Compare(field, GTE, moment.instant))
    return all_of(*members[::-1])


def _until(field: Any, moment: Moment) -> Condition:
    operator, operand = moment.before
    return Compare(field, LT if operator == "lt" else LTE, operand)


def read_names(given: Given, name: str, allowed: Callable[[str], bool], found: Findings) -> list[str]:
    """The elements of an array of names, each once; an element is faulty under its own name."""
    value = given.get(name)
    if value is None or (isinstance(value, str) and not trimmed(value)):
        return []
    if not isinstance(value, list | dict):
        found.add(name, ARRAY)
        return []
    names = []
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        word = trimmed(each) if isinstance(each, str) else None
        if word is None or not allowed(word):
            found.add(f"{name}.{key}", SELECTED, "choice")
        else:
            names.append(word)
    return list(dict.fromkeys(names))


def read_scopes(given: Given, bound: Bound, found: Findings) -> tuple[Condition, bool]:
    """The scopes' conditions, each a group of its own, and whether ``latest`` is among them."""
    names = read_names(given, "scopes", lambda name: name == LATEST or name in bound.scopes, found)
    return all_of(*[bound.scopes[name] for name in names if name != LATEST]), LATEST in names


def read_filters(given: Given, bound: Bound, found: Findings) -> Condition:
    """The conditions of the declared filters that are given."""
    members = []
    for filter in bound.endpoint.filters:
        row = bound.rows[filter.name]
        try:
            value = _operand(given, filter, bound)
        except Refused as refused:
            array = filter.kind == "any_of" and not isinstance(given[filter.name], list | dict)
            found.add(filter.name, ARRAY if array else SELECTED, refused.code)
            continue
        if value is not None:
            members.append(row.kind.ask(row, {filter.name: value[0]}))
    return all_of(*members)


def _operand(given: Given, filter: Filter, bound: Bound) -> tuple[Any] | None:
    row, limits = bound.rows[filter.name], bound.settings.limits
    text = text_at(given, filter.name)
    if text is None:
        return None
    if filter.kind == "any_of":
        if not isinstance(text, list | dict) or not text or len(text) > limits.max_list_items:
            raise Refused("wrong_type")
        each = list(text.values()) if isinstance(text, dict) else text
        return ([KINDS["equals"].read(_checked(one, filter), row, limits) for one in each],)
    return (row.kind.read(_checked(text, filter), row, limits),)


def _checked(given: Any, filter: Filter) -> str:
    """One text that the filter takes. Raises :class:`Refused`."""
    text = str(given) if type(given) in (int, float) else given
    if not isinstance(text, str) or not (text := trimmed(text)):
        raise Refused("wrong_type")
    if filter.choices and text not in filter.choices:
        raise Refused("choice")
    return text


def refuse_others(given: Given, known: Iterator[str], found: Findings) -> None:
    """Report every name that means nothing here."""
    names = set(known)
    for name in given:
        if name not in names:
            found.add(name, PROHIBITED, "unknown_field")
