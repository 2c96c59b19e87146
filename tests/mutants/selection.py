"""What is mutated, and the tests that must notice it: in memory, without a server, seconds altogether."""

from __future__ import annotations

from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

CORE = {
    "acl": ["cubequery/acl.py", "cubequery/verdict.py"],
    "operators": ["cubequery/operators"],
    "check": ["cubequery/check"],
    "compile": ["cubequery/compile"],
    "evaluate": ["cubequery/evaluate"],
}
"""The parts of the core, and where each lies."""

WANTED = {"acl": 0.95, "operators": 0.9, "check": 0.9, "compile": 0.9, "evaluate": 0.9}
"""The share of each part's mutants that must be noticed."""

TESTS = [
    "tests/test_verdict.py",
    "tests/test_acl.py",
    "tests/test_compiled.py",
    "tests/test_read.py",
    "tests/test_written.py",
    "tests/test_answered.py",
    "tests/test_operators.py",
    "tests/test_cases.py",
    "tests/test_conformance_filters.py",
    "tests/test_conformance_updates.py",
    "tests/test_traps.py",
    "tests/test_trap_rights.py",
    "tests/test_trap_updates.py",
    "tests/test_evaluator.py",
    "tests/test_evaluator_order.py",
    "tests/test_update_evaluator.py",
    "tests/test_host_conditions.py",
    "tests/test_among.py",
    "tests/test_caseless.py",
    "tests/test_schema.py",
    "tests/test_record.py",
    "tests/test_actors.py",
    "tests/test_corners.py",
    "tests/test_render.py",
    "tests/test_docs.py",
    "tests/test_requests.py",
    "tests/test_integer_lists.py",
    "tests/attacks/test_catalogue.py::test_refused",
]
"""Those that end first stand first."""

LIBRARIES = ["_pytest", "bson", "hypothesis", "lark", "mongomock", "msgspec", "orjson", "pymongo", "pytest", "rich", "starlette"]
"""What the tests import beside the library itself: a process that holds these already judges a mutant sooner."""


def part_of(path: str) -> str:
    """The part that a file of the core belongs to."""
    return next(name for name, places in CORE.items() if any(path == place or path.startswith(f"{place}/") for place in places))


def files(only: list[str]) -> list[Path]:
    """The files of the core, or those among them whose path begins like one of the given."""
    every = [found for places in CORE.values() for place in places for found in _below(CHECKOUT / place)]
    return [file for file in every if not only or any(str(file.relative_to(CHECKOUT)).startswith(prefix) for prefix in only)]


def _below(place: Path) -> list[Path]:
    return sorted(place.rglob("*.py")) if place.is_dir() else [place]
