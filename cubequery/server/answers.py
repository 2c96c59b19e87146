"""Answers: JSON bodies and their headers, refusals by the table of errors, and nothing of a fault's cause."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response

from cubequery import errors
from cubequery.errors import RequestError

HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
"""On every answer: no browser guesses a type, no cache keeps what one actor may see."""
RETRY_SECONDS = 5
"""When a client may try again after a 503."""


def json_answer(body: Any, status: int = 200) -> Response:
    """A JSON body; nothing at all for None."""
    if body is None:
        return Response(status_code=status, headers=HEADERS)
    return Response(orjson.dumps(body), status, HEADERS, "application/json")


def refusal(error: RequestError, *, retry_seconds: int = RETRY_SECONDS) -> Response:
    """The answer to a refused request; ``retry_seconds`` goes with 429 and 503."""
    answer = json_answer(error.body(), error.status)
    if error.status in (429, 503):
        answer.headers["retry-after"] = str(retry_seconds)
    return answer


def plain_refusal(code: str) -> RequestError:
    """A refusal whose text needs no facts, under ``base``."""
    return RequestError([errors.plain(code)])


def malformed(reason: str) -> RequestError:
    """400; ``reason`` is a constant of the code."""
    return RequestError([errors.malformed(reason)])


def too_large(limit: str) -> RequestError:
    """400; ``limit`` names what is exceeded."""
    return RequestError([errors.too_large(limit)])
