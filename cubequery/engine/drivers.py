"""Drivers: an operation's commands handed to a store, one after the other; what the store raises is raised inside the operation."""

from __future__ import annotations

from typing import Any, TypeVar

from cubequery.engine.course import Course
from cubequery.operations import Steps, Together
from cubequery.stores import AsyncStore, Store

R = TypeVar("R")


def drive(steps: Steps[R], store: Store, *, kept: bool = True) -> R:
    """Run an operation over a sync store. ``kept``: what it writes is for good, no transaction around it can take it back."""
    course = Course(steps, kept=kept)
    while course.command is not None:
        try:
            answer = _together(course.command, store, kept=kept) if isinstance(course.command, Together) else store.execute(course.command)
        except Exception as error:
            course.fail(error)
        else:
            course.receive(answer)
    return course.answer


def _together(command: Together[R], store: Store, *, kept: bool) -> R:
    in_transaction = getattr(store, "in_transaction", None)
    if in_transaction is None:
        return drive(command.begin(), store, kept=kept)
    answer: R = in_transaction(lambda inside: drive(command.begin(), inside, kept=inside is store))
    return answer


async def drive_async(steps: Steps[R], store: AsyncStore, *, kept: bool = True) -> R:
    """The same over an async store."""
    course = Course(steps, kept=kept)
    while course.command is not None:
        try:
            if isinstance(course.command, Together):
                answer: Any = await _together_async(course.command, store, kept=kept)
            else:
                answer = await store.execute(course.command)
        except Exception as error:
            course.fail(error)
        else:
            course.receive(answer)
    return course.answer


async def _together_async(command: Together[R], store: AsyncStore, *, kept: bool) -> R:
    in_transaction = getattr(store, "in_transaction", None)
    if in_transaction is None:
        return await drive_async(command.begin(), store, kept=kept)
    answer: R = await in_transaction(lambda inside: drive_async(command.begin(), inside, kept=inside is store))
    return answer
