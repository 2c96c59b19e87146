"""From headers, query string and body to what an engine reads: the raw texts, never a decoded view that loses repetitions or offsets."""

from __future__ import annotations

from urllib.parse import unquote_plus

from starlette.types import Scope

from cubequery.limits import Limits
from cubequery.parse import Sources, read_json, sources
from cubequery.server.answers import malformed, too_large
from cubequery.server.body import Body, header_values

FORM, JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data"


async def read_sources(scope: Scope, body: Body, limits: Limits, seconds: float) -> Sources:
    """Query string and body of a request that uploads nothing. Raises RequestError 400."""
    query, kind = check_head(scope, limits)
    content = await body.read(limits.max_body_bytes, seconds)
    if not content:
        return sources(query)
    if kind == JSON:
        return sources(query, json=read_json(content, limits))
    if kind == FORM or (not kind and scope["method"] in ("GET", "DELETE")):
        return sources(query, form=content)
    raise malformed("the body is of no type that is read here")


def check_head(scope: Scope, limits: Limits) -> tuple[bytes, str]:
    """The query string and the media type (``""``: none is given), before any of the body is read. Raises RequestError 400."""
    query: bytes = scope["query_string"]
    if len(query) > limits.max_query_bytes:
        raise too_large("query string")
    if any(coding.lower() not in ("", "identity") for coding in header_values(scope, b"content-encoding")):
        raise malformed("the body is encoded")
    given = header_values(scope, b"content-type")
    if len(given) > 1:
        raise malformed("the body has more than one type")
    return query, media_type(given[0]) if given else ""


def media_type(value: str) -> str:
    """The type of a Content-Type header without its parameters."""
    return value.partition(";")[0].strip().lower()


def operation_id(scope: Scope) -> str | None:
    """The id under which the client may repeat a write of several steps. Raises RequestError 400 where it is given twice."""
    given = header_values(scope, b"idempotency-key")
    if len(given) > 1:
        raise malformed("an operation id is given twice")
    return given[0] if given else None


def without_token(given: Sources) -> Sources:
    """What a request about a file came in, less the ``token`` that is for the server."""
    body = given.json
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "token"}
    return Sources(_without_token(given.query), _without_token(given.form), body)


def _without_token(text: str) -> str:
    return "&".join(pair for pair in text.split("&") if pair_name(pair) != "token")


def pair_name(pair: str) -> str:
    """The decoded name of one pair of a query string or form."""
    return unquote_plus(pair.partition("=")[0])
