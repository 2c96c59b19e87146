"""Files on MongoDB: GridFS, one bucket a class beside its collection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pymongo
from bson import ObjectId
from gridfs import GridFSBucket, GridOut, NoFile
from pymongo import ReadPreference
from pymongo.errors import PyMongoError

from cubequery.stores.chunks import CHUNK_INDEX, FILE_INDEX, Cutter
from cubequery.stores.faults import FAMILIES, refusal
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
    pieces,
)


@contextmanager
def guarded(command: FileCommand[Any], seconds: float) -> Iterator[None]:
    """One call of the driver: within its time, its errors as the API's."""
    try:
        with pymongo.timeout(seconds):
            yield
    except FAMILIES as error:
        raise refusal(error, command.schema, writes=command.writes) from error


def remains_pipeline(name: str, command: ListRemains) -> list[dict[str, Any]]:
    """Ids under which there are chunks and no file's document; the id of a chunk says when the driver made it.

    Of each id the index gives the first chunk, whichever that is: of what a delete has left it need not be number 0.
    """
    return [
        {"$sort": {"files_id": 1, "n": 1}},
        {"$group": {"_id": "$files_id", "first": {"$first": "$_id"}}},
        {"$match": {"first": {"$lt": ObjectId.from_datetime(command.before)}}},
        {"$lookup": {"from": f"{name}.files", "localField": "_id", "foreignField": "_id", "as": "files"}},
        {"$match": {"files": {"$size": 0}}},
        {"$limit": command.limit},
    ]


class GridFile:
    """An open file."""

    def __init__(self, command: OpenFile, stream: GridOut, seconds: float) -> None:
        self._command, self._stream, self._seconds = command, stream, seconds

    @property
    def size(self) -> int:
        """In bytes."""
        return self._stream.length

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``stop``, piece by piece. Raises RequestError where the database fails in between."""
        self._stream.seek(start)
        left = (self.size if stop is None else min(stop, self.size)) - start
        while left > 0:
            with guarded(self._command, self._seconds):
                piece = self._stream.read(min(PIECE, left))
            left -= len(piece)
            yield piece


class Bucket:
    """The files of one class: the collections ``<name>.files`` and ``<name>.chunks``."""

    def __init__(self, collection: Any, seconds: float) -> None:
        self._collection, self._seconds = collection, seconds
        database = collection.database.with_options(read_preference=ReadPreference.PRIMARY)
        self._grid = GridFSBucket(database, bucket_name=collection.name)
        self._chunks, self._files = database[f"{collection.name}.chunks"], database[f"{collection.name}.files"]
        self._indexed = False

    def execute(self, command: FileCommand[Any]) -> Any:
        """The answer of one command. Raises RequestError."""
        return _HANDLERS[type(command)](self, command)

    def _put(self, command: PutFile) -> StoredFile:
        meter, cutter = Meter(command.most), Cutter(command)
        try:
            for piece in pieces(command.source):
                for chunks in cutter.add(meter.add(piece)):
                    self._insert(command, chunks)
            self._insert(command, cutter.rest())
            with guarded(command, self._seconds):
                self._files.insert_one(cutter.file())
        except BaseException:
            with suppress(PyMongoError), pymongo.timeout(self._seconds):
                self._files.delete_one({"_id": command.file_id})
                self._chunks.delete_many({"files_id": command.file_id})
            raise
        return meter.stored()

    def _insert(self, command: PutFile, chunks: list[dict[str, Any]]) -> None:
        with guarded(command, self._seconds):
            if not self._indexed:
                self._chunks.create_index(CHUNK_INDEX, unique=True)
                self._files.create_index(FILE_INDEX)
                self._indexed = True
            if chunks:
                self._chunks.insert_many(chunks)

    def _open(self, command: OpenFile) -> GridFile | None:
        with guarded(command, self._seconds):
            try:
                return GridFile(command, self._grid.open_download_stream(command.file_id), self._seconds)
            except NoFile:
                return None

    def _find(self, command: FindFiles) -> frozenset[str]:
        with guarded(command, self._seconds):
            return frozenset(each._id for each in self._grid.find({"_id": {"$in": list(command.file_ids)}}))

    def _drop(self, command: DropFiles) -> None:
        for file_id in command.file_ids:
            with guarded(command, self._seconds), suppress(NoFile):
                self._grid.delete(file_id)

    def _list(self, command: ListFiles) -> list[tuple[str, Any, str]]:
        with guarded(command, self._seconds):
            found = list(self._grid.find(command.wanted(), sort=[("_id", 1)], limit=command.limit))
            return [(each._id, each.metadata["record_id"], each.metadata["path"]) for each in found]

    def _remains(self, command: ListRemains) -> list[str]:
        with guarded(command, self._seconds):
            return [each["_id"] for each in self._chunks.aggregate(remains_pipeline(self._collection.name, command))]


_HANDLERS: dict[type, Any] = {
    PutFile: Bucket._put, OpenFile: Bucket._open, DropFiles: Bucket._drop, ListFiles: Bucket._list, ListRemains: Bucket._remains,
    FindFiles: Bucket._find,
}  # fmt: skip
