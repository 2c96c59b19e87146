"""JSON bodies: strict reading, and the walk from nested objects to key paths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from cubequery import errors
from cubequery.errors import Fault, RequestError
from cubequery.limits import DEFAULT, Limits
from cubequery.values import Huge

Path = tuple[str | int, ...]
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)


def read_json(text: str | bytes, limits: Limits = DEFAULT) -> Any:
    """Decode JSON strictly. Raises RequestError 400: size, depth, NaN, repeated keys, bad UTF-8, lone surrogates."""
    if len(text) > limits.max_body_bytes:
        raise RequestError([errors.too_large("body")])
    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        if _depth(decoded) > limits.max_json_depth:
            raise RequestError([errors.too_large("levels of the body")])
        return json.loads(decoded, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except (ValueError, RecursionError):
        raise RequestError([errors.malformed("the body is not JSON")]) from None


def _depth(text: str) -> int:
    """Deepest nesting, counted before anything recurses; strings are skipped."""
    depth = deepest = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif token[0] in "]}":
            depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated key")
    return found


def _constant(name: str) -> Any:
    raise ValueError(name)


def _integer(digits: str) -> int | Huge:
    return int(digits) if len(digits) <= DEFAULT.max_scalar_chars else Huge()


def leaves(body: Mapping[str, Any], limits: Limits) -> Iterator[tuple[tuple[str, ...], Path, Any]]:
    """Every value that is no object: its key path as a request means it, its path in the body, the value.

    A list under ``record`` is numbered; an empty object is a value of its own. Raises RequestError 400 for depth, size and texts
    that are no Unicode, 422 for a key that is no text.
    """
    stack: list[tuple[tuple[str, ...], Path, Any]] = [((key,), (key,), value) for key, value in reversed(list(body.items()))]
    names: set[tuple[str, ...]] = set()
    while stack:
        names_of, path, value = stack.pop()
        _check_text(names_of[-1])
        if len(names_of) > limits.max_path_parts:
            raise RequestError([errors.too_large("levels of the body")])
        children = _children(names_of, value)
        if children:
            stack += [((*names_of, str(key)), (*path, key), child) for key, child in reversed(children)]
            continue
        names.add(names_of)
        if len(names) > limits.max_names:
            raise RequestError([errors.too_large("names")])
        _check_value(value)
        yield names_of, path, value


def _children(names: tuple[str, ...], value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise RequestError([errors.wrong_type("object", "base")])
        return list(value.items())
    return list(enumerate(value)) if names == ("record",) and isinstance(value, list) else []


def _check_value(value: Any) -> None:
    for item in value if isinstance(value, list) else (value,):
        _check_text(item)


def _check_text(value: Any) -> None:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise RequestError([errors.malformed("a text is not Unicode")]) from None


def not_an_object() -> Fault:
    """422: the body is JSON, but no object."""
    return errors.wrong_type("object", "base")
