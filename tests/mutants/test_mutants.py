"""The mutants' own machine: a change is put into what lives, judged in a process of its own, and counted."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from tests.mutants import told
from tests.mutants.judged import LEFT, NOTICED, TIMED_OUT, Judged, in_process, keep
from tests.mutants.living import lives, put_in, replacement
from tests.mutants.loop import widely
from tests.mutants.mutant import Mutant
from tests.mutants.selection import CHECKOUT, CORE, TESTS, WANTED, files, part_of

OLD = """
LIMIT = 3

def outer(x):
    def inner(y):
        return y + x
    return inner

class Some:
    size = 2

    def method(self):
        return self.size * LIMIT
"""


def living(source: str) -> tuple[dict[str, Any], list[FunctionType]]:
    """A module of this source, and its functions."""
    module: dict[str, Any] = {}
    exec(compile(source, "a.py", "exec"), module)
    return module, [module["outer"], module["Some"].method]


@pytest.mark.parametrize(
    ("before", "after", "answers"),
    [
        ("return self.size * LIMIT", "return self.size + LIMIT", (3, 5)),
        ("return y + x", "return y - x", (1, 6)),
    ],
)
def test_a_change_is_put_into_living_functions(before: str, after: str, answers: tuple[int, int]) -> None:
    module, functions = living(OLD)
    assert (module["outer"](1)(2), module["Some"]().method()) == (3, 6)
    codes = replacement("a.py", OLD, OLD.replace(before, after))
    assert codes
    assert lives(codes, functions)
    put_in(codes, functions)
    assert (module["outer"](1)(2), module["Some"]().method()) == answers


def test_a_code_that_nothing_has_lives_nowhere() -> None:
    _, functions = living(OLD)
    codes = replacement("a.py", OLD, OLD.replace("y + x", "y - x"))
    assert codes
    assert not lives(codes, functions[1:])


@pytest.mark.parametrize(("before", "after"), [("LIMIT = 3", "LIMIT = 4"), ("size = 2", "size = None"), ("class Some", "class Other")])
def test_what_importing_does_is_no_change_of_a_function(before: str, after: str) -> None:
    assert replacement("a.py", OLD, OLD.replace(before, after, 1)) is None


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")  # of Python 3.12 on, where the tests' own workers have threads
def test_a_process_of_its_own() -> None:
    def lost() -> int | None:
        time.sleep(60)
        return None

    def broken() -> int | None:
        raise SystemExit(0)

    assert in_process(lambda: None) == (LEFT, None)
    assert in_process(lambda: 7) == (NOTICED, 7)
    assert in_process(broken) == (NOTICED, None)
    assert in_process(lambda: os.kill(os.getpid(), signal.SIGKILL)) == (TIMED_OUT, None)
    assert in_process(lost, 0.05) == (TIMED_OUT, None)


def test_one_row_of_each_table_before_a_second() -> None:
    names = [f"a[{number}]" for number in range(5)] + ["b", "c[0]", "c[1]"]
    order = [names[place].partition("[")[0] for place in widely(names, [1.0] * 5 + [0.1, 0.2, 0.3])]
    assert sorted(order[:3]) == ["a", "b", "c"]
    assert order[0] == "b"
    assert sorted(order[3:5]) == ["a", "c"]
    assert order[5:] == ["a"] * 3


def test_what_is_said_of_results(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    assert told.rows(results) == []
    acl = [Mutant("cubequery/acl.py", number, number, f"a{number}", "") for number in range(20)]
    for number, mutant in enumerate(acl):
        keep(results, Judged(mutant, LEFT if number == 3 else NOTICED, "a test"))
    other = Mutant("cubequery/check/plain.py", 1, 1, "x", "")
    keep(results, Judged(other, LEFT))
    text, reached = told.summary(results, ["cubequery/acl.py"])
    assert "| acl | 20 | 19 | 0 | 1 | 95.0% | 95% |" in text
    assert "cubequery/acl.py:3  a3" in text
    assert reached
    assert not told.summary(results, ["cubequery/acl.py", "cubequery/check/plain.py"])[1]
    assert "21 mutants judged" in told.progress(results, ["cubequery/acl.py", "cubequery/check/plain.py"])
    keep(results, Judged(other, TIMED_OUT))
    assert told.summary(results, ["cubequery/check/plain.py"])[1]
    told.forget(results, "all", ["cubequery/evaluate/leaf.py"])
    assert len(told.judged(results)) == 21
    told.forget(results, "left", ["cubequery/acl.py"])
    assert acl[3].key not in told.judged(results)
    assert len(told.judged(results)) == 20
    told.forget(results, "all", ["cubequery/acl.py", "cubequery/check/plain.py"])
    assert told.judged(results) == set()
    assert json.loads(Judged(other, LEFT).line())["path"] == other.path


def test_the_selection_is_there() -> None:
    assert all((CHECKOUT / test.partition("::")[0]).exists() for test in TESTS)
    assert set(CORE) == set(WANTED)
    every = [str(path.relative_to(CHECKOUT)) for path in files([])]
    assert len(every) == len(set(every)) > 40
    assert {part_of(path) for path in every} == set(CORE)
    assert [part_of(str(path.relative_to(CHECKOUT))) for path in files(["cubequery/acl.py"])] == ["acl"]


TOY = '''"""Words."""
from a import b


def f(x: int = 1) -> str:
    """More."""
    return "a" if x > 2 else "no name"
'''


def test_mutants_of_a_file(tmp_path: Path) -> None:
    pytest.importorskip("mutmut", reason="mutmut is not installed: pip install 'cubequery[mutants]'")
    from tests.mutants.making import mutants

    (tmp_path / "a.py").write_text(TOY)
    found = {mutant.what for mutant in mutants(tmp_path, tmp_path / "a.py")}
    assert any("x >= 2" in what for what in found)
    assert not any("Words" in what or "More" in what or "XXno" in what or "import" in what for what in found)
    assert len({mutant.key for mutant in mutants(tmp_path, tmp_path / "a.py", lambda number: number % 2 == 0)}) < len(found)
