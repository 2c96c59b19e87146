"""Files in the form of GridFS, cut into chunks as they come: the driver's own upload keeps up to 48 MB of a file in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from bson import Int64

from cubequery.stores.files import PutFile

Document = dict[str, Any]
CHUNK = 255 * 1024
"""The driver's own size."""
AT_ONCE = 4
"""Chunks of one insert, about a megabyte."""
CHUNK_INDEX = [("files_id", 1), ("n", 1)]
FILE_INDEX = [("filename", 1), ("uploadDate", 1)]
"""The indexes that the driver makes at a first upload; that of the chunks is unique."""


class Cutter:
    """Cuts one file into chunks; no more of it is kept than the next insert takes."""

    def __init__(self, command: PutFile) -> None:
        self._command, self._kept, self._made, self._size = command, bytearray(), 0, 0

    def add(self, piece: bytes) -> Iterator[list[Document]]:
        """The chunks of each insert that is full by now."""
        self._kept += piece
        self._size += len(piece)
        while len(self._kept) >= AT_ONCE * CHUNK:
            yield self._take(AT_ONCE * CHUNK)

    def rest(self) -> list[Document]:
        """The last chunks; an empty file has none."""
        return self._take(len(self._kept))

    def file(self) -> Document:
        """The document of the file, written last: chunks without it are no file."""
        return {
            "_id": self._command.file_id, "filename": self._command.file_id, "metadata": self._command.facts.document(),
            "chunkSize": CHUNK, "length": Int64(self._size), "uploadDate": dt.datetime.now(dt.UTC),
        }  # fmt: skip

    def _take(self, size: int) -> list[Document]:
        taken = bytes(self._kept[:size])
        del self._kept[:size]
        first, self._made = self._made, self._made + -(-size // CHUNK)
        return [
            {"files_id": self._command.file_id, "n": first + place, "data": taken[place * CHUNK : (place + 1) * CHUNK]}
            for place in range(self._made - first)
        ]
