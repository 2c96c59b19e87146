"""The same meetings on a server, at every command that the driver sends: with transactions and without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import pytest
from pymongo import MongoClient, WriteConcern
from pymongo.database import Database
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from cubequery.stores import MongoStore
from tests.engine.scenario import CLASSES
from tests.races.race import CONFLICTS, Race, Told, judged
from tests.races.requests import OTHERS, WRITES, Records, prepared
from tests.races.turns import Turn
from tests.support.mongod import Document

WRITING = {"insert", "findAndModify", "delete", "commitTransaction"}
SENT = {"find", "aggregate", *WRITING}
PATIENCE = 0.3
"""Seconds after which an operation counts as waiting for a transaction of the other one."""
QUICK = WriteConcern(w=1, j=False)
START = prepared()
PAIRS = (
    ("append", "appended as well"),
    ("rights", "rights of an admin"),
    ("rights", "owner changed"),
    ("update many", "rights withdrawn"),
    ("update by criteria", "rights withdrawn"),
    ("update by criteria", "leaves the criteria"),
    ("update by criteria", "changed by criteria"),
    ("delete", "rights withdrawn"),
    ("delete", "child moved out"),
    ("delete", "grandchild created"),
    ("delete by criteria", "leaves the criteria"),
    ("create many", "parent deleted"),
    ("create many", "record hidden"),
)


class Wire(CommandListener):
    """Holds a client before each command until it is its operation's turn, and tells what its writes have left."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.race: Race | None = None

    def started(self, event: CommandStartedEvent) -> None:
        if self.race is not None and event.command_name in SENT:
            self.race.command(self.place)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if self.race is not None and event.command_name in WRITING:
            self.race.landed(self.place)

    def failed(self, event: CommandFailedEvent) -> None:
        """What has failed has written nothing here."""


class Table:
    """Where two operations meet: a database, and a client for each of them."""

    def __init__(self, database: Database[Document], clients: Sequence[MongoClient[Document]], wires: Sequence[Wire]) -> None:
        self.database, self.clients, self.wires = database, clients, wires

    def stored(self) -> Records:
        return {(each.name, record["_id"]): record for each in CLASSES for record in self.database[each.name].find()}

    def meet(self, first: str, other: str, transactions: bool, plan: Sequence[int]) -> tuple[list[Turn], Told]:
        """One order of the two operations, over fresh records."""
        for each in CLASSES:
            collection = self.database[each.name].with_options(write_concern=QUICK)
            collection.delete_many({})
            collection.insert_many([dict(record) for (name, _), record in START.items() if name == each.name])

        def store(race: Race, place: int) -> MongoStore:
            made = MongoStore(self.clients[place][self.database.name])
            made.__dict__["transactions"] = transactions
            self.wires[place].race = race
            return made

        pair = [(first, WRITES[first]), (other, OTHERS[other])]
        race = Race(pair, self.stored, store, strict=transactions)
        try:
            return race.run(plan, PATIENCE if transactions else None)
        finally:
            for wire in self.wires:
                wire.race = None


@pytest.fixture
def table(mongod_uri: str, mongo_client: MongoClient[Document], database: Database[Document]) -> Iterator[Table]:
    name = f"{database.name}_races"
    wires = [Wire(0), Wire(1)]
    with (
        MongoClient[Document](mongod_uri, event_listeners=wires[:1]) as first,
        MongoClient[Document](mongod_uri, event_listeners=wires[1:]) as other,
    ):
        yield Table(mongo_client[name], [first, other], wires)
    mongo_client.drop_database(name)


def meetings(table: Table, pairs: Sequence[tuple[str, str]], transactions: bool) -> None:
    said, told = Counter[str](), list[Told]()
    for first, other in pairs:
        orders = judged(first, other, partial(table.meet, first, other, transactions), 1)
        said.update(f"{first}: {each.words[0]}" for each in orders)
        told += orders
    conflicts, waited = sum(each.conflict for each in told), sum(each.overlapped for each in told)
    print(
        f"transactions {transactions}: {len(pairs)} pairs, {len(told)} orders, {conflicts} with a conflict, {waited} waited; {dict(said)}"
    )
    assert conflicts + waited >= CONFLICTS * len(told)


@pytest.mark.parametrize("transactions", [True, False])
def test_what_lands_is_permitted_on_a_server(table: Table, transactions: bool) -> None:
    meetings(table, PAIRS, transactions)


@pytest.mark.slow
@pytest.mark.parametrize("transactions", [True, False])
def test_all_that_lands_is_permitted_on_a_server(table: Table, transactions: bool) -> None:
    meetings(table, [(first, other) for first in WRITES for other in OTHERS], transactions)
