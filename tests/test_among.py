"""Looking a value up among many equals comparing it with each of them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cubequery.operators.among import among
from cubequery.ordering import equal
from tests.test_update_evaluator import ARRAYS, NUMBERS, OTHERS

values = st.sampled_from([*NUMBERS, *OTHERS, *ARRAYS])


@given(st.lists(values, max_size=12), st.lists(values, min_size=1, max_size=12))
def test_look_up_equals_comparing_each(operands: list[Any], stored: list[Any]) -> None:
    is_among = among(operands)
    for value in [*stored, *operands]:
        assert is_among(value) == any(equal(value, operand) for operand in operands)
