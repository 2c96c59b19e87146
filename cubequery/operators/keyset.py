"""What stands behind a record in an order: comparisons that cross the classes of types, for pages that go on from a record."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cubequery.operators.expressions import literal
from cubequery.operators.search import Candidates, SearchOperator
from cubequery.ordering import ARRAY, MISSING, NULL, NUMBER, compare, is_nan, type_class

# MongoDB's names of the types of each class, in its order; a range alone never leaves the class of its operand.
CLASSES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (-1, ("minKey",)), (NULL, ()), (10, ("number",)), (15, ("string",)), (20, ("object",)), (30, ("binData",)), (35, ("objectId",)),
    (40, ("bool",)), (45, ("date",)), (47, ("timestamp",)), (50, ("regex",)), (60, ("javascript",)), (127, ("maxKey",)),
)  # fmt: skip


def _types(accepts: Callable[[int], bool]) -> list[str]:
    return [name for rank, names in CLASSES for name in names if accepts(rank)]


def _greater(path: str, value: Any) -> dict[str, Any]:
    """Behind unset stands everything that is set, but for MinKey; behind NaN every other number."""
    own = type_class(value)
    later = {path: {"$type": _types(lambda rank: rank > own)}}
    if value is None:
        return later
    if is_nan(value):
        return {"$or": [{path: {"$type": "number", "$ne": value}}, later]}
    return {"$or": [{path: {"$gt": value}}, later]}


def _less(path: str, value: Any) -> dict[str, Any]:
    """Before a value that is set stands also what is unset, before a number NaN."""
    if value is None:
        return {path: {"$type": "minKey"}}
    own = type_class(value)
    parts: list[dict[str, Any]] = [{path: {"$lt": value}}, {path: {"$eq": None}}, {path: {"$type": _types(lambda rank: rank < own)}}]
    return {"$or": [*parts, {path: {"$eq": math.nan}}] if own == NUMBER and not is_nan(value) else parts}


def _decide(sign: int) -> Callable[[Any], Callable[[Candidates], bool]]:
    """Over scalars only: arrays are sorted by an element, and no page goes on from one."""

    def decide(operand: Any) -> Callable[[Candidates], bool]:
        def test(value: Any) -> bool:
            return type_class(value) != ARRAY and compare(None if value is MISSING else value, operand) * sign > 0

        return lambda values: any(map(test, values))

    return decide


GREATER = SearchOperator("behind", ("any",), "one", _greater, _decide(1), "{field} stands behind {operand}", null=True)
LESS = SearchOperator("before", ("any",), "one", _less, _decide(-1), "{field} stands before {operand}", null=True)
AFTER = SearchOperator(
    "after", ("any",), "one", lambda path, value: {"$expr": {"$gt": [f"${path}", literal(value)]}}, _decide(1),
    "{field} comes after {operand}", whole=True, quick="v > x",
)  # fmt: skip
"""No request can name them: they are in no table. ``AFTER`` is for ids, which are set and no arrays: one range of their index, and known to
stand-ins for MongoDB."""
