"""A mutant judged from the import on: a fork of a process that holds the libraries, but nothing of the core yet."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutants.judged import Judged, first_failing, in_process
from tests.mutants.loop import FIRST, Profile, widely
from tests.mutants.mutant import Mutant
from tests.mutants.selection import LIBRARIES

_UNCOLLECTED = -1
LONGEST = 240.0
"""Seconds for importing and collecting; each test has a limit of its own."""


def prepare() -> None:
    """Import what every mutant's process needs."""
    for name in LIBRARIES:
        with suppress(ImportError):
            import_module(name)
    if "cubequery" in sys.modules:
        raise RuntimeError("the core was imported before its mutants")


class Fresh:
    """Judges mutants with the tests whose seconds are known, those first that noticed others of the same file."""

    def __init__(self, root: Path, options: Sequence[str], costs: dict[str, float]) -> None:
        self.root, self.options = root, [*options]
        self.names, self.costs = [*costs], [*costs.values()]
        self.noticed: dict[str, list[int]] = {}

    def judge(self, mutant: Mutant) -> Judged:
        """Import the core with the mutant in it, collect the tests and ask them."""
        first = self.noticed.setdefault(mutant.path, [])

        def ask() -> int | None:
            sys.meta_path.insert(0, _Mutated(self.root, mutant))
            asked = _Asked(self.names, self.costs, first)
            status = pytest.main(self.options, plugins=[asked])
            return asked.at if status == pytest.ExitCode.OK and asked.ended else _UNCOLLECTED

        status, at = in_process(ask, LONGEST)
        if at is None or at == _UNCOLLECTED:
            return Judged(mutant, status, "" if at is None else "collection")
        self.noticed[mutant.path] = [at, *(other for other in first if other != at)][:FIRST]
        return Judged(mutant, status, self.names[at])


class _Asked(Profile):
    at: int | None = None
    ended = False

    def __init__(self, names: list[str], costs: list[float], first: list[int]) -> None:
        self.names, self.costs, self.first = names, costs, first

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed or [item.nodeid for item in session.items] != self.names:
            self.at = _UNCOLLECTED  # a module of tests was not collected, or a table has other rows
        else:
            rest = (at for at in widely(self.names, self.costs) if at not in self.first)
            self.at = first_failing(session.items, [*self.first, *rest], self.costs)
        self.ended = True
        return True


class _Mutated(MetaPathFinder, Loader):
    """Finds one module before anybody else does, and gives it the mutant's source."""

    def __init__(self, root: Path, mutant: Mutant) -> None:
        self.file, self.source = root / mutant.path, mutant.source
        places = Path(mutant.path).with_suffix("").parts
        self.name = ".".join(places[:-1] if places[-1] == "__init__" else places)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        found = PathFinder.find_spec(fullname, path)
        if found is not None:
            found.loader = self
        return found

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.file), "exec"), module.__dict__)
