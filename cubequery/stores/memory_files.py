"""Files of the embedded store: bytes in memory, beside the records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from cubequery.stores.files import PIECE, DropFiles, FindFiles, ListFiles, Meter, OpenFile, PutFile, StoredFile, pieces


@dataclass(frozen=True)
class MemoryFile:
    """The bytes of one file with its facts; a reader keeps them, whatever becomes of the store."""

    data: bytes
    facts: dict[str, Any]

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self.data)

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, piece by piece."""
        end = len(self.data) if stop is None else min(stop, len(self.data))
        for place in range(start, end, PIECE):
            yield self.data[place : min(place + PIECE, end)]


@dataclass(frozen=True)
class AwaitedFile:
    """The same for an async reader."""

    file: MemoryFile

    @property
    def size(self) -> int:
        """In bytes."""
        return self.file.size

    async def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to ``stop``, piece by piece."""
        for piece in self.file.chunks(start, stop):
            yield piece


def read_file(command: PutFile) -> tuple[bytes, StoredFile]:
    """All bytes of a file that is sent, and what was counted."""
    meter = Meter(command.most)
    data = b"".join(meter.add(piece) for piece in pieces(command.source))
    return data, meter.stored()


class MemoryFiles:
    """The files of every class, by class and id."""

    def __init__(self) -> None:
        self.classes: dict[str, dict[str, MemoryFile]] = {}

    def of(self, name: str) -> dict[str, MemoryFile]:
        """The files of one class by id."""
        return self.classes.setdefault(name, {})

    def keep(self, command: PutFile, data: bytes) -> None:
        """Keep a file of which all has come."""
        self.of(command.schema.name)[command.file_id] = MemoryFile(data, command.facts.document())

    def open(self, command: OpenFile) -> MemoryFile | None:
        """The file, or None."""
        return self.of(command.schema.name).get(command.file_id)

    def find(self, command: FindFiles) -> frozenset[str]:
        """Those of the ids under which there is a file."""
        return frozenset(command.file_ids) & self.of(command.schema.name).keys()

    def drop(self, command: DropFiles) -> None:
        """Delete files."""
        for file_id in command.file_ids:
            self.of(command.schema.name).pop(file_id, None)

    def list(self, command: ListFiles) -> list[tuple[str, Any, str]]:
        """Files by age, scope and id."""
        scope = command.wanted().get("metadata.scope")
        found = [
            (file_id, file.facts["record_id"], file.facts["path"])
            for file_id, file in sorted(self.of(command.schema.name).items())
            if file_id > command.after and file.facts["at"] < command.before and (scope is None or file.facts["scope"] == scope)
        ]
        return found[: command.limit]
