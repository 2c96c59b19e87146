"""What a campaign has come to: figures, gates and differences, as JSON that a run writes again and again while it lasts."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cubequery as cq
from cubequery.testing.campaign.kinds import KINDS
from cubequery.testing.campaign.tally import Cell
from cubequery.testing.campaign.worker import Batch

KEPT = 20
"""Differences of a kind told in full; the others are only counted."""
PASSED, DIFFERS, NOT_TESTED = 0, 1, 3
"""Exit codes of a campaign; 2 is a wrong command line."""


@dataclass
class Figures:
    """Those of one kind."""

    batches: int = 0
    cpu: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    distinct: set[int] = field(default_factory=set)
    differences: list[dict[str, str]] = field(default_factory=list)

    def add(self, batch: Batch) -> None:
        """Add what a batch came to."""
        self.batches += 1
        self.cpu += batch.cpu
        self.counts.update(batch.tally.counts)
        self.cells.update(batch.tally.cells)
        self.distinct.update(batch.tally.digests)
        room = max(KEPT - len(self.differences), 0)
        self.differences += [{"replay": f"{batch.kind}:{batch.seed}", "what": text} for text in batch.tally.differences[:room]]

    def missed(self, kind: str) -> list[str]:
        """The gates below which the kind has not tested."""
        its, found = KINDS[kind], []
        for part, whole, least, most in its.shares:
            share = self.counts[part] / max(self.counts[whole], 1)
            if not least <= share <= most:
                found.append(f"{part} of {whole}: {share:.1%}, not within {least:.0%} to {most:.0%}")
        cells = sorted(" x ".join(cell) for cell in its.expected() if not self.cells[cell])
        if cells:
            found.append(f"{len(cells)} cells not visited: {', '.join(cells[:10])}")
        return found

    def told(self, kind: str) -> dict[str, Any]:
        """The figures as JSON."""
        wanted = KINDS[kind].expected()
        rarest = min(((self.cells[cell], " x ".join(cell)) for cell in wanted), default=None)
        return {
            "batches": self.batches,
            **dict(sorted(self.counts.items())),
            "distinct_cases": len(self.distinct),
            "differences": self.counts["differences"],
            "cells_visited": len(wanted & self.cells.keys()),
            "cells_expected": len(wanted),
            "rarest_cell": None if rarest is None else {"cell": rarest[1], "visits": rarest[0]},
            "worker_cpu_seconds": round(self.cpu, 1),
            "missed_gates": self.missed(kind),
            "differences_told": self.differences,
        }


class Report:
    """A whole campaign: of which kinds, from which seed, with how many workers, against which server."""

    def __init__(self, kinds: list[str], seed: int, workers: int, server: str) -> None:
        self.figures = {kind: Figures() for kind in kinds}
        self.seed, self.workers, self.server = seed, workers, server
        self.started, self.interrupted = dt.datetime.now(dt.UTC), False

    def add(self, batch: Batch) -> None:
        """Add what a batch came to."""
        self.figures[batch.kind].add(batch)

    @property
    def differences(self) -> int:
        """Those of all kinds."""
        return sum(each.counts["differences"] for each in self.figures.values())

    @property
    def missed(self) -> dict[str, list[str]]:
        """By kind the gates that it misses."""
        found = {kind: each.missed(kind) for kind, each in self.figures.items()}
        return {kind: gates for kind, gates in found.items() if gates}

    @property
    def code(self) -> int:
        """The exit code: a difference is told before all else, and a run that has not tested does not pass."""
        return DIFFERS if self.differences else NOT_TESTED if self.missed else PASSED

    def told(self) -> dict[str, Any]:
        """The report as JSON."""
        now = dt.datetime.now(dt.UTC)
        return {
            "result": {PASSED: "passed", DIFFERS: "differences found", NOT_TESTED: "did not test"}[self.code],
            "interrupted": self.interrupted,
            "seed": self.seed,
            "workers": self.workers,
            "started": self.started.isoformat(timespec="seconds"),
            "seconds": round((now - self.started).total_seconds(), 1),
            "versions": {"cubequery": cq.__version__, "mongod": self.server, "python": platform.python_version()},
            "machine": machine(),
            "kinds": {kind: each.told(kind) for kind, each in self.figures.items()},
        }

    def write(self, path: Path) -> None:
        """Put it in the place of the last one, whole or not at all."""
        beside = path.with_name(f"{path.name}.tmp")
        beside.write_text(json.dumps(self.told(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.replace(path)


def machine() -> str:
    """The processor, where the system says it, and the number of its cores."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {names[0] if names else platform.processor() or platform.machine()}"
