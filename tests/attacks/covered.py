"""Which numbers of the catalogue are tested here, and why the others are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])

COVERED: set[int] = set()


def covers(*numbers: int) -> Callable[[Test], Test]:
    """Marks a test as that of these rows of the catalogue."""
    COVERED.update(numbers)
    return lambda test: test
