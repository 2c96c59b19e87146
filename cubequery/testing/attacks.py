"""Attacks on the request language that a server must refuse: a table, each row in every place and encoding that can hold it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import cubequery as cq
from cubequery.names import HIDDEN
from cubequery.testing import carriers
from cubequery.testing.asking import Asked
from cubequery.testing.recording import Loop
from cubequery.testing.report import curl

HIDDEN_NAMES = ("{h}=x", "{h}[ctn]=u", "{h}.0=x", "{h}[read][access]=owner", "{f}[or]=1&{h}[or]=x", "{f}[{h}]=1", "%20{h}=x", "{h}%20=x")
"""Conditions on what no request may name: ``{h}`` is a hidden name, ``{f}`` a field."""
OPERATORS = (
    "$where=1", "{f}[$ne]=1", "{f}[$gt]=", "{f}[$regex]=.*", "{f}[$in][]=1", "$or[0][{f}]=1", "{f}[__proto__]=1", "__proto__[x]=1",
    "{f}.x=1", "{f}%00=1", "{f}[%00]=1", "{f}[nope]=1", "_method=DELETE", "explain=1",
)  # fmt: skip
"""Operators, paths and switches of databases and servers."""
ON_LISTS = (
    "sort_asc={h}", "sort_desc={f},{h}", "group_by={h}&user_id[calc]=max", "output[include]={h}", "output[exclude]={f},{h}",
    "{h}[calc]=max&group_by=user_id", "count=1&{h}=x", "limit=x", "skip=-1", "sort_asc=$where", "output[include]=$where", "permissions=1",
)  # fmt: skip
"""Rows that only a list can hold."""
_NAMES = (*sorted(HIDDEN), "permissions")


def assert_refuses_attacks(client: Any, *, classes: Iterable[cq.ClassSchema], actor: cq.Actor | None = None) -> int:
    """Every attack of the tables is refused with 400 or 422 and changes nothing: ``assert_refuses_attacks(engine, classes=CLASSES)``.

    ``client`` is an engine, sync or async, or a :class:`cubequery.testing.Served` application; ``actor`` asks (user 1 where none is
    given). The answer is how many requests were put. Raises AssertionError with every attack that was answered, as a line of curl.
    """
    who, loop, taken, number = cq.Actor(1) if actor is None else actor, Loop(), list[str](), 0
    try:
        for schema in classes:
            look = Asked(0, "list", (schema.name, "limit=100"))
            before = _answer(client, look, who, loop)
            for asked in attacks(schema):
                number += 1
                status, _ = _answer(client, asked, who, loop)
                if status not in (400, 422):
                    taken.append(f"answered with {status}: {curl(asked, who)}")
            if _answer(client, look, who, loop) != before:
                taken.append(f"the records of {schema.name} are not what they were")
    finally:
        loop.close()
    if taken or not number:
        raise AssertionError("\n".join(["ATTACKS ARE NOT REFUSED", *taken]) if taken else "DID NOT TEST: no classes")
    return number


def attacks(schema: cq.ClassSchema) -> Iterator[Asked]:
    """Every row for a class, in every place and encoding that can hold it."""
    field = quote(next(iter(schema.fields), "_id"), safe="")
    for template in HIDDEN_NAMES:
        for name in _NAMES:
            yield from _placed(schema.name, template.format(h=name, f=field))
    for template in OPERATORS:
        yield from _placed(schema.name, template.format(f=field))
    for template in ON_LISTS:
        for name in _NAMES if "{h}" in template else ("",):
            yield from _lists(schema.name, template.format(h=name, f=field))


def _lists(name: str, text: str) -> Iterator[Asked]:
    yield Asked(0, "list", (name, text))
    yield Asked(0, "list", (name, ""), {"form": text})


def _placed(name: str, text: str) -> Iterator[Asked]:
    yield from _lists(name, text)
    yield Asked(0, "delete_by_criteria", (name, text))
    wrapped = "&".join(carriers.behind("search_criteria", pair) for pair in text.split("&"))
    yield Asked(0, "update_by_criteria", (name, f"{wrapped}&user_id=1"))
    body = carriers.as_json(text)
    if body is not None:
        yield Asked(0, "update_by_criteria", (name, {"search_criteria": body, "user_id": 1}))


def _answer(client: Any, asked: Asked, actor: cq.Actor, loop: Loop) -> tuple[int, str]:
    """Status and body."""
    try:
        answer = loop.settled(asked.put(client, actor))
    except cq.RequestError as error:
        return error.status, json.dumps(error.body())
    if isinstance(answer, Mapping) and set(answer) == {"status", "headers", "body"}:
        return answer["status"], answer["body"]
    return 200, json.dumps(answer)
