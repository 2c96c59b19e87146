"""One request in every carrier and every place of the catalogue that can hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import cubequery as cq
from cubequery.check import DEFAULTS
from cubequery.testing.carriers import as_json, behind

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


def wrapped_text(text: str, place: str) -> str:
    """A text as the part of the request that a place says it is."""
    head = WRAPPED.get(place, "")
    pairs = [behind(head, pair) for pair in text.split("&")] if head and text else [text]
    return "&".join([*pairs, BESIDE[place]] if place in BESIDE else pairs)


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
