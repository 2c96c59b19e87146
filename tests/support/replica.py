"""Three servers of ours in one replica set, of which the primary may be killed and started again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from pymongo.errors import ConnectionFailure

from tests.support.mongod import Member, initiate, members, uri_of

T = TypeVar("T")

PATIENCE = 40.0
"""Seconds until the set must have recovered from anything; the machine may be busy."""
USABLE = (1, 2)
"""States of members: primary, secondary."""


class ReplicaSet:
    """A set whose members are processes of this test."""

    def __init__(self, made: Sequence[Member]) -> None:
        self.members, self.uri = made, uri_of(made)

    def kill_primary(self) -> Member:
        """End the primary without a word to it, as a power cut would."""
        victim = wait_for(self._primary, "a primary")
        victim.kill()
        return victim

    def start_again(self, member: Member) -> None:
        """Start a killed member and wait until all members serve again, so that the next kill leaves a majority."""
        member.start()
        wait_for(self._is_whole, "every member to serve")

    def _primary(self) -> Member | None:
        return next((each for each in self.members if _state(each) == USABLE[0]), None)

    def _is_whole(self) -> bool:
        return all(_state(each) in USABLE for each in self.members)


@contextmanager
def replica_set(count: int = 3) -> Iterator[ReplicaSet]:
    """A set that misses its primary after two seconds; its processes are gone after the block. Raises NoServer."""
    with members(count) as made:
        initiate(made, electionTimeoutMillis=2_000)
        found = ReplicaSet(made)
        wait_for(found._is_whole, "every member to serve")
        yield found


def _state(member: Member) -> int | None:
    """A member's own opinion of its state; None while it does not answer."""
    try:
        state: int = member.ask("replSetGetStatus")["myState"]
    except ConnectionFailure:
        return None
    return state


def wait_for(found: Callable[[], T | None], what: str) -> T:
    """What is found once it is true. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE:.0f} s for {what}")
        time.sleep(0.05)
    return answer
