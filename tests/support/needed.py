"""Programs that tests need: where there is none, CI fails and others are told that nothing was proven."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import pytest

from tests.support.mongod import NoServer

T = TypeVar("T")


@contextmanager
def needed(found: AbstractContextManager[T], name: str = "MONGODB", absent: type[Exception] = NoServer) -> Iterator[T]:
    """What a block gives that raises `absent` where there is nothing; in CI that is a failure, elsewhere a loud skip."""
    with ExitStack() as stack:
        try:
            given = stack.enter_context(found)
        except absent as reason:
            if os.environ.get("CI"):
                pytest.fail(f"CI must have a real {name}: {reason}", pytrace=False)
            pytest.skip(f"NOTHING WAS PROVEN AGAINST A REAL {name}: {reason}")
        yield given
