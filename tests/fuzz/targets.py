"""What is fuzzed: from bytes of a client to all that is made of them; any exception but a refusal of the request escapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bson import encode

import cubequery as cq
from cubequery.parse import PLACES
from tests.fuzz.built import build
from tests.fuzz.corpus import SCHEMAS
from tests.support import fixture

ACTORS = (fixture.O, fixture.G, cq.ADMIN, cq.ANONYMOUS)
RECORDS = [record for schema in SCHEMAS for record in fixture.documents(schema.name)]
REFUSED = frozenset({"forbidden", "not_found", "needs_read", "operator_type", "index", "overflow", "out_of_range", "choice", "too_big"})
"""Codes of what stored values do not allow (``Change.apply``)."""


def read_query(data: bytes) -> None:
    """A query string: the plan, all that is compiled of it, its decision on every record, and its sentence."""
    schema, actor, text = _chosen(data)
    plan = cq.translate(text, schema, actor=actor)
    encode({"compiled": [plan.filter, plan.pipeline, list(plan.find_args())]})
    plan.run(RECORDS)
    for record in RECORDS:
        plan.matches(record)
    plan.describe()


def read_form(data: bytes) -> None:
    """An update as form text."""
    schema, actor, text = _chosen(data)
    _change(text, schema, actor)


def read_json(data: bytes) -> None:
    """An update as JSON bytes."""
    schema, actor, text = _chosen(data)
    _change(cq.read_json(text), schema, actor)


def read_paths(data: bytes) -> None:
    """A JSON body built from the bytes, so that its keys mean something: read in every place that a request may have."""
    schema, actor, rest = _chosen(data)
    body = build(rest, schema)
    for place in PLACES:
        _refused_or_done(partial(cq.parse, body, schema, place=place))
    _change(body, schema, actor)


TARGETS: Mapping[str, Callable[[bytes], None]] = {"query": read_query, "form": read_form, "json": read_json, "paths": read_paths}


def run(name: str, data: bytes) -> bool:
    """Whether the target takes these bytes; False where they are refused as the library documents it, any other error escapes."""
    return _refused_or_done(partial(TARGETS[name], data))


def _refused_or_done(call: Callable[[], Any]) -> bool:
    try:
        call()
    except cq.RequestError as error:
        _check_refusal(error)
        return False
    return True


def _check_refusal(error: cq.RequestError) -> None:
    """A refusal is a client's fault and can be answered, to a program and to a person."""
    assert 400 <= error.status < 500, error
    json.dumps(error.body()).encode()
    assert error.caret()


def _chosen(data: bytes) -> tuple[cq.ClassSchema, cq.Actor, bytes]:
    """Class and actor from the first byte, the rest as received."""
    first = data[0] if data else 0
    return SCHEMAS[first % len(SCHEMAS)], ACTORS[first // len(SCHEMAS) % len(ACTORS)], data[1:]


def _change(body: Any, schema: cq.ClassSchema, actor: cq.Actor) -> None:
    change = cq.translate_update(body, schema, actor=actor, now=fixture.NOW)
    encode({"commands": [list(pair) for pair in change.commands], "criteria": change.criteria})
    for record in RECORDS:
        _apply(change, record)
    change.describe()


def _apply(change: cq.Change, record: Mapping[str, Any]) -> None:
    try:
        changed = change.apply(record)
    except cq.RequestError as error:
        codes = {fault.code for fault in error.faults}
        if not codes <= REFUSED:
            raise AssertionError(f"{codes} is no answer of stored values") from error
    else:
        encode(changed)
