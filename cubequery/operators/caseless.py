"""Case-blind search for literal texts: anywhere, or where a word begins. No request can name these rows; dialects are built on them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bson import Regex

from cubequery.operators.folds import folded
from cubequery.operators.search import Candidates, SearchOperator
from cubequery.ordering import STRING, type_class

_START = r"(?:^|[\x00-/:-@\[-`{-\x7f])"
"""Where a word begins, for MongoDB: its own ``\\b`` knows ASCII only, and would find a word behind every letter with an accent."""
_BREAKS = frozenset(chr(number) for number in range(128) if not chr(number).isalnum())
_TEXTS = ("String", "String_a")

Found = Callable[[str, str], bool]


def _contains(text: str, needle: str) -> bool:
    return needle in text


def _begins_word(text: str, needle: str) -> bool:
    """Whether the needle stands at the start or directly behind an ASCII character that is neither letter nor digit."""
    place = text.find(needle)
    while place > 0 and text[place - 1] not in _BREAKS:
        place = text.find(needle, place + 1)
    return place >= 0


def _row(name: str, prefix: str, found: Found, sentence: str) -> SearchOperator:
    def compile_pattern(path: str, needle: str) -> dict[str, Any]:
        return {path: {"$regex": prefix + re.escape(needle), "$options": "i"}}

    def decide(needle: str) -> Callable[[Candidates], bool]:
        alike, pattern = folded(needle), prefix + re.escape(needle)

        def test(value: Any) -> bool:
            if type_class(value) == STRING:
                return found(folded(value), alike)
            return isinstance(value, Regex) and value.pattern == pattern and value.flags == re.IGNORECASE

        return lambda values: any(map(test, values))

    return SearchOperator(name, _TEXTS, "literal", compile_pattern, decide, sentence)


ICONTAINS = _row("icontains", "", _contains, "{field} contains {operand} in any case")
WORD_PREFIX = _row("word_starts_with", _START, _begins_word, "a word of {field} starts with {operand} in any case")
