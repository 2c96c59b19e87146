"""Fuzz every target for a bounded time: ``python -m tests.fuzz --seconds 1200 --seed 1 [target ..]``; `make fuzz` does."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS, run

CHECKOUT = Path(__file__).resolve().parents[2]
HANGS = 20
"""Seconds after which one input counts as a hang."""
LONGEST = 4_096
"""Bytes of an input: more find nothing that fewer do not, and come seldom."""

SHOWN = 200
"""Characters of the slowest input."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 where nothing but refusals came out, 1 where something else did, 2 without atheris."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"all of {', '.join(TARGETS)} where none is given")
    parser.add_argument("--seconds", type=int, default=1_200, help="for all targets together, on one core (1200)")
    parser.add_argument("--seed", type=int, default=1, help="of the fuzzer (1); from 1 on")
    given = parser.parse_args(arguments)
    names = given.targets or list(TARGETS)
    if not set(names) <= set(TARGETS) or given.seconds < len(names) or given.seed < 1:
        parser.error(f"targets are {', '.join(TARGETS)}; each takes a second at least, and seeds count from 1")
    if find_spec("atheris") is None:
        print("atheris is not installed: pip install 'cubequery[fuzz]'", file=sys.stderr)
        return 2
    facts = machine(["atheris"])
    print(f"{facts['date']}, {facts['python']}, atheris {facts['peers']['atheris']}, {facts['cores']} cores, seed {given.seed}", flush=True)
    return max([fuzz(name, given.seconds // len(names), given.seed) for name in names])


def fuzz(target: str, seconds: int, seed: int) -> int:
    """Fuzz one target in a process of its own and say what came of it; 1 where an input got anything but an answer or a refusal."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        inputs, figures = folder / "corpus", folder / "figures.json"
        inputs.mkdir()
        for number, data in enumerate(corpus.seeds(target)):
            (inputs / f"seed{number}").write_bytes(data)
        words = folder / "words.dict"
        words.write_text("\n".join(f'"{_escaped(word)}"' for word in corpus.words()))
        options = [
            f"-dict={words}",
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-timeout={HANGS}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={folder}/found-",
        ]
        command = [sys.executable, "-m", "tests.fuzz.child", target, str(inputs), str(figures), *options, "-verbosity=0"]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, errors="replace", check=False)
        found = [path.read_bytes() for path in sorted(folder.glob("found-*"))]
        known: dict[str, Any] = json.loads(figures.read_text()) if figures.exists() else {"inputs": 0, "taken": 0, "slowest": []}
    print(f"{target}: {seconds} s, {known['inputs']:,} inputs, {known['taken']:,} taken, {len(found)} uncaught")
    if not found and known["slowest"]:
        took, slowest = max((milliseconds(target, data), data) for data in map(bytes.fromhex, known["slowest"]))
        print(f"  slowest {took:.2f} ms, {len(slowest):,} bytes: {corpus.as_line(slowest)[:SHOWN]}", flush=True)
    for data in found:
        print(f"  UNCAUGHT; as a line of tests/fuzz/corpus/{target}.txt: {corpus.as_line(data)}")
    if found or done.returncode or not known["inputs"]:
        print(done.stdout[-4_000:] + done.stderr[-4_000:], flush=True)
        return 1
    return 0


def _escaped(word: bytes) -> str:
    return "".join(rf"\x{byte:02x}" for byte in word)


def milliseconds(target: str, data: bytes) -> float:
    """The time an input takes without the fuzzer's instruments: the shortest of five."""

    def once() -> float:
        begun = time.process_time()
        run(target, data)
        return time.process_time() - begun

    return 1_000 * min(once() for _ in range(5))


if __name__ == "__main__":
    sys.exit(main())
