"""Ids of records and of users: ObjectId, Integer or String, each accepted only in its own form."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bson import Int64, ObjectId

from cubequery.errors import Refused
from cubequery.limits import DEFAULT, Limits
from cubequery.values.base import FieldType, short
from cubequery.values.scalars import Integer

_HEX = re.compile(r"[0-9a-fA-F]{24}", re.ASCII)
_PATH_WORDS = frozenset({"null", "multi", "by_criteria", "file"})


class ObjectIdType(FieldType):
    """24 hex digits, either case; rendered in lower case."""

    name, kind, bson = "ObjectId", "id", ("objectId",)

    def read_text(self, text: str, limits: Limits = DEFAULT) -> ObjectId:
        if _HEX.fullmatch(short(text, limits.max_scalar_chars)) is None:
            raise Refused("wrong_type")
        return ObjectId(text)

    def render(self, stored: Any) -> Any:
        return str(stored) if type(stored) is ObjectId else super().render(stored)

    def owns(self, stored: Any) -> bool:
        return isinstance(stored, ObjectId)

    def show(self, stored: Any) -> str:
        return str(stored)


class IntegerIdType(Integer):
    """A record id made by the host: a 64-bit integer in its canonical text."""

    kind = "id"

    def read_text(self, text: str, limits: Limits = DEFAULT) -> int:
        if text == "-0":
            raise Refused("wrong_type")
        return super().read_text(text, limits)


class StringIdType(FieldType):
    """A record id made by the host: 1-256 UTF-8 bytes, no control characters, ``/``, ``,`` or blank at either end."""

    name, kind, bson = "String", "id", ("string",)
    same = frozenset({str, type(None)})

    def read_text(self, text: str, limits: Limits = DEFAULT) -> str:
        if text in _PATH_WORDS or text.endswith(".json") or "/" in text or "," in text:
            raise Refused("wrong_type")
        return plain_id(text, limits)

    def owns(self, stored: Any) -> bool:
        return type(stored) is str


class UserIdType(Integer):
    """A user's id under Integer user ids."""

    kind = "user"

    def read_text(self, text: str, limits: Limits = DEFAULT) -> int:
        if text == "-0":
            raise Refused("wrong_type")
        return super().read_text(text, limits)

    def owns(self, stored: Any) -> bool:
        return type(stored) in (int, Int64)


class TextUserIdType(FieldType):
    """A user's id under String user ids: 1-256 UTF-8 bytes, no control characters, no blank at either end."""

    name, kind, bson = "String", "user_text", ("string",)
    same = frozenset({str, type(None)})

    def read_text(self, text: str, limits: Limits = DEFAULT) -> str:
        return plain_id(text, limits)

    def owns(self, stored: Any) -> bool:
        return type(stored) is str


def plain_id(text: str, limits: Limits = DEFAULT) -> str:
    """A text id as given; never folded or trimmed, refused where it could not be told from another."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > limits.max_id_bytes:
        raise Refused("too_big")
    if not size or text != text.strip() or any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise Refused("wrong_type")
    return text


def parent_type(id_type: str) -> FieldType:
    """Type of ``_parent_id``: an id whose operators are those of a reference, not of a key."""
    found = ID_TYPES[id_type]()
    found.kind = "parent"
    return found


ID_TYPES: dict[str, type[FieldType]] = {"ObjectId": ObjectIdType, "Integer": IntegerIdType, "String": StringIdType}
USER_ID_TYPES: dict[str, type[FieldType]] = {"Integer": UserIdType, "String": TextUserIdType}
