"""Servers that tests need: where there is none, CI fails and others are told that nothing was proven."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.support.mongod import NoServer

T = TypeVar("T")


@contextmanager
def needed(server: AbstractContextManager[T]) -> Iterator[T]:
    """What the block of a server gives; in CI its absence is a failure, elsewhere a loud skip."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(server)
        except NoServer as reason:
            if os.environ.get("CI"):
                pytest.fail(f"CI must have a MongoDB server: {reason}", pytrace=False)
            pytest.skip(f"NOTHING WAS PROVEN AGAINST A REAL MONGODB: {reason}")
        yield found
