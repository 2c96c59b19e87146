"""Keeping records in memory small: one object for every key, and one for all equal token arrays and levels."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from cubequery.names import HIDDEN

MOST = 65_536
"""Rights remembered; beyond, remembering begins anew, and records keep what they have."""
_RIGHTS = frozenset({"_read", "_update", "_delete", "_acl"}) & HIDDEN


class Interner:
    """Gives documents their shared parts. Nothing inside a stored document is ever changed in place, so sharing is safe."""

    def __init__(self) -> None:
        self._rights: dict[str, Any] = {}

    def kept(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of the document, to be stored."""
        return {intern(str(name)): self._right(value) if name in _RIGHTS else _value(value) for name, value in document.items()}

    def _right(self, value: Any) -> Any:
        """One object for all that are equal; what is not of texts alone stays its own, since 1, 1.0 and true are not the same value."""
        if not _is_plain(value):
            return value
        if len(self._rights) >= MOST:
            self._rights = {}
        return self._rights.setdefault(repr(value), value)


def _is_plain(value: Any) -> bool:
    """Texts, and lists and documents of them."""
    if type(value) is dict:
        return all(map(_is_plain, value.values()))
    return all(map(_is_plain, value)) if type(value) is list else type(value) is str


def _value(value: Any) -> Any:
    return {intern(name): _value(inner) for name, inner in value.items()} if type(value) is dict else value
