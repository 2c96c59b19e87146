"""What a dotted path means: the values MongoDB's matcher sees, and the one value of an aggregation expression."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bson import DBRef

from cubequery.ordering import MISSING

ARRAYS: Final = (list, tuple)
_PLACE = re.compile("0|[1-9][0-9]{0,8}", re.ASCII)


def candidates(document: Mapping[str, Any], path: str) -> list[Any]:
    """Every value that a condition on ``path`` is tried on.

    A last array gives its elements, then itself; an array on the way gives what each of its documents gives. A part that is a
    number also names the element of an array. ``MISSING`` stands for each document that lacks the path; an array on the way that
    holds no document gives nothing at all.
    """
    if "." not in path:
        return opened(document.get(path, MISSING))
    found: list[Any] = []
    _from_document(document, path.split("."), found)
    return found


def opened(value: Any) -> list[Any]:
    """A stored value as a condition sees it: arrays opened one level, and the array itself."""
    return [*value, value] if isinstance(value, ARRAYS) else [value]


def as_document(value: Any) -> Mapping[str, Any] | None:
    """The value as a document, where it is stored as one."""
    if isinstance(value, Mapping):
        return value
    return value.as_doc() if isinstance(value, DBRef) else None


def _from_document(document: Mapping[str, Any], parts: Sequence[str], found: list[Any]) -> None:
    """Goes down while there are documents; the first array on the way takes over."""
    inner: Mapping[str, Any] | None = document
    for place, part in enumerate(parts, 1):
        value = MISSING if inner is None else inner.get(part, MISSING)
        if isinstance(value, ARRAYS):
            _from_array(value, parts[place:], found)
            return
        inner = as_document(value)
    found.append(value)


def _from_array(array: Sequence[Any], rest: Sequence[str], found: list[Any]) -> None:
    """Each document of the array is asked for the rest of the path, and the element whose place is the next part stands for itself."""
    if not rest:
        found += array
        found.append(array)
        return
    for element in array:
        document = as_document(element)
        if document is not None:
            _from_document(document, rest, found)
    if _PLACE.fullmatch(rest[0]) and int(rest[0]) < len(array):
        _from_element(array[int(rest[0])], rest[1:], found)


def _from_element(element: Any, rest: Sequence[str], found: list[Any]) -> None:
    """An element named by its place; as the end of a path it is not opened."""
    document = as_document(element)
    if not rest:
        found.append(element)
    elif document is not None:
        _from_document(document, rest, found)
    elif isinstance(element, ARRAYS):
        _from_array(element, rest, found)


def expression_value(document: Mapping[str, Any], path: str) -> Any:
    """What ``"$path"`` is in an aggregation expression: ``MISSING`` where it leads nowhere, an array where it passes through one."""
    if "." not in path:
        return document.get(path, MISSING)
    return _field(document, path.split("."))


def _field(value: Any, parts: Sequence[str]) -> Any:
    """An array on the way gives the array of what its documents give; arrays in arrays are passed over, as the server does."""
    for place, part in enumerate(parts):
        if isinstance(value, ARRAYS):
            found = (_field(element, parts[place:]) for element in value if as_document(element) is not None)
            return [element for element in found if element is not MISSING]
        document = as_document(value)
        value = MISSING if document is None else document.get(part, MISSING)
    return value
