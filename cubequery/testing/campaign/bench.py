"""The server's side of a campaign: one collection that is filled anew for each world, and many filters asked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, cast

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.write_concern import WriteConcern

from cubequery.testing.values import Document

BRANCHES = 100
"""Filters of one command: a `$facet` answers four times more filters a second than single finds."""
WIDE: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)  # years that Python lacks
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(RawBSONDocument)


class Bench:
    """One worker's database on the server. It is dropped when the bench is closed."""

    def __init__(self, uri: str, name: str) -> None:
        self.client: MongoClient[Document] = MongoClient(uri, serverSelectionTimeoutMS=5_000, appname=name)
        self.database = self.client[name]
        self.collection: Collection[Document] = self.database.get_collection("world", codec_options=WIDE)
        quick = WriteConcern(w=1)  # a server that is thrown away need not be waited for
        self.scratch = cast(Database[Any], self.database).get_collection("scratch", codec_options=_RAW, write_concern=quick)

    def fill(self, documents: Sequence[Document | RawBSONDocument]) -> None:
        """Exactly these records, in this order."""
        self.collection.drop()
        self.collection.insert_many(documents)

    def selected(self, filters: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """By filter the ids of the records that it selects, as stored. The filters share one reading of the records."""
        found: list[list[Any]] = []
        for start in range(0, len(filters), BRANCHES):
            batch = filters[start : start + BRANCHES]
            stages = {f"q{place}": [{"$match": each}, _IDS] for place, each in enumerate(batch)}
            (answer,) = self.collection.aggregate([{"$facet": stages}], collation={"locale": "simple"})
            found += [rows[0]["ids"] if (rows := answer[f"q{place}"]) else [] for place in range(len(batch))]
        return found

    def found(self, filter: Mapping[str, Any]) -> list[Any]:
        """The same for one filter by a find of its own, as stores ask it."""
        return [each["_id"] for each in self.collection.find(filter, {"_id": 1}, collation={"locale": "simple"})]

    def updated(self, filter: Mapping[str, Any], update: Any, documents: Sequence[RawBSONDocument]) -> list[RawBSONDocument]:
        """These records, all of which the filter matches, after an update; in a collection of their own, which holds nothing else."""
        if not documents:
            return []
        self.scratch.delete_many({})
        self.scratch.insert_many(documents)
        self.scratch.update_many(filter, update, collation={"locale": "simple"})
        return list(self.scratch.find())

    @cached_property
    def has_fail_points(self) -> bool:
        """Whether the server lets itself be made to fail; only one that is started for tests does."""
        try:
            self.calm()
        except OperationFailure:
            return False
        return True

    def fail(self, fault: Mapping[str, Any], commands: Sequence[str], times: int) -> None:
        """So many of the next commands of this bench's client fail."""
        data = {"failCommands": list(commands), "appName": self.database.name, **fault}
        self.client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data})

    def calm(self) -> None:
        """No command fails any more."""
        self.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})

    def close(self) -> None:
        """Leave nothing behind."""
        self.client.drop_database(self.database.name)
        self.client.close()


_IDS = {"$group": {"_id": None, "ids": {"$push": "$_id"}}}
