"""What is offered in the place of an unknown name is the nearest known one, whatever is left out of the search."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from cubequery.names import LONGEST, REACH, KnownNames

WORDS = st.text("ab_", max_size=9) | st.text("abcdefghijklmnopqrsté", min_size=6, max_size=14)


def distance(left: str, right: str) -> int:
    """Levenshtein distance, as the definition has it."""
    if not left or not right:
        return len(left) + len(right)
    table = [[i + j if not i or not j else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)]
    for i, char in enumerate(left, 1):
        for j, other in enumerate(right, 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (char != other))
    return table[-1][-1]


@st.composite
def typed(draw: st.DrawFn) -> tuple[list[str], str]:
    """Known names, and one of them with up to three letters changed, put in or left out."""
    names = draw(st.lists(WORDS, min_size=1, max_size=6))
    name = draw(st.sampled_from(names))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(name)))
        name = name[:place] + draw(st.sampled_from(["", "a", "x"])) + name[place + draw(st.integers(0, 1)) :]
    return names, name


@settings(max_examples=1_000)
@given(typed() | st.tuples(st.lists(WORDS, max_size=6), WORDS))
def test_the_nearest_name_is_offered(given_: tuple[list[str], str]) -> None:
    names, name = given_
    near = sorted((distance(name, known), known) for known in names)
    expected = near[0][1] if near and near[0][0] <= REACH else None
    assert KnownNames(names).closest(name) == expected


def test_a_long_name_gets_no_offer() -> None:
    assert KnownNames(["a" * LONGEST]).closest("a" * (LONGEST - 1)) == "a" * LONGEST
    assert KnownNames(["a" * LONGEST]).closest("a" * (LONGEST + 1)) is None
