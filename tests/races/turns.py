"""Two operations that take turns, one command at a time, in every order in which they can be interleaved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Semaphore, Thread
from typing import Any

import cubequery as cq


class Player:
    """An operation in a thread of its own, which moves only when it is told to. ``word`` is ``done`` or the code of its refusal."""

    def __init__(self, act: Callable[[], Any]) -> None:
        self.act, self.commands, self.word = act, 0, ""
        self.stuck = False
        self.error: BaseException | None = None
        self._go, self._back = Semaphore(0), Semaphore(0)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it has answered; one that is stuck has not."""
        return bool(self.word) and not self.stuck

    @property
    def is_under_way(self) -> bool:
        """Whether it has begun a command and has not answered."""
        return self.commands > 0 and not self.is_over

    def step(self, patience: float | None) -> None:
        """Let it carry out one command, up to the next. It is ``stuck`` where that takes longer than so many seconds."""
        if not self.stuck:
            self._go.release()
        self.stuck = not self._back.acquire(timeout=patience)

    def park(self) -> None:
        """The operation itself calls this before each command, and goes on when it is its turn."""
        self.commands += 1
        if self.commands > 1:
            self._back.release()
            self._go.acquire()

    def _run(self) -> None:
        self._go.acquire()
        try:
            self.act()
            self.word = "done"
        except cq.RequestError as error:
            self.word = error.code
        except BaseException as error:  # raised anew where the players are watched
            self.word, self.error = "raised", error
        self._back.release()


@dataclass(frozen=True)
class Turn:
    """Who moved, and who could have."""

    who: int
    able: tuple[bool, ...]


def play(players: Sequence[Player], plan: Sequence[int], patience: float | None = None) -> list[Turn]:
    """Move two players as planned, then each to its end, the one who moved last first; one that is stuck is waited for at the end."""
    turns: list[Turn] = []
    while not all(player.is_over for player in players):
        able = tuple(not player.is_over for player in players)
        wanted = plan[len(turns)] if len(turns) < len(plan) else turns[-1].who
        free = able[wanted] and not (players[wanted].stuck and able[1 - wanted])
        who = wanted if free else 1 - wanted
        players[who].step(patience)
        turns.append(Turn(who, able))
    for player in players:
        if player.error is not None:
            raise player.error
    return turns


def interleavings(run: Callable[[Sequence[int]], tuple[list[Turn], Any]], preemptions: int) -> Iterator[Any]:
    """What ``run`` tells of each order, those in which a player is interrupted more often than ``preemptions`` times left out.

    ``run`` is given a plan and answers with the turns that were taken; each order is played once.
    """
    waiting: list[list[int]] = [[0], [1]]
    while waiting:
        plan = waiting.pop()
        turns, told = run(plan)
        yield told
        for place in range(len(plan), len(turns)):
            other = 1 - turns[place].who
            if turns[place].able[other] and _interruptions(turns[:place], other, turns[place].able) <= preemptions:
                waiting.append([*(turn.who for turn in turns[:place]), other])


def _interruptions(turns: Sequence[Turn], last: int, able: tuple[bool, ...]) -> int:
    moves = [*turns, Turn(last, able)]
    return sum(before.who != after.who and after.able[before.who] for before, after in pairwise(moves))
