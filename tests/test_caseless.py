"""Case-blind search in memory equals a server's: which letters are alike, where a word begins, whatever is stored."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from bson import Regex
from hypothesis import given
from hypothesis import strategies as st
from pymongo.collection import Collection

from cubequery.ast import Compare, Field
from cubequery.compile import compile_filter
from cubequery.evaluate import selector
from cubequery.operators import ICONTAINS, WORD_PREFIX, SearchOperator
from cubequery.operators.folds import ALIKE, folded
from cubequery.values import String
from tests.support.ends import fill
from tests.support.mongod import Document

FIELD = Field("t", "t", String())
LETTERS = "aAkK\N{KELVIN SIGN}sSſßẞéÉiIİıσςΣµμΜåÅ\N{ANGSTROM SIGN}яЯǅǆ ._-\n0é\u0301\ufb01\u10d0Ა"
TEXTS = st.text(st.sampled_from(LETTERS), max_size=8)
WORDS = [
    ("ac", "Acme Ltd", True), ("ac", "The ACME", True), ("ac", "Jacob", False), ("irket", "Şirket", False), ("él", "Le Élan", True),
    ("él", "ÉLAN", True), ("el", "Élan", False), ("b", "a_b", True), ("b", "a-b", True), ("b", "é b", True), ("b", "éb", False),
    ("b", "a\nb", True), ("b", "1b", False), ("b", "a\xa0b", False), (".*", "x .*", True), (".*", "xx", False), ("i", "İzmir", False),
    ("i", "Izmir", True), ("ß", "ẞ", True), ("ss", "ß", False), ("aab", "xaab aaab aab", True), ("a b", "xa b", False),
    ("a b", "x a B", True),
]  # fmt: skip


def both(row: SearchOperator, needle: str, documents: list[Document], collection: Collection[Document]) -> list[Any]:
    """The ids found in memory, which are those that the server finds."""
    condition = Compare(FIELD, row, needle)
    found = [each["_id"] for each in selector(condition)(documents)]
    assert [each["_id"] for each in collection.find(compile_filter(condition)).sort("_id")] == found
    return found


@pytest.mark.parametrize(("needle", "text", "expected"), WORDS)
def test_a_word_begins(needle: str, text: str, expected: bool, scratch: Collection[Document]) -> None:
    documents = [{"_id": 1, "t": text}]
    assert both(WORD_PREFIX, needle, documents, fill(scratch, documents)) == ([1] if expected else [])


@given(st.lists(TEXTS, max_size=12), TEXTS.filter(bool), st.sampled_from([ICONTAINS, WORD_PREFIX]))
def test_memory_equals_the_server(scratch: Collection[Document], texts: list[str], needle: str, row: SearchOperator) -> None:
    documents = [{"_id": place, "t": text} for place, text in enumerate(texts)]
    both(row, needle, documents, fill(scratch, documents))


@pytest.mark.parametrize("row", [ICONTAINS, WORD_PREFIX])
def test_whatever_is_stored(row: SearchOperator, scratch: Collection[Document]) -> None:
    pattern = row.compile("t", "a")["t"]["$regex"]
    values: list[Any] = [None, 1, True, "A", "xa", ["b", "A"], [["a"]], {"a": "a"}, b"a", [], [None], "x\0A", Regex("a"), Regex("a", "im")]
    values += [Regex(pattern, "i"), Regex(pattern), [Regex(pattern, "i")]]
    documents = [{"_id": place, "t": value} for place, value in enumerate(values)] + [{"_id": 99}]
    assert both(row, "a", documents, fill(scratch, documents))


def test_every_letter_is_alike_to_the_same_letters_as_on_the_server(scratch: Collection[Document]) -> None:
    cased = [char for char in map(chr, range(sys.maxunicode)) if char.lower() != char or char.upper() != char]
    letters = sorted({*cased, *map(chr, ALIKE), *(alike for char in cased for alike in char.lower() + char.upper())})
    fill(scratch, [{"_id": letter} for letter in letters])
    groups: dict[str, set[str]] = {}
    for letter in letters:
        groups.setdefault(folded(letter), set()).add(letter)
    for letter, group in groups.items():
        assert {each["_id"] for each in scratch.find({"_id": {"$regex": f"^{re.escape(letter)}$", "$options": "i"}})} == group


def test_one_letter_stands_for_all_alike() -> None:
    assert not set(ALIKE) & set(ALIKE.values())
    assert folded("KELVIN \N{KELVIN SIGN}İIıß") == "kelvin kİiıß"
