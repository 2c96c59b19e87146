"""What stands behind a record in an order, as a condition of the tree."""

from __future__ import annotations

from collections.abc import Mapping

from cubequery.ast import EVERYTHING, Compare, Condition, Field, Query, all_of, any_of
from cubequery.check.cursor import full_order
from cubequery.operators import EQ, GREATER, LESS


def behind(query: Query, names: Mapping[str, Field]) -> Condition:
    """Key by key: equal in all before it, and behind in this one; everything where no record is named."""
    if query.after is None or not query.after.values:
        return EVERYTHING
    order, values = full_order(query.sort, names), query.after.values
    alike = [Compare(field, EQ, value) for (field, _), value in zip(order, values, strict=True)]
    steps = [
        all_of(*alike[:place], Compare(field, LESS if descending else GREATER, values[place]))
        for place, (field, descending) in enumerate(order)
    ]
    return any_of(*steps)
