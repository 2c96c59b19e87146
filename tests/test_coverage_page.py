"""The page of branches that no test takes: each stands in the source as it is named, and the script tells what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.coverage import CHECKOUT, NAMED, main, missing, named


def test_what_is_named_is_in_the_source() -> None:
    for file, source in named(NAMED.read_text(encoding="utf-8")):
        assert source in map(str.strip, (CHECKOUT / file).read_text(encoding="utf-8").splitlines()), (file, source)


def report(lines: list[int]) -> dict[str, Any]:
    totals = {"num_statements": 1, "num_branches": 0, "percent_covered": 100.0}
    return {"files": {"cubequery/acl.py": {"missing_lines": lines, "missing_branches": []}}, "totals": totals}


def test_a_line_that_is_not_named_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "coverage.json"
    place.write_text(json.dumps(report([1])))
    assert main([str(place)]) == 1
    (found,) = missing(report([1]))
    assert f"not taken and not named: {found[0]}: {found[1]}" in capsys.readouterr().out
