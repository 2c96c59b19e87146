"""The order of documents by stored paths, as MongoDB sorts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from operator import eq, itemgetter
from typing import Any, Final

from bson import Decimal128, Int64, ObjectId

from cubequery.evaluate.paths import ARRAYS, as_document
from cubequery.ordering import BOOL, DATE, MISSING, NULL, NUMBER, OBJECT_ID, STRING, in_order, is_nan, milliseconds, type_class

Keys = Sequence[tuple[str, int]]
"""Stored path and 1 or -1, the leading key first."""


class Empty:
    """Stands for the key of an empty array, which comes before null."""


EMPTY: Final = Empty()
_EMPTY_RANK, _NULL_RANK = (0,), (NULL,)
_PLAIN = frozenset({STRING, BOOL, OBJECT_ID})
_ALIKE: Final[Sequence[set[type]]] = ({int, Int64, float}, {str}, {ObjectId}, {bool})
"""Classes of values that Python orders by itself, if a whole column is of them and of null, which lies below; but not NaN."""
_NULL_TYPE: Final = type(None)


def sort_documents(documents: Iterable[Mapping[str, Any]], keys: Keys) -> list[Any]:
    """The documents in the order of ``keys``; those that are equal by all keys stay as they were.

    An array counts by its smallest value where the key ascends and by its largest where it descends, ``[]`` lies below null, and
    documents in an array on the way give one value each. Where two keys meet different arrays, which the server refuses, each
    counts for itself.
    """
    ordered = list(documents)
    columns = _columns(ordered, keys)
    places = list(range(len(ordered)))
    for column, (_, direction) in reversed(list(zip(columns, keys, strict=True))):
        nulls = [place for place in places if column[place] is None]
        rest = [place for place in places if column[place] is not None] if nulls else places
        rest.sort(key=column.__getitem__, reverse=direction < 0)
        places = rest + nulls if direction < 0 else nulls + rest
    return [ordered[place] for place in places]


def first(documents: Iterable[Mapping[str, Any]], keys: Keys, count: int) -> list[Any]:
    """The first ``count`` documents of the order; what the leading key leaves behind is not sorted."""
    found = list(documents)
    if keys and 0 < count < len(found):
        (column,) = _columns(found, keys[:1])
        found = _leading(found, column, count, descending=keys[0][1] < 0)
    return sort_documents(found, keys)[: max(count, 0)]


def _leading(documents: list[Any], column: list[Any], count: int, *, descending: bool) -> list[Any]:
    """Those that can be among the first ``count``: as far as the last of these, and all that are equal to it. Nulls lie below the rest."""
    rest = [key for key in column if key is not None]
    nulls = len(column) - len(rest)
    if descending:
        if count > len(rest):
            return documents
        last = nlargest(count, rest)[-1]
        return [document for document, key in zip(documents, column, strict=True) if key is not None and key >= last]
    if count <= nulls:
        return [document for document, key in zip(documents, column, strict=True) if key is None]
    last = nsmallest(count - nulls, rest)[-1]
    return [document for document, key in zip(documents, column, strict=True) if key is None or key <= last]


def rank(value: Any) -> tuple[Any, ...]:
    """Key function: MongoDB's order of single values, in terms that Python compares."""
    if value is EMPTY:
        return _EMPTY_RANK
    kind = type_class(value)
    if kind in _PLAIN:
        return kind, value
    if kind == NULL:
        return _NULL_RANK
    if kind == NUMBER:
        return (NUMBER, 0, 0) if is_nan(value) else (NUMBER, 1, value.to_decimal() if isinstance(value, Decimal128) else value)
    return kind, milliseconds(value) if kind == DATE else in_order(value)


def _columns(documents: Sequence[Mapping[str, Any]], keys: Keys) -> list[list[Any]]:
    """For each key what each document is sorted by."""
    if all("." not in path for path, _ in keys):
        return [_column(documents, path, direction) for path, direction in keys]
    paths = [path.split(".") for path, _ in keys]
    directions = [direction for _, direction in keys]
    rows = [_best([(document, path) for path in paths], directions) for document in documents]
    return [list(map(itemgetter(place), rows)) for place in range(len(keys))]


def _column(documents: Sequence[Mapping[str, Any]], path: str, direction: int) -> list[Any]:
    """Values as they are where Python orders them, null as None; else ranks, of which none is None."""
    values = [document.get(path) for document in documents]
    kinds = set(map(type, values)) - {_NULL_TYPE}
    if any(kinds <= alike for alike in _ALIKE) and (float not in kinds or all(map(eq, values, values))):
        return values
    return [_extreme(value, direction) if isinstance(value, ARRAYS) else rank(value) for value in values]


def _extreme(array: Sequence[Any], direction: int) -> tuple[Any, ...]:
    return (min if direction > 0 else max)(map(rank, array), default=_EMPTY_RANK)


State = tuple[Any, Sequence[str] | None]
"""A value and the parts of a key's path that are still to go; None where the value is the key's own."""


def _best(states: Sequence[State], directions: Sequence[int]) -> list[tuple[Any, ...]]:
    """The ranks that a document is sorted by: the first of all its combinations. Keys that meet one array share its elements."""
    reached = [_reach(value, rest) for value, rest in states]
    arrays = {id(value): value for value, rest in reached if rest is not None and isinstance(value, ARRAYS)}
    result = [() if id(value) in arrays and rest is not None else rank(value) for value, rest in reached]
    for array in arrays.values():
        places = [place for place, (value, rest) in enumerate(reached) if value is array and rest is not None]
        rests = [reached[place][1] for place in places]
        inner = [directions[place] for place in places]
        rows = [_best([_inside(element, rest) for rest in rests], inner) for element in array or (EMPTY,)]
        for place, found in zip(places, _first_row(rows, inner), strict=True):
            result[place] = found
    return result


def _reach(value: Any, rest: Sequence[str] | None) -> State:
    """Goes down to the end of the path or to the first array."""
    while rest and not isinstance(value, ARRAYS):
        document = as_document(value)
        value = MISSING if document is None else document.get(rest[0], MISSING)
        rest = rest[1:]
    return value, rest


def _inside(element: Any, rest: Sequence[str] | None) -> State:
    """An element of an array: its own value at the end of the path, otherwise a document, or else null."""
    if not rest:
        return element, None
    return (element, rest) if as_document(element) is not None else (MISSING, None)


def _first_row(rows: list[list[tuple[Any, ...]]], directions: Sequence[int]) -> list[tuple[Any, ...]]:
    for place, direction in enumerate(directions):
        best = (min if direction > 0 else max)(row[place] for row in rows)
        rows = [row for row in rows if row[place] == best]
    return rows[0]
