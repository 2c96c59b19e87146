"""Stores whose n-th command fails: in memory before or after it is applied, on a server by a fail point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

import cubequery as cq
from cubequery import errors
from cubequery.stores import MemoryStore, MongoStore
from cubequery.stores.calls import Dialect
from tests.engine import bench
from tests.support.mongod import Document

ALWAYS = 1_000
SENT = ["find", "aggregate", "insert", "update", "findAndModify", "delete", "commitTransaction"]
FAULTS = {name: dict(bench.FAULTS[name].point or {}) for name in ("not on enough members", "conflict", "out of time")}
LINES = {name: dict(bench.FAULTS[name].point or {}) for name in ("stepped down", "closes")}
"""After one of these the driver looks for the server anew, which takes half a second."""
IMPATIENT = cq.Settings(limits=cq.Limits(call_timeout_ms=1_500))
"""Under a time limit the driver tries until it is over."""


class Broken:
    """A memory store whose n-th command fails, and those behind it, as many ``times`` in all."""

    transactions = False

    def __init__(self, store: MemoryStore, place: int, code: str, *, applied: bool, times: int = 1) -> None:
        self.store, self.place, self.code, self.applied, self.times, self.asked = store, place, code, applied, times, 0

    def execute(self, command: Any) -> Any:
        place, self.asked = self.asked, self.asked + 1
        if not self.place <= place < self.place + self.times:
            return self.store.execute(command)
        if self.applied:
            self.store.execute(command)
        raise cq.RequestError([errors.plain(self.code if command.writes else "unavailable")])


class Disturbed(MongoStore):
    """A store that arms a fail point before its n-th command, also within a transaction, and none afterwards."""

    def __init__(self, database: Database[Document], place: int, fault: Mapping[str, Any], times: int) -> None:
        super().__init__(database, settings=IMPATIENT)
        self.admin, self.place, self.fault, self.times, self.asked = database.client.admin, place, fault, times, 0

    def carry_out(self, command: Any, dialect: Dialect, session: Any) -> Any:
        if self.asked == self.place:
            mode = "alwaysOn" if self.times == ALWAYS else {"times": self.times}
            self.admin.command({"configureFailPoint": "failCommand", "mode": mode, "data": {"failCommands": SENT, **self.fault}})
        self.asked += 1
        return super().carry_out(command, dialect, session)


def calm(database: Database[Document]) -> None:
    """No fail point any more."""
    database.client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
