"""Files as answers: attachments that no browser opens by itself, whole or in one range."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.types import Scope

from cubequery.operations import Download
from cubequery.server.answers import HEADERS
from cubequery.server.body import header_values
from cubequery.server.threads import chunks_of

_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII | re.IGNORECASE)
_UNSAFE = re.compile(r"[^ !#-\[\]-~]")
"""What cannot stand in a quoted name as it is: quotes, backslashes, controls, everything that is not ASCII."""


def file_answer(found: Download, scope: Scope) -> Response:
    """The bytes of a file: all of them, or the one range that is asked for."""
    tag = f'"{found.file_id}"'
    span = _span(scope, found.size, tag)
    start, stop = span or (0, found.size)
    headers = {
        **HEADERS, "content-disposition": disposition(found.name), "content-length": str(stop - start), "accept-ranges": "bytes",
        "etag": tag, "content-type": found.content_type,
    }  # fmt: skip
    if span is not None:
        headers["content-range"] = f"bytes {start}-{stop - 1}/{found.size}"
    chunks: Any = chunks_of(found.chunks(start, stop))
    return StreamingResponse(chunks, 200 if span is None else 206, headers)


def _span(scope: Scope, size: int, tag: str) -> tuple[int, int] | None:
    """First byte and end of the range that is asked for; None for the whole file: of none, of several, of one that is not there."""
    given, condition = header_values(scope, b"range"), header_values(scope, b"if-range")
    found = _RANGE.fullmatch(given[0]) if len(given) == 1 else None
    if found is None or condition not in ([], [tag]):
        return None
    first, last, length = found.groups()
    if length is not None:
        start, stop = max(0, size - int(length)), size
    else:
        start, stop = int(first), min(size, int(last) + 1 if last else size)
    return (start, stop) if start < stop else None


def disposition(name: str) -> str:
    """How a file is to be saved: its name for every client, and exactly for those that read RFC 6266."""
    return f"attachment; filename=\"{_UNSAFE.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
