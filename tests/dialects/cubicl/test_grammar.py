"""The readers of operands accept exactly what the grammar of the dialect says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lark.exceptions import UnexpectedInput

from cubequery.ast import Field
from cubequery.dialects.cubicl import Parameter
from cubequery.dialects.cubicl.kinds import KINDS, Row
from cubequery.errors import Refused
from cubequery.limits import DEFAULT
from cubequery.syntax import load
from cubequery.values import ID_TYPES, Date

RULES = {
    "tri_state": ("tri_state", None), "all_fields": ("switch", None), "flag": ("flag", None), "skip": ("natural", None),
    "limit": ("natural", None),
    "interval_pair": ("seconds", Date()), "any_of": ("elements", ID_TYPES["String"]()),
    "include": ("elements", None), "exclude": ("elements", None),
}  # fmt: skip
TEXTS = st.one_of(
    st.text(st.sampled_from("01-9.,ae +٣\n"), max_size=12),
    st.sampled_from(["true", "false", "all", "True", "", "1", "0", "-1", "a,b", "a,", ",", "a,,", "a,,b"]),
)


def accepts(read: Callable[[str], Any], text: str) -> bool:
    """Whether a text has the right form, whatever it means."""
    try:
        read(text)
    except Refused as refused:
        return refused.code == "out_of_range"
    except UnexpectedInput:
        return False
    return True


@pytest.mark.parametrize("kind", RULES)
@given(TEXTS)
@example("")
@example("a,,")
@example("-")
def test_the_reader_of_a_kind_equals_its_rule(kind: str, text: str) -> None:
    rule, own = RULES[kind]
    row = Row(Parameter("x", kind), () if own is None else (Field("f", "f", own),), KINDS[kind])
    if kind == "any_of" and any(item != item.strip() or ("\n" in item) for item in text.split(",")):
        return  # an id of the class has a form of its own
    assert accepts(lambda given: row.kind.read(given, row, DEFAULT), text) == accepts(load(rule, "cubicl").parse, text)
