"""What a request brings: query string and body as one tree, the token apart, and the fields of create and update for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cubequery.ast import Field
from cubequery.check.plain import is_reserved
from cubequery.dialects.connectnow.binding import Bound
from cubequery.dialects.connectnow.declaration import CREATE, TOKEN
from cubequery.dialects.connectnow.refusals import PROHIBITED, ConnectNowError, Findings, dotted, text_of, unreadable
from cubequery.dialects.connectnow.splitting import split, trimmed
from cubequery.dialects.connectnow.trees import tree
from cubequery.errors import RequestError
from cubequery.limits import Limits
from cubequery.parse import read_json, reader_for, sources
from cubequery.schema.fields import every_field
from cubequery.translate.render import own_name

PASSED_OVER = frozenset({"id", "_id", "user_id", "created_at", "updated_at"})
"""System fields: what a body says of them counts for nothing."""


def received(
    query: str | bytes, content: bytes | str = b"", *, json: bool = False, limits: Limits
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The trees of the query string and of the body (a form, or ``json``). Raises ConnectNowError for a body that cannot be read."""
    given = tree(split(_text(query), "query", limits))
    if not content:
        return given, {}
    if not json:
        return given, tree(split(_text(content), "form", limits))
    try:
        found = read_json(content, limits)
    except RequestError:
        found = None
    if not isinstance(found, Mapping):
        raise unreadable()
    return given, dict(found)


def given_token(query: Mapping[str, Any], body: Mapping[str, Any], bearers: list[str]) -> str | None:
    """The token of the first place that holds a usable one: the query string, the body, the header. None: none does; ``""``: no text.

    An empty value and ``0`` count as not given. Of a header it is what stands behind its last ``Bearer``, up to a comma.
    """
    for place in (query, body):
        value = place.get(TOKEN)
        if value is not None and not isinstance(value, str):
            return ""
        if value is not None and trimmed(value) not in ("", "0"):
            return trimmed(value)
    for header in bearers:
        start = header.lower().rfind("bearer ")
        token = trimmed(header[start + 7 :].partition(",")[0]) if start >= 0 else ""
        if token not in ("", "0"):
            return token
    return None


class Written:
    """A body that was read: ``body`` as the engine takes it, ``refusal`` what it is refused with once the right is known to be there."""

    def __init__(self, body: dict[str, Any], refusal: ConnectNowError | None) -> None:
        self.body, self.refusal = body, refusal

    def check(self) -> None:
        """Raises the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal


def read_fields(given: Mapping[str, Any], bound: Bound, operation: str, *, admin: bool, ignore: bool) -> Written:
    """The fields of a create or update; a text is trimmed, and what is empty or null then counts as absent."""
    body: dict[str, Any] = {}
    unknown = []
    for name, value in given.items():
        field = bound.names.get(name) if name != "id" or "id" in bound.schema.fields else None
        if field is not None and not is_reserved(field, bound.schema):
            if (kept := _cleaned(value, field)) is not None:
                body[name] = kept
        elif name in PASSED_OVER or field is not None:
            own = "_id" if name == "id" else name
            if admin and not (own == "_id" and operation != CREATE) and (kept := _cleaned(value, bound.names[own])) is not None:
                body[own] = kept
        elif name != TOKEN:
            unknown.append(name)
    found = Findings()
    _judge(body, bound, operation, found, admin=admin)
    for name in () if ignore else unknown:
        found.add(name, PROHIBITED, "unknown_field")
    return Written(body, found.refusal())


def _judge(body: dict[str, Any], bound: Bound, operation: str, found: Findings, *, admin: bool) -> None:
    """What the engine would refuse, in the order of the class."""
    try:
        reader_for(bound.schema, bound.settings, operation).read(sources("", json=body), admin=admin)
    except RequestError as error:
        order, fields = list(bound.names), {field.name: field for field in every_field(bound.names.values())}
        named = [(each.key.partition("[")[0], each) for each in error.faults]
        for _, fault in sorted(named, key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order)):
            name = "body" if fault.key == "base" else dotted(fault.key)
            found.add(name, text_of(fault, fields.get(fault.key), _value(body, name)), fault.code)


def _value(body: Mapping[str, Any], name: str) -> Any:
    """What a body gives under a dotted name; None where it gives nothing."""
    value: Any = body
    for word in name.split("."):
        value = value.get(word) if isinstance(value, Mapping) else None
    return value


def _cleaned(value: Any, field: Field | None) -> Any:
    """A value as it counts, None where it is absent. What no field is there for is kept, to be refused."""
    if isinstance(value, str):
        return trimmed(value) or None
    if isinstance(value, Mapping):
        if field is None or not field.leaves:
            return value
        own = {own_name(leaf): leaf for leaf in field.leaves}
        inside = {name: _cleaned(each, own[name]) if name in own else each for name, each in value.items()}
        return {name: each for name, each in inside.items() if each is not None or name not in own} or None
    return [trimmed(each) if isinstance(each, str) else each for each in value] if isinstance(value, list) else value


def _text(given: str | bytes) -> str:
    return given.decode("utf-8", "surrogateescape") if isinstance(given, bytes) else given
