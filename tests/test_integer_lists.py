"""Lists of integers are read at once, with msgspec and without, exactly as element by element."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cubequery.errors import Refused
from cubequery.parse import plainly

SPECIAL = [
    "",
    "0",
    "-0",
    "-1",
    "01",
    "1e3",
    "1.0",
    "null",
    "true",
    " 1",
    "[1",
    "2]",
    "9" * 18,
    "9" * 19,
    str(2**63 - 1),
    str(2**63),
    "9" * 400,
]
items = st.sampled_from(SPECIAL) | st.integers(-(2**64), 2**64).map(str) | st.integers(0, 99).map(str)


def usual(text: str) -> Any:
    return "usual", text


@pytest.mark.parametrize("installed", [True, False])
@given(st.lists(items, max_size=6).map(",".join) | st.text("0123456789,-. []eE\t", max_size=8))
def test_at_once_as_one_by_one(installed: bool, text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not installed:
            patch.setitem(sys.modules, "msgspec", None)
            patch.setitem(sys.modules, "msgspec.json", None)
        found = plainly._integers(usual, 4)(text)
    parts = text.split(",")
    plain = (
        all(part.isdigit() and len(part) < 20 and int(part) < 2**63 and (part == "0" or part[0] != "0") for part in parts)
        and len(parts) <= 4
    )
    assert found == ([int(part) for part in parts] if plain else [] if text == "" else usual(text))
    assert all(type(item) is int for item in found) or found == usual(text)


def test_msgspec_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "msgspec" in repr(plainly.integer_decoder())
    monkeypatch.setitem(sys.modules, "msgspec.json", None)
    assert "msgspec" not in repr(plainly.integer_decoder())
    with pytest.raises((Refused, ValueError)):
        plainly.integer_decoder()("[01]")
