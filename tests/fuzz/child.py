"""One target in a process of its own, which the fuzzer ends: ``child target corpus figures [options of libFuzzer]``."""

from __future__ import annotations

import json
import sys
import time
from heapq import heappush, heappushpop
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

KEPT = 20


class Watch:
    """Counts inputs and keeps the slowest few, but for the first ``warm`` ones: which is slowest is measured without instruments.

    What it knows is written down every second, since nothing runs after the last input.
    """

    def __init__(self, target: str, figures: Path, warm: int) -> None:
        self.target, self.figures, self.warm = target, figures, warm
        self.inputs = self.taken = 0
        self.slowest: list[tuple[float, bytes]] = []
        self.written = 0.0

    def __call__(self, data: bytes) -> None:
        """One input; whatever escapes is a finding of the fuzzer."""
        run: Any = import_module("tests.fuzz.targets").run
        begun = time.process_time()  # other programs' time is no slowness of ours
        self.taken += run(self.target, data)
        took = time.process_time() - begun
        self.inputs += 1
        if self.inputs > self.warm:  # what is loaded and remembered at first passes for no slow input
            (heappush if len(self.slowest) < KEPT else heappushpop)(self.slowest, (took, data))
        if time.monotonic() - self.written > 1:
            self.write()

    def write(self) -> None:
        """Leave the figures for the parent, whole or not at all."""
        known = {"inputs": self.inputs, "taken": self.taken, "slowest": [data.hex() for _, data in self.slowest]}
        fresh = self.figures.with_suffix(".new")
        fresh.write_text(json.dumps(known))
        fresh.replace(self.figures)
        self.written = time.monotonic()


def main(target: str, corpus: str, figures: str, *options: str) -> None:
    """Fuzz one target until the options say that it is enough; the process ends in here."""
    atheris: Any = import_module("atheris")
    assert "cubequery" not in sys.modules, "what is imported before has no instruments, and the fuzzer is blind"
    with atheris.instrument_imports(include=["cubequery"]):
        import_module("tests.fuzz.targets")
    edit: Any = import_module("tests.fuzz.corpus")
    seeds = edit.seeds(target)

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        """Half of the inputs are seeds with small edits, many of them still valid; half are the fuzzer's own."""
        random = Random(seed)
        mutated: bytes = (
            edit.mutated(random.choice(seeds), random.choice(seeds), random) if random.random() < 0.5 else atheris.Mutate(data, longest)
        )
        return mutated[:longest]

    atheris.Setup([sys.argv[0], corpus, *options], Watch(target, Path(figures), 4 * len(seeds)), custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
