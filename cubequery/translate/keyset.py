"""What stands behind a record in an order, as a condition of the tree."""

from __future__ import annotations

from collections.abc import Mapping

from cubequery.ast import EVERYTHING, Compare, Condition, Field, Not, Query, all_of, any_of
from cubequery.check.cursor import full_order
from cubequery.operators import EQ, GREATER, LESS, SEARCH

BELOW, ABOVE = SEARCH["lt"][0], SEARCH["gt"][0]


def behind(query: Query, names: Mapping[str, Field]) -> Condition:
    """Key by key: equal in all before it, and behind in this one; everything where no record is named.

    That the leading key is on this side of the record follows from the rest, and is said all the same: a server takes it for the bound of
    an index, also of one that begins with the tokens, where it would read every record that the actor may see for the alternatives. An
    array is sorted by its smallest or largest element; of one that lies in the field nevertheless the rest looks at any, this at that one.
    """
    if query.after is None or not query.after.values:
        return EVERYTHING
    order, values = full_order(query.sort, names), query.after.values
    alike = [Compare(field, EQ, value) for (field, _), value in zip(order, values, strict=True)]
    steps = [
        all_of(*alike[:place], Compare(field, LESS if descending else GREATER, values[place]))
        for place, (field, descending) in enumerate(order)
    ]
    field, descending = order[0]
    bound = EVERYTHING if values[0] is None else Not(Compare(field, ABOVE if descending else BELOW, values[0]))
    return all_of(bound, any_of(*steps))
