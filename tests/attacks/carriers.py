"""One request in every form that can hold it: names with brackets and JSON are two spellings of the same paths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus

import cubequery as cq
from cubequery.check import DEFAULTS

OPEN = re.compile(r"\[|%5B", re.IGNORECASE)
_PART = re.compile(r"(?:\[|%5B)(.*?)(?:\]|%5D)", re.IGNORECASE)
_CRITERIA_OF = {"list": "", "delete_by_criteria": "", "criteria": "search_criteria"}
PLACES = {
    "list": "list", "delete": "delete_by_criteria", "criteria": "by_criteria", "by_criteria": "by_criteria", "update": "update",
    "bulk": "by_criteria", "create": "create", "created": "create_many", "updated": "update_many", "create_many": "create_many",
    "update_many": "update_many",
}  # fmt: skip
"""Where a row stands, and which request that is; in `criteria`, `bulk`, `created` and `updated` the row is a part of one."""
WRAPPED = {"criteria": "search_criteria", "created": "record[1]", "updated": "record[1]"}
BESIDE = {"criteria": "user_id=1", "bulk": "search_criteria[user_id]=1", "updated": "record[1][id]=650000000000000000000003"}
"""What the rest of the request says; one record of a multi request must be named, a by-criteria request has criteria and a change."""


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


def wrapped_text(text: str, place: str) -> str:
    """A text as the part of the request that a place says it is."""
    head = WRAPPED.get(place, "")
    pairs = [behind(head, pair) for pair in text.split("&")] if head and text else [text]
    return "&".join([*pairs, BESIDE[place]] if place in BESIDE else pairs)


def behind(head: str, pair: str) -> str:
    """A pair of a form as a part of ``head``: ``age[gt]=1`` behind ``record[1]`` is ``record[1][age][gt]=1``."""
    name, equal, value = pair.partition("=")
    found = OPEN.search(name)
    first, rest = (name, "") if found is None else (name[: found.start()], name[found.start() :])
    return f"{head}[{first}]{rest}{equal}{value}"


def wrapped_json(body: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The same for a JSON body."""
    beside = as_json(BESIDE.get(place, "")) or {}
    if place in ("created", "updated"):
        inner = beside.get("record", {}).get("1", {})
        return {"record": {"1": {**inner, **body}}}
    return {"search_criteria": dict(body), **beside} if place == "criteria" else {**body, **beside}


def send(carrier: str, request: Any, schema: cq.ClassSchema, place: str, settings: cq.Settings = DEFAULTS) -> Any:
    """The tree of a request that came as a query string (Q), form (F) or JSON body (J; a text is read as received)."""
    kind = PLACES.get(place, place)
    if carrier == "J":
        text = request if isinstance(request, str | bytes) else json.dumps(request)
        body = cq.read_json(text, settings.limits)
        if body is None:  # json=None says that there is none; a body of null comes as what the request is
            return cq.parse(body, schema, place=kind, settings=settings)  # type: ignore[arg-type]  # no Mapping, on purpose
        return cq.parse("", schema, json=body, place=kind, settings=settings)
    query, form = (request, "") if carrier == "Q" else ("", request)
    return cq.parse(query, schema, form=form, place=kind, settings=settings)
