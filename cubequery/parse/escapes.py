"""Escapes of a value, in the fast path: what it does not accept is read again slowly."""

from __future__ import annotations

from cubequery.parse import grammar, received


class Unreadable(Exception):
    """The fast path met something it does not accept."""


def _unreadable() -> str:
    raise Unreadable


_ESCAPES = {f"{byte:{form}}"[:2]: chr(byte) for byte in range(256) for form in ("02x", "02X")}
_ESCAPES |= {f"{high}{low}": chr(int(high + low, 16)) for high in "abcdefABCDEF" for low in "abcdefABCDEF"}


def decode(value: str) -> str:
    """Percent-decoded once, ``+`` a space. Raises Unreadable for what is no escape, UnicodeError for what is no UTF-8."""
    first, *rest = value.replace("+", " ").split("%")
    if not rest:
        return first
    if not value.isascii():  # rare, and not to be mixed with the bytes of escapes
        return received.decode(value) if grammar.value_pattern().fullmatch(value) else _unreadable()
    try:
        return "".join([first, *[_ESCAPES[each[:2]] + each[2:] for each in rest]]).encode("latin-1").decode()
    except KeyError:
        raise Unreadable from None
