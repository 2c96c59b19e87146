"""Escapes of a value, in the fast path: what it does not accept is read again slowly."""

from __future__ import annotations

import codecs

from cubequery.parse import grammar, received


class Unreadable(Exception):
    """The fast path met something it does not accept."""


def _unreadable() -> str:
    raise Unreadable


_read_hex = codecs.getdecoder("unicode_escape")


def decode(value: str) -> str:
    """Percent-decoded once, ``+`` a space. Raises Unreadable for what is no escape, UnicodeError for that and for what is no UTF-8."""
    spaced = value.replace("+", " ")
    if "%" not in spaced:
        return spaced
    if "\\" in value or not value.isascii():  # rare: an escape of another kind, or text not to be mixed with the bytes of escapes
        return received.decode(value) if grammar.value_pattern().fullmatch(value) else _unreadable()
    # ``\xhh`` is read by Python's own decoder, which takes two hexadecimal digits and nothing else.
    return _read_hex(spaced.replace("%", "\\x").encode())[0].encode("latin-1").decode()
