"""One request in every form that can hold it: names with brackets and JSON are two spellings of the same paths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

from cubequery.operators import SEARCH

OPEN = re.compile(r"\[|%5B", re.IGNORECASE)
_PART = re.compile(r"(?:\[|%5B)(.*?)(?:\]|%5D)", re.IGNORECASE)

_LISTS = {"sort_asc", "sort_desc", "include", "exclude", "calc", *(row.name for row in SEARCH.rows if row.shape == "list")}
"""Names whose one text is a list with commas."""


def as_text(body: Mapping[str, Any]) -> str | None:
    """A JSON body with brackets; None where text cannot say it."""
    try:
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in _pairs(body, ""))
    except ValueError:
        return None


def _pairs(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            part = quote(key, safe="$")
            if not key or "\0" in key or "[" in key or "]" in key:
                raise ValueError(key)
            yield from _pairs(child, f"{name}[{part}]" if name else part)
    elif isinstance(value, list) and value and not any(isinstance(item, list | dict) or item is None for item in value):
        for item in value:
            yield f"{name}[]", _scalar(item)
    else:
        yield name, _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    raise ValueError(value)


def as_json(text: str) -> dict[str, Any] | None:
    """Names with brackets as a JSON body; None where JSON cannot say it (repetitions, damaged names, bytes that are no text)."""
    body: dict[str, Any] = {}
    try:
        for pair in filter(None, text.split("&")):
            name, _, value = pair.partition("=")
            _place(body, _words(name), unquote_plus(value, errors="strict"))
    except (ValueError, TypeError):
        return None
    return body


def _words(name: str) -> list[str]:
    found = OPEN.search(name)
    head, rest = (name, "") if found is None else (name[: found.start()], name[found.start() :])
    words = [head, *_PART.findall(rest)]
    if _PART.sub("", rest) or not head or "" in words[:-1] or "]" in head or "%5d" in head.lower():
        raise ValueError(name)
    return [unquote_plus(word, errors="strict") for word in words]


def _place(body: dict[str, Any], words: list[str], value: Any) -> None:
    *above, last = words
    if last == "":
        *above, last = above
        value = [value]
    for word in above:
        body = body.setdefault(word, {})
    if isinstance(value, list) and isinstance(body.get(last), list):
        body[last] += value
    elif last in body:
        raise ValueError(last)
    else:
        body[last] = value


def behind(head: str, pair: str) -> str:
    """A pair of a form as a part of ``head``: ``age[gt]=1`` behind ``record[1]`` is ``record[1][age][gt]=1``."""
    name, equal, value = pair.partition("=")
    found = OPEN.search(name)
    first, rest = (name, "") if found is None else (name[: found.start()], name[found.start() :])
    return f"{head}[{first}]{rest}{equal}{value}"


def search_json(text: str) -> dict[str, Any] | None:
    """A query string as the JSON body that means the same: null is null, and lists written in one text are lists."""
    body = as_json(text)
    return None if body is None else {name: _meant(name, value) for name, value in body.items()}


def _meant(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {inner: _meant(inner, each) for inner, each in value.items()}
    if isinstance(value, list):
        return [_meant("", each) for each in value]
    if name in _LISTS:
        return value.split(",") if value else []
    return None if value == "null" else value
