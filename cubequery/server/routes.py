"""Which request a method and a path are: the endpoints of the Custom Objects API as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_from_bytes, unquote_to_bytes

from starlette.types import Scope

Table = Mapping[str, str]
CLASS: Table = {"GET": "list", "POST": "create"}
MULTI: Table = {"POST": "create_many", "PUT": "update_many"}
# A known client sends POST where the documentation says PUT.
CRITERIA: Table = {"PUT": "update_by_criteria", "POST": "update_by_criteria", "DELETE": "delete_by_criteria"}
RECORD: Table = {"GET": "get", "PUT": "update", "DELETE": "delete"}
FILE: Table = {"POST": "upload", "GET": "download", "DELETE": "delete_file"}
WORDS: Mapping[str, Table] = {"multi": MULTI, "by_criteria": CRITERIA, "file": {}}
"""Words of a path, never ids, and what they mean behind a class."""
FILES = frozenset(FILE.values())
"""Operations about the file of a record."""


@dataclass(frozen=True, slots=True)
class Route:
    """What is asked for: the operation, the class as named in the path, and the id or ids as given there."""

    operation: str
    class_name: str
    id: str = ""


def find_route(scope: Scope) -> Route | None:
    """The route of an HTTP request; None where there is no such endpoint."""
    segments = path_segments(scope)
    if segments is not None:
        segments[-1] = segments[-1].removesuffix(".json")
    if segments is None or segments[:2] != ["", "data"] or "" in segments[2:]:
        return None
    rest = segments[2:]
    operation = _find(scope["method"], rest)
    named = len(rest) > 1 and rest[1] not in WORDS
    return None if operation is None else Route(operation, rest[0], rest[1] if named else "")


def _find(method: str, rest: list[str]) -> str | None:
    if len(rest) == 1:
        return CLASS.get(method)
    if len(rest) == 2:
        return WORDS.get(rest[1], RECORD).get(method)
    return FILE.get(method) if len(rest) == 3 and rest[2] == "file" and rest[1] not in WORDS else None


def path_segments(scope: Scope) -> list[str] | None:
    """The segments of the path below the mount, percent-decoded once, the first of them empty; None for what is no UTF-8."""
    try:
        return [unquote_to_bytes(part).decode() for part in local_path(scope).split(b"/")]
    except UnicodeDecodeError:
        return None


def local_path(scope: Scope) -> bytes:
    """The path as received, below the place where the application is mounted; a ``%2F`` in it is no separator."""
    raw: bytes | None = scope.get("raw_path")
    path = quote_from_bytes(scope["path"].encode("utf-8", "surrogateescape")).encode() if raw is None else raw.partition(b"?")[0]
    root = scope.get("root_path", "").rstrip("/").encode("utf-8", "surrogateescape")
    end = 0
    for _ in range(root.count(b"/")):  # a separator of the root may have come as %2F, but it has no more of them
        end = path.find(b"/", end + 1)
        if unquote_to_bytes(path if end < 0 else path[:end]) == root:
            return b"" if end < 0 else path[end:]
        if end < 0:
            break
    return path
