"""A server whose every command can be made to fail: on the wire by a relay, in the server by a fail point."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import ConnectionFailure

import cubequery as cq
from cubequery.engine import AsyncEngine, Engine
from cubequery.stores import AsyncMongoStore, MongoStore
from tests.engine import trials
from tests.engine.ground import Ground
from tests.engine.promises import Uncut
from tests.engine.stores import InLoop
from tests.engine.trials import CLASSES, Operation
from tests.support.mongod import Document
from tests.support.relay import Act, Relay

WRITES = frozenset({"insert", "update", "findAndModify", "delete", "commitTransaction"})
PATIENT, IMPATIENT = 5_000, (100, 500)
"""Milliseconds that a call of the driver may take; the short ones are tried in turn where it waits for what never comes."""


@dataclass(frozen=True)
class Fault:
    """What becomes of one command: on the wire ``act``, in the server what a fail point says.

    ``stays``: from then on the server is away, or goes on to refuse that command. ``writes``: it is for commands that write.
    """

    act: Act = Act.PASS
    point: Mapping[str, Any] | None = None
    stays: bool = False
    writes: bool = False

    @property
    def waits(self) -> bool:
        """Whether the driver uses up its time."""
        return self.act is Act.HOLD or (self.stays and self.act is not Act.PASS)


FAULTS: Mapping[str, Fault] = {
    "fails before": Fault(Act.CUT),
    "fails after applying": Fault(Act.LOSE),
    "times out": Fault(Act.HOLD),
    "out of time": Fault(point={"errorCode": 50}),
    "closes": Fault(point={"closeConnection": True}),
    "not primary": Fault(point={"errorCode": 10107}),
    "stepped down": Fault(point={"errorCode": 189}),
    "changes state": Fault(point={"errorCode": 11602}),
    "shuts down": Fault(point={"errorCode": 91}),
    "conflict": Fault(point={"errorCode": 112}),
    "conflict that stays": Fault(point={"errorCode": 112}, stays=True, writes=True),
    "not on enough members": Fault(point={"writeConcernError": {"code": 64, "errmsg": "x"}}, writes=True),
    "shuts down before enough members have it": Fault(point={"writeConcernError": {"code": 91, "errmsg": "x"}}, writes=True),
    "gone before": Fault(Act.CUT, stays=True),
    "gone after applying": Fault(Act.LOSE, stays=True),
}


class Bench:
    """Engines on trial, sync or, where a ``runner`` is given, async; between them and the server stands a relay."""

    def __init__(self, ground: Ground, runner: asyncio.Runner | None = None) -> None:
        self.ground, self._runner, self.is_sync = ground, runner, runner is None
        self.names: list[str] = []
        """The commands of the operation on trial, as they pass."""
        assert ground.client.address is not None
        self._relay = Relay(ground.client.address)
        # Polling is done at once where a server is looked for; a streamed answer would be waited for.
        where = f"mongodb://127.0.0.1:{self._relay.port}/?directConnection=true&appName=bench&serverMonitoringMode=poll"
        self._client: Any = MongoClient[Document](where) if runner is None else AsyncMongoClient[Document](where)

    def close(self) -> None:
        """Leave nothing behind.

        The server is found again first: the async driver (4.20) forgets a socket that its monitor is connecting while it is closed.
        """
        self._await_server()
        closed = self._client.close()
        if self._runner is not None:
            self._runner.run(closed)
        self._relay.close()
        self.ground.client.drop_database(self.ground.database.name)

    def undisturbed(self, name: str, operation: Operation) -> Uncut:
        """A run to which nothing happens; its commands are in ``names`` afterwards."""
        states = []

        def look(command: str) -> Act:
            states.append(self.ground.stored().shape)
            return Act.PASS

        said, answer = self._try(operation, look, PATIENT)
        assert said == "done"
        return Uncut(name, operation, [*states, self.ground.stored().shape], answer)

    def disturbed(self, operation: Operation, place: int, fault: Fault) -> tuple[str, Any]:
        """The outcome of an operation to whose n-th command something happens."""

        def look(command: str) -> Act:
            if len(self.names) - 1 != place:
                return Act.PASS
            if fault.point is not None:
                self._fail("alwaysOn" if fault.stays else {"times": 1}, {"failCommands": [command], "appName": "bench", **fault.point})
            else:
                self._relay.gone = fault.stays
            return fault.act

        self._relay.held.clear()
        for milliseconds in (*IMPATIENT, PATIENT) if fault.waits else (PATIENT,):
            told = self._try(operation, look, milliseconds)
            if fault.point is not None:
                self._fail("off")
            if fault.waits or fault.stays:  # the server would end after a minute what nobody has ended
                self.ground.client.admin.command("killAllSessions", [])
            if len(self.names) > place:  # else the time was over before anything could happen to it
                break
        assert fault.act is not Act.HOLD or self._relay.held.wait(PATIENT / 1000)
        assert len(self.names) > place, "nothing has happened to it"
        return told

    def without_server(self, operation: Operation) -> str:
        """What is said where no server can be found, not even to be asked whether it has transactions."""
        self._relay.gone = True
        self._relay.close_lines()
        try:
            return trials.outcome(operation.ask, self._engine(operation, IMPATIENT[0]))[0]
        finally:
            self._relay.gone = False

    def repeated(self, operation: Operation) -> tuple[str, Any]:
        """The outcome of an operation to which nothing happens, over what is there."""
        return trials.outcome(operation.ask, Engine(MongoStore(self.ground.database), CLASSES, **trials.options_of(operation)))

    def _try(self, operation: Operation, look: Callable[[str], Act], milliseconds: int) -> tuple[str, Any]:
        self.ground.renew()
        self._await_server()
        self.names.clear()

        def pass_by(command: str) -> Act:
            self.names.append(command)
            return look(command)

        self._relay.look = pass_by
        try:
            return trials.outcome(operation.ask, self._engine(operation, milliseconds))
        finally:
            self._relay.look, self._relay.gone = lambda command: Act.PASS, False

    def _engine(self, operation: Operation, milliseconds: int) -> Any:
        settings, database = cq.Settings(limits=cq.Limits(call_timeout_ms=milliseconds)), self._client[self.ground.database.name]
        options = trials.options_of(operation)
        if self._runner is None:
            return Engine(MongoStore(database, settings=settings), CLASSES, **options)
        return InLoop(AsyncEngine(AsyncMongoStore(database, settings=settings), CLASSES, **options), self._runner)

    def _await_server(self) -> None:
        """Until the client on trial has found the server again."""
        for _ in range(100):
            try:
                found = self._client.admin.command("ping")
                if self._runner is not None:
                    self._runner.run(found)
                return
            except ConnectionFailure:
                continue
        raise AssertionError("the server has not come back")

    def _fail(self, mode: Any, data: Mapping[str, Any] | None = None) -> None:
        self.ground.client.admin.command({"configureFailPoint": "failCommand", "mode": mode, **({"data": data} if data else {})})
