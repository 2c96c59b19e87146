"""JSON bodies: strict reading, and the walk from nested objects to key paths."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cubequery import errors
from cubequery.errors import Fault, RequestError
from cubequery.limits import DEFAULT, Limits
from cubequery.syntax import byte_size
from cubequery.values import Huge

Path = tuple[str | int, ...]
_DIGITS = 4_000
"""Python itself converts no integer text of more than 4,300 digits."""
# An unclosed string reaches to the end: were its quote required, every quote inside would be tried as another beginning.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def read_json(text: str | bytes, limits: Limits = DEFAULT) -> Any:
    """Decode JSON strictly. Raises RequestError 400: size, depth, NaN, repeated keys, bad UTF-8, lone surrogates."""
    if (byte_size(text) if isinstance(text, str) else len(text)) > limits.max_body_bytes:
        raise RequestError([errors.too_large("body")])

    longest = min(limits.max_scalar_chars, _DIGITS)

    def number(read: Callable[[str], Any]) -> Callable[[str], Any]:
        return lambda digits: read(digits) if len(digits) <= longest else Huge()

    try:
        decoded = text.decode() if isinstance(text, bytes) else text
        if _is_deeper(decoded, limits.max_json_depth):
            raise RequestError([errors.too_large("levels of the body")])
        return json.loads(decoded, object_pairs_hook=_object, parse_constant=_constant, parse_int=number(int), parse_float=number(float))
    except (ValueError, RecursionError):
        raise RequestError([errors.malformed("the body is not JSON")]) from None


def _is_deeper(text: str, most: int) -> bool:
    """Whether it nests beyond ``most``, seen before anything recurses and no further than needed; strings are skipped."""
    depth = 0
    for token in _TOKENS.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > most:
                return True
        elif token[0] in "]}":
            depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("repeated key")
    return found


def _constant(name: str) -> Any:
    raise ValueError(name)


def leaves(body: Mapping[str, Any], limits: Limits) -> Iterator[tuple[tuple[str, ...], Path, Any]]:
    """Every value that is no object: its key path as a request means it, its path in the body, the value.

    A list under ``record`` is numbered; an empty object is a value of its own. Raises RequestError 400 for depth, size, texts that
    are no Unicode and keys with NUL, 422 for a key that is no text.
    """
    _check_keys(body)
    stack: list[tuple[tuple[str, ...], Path, Any]] = [((key,), (key,), value) for key, value in reversed(list(body.items()))]
    names: set[tuple[str, ...]] = set()
    while stack:
        names_of, path, value = stack.pop()
        _check_key(names_of[-1])
        if len(names_of) > limits.max_path_parts:
            raise RequestError([errors.too_large("parts of a name")])
        if len(names_of) > limits.max_json_depth:
            raise RequestError([errors.too_large("levels of the body")])
        children = _children(names_of, value)
        if children:
            stack += [((*names_of, str(key)), (*path, key), child) for key, child in reversed(children)]
            continue
        names.add(without_number(names_of))
        if len(names) > limits.max_names:
            raise RequestError([errors.too_large("names")])
        if sum(map(byte_size, names_of)) + 2 * (len(names_of) - 1) > limits.max_name_bytes:
            raise RequestError([errors.too_large("parameter name")])
        check_value(value, len(names_of) + 1, limits)
        yield names_of, path, value


def _children(names: tuple[str, ...], value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        _check_keys(value)
        return list(value.items())
    return list(enumerate(value)) if names == ("record",) and isinstance(value, list) else []


def without_number(names: tuple[str, ...]) -> tuple[str, ...]:
    """A key path as it is counted: the number of a record makes no other name."""
    return (names[0], *names[2:]) if names[0] == "record" else names


def _check_keys(value: Mapping[Any, Any]) -> None:
    if not all(isinstance(key, str) for key in value):
        raise RequestError([errors.wrong_type("object", "base")])


def _check_key(key: str) -> None:
    if "\0" in key:
        raise RequestError([errors.malformed("a name holds NUL")])
    _check_text(key)


def check_value(value: Any, level: int, limits: Limits) -> None:
    """What no name leads into: the texts and levels of a list and of all that lies in it, counted without recursion."""
    rest = [(value, level)]
    while rest:
        item, level = rest.pop()
        if not isinstance(item, list | Mapping):
            _check_text(item)
            continue
        if level > limits.max_json_depth:
            raise RequestError([errors.too_large("levels of the body")])
        inside = [part for pair in item.items() for part in pair] if isinstance(item, Mapping) else item
        rest += [(part, level + 1) for part in inside]


def _check_text(value: Any) -> None:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise RequestError([errors.malformed("a text is not Unicode")]) from None


def not_an_object() -> Fault:
    """422: the body is JSON, but no object."""
    return errors.wrong_type("object", "base")
