"""Query strings and form bodies, divided as PHP divides them: no text is malformed, only too large."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from cubequery.errors import Fault, RequestError
from cubequery.limits import DEFAULT, Limits
from cubequery.syntax import name_too_large, too_large

_PART = re.compile(r"\[([^\]]*)\]")
_FOLDED = str.maketrans(". ", "__")
_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Those that stand for no byte: a byte that is no UTF-8 is kept as one of U+DC80 to U+DCFF."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as received, decoded.

    ``keys`` are the words in brackets behind its name, None for ``[]``: ``with[a][]`` is ``"with"`` and ``("a", None)``.
    ``offset`` is where it begins, in code points of the text as received.
    """

    name: str
    keys: tuple[str | None, ...]
    value: str
    offset: int


def split(text: str, source: str = "query", limits: Limits = DEFAULT) -> list[Parameter]:
    """The parameters of a query string or form body (``source`` is ``"query"`` or ``"form"``) in order, those without a name left out.

    Raises RequestError ``too_large`` above ``max_query_bytes`` (a form: ``max_body_bytes``), ``max_pairs``, ``max_name_bytes``
    and ``max_path_parts``; all else can be divided.
    """
    _refuse(too_large(text, source, limits))
    found: list[Parameter] = []
    offset = 0
    for piece in text.split("&"):
        raw, _, value = piece.partition("=")
        _refuse(name_too_large(raw, 0, limits))
        name, keys = _words(decoded(raw).partition("\0")[0].lstrip(" "))
        _refuse(name_too_large("", 1 + len(keys), limits))
        if name:
            found.append(Parameter(name, keys, decoded(value), offset))
        offset += len(piece) + 1
    return found


def _words(text: str) -> tuple[str, tuple[str | None, ...]]:
    """A name and the words in brackets behind it; the name is empty where there is none."""
    head, opened, rest = text.partition("[")
    keys: list[str | None] = []
    place = len(head)
    while part := _PART.match(text, place):
        keys.append(part[1] if part[1].strip(" ") else None)
        place = part.end()
    if not head or keys or not opened:
        return named(head), tuple(keys)
    return f"{named(head)}_{rest}", ()


def _refuse(fault: Fault | None) -> None:
    if fault is not None:
        raise RequestError([fault])


def named(head: str) -> str:
    """A name's first word: PHP keeps neither dots nor blanks in it."""
    return head.translate(_FOLDED)


def decoded(raw: str) -> str:
    """Percent-decoded once, ``+`` a blank; a broken escape stays as it is, broken UTF-8 becomes U+FFFD."""
    if raw.isascii() and "%" not in raw and "+" not in raw:
        return raw
    received = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", raw.replace("+", " ")).encode("utf-8", "surrogateescape")
    return unquote_to_bytes(received).decode("utf-8", "replace")


def trimmed(value: str) -> str:
    """A value as it is used: without blank, tab, LF, CR, VT and NUL at both ends."""
    return value.strip(" \t\n\r\v\0")
