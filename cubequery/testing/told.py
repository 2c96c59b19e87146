"""What one request comes to: the whole answer, and the commands that the store was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cubequery.acl import Actor
from cubequery.errors import RequestError
from cubequery.testing.asking import Asked


class Witness(Protocol):
    """Writes down what a store is asked."""

    @property
    def asked(self) -> list[str]:
        """Texts of the store's commands."""


@dataclass(frozen=True)
class Told:
    """What one request comes to: the answer, and the commands that the store was asked."""

    answer: str
    commands: list[str]

    @property
    def refused(self) -> bool:
        """Whether the answer is a refusal."""
        return self.answer.startswith("[[")


def told(engine: Any, end: Witness, asked: Asked, actor: Actor, settled: Callable[[Any], Any] = lambda answer: answer) -> Told:
    """The whole answer as text, keys in their order; of a refusal status, body, and the place of each fault."""
    before = len(end.asked)
    try:
        answer = json.dumps({"answer": settled(asked.put(engine, actor))})
    except RequestError as error:
        places = [(each.code, each.key, each.text, each.offset, each.source, each.path) for each in error.faults]
        answer = json.dumps([[error.status, error.body()], places])
    return Told(answer, end.asked[before:])


def parting(left: Told, right: Told) -> str:
    """Where the commands of two sides part."""
    longest = max(len(left.commands), len(right.commands))
    both = [(each.commands + ["-"] * longest)[:longest] for each in (left, right)]
    return "\n".join(next((one, other) for one, other in zip(*both, strict=True) if one != other))
