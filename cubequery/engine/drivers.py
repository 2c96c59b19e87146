"""Drivers: an operation's commands handed to a store, one after the other; what the store raises is raised inside the operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from cubequery.engine.course import Course
from cubequery.operations import Steps
from cubequery.stores import AsyncStore, Store

R = TypeVar("R")


def drive(steps: Steps[R], store: Store) -> R:
    """Run an operation over a sync store."""
    course = Course(steps)
    while course.command is not None:
        _step(course, store)
    return course.answer


async def drive_async(steps: Steps[R], store: AsyncStore) -> R:
    """Run an operation over an async store."""
    course = Course(steps)
    while course.command is not None:
        await _step_async(course, store)
    return course.answer


def drive_in_transaction(begin: Callable[[], Steps[R]], store: Store) -> R:
    """Run an operation so that all it writes is kept or nothing, where the store has transactions; it may be begun several times.

    A transaction ends where the operation settles; the rest of it runs after that.
    """
    in_transaction = getattr(store, "in_transaction", None)
    if in_transaction is None:
        return drive(begin(), store)

    def until_settled(inside: Store) -> Course[R]:
        course = Course(begin(), kept=inside is store)
        while course.command is not None and not course.settles:
            _step(course, inside)
        return course

    course: Course[R] = in_transaction(until_settled)
    course.kept = True
    while course.command is not None:
        _step(course, store)
    return course.answer


async def drive_in_transaction_async(begin: Callable[[], Steps[R]], store: AsyncStore) -> R:
    """The same over an async store."""
    in_transaction = getattr(store, "in_transaction", None)
    if in_transaction is None:
        return await drive_async(begin(), store)

    async def until_settled(inside: AsyncStore) -> Course[R]:
        course = Course(begin(), kept=inside is store)
        while course.command is not None and not course.settles:
            await _step_async(course, inside)
        return course

    course: Course[R] = await in_transaction(until_settled)
    course.kept = True
    while course.command is not None:
        await _step_async(course, store)
    return course.answer


def _step(course: Course[Any], store: Store) -> None:
    assert course.command is not None
    try:
        answer = store.execute(course.command)
    except Exception as error:
        course.fail(error)
    else:
        course.receive(answer)


async def _step_async(course: Course[Any], store: AsyncStore) -> None:
    assert course.command is not None
    try:
        answer = await store.execute(course.command)
    except Exception as error:
        course.fail(error)
    else:
        course.receive(answer)
