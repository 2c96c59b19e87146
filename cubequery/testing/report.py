"""How a failing case is told: values as Python source, requests as lines of curl."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from bson import Binary, Decimal128, Int64, ObjectId

from cubequery.acl import ADMIN, ANONYMOUS, Actor
from cubequery.schema import ClassSchema
from cubequery.testing.asking import Asked

_BSON = ("Binary", "DatetimeMS", "Decimal128", "Int64", "MaxKey", "MinKey", "ObjectId", "Regex")
_INDENT = " " * 4
_WIDTH = 120


def source(value: Any, depth: int = 0) -> str:
    """A Python expression for a value, under the names of :func:`imports`; long lists and mappings take a line an item."""
    short = _short(value)
    if len(short) + depth * 4 <= _WIDTH or not isinstance(value, Mapping | list | tuple):
        return short
    inner = _INDENT * (depth + 1)
    if isinstance(value, Mapping):
        lines = [f"{inner}{_short(key)}: {source(each, depth + 1)},\n" for key, each in value.items()]
        return "{\n" + "".join(lines) + _INDENT * depth + "}"
    start, end = ("[", "]") if isinstance(value, list) else ("(", ")")
    return f"{start}\n" + "".join(f"{inner}{source(each, depth + 1)},\n" for each in value) + _INDENT * depth + end


def _short(value: Any) -> str:
    """The same in one line."""
    if isinstance(value, ClassSchema):
        return f"cq.ClassSchema.from_json({_short(_plain(value))})"
    if isinstance(value, Actor):
        return actor_source(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_short(key)}: {_short(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_short, value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_short, value)) + ("," if len(value) == 1 else "") + ")"
    if type(value) is float and not math.isfinite(value):
        return f'float("{value}")'
    if type(value) is Int64:
        return f"Int64({int(value)})"
    if type(value) is Binary:
        return f"Binary({bytes(value)!r})"
    return f"{type(value).__name__}({str(value)!r})" if isinstance(value, ObjectId | Decimal128) else repr(value)


def _plain(schema: ClassSchema) -> dict[str, Any]:
    """The definition without what is not said anyway."""
    usual = {"id_type": "ObjectId", "acl": "tokens", "permissions": {}, "private_majority": False, "relations": {}, "scopes": {}}
    return {name: value for name, value in schema.to_json().items() if value != usual.get(name, ...)}


def actor_source(actor: Actor) -> str:
    """An actor as Python source."""
    if actor in (ADMIN, ANONYMOUS):
        return "cq.ADMIN" if actor.admin else "cq.ANONYMOUS"
    groups = f", {list(actor.groups)!r}" if actor.groups else ""
    return f"cq.Actor({actor.user_id!r}{groups}{', admin=True' if actor.admin else ''})"


METHODS: Mapping[str, tuple[str, str]] = {
    "list": ("GET", "/data/{name}"), "create": ("POST", "/data/{name}"), "get": ("GET", "/data/{name}/{id}"),
    "update": ("PUT", "/data/{name}/{id}"), "delete": ("DELETE", "/data/{name}/{id}"), "create_many": ("POST", "/data/{name}/multi"),
    "update_many": ("PUT", "/data/{name}/multi"), "update_by_criteria": ("PUT", "/data/{name}/by_criteria"),
    "delete_by_criteria": ("DELETE", "/data/{name}/by_criteria"),
}  # fmt: skip
"""Each request of an engine as method and path of the HTTP API."""


def on_the_wire(asked: Asked) -> tuple[str, str, dict[str, str], bytes]:
    """Method, target, headers and body of a request over HTTP. An operation id travels as ``Idempotency-Key``."""
    verb, path = METHODS[asked.method]
    name, *rest = asked.args
    query, form, body = asked.named.get("query", ""), asked.named.get("form", ""), None
    ids = rest.pop(0) if "{id}" in path else ""
    if asked.method in ("list", "delete_by_criteria"):
        query = rest.pop(0)
    elif rest:
        body = rest.pop(0)
    joined = ",".join(ids) if isinstance(ids, list) else str(ids)
    target = path.format(name=quote(name, safe=""), id=quote(joined, safe=",")) + (f"?{query}" if query else "")
    headers = {"Idempotency-Key": asked.named["request_id"]} if "request_id" in asked.named else {}
    if isinstance(body, Mapping):
        return verb, target, {**headers, "Content-Type": "application/json"}, json.dumps(body).encode()
    text = body or form
    return verb, target, {**headers, **({"Content-Type": "application/x-www-form-urlencoded"} if text else {})}, str(text).encode()


def curl(asked: Asked, actor: Actor, address: str = "http://localhost:8000") -> str:
    """A request as a line of curl; the actor's token is left to fill in."""
    verb, target, headers, body = on_the_wire(asked)
    words = ["curl", "-g", *(["-X", verb] if verb != "GET" or body else [])]
    if actor != ANONYMOUS:
        words += ["-H", "CB-Token: TOKEN"]
    for name, value in headers.items():
        words += ["-H", f"{name}: {value}"]
    return shlex.join([*words, *(["--data-raw", body.decode()] if body else []), address + target])


def imports(text: str) -> str:
    """The lines that import what a source of :func:`source` names."""
    dates = ["import datetime", ""] if "datetime." in text else []
    named = [name for name in _BSON if f"{name}(" in text]
    return "\n".join([*dates, *([f"from bson import {', '.join(named)}", ""] if named else []), "import cubequery as cq"])


def numbered(lines: Iterable[str]) -> str:
    """Lines one below the other."""
    return "\n".join(f"  {place}. {line}" for place, line in enumerate(lines, 1))
