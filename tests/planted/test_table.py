"""The table of planted bugs fits the code: every patch still applies and compiles, and every test that must find it is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.planted.__main__ import main
from tests.planted.bug import Bug, DoesNotApply
from tests.planted.table import BUGS, NOT_PLANTED

CHECKOUT = Path(__file__).resolve().parents[2]
every_bug = pytest.mark.parametrize("bug", BUGS, ids=lambda bug: str(bug.number))


@every_bug
def test_a_patch_applies_and_compiles(bug: Bug, tmp_path: Path) -> None:
    target = tmp_path / bug.file
    target.parent.mkdir(parents=True)
    target.write_text((CHECKOUT / bug.file).read_text(encoding="utf-8"), encoding="utf-8")
    before = bug.plant(tmp_path)
    assert target.read_text(encoding="utf-8") != before
    compile(target.read_text(encoding="utf-8"), bug.file, "exec")
    with pytest.raises(DoesNotApply):
        bug.plant(tmp_path) if bug.old not in bug.new else Bug(bug.number, "", bug.file, "not there", "", ()).plant(tmp_path)


@every_bug
def test_its_tests_are_there(bug: Bug) -> None:
    assert bug.tests
    for test in bug.tests:
        file, _, name = test.partition("::")
        tree = ast.parse((CHECKOUT / "tests" / file).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_numbers_are_in_order_and_none_is_missing() -> None:
    numbers = [bug.number for bug in BUGS]
    assert numbers == sorted(set(numbers))
    assert {*numbers, *NOT_PLANTED} == set(range(1, 37))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["37"])
