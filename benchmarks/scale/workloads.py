"""What is asked at each size, what was examined for it, and the promises that this is held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import cubequery as cq
from benchmarks.measure import Figure, Row

PAGE = 100
KEYS, RECORDS = 2.0, 1.9
"""Most keys and records that may be examined for one record of a full page."""
SAME = 0.2
"""Most that the figures of two sizes may differ by, relative to the smaller one."""
USER = 4_242
ACTORS: Mapping[str, cq.Actor] = {
    "no ACL": cq.ADMIN,
    "no groups": cq.Actor(USER),
    "30 groups": cq.Actor(USER, [f"g{3 * each}" for each in range(1, 31)]),
}
FREE = "no ACL"
"""The actor whose queries hold no condition of rights: the base."""


@dataclass(frozen=True)
class Workload:
    """One query, and the entry of ``engine.ensure_indexes`` that it needs beside the indexes of every class.

    ``per`` says what is counted: ``page`` where an index gives the order, so that only a page need be read; ``found`` where everything
    that the actor may see of what was asked for must be read.
    """

    name: str
    query: str
    index: str | Sequence[str] | None = None
    per: str = "page"


WORKLOADS = (
    Workload("recent", "sort_desc=_id"),
    Workload("range + sort", "age[gte]=25&age[lt]=60&sort_asc=age", "age"),
    Workload("equality + sort", "country=Kenya&sort_asc=full_name", ("country", "full_name")),
    Workload("near", "spot[near]=10,45;60000", "spot", per="found"),
    Workload("count", "age[gte]=25&age[lt]=60&count=1", "age", per="found"),
)


@dataclass(frozen=True)
class Seen:
    """What a server examined: ``units`` are the records of the page, or those that were found in all."""

    mix: str
    actor: str
    workload: str
    per: str
    size: int
    units: int
    keys: int
    records: int
    index: str | None
    sorted: bool

    @property
    def is_full(self) -> bool:
        """Whether there was enough for a whole page, so that the promises apply."""
        return self.per == "page" and self.units == PAGE

    @property
    def name(self) -> str:
        """The workload among all."""
        return f"{self.mix}, {self.actor}: {self.workload}"

    def rows(self) -> Iterator[Row]:
        """The same in the form that benchmarks are kept and compared in: keys and records for one that was asked for."""
        for what, number, must in (("keys", self.keys, KEYS), ("records", self.records, RECORDS)):
            figures = {self.per: Figure(self.units, 1.0, 0.0), "cubequery": Figure(number, number / max(1, self.units), 0.0)}
            yield Row(f"{what} of {self.size:,}", self.name, self.per, figures, must=must if self.is_full and self.actor != FREE else None)


def missed(seen: Sequence[Seen]) -> Iterator[str]:
    """Every promise that is not kept, as a sentence."""
    for each in seen:
        for row in each.rows():
            if row.reached is False:
                yield f"{row.name}: {row.figures['cubequery'].ratio:.2f} {row.table}, at most {row.must} for one of a page"
    first = {each.name: each for each in seen if each.size == min(other.size for other in seen)}
    for each in seen:
        before = first[each.name]
        if each.is_full and before.is_full:
            for what, small, large in (("keys", before.keys, each.keys), ("records", before.records, each.records)):
                if max(small, large) > (1 + SAME) * min(small, large):
                    yield f"{each.name}: {small} {what} of {before.size:,}, {large} of {each.size:,}"
