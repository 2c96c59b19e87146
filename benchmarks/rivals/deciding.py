"""The twelve conditions, decided by every peer over the same records: where it is wrong, and how fast it is."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import geometric_mean
from typing import Any

import bson

from benchmarks import decide
from benchmarks.documents import documents
from benchmarks.matchers import Filter, Select
from benchmarks.measure import Figure, measure
from benchmarks.rivals.node import Node

RECORDS, CHECKED = 5_000, decide.CHECKED
OURS, BASE = "cubequery", "lambda"
Make = Callable[[Filter], Select]


@dataclass(slots=True)
class Line:
    """One contestant: by condition, what is wrong about its decisions on strange records, and its figure."""

    name: str
    faults: dict[str, str] = field(default_factory=dict)
    costs: dict[str, tuple[Figure, Figure, Figure]] = field(default_factory=dict)

    @property
    def right(self) -> int:
        """How many conditions it decides as we do on every record."""
        return sum(not fault for fault in self.faults.values())

    def mean(self, place: int) -> float:
        """Geometric mean of the seconds for one record: 0 its own, 1 ours, 2 the hand-written lambda's."""
        return geometric_mean([figures[place].cost for figures in self.costs.values()]) / RECORDS if self.costs else 0.0


class NodeSelect:
    """A matcher of Node.js over the collections that its process has read."""

    def __init__(self, node: Node, peer: str, filter_: Filter, names: Mapping[int, str]) -> None:
        self._node, self._names = node, names
        self._given = {"peer": peer, "filter": base64.b64encode(bson.encode(filter_)).decode()}
        self._skip: list[int] = []  # of the collection that was asked last, which is the one that is timed

    def __call__(self, given: Sequence[Any]) -> list[Any]:
        """The matching ones of a whole collection; records that it raises on are left out of what is timed."""
        name = self._names[id(given)]
        answer = self._node.ask("select", name=name, **self._given)
        self._skip = answer["raised"]
        if self._skip:
            raise RaisedError(answer["raised"], [given[place] for place in answer["found"]])
        return [given[place] for place in answer["found"]]

    def cost(self, inputs: Sequence[Any]) -> float:
        """Seconds of CPU there for one pass over the collection that is timed."""
        name = self._names[id(inputs[0])]
        times = [self._node.ask("decide", name=name, skip=self._skip, **self._given)["seconds"] for _ in inputs]
        spent: float = sum(times) / len(times)
        return max(spent, 1e-9)


class RaisedError(Exception):
    """Places of the records that a matcher raised on, and the others that it found."""

    def __init__(self, places: Sequence[int], found: Sequence[Any]) -> None:
        super().__init__(places)
        self.places, self.found = places, found


def collections(node: Node | None, folder: Path) -> tuple[list[Any], list[Any], dict[int, str]]:
    """The usual and the strange records, here and in the other process, and the name of each there."""
    usual, strange = documents(RECORDS, decide.USUAL), documents(CHECKED, decide.STRANGE)
    names = {id(usual): "usual", id(strange): "strange"}
    for records in (usual, strange):
        file = folder / f"{names[id(records)]}.bson"
        file.write_bytes(b"".join(map(bson.encode, records)))
        if node is not None:
            node.ask("documents", name=names[id(records)], file=str(file))
    return usual, strange, names


def deciding(peers: Mapping[str, Make], usual: list[Any], strange: list[Any], rounds: int, report: Callable[[str], object]) -> list[Line]:
    """``peers`` make a matcher of a filter; ``report`` is told each condition before it is asked."""
    lines = {name: Line(name) for name in (BASE, OURS, *peers)}
    for condition in decide.load():
        report(condition.name)
        own = {name: select for name, select in condition.own().items() if name in lines}
        selects = own | dict(_made(condition, peers))
        for name in peers.keys() - selects.keys():
            lines[name].faults[condition.name] = "refused"
        given: dict[str, Any] = {}
        for name, select in selects.items():
            lines[name].faults[condition.name] = _checked(select, strange, own[OURS])[0]
            given[name] = _checked(select, usual, own[OURS])[1]
        figures = measure("peers", condition.name, BASE, selects, lambda n: [given] * n, rounds, parts={n: n for n in selects}).figures  # noqa: B023
        for name in selects:
            lines[name].costs[condition.name] = (figures[name], figures[OURS], figures[BASE])
    return list(lines.values())


def _made(condition: decide.Condition, peers: Mapping[str, Make]) -> Iterator[tuple[str, Select]]:
    for name, make in peers.items():
        try:
            yield name, make(condition.plan.filter)
        except Exception:  # whatever a peer raises, it does not take the filter
            continue


def _checked(select: Select, records: list[Any], ours: Select) -> tuple[str, Any]:
    if not isinstance(select, NodeSelect):
        return decide.check(select, records, ours)
    wanted = {id(record) for record in ours(records)}
    try:
        return decide.told({id(record) for record in select(records)} ^ wanted, 0), records
    except RaisedError as raised:
        left = {id(records[place]) for place in raised.places}
        return decide.told(({id(record) for record in raised.found} ^ wanted) - left, len(left)), records
