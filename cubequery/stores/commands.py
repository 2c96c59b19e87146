"""What operations ask of a store: small typed commands over trees, never over a database's own forms."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from cubequery.ast import Condition
from cubequery.schema import ClassSchema
from cubequery.translate import Plan
from cubequery.translate.change import Change
from cubequery.translate.rights import Grant

T = TypeVar("T")
R = TypeVar("R")
Document = dict[str, Any]
Order = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Command(Generic[T]):
    """One request to a store; ``T`` is what it answers. ``writes`` commands may have an unknown outcome when they fail."""

    schema: ClassSchema
    writes = False


@dataclass(frozen=True)
class Find(Command[list[Document]]):
    """Records that meet a condition, in order, as stored. ``paths`` are the stored paths to fetch (None: all)."""

    condition: Condition
    order: Order = (("_id", 1),)
    skip: int = 0
    limit: int = 0
    paths: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Select(Command[list[Document]]):
    """The records of a list plan's page and ``more`` behind it, with ``extra`` stored paths beside those it shows."""

    plan: Plan
    extra: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class Count(Command[int]):
    """How many records meet a condition."""

    condition: Condition


@dataclass(frozen=True)
class Tally(Command[list[tuple[Any, int]]]):
    """How many records meet a condition, by what they hold at a stored path, in no order."""

    condition: Condition
    path: str = "_id"


@dataclass(frozen=True)
class Groups(Command[list[Document]]):
    """Rows of a plan with groups, as its pipeline gives them."""

    plan: Plan


@dataclass(frozen=True)
class Insert(Command[list[int]]):
    """Store new records, all that can be; the answer lists the positions of those whose id is in use."""

    documents: Sequence[Document] = field(default=())
    writes = True


@dataclass(frozen=True)
class Modify(Command[Document | None]):
    """Apply a change that is bound to one record; the record afterwards, or None where no pair of the change matches.

    ``before``: the record as it was instead.
    """

    change: Change
    before: bool = False
    writes = True


@dataclass(frozen=True)
class Given:
    """How many records were ``written``, and the code of refusal by the position of each grant that the store does not take."""

    written: int
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GiveRights(Command[Given]):
    """Give records rights that they lack, each whole or not at all; one that does not meet its grant's condition stays as it is."""

    grants: Sequence[Grant] = field(default=())
    writes = True


@dataclass(frozen=True)
class Remove(Command[list[Document]]):
    """Delete the records that meet a condition, at most ``limit`` by ``_id`` (0: all); those deleted are the answer."""

    condition: Condition
    limit: int = 0
    writes = True


Steps = Generator[Command[Any], Any, R]
"""An operation under way: it yields commands, receives their answers, and returns its own."""


@dataclass(frozen=True)
class Together(Command[T]):
    """Steps whose writes are all kept or none where the store has transactions, and which are carried out one by one elsewhere.

    ``begin`` starts them and may be called several times; the answer is theirs. None inside another. What follows the command sees
    what others wrote meanwhile.
    """

    begin: Callable[[], Steps[T]]
    writes = True


def do(command: Command[T]) -> Generator[Command[T], T, T]:
    """``answer = yield from do(command)``: the type of the answer is the command's."""
    answer = yield command
    return answer
