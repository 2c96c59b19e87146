"""Peers installed apart from the project: a virtual environment and a ``node_modules`` in a folder of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
NODE = PROJECT / "benchmarks" / "node"
TRANSLATE = ("mongo-queries-manager>=1.0.1", "moleql>=0.2", "odata-query>=0.10", "pyrsql>=0.0.6", "optimade>=1.2")
DECIDE = ("mongomock>=4.3", "mgqpy>=1.0.3", "montydb>=2.5", "mongoquery>=1.4")
NEEDED = ("rich>=13.7",)
"""What the benchmark itself needs beside the project's own dependencies."""
TIMEOUT = 300
"""Seconds that one package may take."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one package: whether it is there, and why it is not, or how it could be."""

    name: str
    there: bool
    note: str = ""


def python(folder: Path) -> Path:
    """The interpreter of the peers' environment, which is made where there is none."""
    found = folder / "venv" / "bin" / "python"
    if not found.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    return found


def install(folder: Path) -> Iterator[Outcome]:
    """Every peer, one at a time, so that one that fails is said and the others stand."""
    pip = [str(python(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    own = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    subprocess.run([*pip, *own, *NEEDED], check=True)
    for requirement in (*TRANSLATE, *DECIDE):
        name = requirement.partition(">")[0]
        reason = _tried([*pip, requirement])
        if "require a different python" in reason:
            # It may run all the same; whether it does is seen when it is asked.
            needs = reason[reason.index("Requires-Python") :].split(";")[0]
            again = _tried([*pip, "--ignore-requires-python", requirement])
            yield Outcome(name, not again, again or f"installed against its {needs}")
        else:
            yield Outcome(name, not reason, _short(reason))
    yield from _node(folder / "node")


def dependencies() -> Mapping[str, str]:
    """The Node packages and the versions of them that are asked for."""
    declared: Mapping[str, str] = json.loads((NODE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return declared


def _node(folder: Path) -> Iterator[Outcome]:
    """The scripts are copied beside ``node_modules``, where Node looks for what they import."""
    folder.mkdir(parents=True, exist_ok=True)
    for script in NODE.glob("*.mjs"):
        shutil.copy(script, folder)
    package: dict[str, Any] = json.loads((NODE / "package.json").read_text(encoding="utf-8"))
    if not (folder / "package.json").exists():
        (folder / "package.json").write_text(json.dumps({**package, "dependencies": {}}), encoding="utf-8")
    for name, versions in dependencies().items():
        if shutil.which("npm") is None or shutil.which("node") is None:
            yield Outcome(name, False, "there is no Node.js with npm")
            continue
        reason = _tried(["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), f"{name}@{versions}"])
        yield Outcome(name, not reason, _short(reason))


def _tried(command: Sequence[str]) -> str:
    """Empty where it went well, else what was said."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return f"not installed within {TIMEOUT} s"
    return "" if done.returncode == 0 else (done.stderr.strip() or done.stdout.strip() or f"ended with {done.returncode}")


def _short(reason: str) -> str:
    return next((line for line in reason.splitlines() if "error" in line.lower()), reason.splitlines()[-1] if reason else "")
