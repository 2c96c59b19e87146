"""An operation under way: the command it waits at, and whether it has written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from cubequery import errors
from cubequery.errors import RequestError
from cubequery.operations import Command, Insert, Steps

R = TypeVar("R")


class Course(Generic[R]):
    """``command`` is what the operation asks for next, None once it has ended with ``answer``.

    After a first write that is ``kept``, a store that fails leaves a part of the operation done: ``unavailable``, which says that
    nothing happened, becomes ``outcome_unknown``. Within a transaction nothing is kept until it is committed.
    """

    answer: R

    def __init__(self, steps: Steps[R], *, kept: bool = True) -> None:
        self.command: Command[Any] | None = None
        self._steps, self._kept, self._wrote = steps, kept, False
        self._move(next, steps)

    def receive(self, answer: Any) -> None:
        """Hand the operation its command's answer."""
        command = self.command
        if command is not None and command.writes:
            self._wrote = self._wrote or isinstance(command, Insert) or bool(answer)
        self._move(self._steps.send, answer)

    def fail(self, error: Exception) -> None:
        """Raise in the operation what the store raised; it goes on, or ends with that error."""
        self._move(self._steps.throw, error)

    def _move(self, resume: Callable[[Any], Command[Any]], given: Any) -> None:
        try:
            self.command = resume(given)
        except StopIteration as stop:
            self.command, self.answer = None, stop.value
        except RequestError as error:
            if self._kept and self._wrote and error.code == "unavailable":
                raise RequestError([errors.plain("outcome_unknown")]) from error
            raise
