"""What operations ask of a store about the bytes of files: commands, the facts kept beside a file, and what pumps bytes through."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cubequery import errors
from cubequery.errors import RequestError
from cubequery.stores.commands import Command, T

PIECE = 256 * 1024
"""Bytes that are in memory at a time."""


class Readable(Protocol):
    """A binary file, or anything that is read like one."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes, none at the end."""


Source = bytes | Readable | Iterable[bytes]
AsyncSource = Source | AsyncIterable[bytes]


@dataclass(frozen=True)
class StoredFile:
    """What a store has counted: ``size`` in bytes, ``digest`` the SHA-256 in hex."""

    size: int
    digest: str


@dataclass(frozen=True)
class FileFacts:
    """Which record a file was put there for, and when that began; ``scope`` is the host's. They serve the sweep alone."""

    record_id: Any
    path: str
    at: dt.datetime
    scope: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The form in which a store keeps them."""
        scope = [[path, self.scope[path]] for path in sorted(self.scope)]  # pairs: a path may hold dots
        return {"record_id": self.record_id, "path": self.path, "at": self.at, "scope": scope}


class FileCommand(Command[T]):
    """About the bytes of files. Never part of a transaction: an operation orders them so that a record names no file that is not there."""


@dataclass(frozen=True)
class PutFile(FileCommand[StoredFile]):
    """Keep the bytes of ``source`` under a new id; the store pumps them. Where it fails, nothing is kept.

    Raises RequestError 400 ``too_large`` at the first byte above ``most``.
    """

    file_id: str
    source: Any
    facts: FileFacts
    most: int
    writes = True


@dataclass(frozen=True)
class OpenFile(FileCommand[Any]):
    """A handle whose ``chunks(start, stop)`` gives a file's bytes piece by piece, or None where there is no such file."""

    file_id: str


@dataclass(frozen=True)
class FindFiles(FileCommand[frozenset[str]]):
    """Those of the ids under which there is a file."""

    file_ids: Sequence[str]


@dataclass(frozen=True)
class DropFiles(FileCommand[None]):
    """Delete files; those that are not there are no fault."""

    file_ids: Sequence[str]
    writes = True


@dataclass(frozen=True)
class ListFiles(FileCommand[list[tuple[str, Any, str]]]):
    """Files begun before a moment under a scope, ascending by id from ``after``: their id, their record's id, its stored path."""

    before: dt.datetime
    scope: Mapping[str, Any]
    after: str
    limit: int

    def wanted(self) -> dict[str, Any]:
        """The condition over the facts, as a MongoDB filter of the files' documents."""
        within = {"metadata.scope": FileFacts(None, "", self.before, self.scope).document()["scope"]} if self.scope else {}
        return {"_id": {"$gt": self.after}, "metadata.at": {"$lt": self.before}, **within}


@dataclass(frozen=True)
class ListRemains(FileCommand[list[str]]):
    """Ids under which bytes were kept before a moment by an upload that was cut; no record can name them."""

    before: dt.datetime
    limit: int


class Meter:
    """Counts and digests bytes on their way into a store."""

    def __init__(self, most: int) -> None:
        self._most, self._size, self._digest = most, 0, hashlib.sha256()

    def add(self, piece: bytes) -> bytes:
        """The piece itself. Raises RequestError 400 ``too_large``."""
        self._size += len(piece)
        if self._size > self._most:
            raise RequestError([errors.too_large("file")])
        self._digest.update(piece)
        return piece

    def stored(self) -> StoredFile:
        """What has passed."""
        return StoredFile(self._size, self._digest.hexdigest())


def pieces(source: Source) -> Iterator[bytes]:
    """The bytes of a source, never all of a stream at once."""
    if isinstance(source, bytes | bytearray | memoryview):
        yield bytes(source)
    elif hasattr(source, "read"):
        while piece := source.read(PIECE):
            yield piece
    else:
        yield from source


async def pieces_async(source: AsyncSource) -> AsyncIterator[bytes]:
    """The same, awaited where the source asks for it."""
    if isinstance(source, AsyncIterable):
        async for piece in source:
            yield piece
    else:
        for piece in pieces(source):
            yield piece
