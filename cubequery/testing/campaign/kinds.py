"""The kinds of cases that a campaign runs: what one batch of them is, what it counts, and the gates below which it has not tested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field

from cubequery.testing.campaign import faults, filters, interference, updates, verdicts
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.tally import Cell, Tally

Share = tuple[str, str, float, float]
"""A count, the count that it is a share of, and the bounds of that share."""


@dataclass(frozen=True)
class Kind:
    """``run(seed, bench)`` is one batch, everything in it drawn from the seed.

    ``unit`` is the count that people ask for. ``expected()`` are the cells that a run must visit, ``shares`` the bounds that its counts
    must keep; a run that misses one has not tested.
    """

    run: Callable[[int, Bench], Tally]
    unit: str
    expected: Callable[[], Set[Cell]] = field(default=set)
    shares: tuple[Share, ...] = ()


KINDS: Mapping[str, Kind] = {
    "filters": Kind(filters.run, "decisions", filters.expected, (("telling", "filters", 0.2, 0.8),)),
    "pairs": Kind(interference.run, "pairs", interference.expected, (("touching", "measured", 0.4, 1.0),)),
    "verdicts": Kind(
        verdicts.run, "decisions", verdicts.expected, (("granted", "decisions", 0.2, 0.8), ("malformed", "decisions", 0.3, 0.8))
    ),
    "updates": Kind(updates.run, "updates", updates.expected, (("changed", "updates", 0.3, 0.7), ("refused", "updates", 0.3, 0.7))),
    "faults": Kind(faults.run, "schedules", faults.expected, (("disturbed", "schedules", 0.5, 1.0),)),
}
