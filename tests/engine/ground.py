"""The records and files that every trial on a server begins with."""

from __future__ import annotations

from pymongo.database import Database

from cubequery.stores import MongoStore
from tests.engine import trials
from tests.engine.trials import CLASSES, Stored
from tests.support.mongod import Document

COLLECTIONS = tuple(f"{each.name}{part}" for each in CLASSES for part in ("", ".files", ".chunks"))


class Ground:
    """A database of its own, reached by a client to which nothing happens."""

    def __init__(self, database: Database[Document]) -> None:
        self.database, self.client = database, database.client
        self.client.drop_database(database.name)
        trials.prepare(MongoStore(database))
        self._base = self._all()
        self.orphans = self.stored().orphans
        """Files that no record names from the start."""

    def renew(self) -> None:
        """As it was in the beginning."""
        for name, documents in self._all().items():
            if documents != self._base[name]:
                self.database[name].delete_many({})
                self.database[name].insert_many(self._base[name])

    def stored(self) -> Stored:
        """What the server holds, as everybody sees it."""
        found = self._all()
        files: dict[str, bytes] = {}
        remains: set[str] = set()
        for each in CLASSES:
            files |= {file["_id"]: b"" for file in found[f"{each.name}.files"]}
            for chunk in found[f"{each.name}.chunks"]:
                if chunk["files_id"] in files:
                    files[chunk["files_id"]] += chunk["data"]
                else:
                    remains.add(chunk["files_id"])
        return Stored({each.name: found[each.name] for each in CLASSES}, files, frozenset(remains))

    def _all(self) -> dict[str, list[Document]]:
        """Every document by collection, in one command."""
        first, *others = ({"$replaceRoot": {"newRoot": {"from": name, "document": "$$ROOT"}}} for name in COLLECTIONS)
        joined = [{"$unionWith": {"coll": name, "pipeline": [each]}} for name, each in zip(COLLECTIONS[1:], others, strict=True)]
        found: dict[str, list[Document]] = {name: [] for name in COLLECTIONS}
        for each in self.database[COLLECTIONS[0]].aggregate([first, *joined, {"$sort": {"document._id": 1}}]):
            found[each["from"]].append(each["document"])
        return found
