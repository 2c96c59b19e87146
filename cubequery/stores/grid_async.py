"""The same bucket over pymongo's own async client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pymongo
from gridfs import NoFile
from gridfs.asynchronous import AsyncGridFSBucket, AsyncGridOut
from pymongo import ReadPreference
from pymongo.errors import PyMongoError

from cubequery.stores.chunks import CHUNK_INDEX, FILE_INDEX, Cutter
from cubequery.stores.files import (
    PIECE,
    DropFiles,
    FileCommand,
    FindFiles,
    ListFiles,
    ListRemains,
    Meter,
    OpenFile,
    PutFile,
    StoredFile,
    pieces_async,
)
from cubequery.stores.grid import guarded, remains_pipeline


class AsyncGridFile:
    """An open file, as :class:`~cubequery.stores.grid.GridFile`."""

    def __init__(self, command: OpenFile, stream: AsyncGridOut, seconds: float) -> None:
        self._command, self._stream, self._seconds = command, stream, seconds

    @property
    def size(self) -> int:
        """In bytes."""
        return self._stream.length

    async def chunks(self, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from ``start`` up to ``stop``, piece by piece. Raises RequestError where the database fails in between."""
        await self._stream.seek(start)
        left = (self.size if stop is None else min(stop, self.size)) - start
        while left > 0:
            with guarded(self._command, self._seconds):
                piece = await self._stream.read(min(PIECE, left))
            left -= len(piece)
            yield piece


class AsyncBucket:
    """The files of one class, as :class:`~cubequery.stores.grid.Bucket`."""

    def __init__(self, collection: Any, seconds: float) -> None:
        self._collection, self._seconds = collection, seconds
        database = collection.database.with_options(read_preference=ReadPreference.PRIMARY)
        self._grid = AsyncGridFSBucket(database, bucket_name=collection.name)
        self._chunks, self._files = database[f"{collection.name}.chunks"], database[f"{collection.name}.files"]
        self._indexed = False

    async def execute(self, command: FileCommand[Any]) -> Any:
        """The answer of one command. Raises RequestError."""
        return await _HANDLERS[type(command)](self, command)

    async def _put(self, command: PutFile) -> StoredFile:
        meter, cutter = Meter(command.most), Cutter(command)
        try:
            async for piece in pieces_async(command.source):
                for chunks in cutter.add(meter.add(piece)):
                    await self._insert(command, chunks)
            await self._insert(command, cutter.rest())
            with guarded(command, self._seconds):
                await self._files.insert_one(cutter.file())
        except BaseException:
            with suppress(PyMongoError), pymongo.timeout(self._seconds):
                await self._files.delete_one({"_id": command.file_id})
                await self._chunks.delete_many({"files_id": command.file_id})
            raise
        return meter.stored()

    async def _insert(self, command: PutFile, chunks: list[dict[str, Any]]) -> None:
        with guarded(command, self._seconds):
            if not self._indexed:
                await self._chunks.create_index(CHUNK_INDEX, unique=True)
                await self._files.create_index(FILE_INDEX)
                self._indexed = True
            if chunks:
                await self._chunks.insert_many(chunks)

    async def _open(self, command: OpenFile) -> AsyncGridFile | None:
        with guarded(command, self._seconds):
            try:
                return AsyncGridFile(command, await self._grid.open_download_stream(command.file_id), self._seconds)
            except NoFile:
                return None

    async def _find(self, command: FindFiles) -> frozenset[str]:
        with guarded(command, self._seconds):
            found = self._grid.find({"_id": {"$in": list(command.file_ids)}})
            return frozenset([each._id async for each in found])

    async def _drop(self, command: DropFiles) -> None:
        for file_id in command.file_ids:
            with guarded(command, self._seconds), suppress(NoFile):
                await self._grid.delete(file_id)

    async def _list(self, command: ListFiles) -> list[tuple[str, Any, str]]:
        with guarded(command, self._seconds):
            found = await self._grid.find(command.wanted(), sort=[("_id", 1)], limit=command.limit).to_list()
            return [(each._id, each.metadata["record_id"], each.metadata["path"]) for each in found]  # type: ignore[index]  # ours has it

    async def _remains(self, command: ListRemains) -> list[str]:
        with guarded(command, self._seconds):
            found = await self._chunks.aggregate(remains_pipeline(self._collection.name, command))
            return [each["_id"] async for each in found]


_HANDLERS: dict[type, Any] = {
    PutFile: AsyncBucket._put, OpenFile: AsyncBucket._open, DropFiles: AsyncBucket._drop, ListFiles: AsyncBucket._list,
    ListRemains: AsyncBucket._remains, FindFiles: AsyncBucket._find,
}  # fmt: skip
