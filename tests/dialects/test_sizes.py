"""How large a dialect is, as ARCHITECTURE.md says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = {
    "ConnectyCube": [
        "cubequery/parse/*.py",
        "grammar/connectycube.lark",
        *(f"cubequery/server/{each}.py" for each in ("routes", "calls", "endpoint")),
    ],
    "ConnectNow": ["cubequery/dialects/connectnow/*.py", "grammar/connectnow.lark", "cubequery/server/dialects/connectnow.py"],
    "Cubicl": ["cubequery/dialects/cubicl/*.py", "grammar/cubicl.lark", "cubequery/server/dialects/cubicl.py"],
}


@pytest.mark.parametrize("dialect", PARTS)
def test_the_page_says_how_many_lines_there_are(dialect: str) -> None:
    lines = sum(
        bool(line.strip())
        for part in PARTS[dialect]
        for path in CHECKOUT.glob(part)
        for line in path.read_text(encoding="utf-8").split("\n")
    )
    said = re.search(rf"^\| {dialect} \| (\d+) \|", (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert said is not None
    assert abs(lines - int(said[1])) < 0.05 * lines, lines
