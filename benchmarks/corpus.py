"""The requests of corpus.txt, filled with values that are new each time."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

Values = Mapping[str, str]
_RANDOM = random.Random(7)

_LETTERS = string.ascii_lowercase


def _word() -> str:
    return "".join(_RANDOM.choices(_LETTERS, k=_RANDOM.randint(5, 10)))


def _several(make: Callable[[], str], count: int) -> Callable[[], str]:
    return lambda: ",".join(make() for _ in range(count))


def _int() -> str:
    return str(_RANDOM.randrange(10, 1_000_000))


KINDS: Mapping[str, Callable[[], str]] = {
    "word": _word,
    "words": _several(_word, 3),
    "text": lambda: f"{_word()} & {_word()}é 100%",
    "int": _int,
    "numbers": _several(_int, 200),
    "float": lambda: f"{_RANDOM.uniform(0, 1000):.2f}",
    "date": lambda: f"{_RANDOM.randint(1950, 2020)}-{_RANDOM.randint(1, 12):02}-{_RANDOM.randint(1, 28):02}T08:30:00Z",
    "id": lambda: f"{_RANDOM.getrandbits(96):024x}",
    "lng": lambda: f"{_RANDOM.uniform(-180, 180):.5f}",
    "lat": lambda: f"{_RANDOM.uniform(-90, 90):.5f}",
    "metres": lambda: str(_RANDOM.randrange(100, 100_000)),
    "page": lambda: str(_RANDOM.randrange(0, 5000, 50)),
    "name": lambda: f"{_word()}_{_word()}",
}
"""Kinds of values; a placeholder is a kind and perhaps a number."""
_ORDERED: Mapping[str, Callable[[str], Any]] = {"int": int, "float": float, "date": str}
_TEXTS = ("word", "words", "text")
QUOTES: Mapping[str, tuple[str, str]] = {"odata": ("'", "''"), "rsql": ("'", "\\'"), "optimade": ('"', '\\"')}
"""Readers of decoded texts: the quote of each, and the same inside a text."""


def kind(placeholder: str) -> str:
    """The kind of a placeholder: ``int`` for ``int2``."""
    return placeholder.rstrip(string.digits)


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of the corpus: templates by the reader they are for."""

    name: str
    templates: Mapping[str, Template]

    @property
    def parameters(self) -> int:
        """How many parameters its text has."""
        text = next(iter(self.templates.values())).template
        return text.count("&") + 1

    def values(self) -> Values:
        """New values for every placeholder; ``$int2`` is never below ``$int``, so that ranges hold something."""
        placeholders = sorted({name for template in self.templates.values() for name in template.get_identifiers()})
        drawn = [(name, KINDS[kind(name)]()) for name in placeholders]
        for own, order in _ORDERED.items():
            rising = iter(sorted((value for name, value in drawn if kind(name) == own), key=order))
            drawn = [(name, next(rising) if kind(name) == own else value) for name, value in drawn]
        return dict(drawn)

    def text(self, reader: str, values: Values) -> str:
        """What ``reader`` is given: filter languages decoded, with quoted texts; bodies as they are; query strings encoded."""
        if reader in QUOTES:
            return self.templates[reader].substitute({name: literal(reader, name, value) for name, value in values.items()})
        if reader == "body":
            return self.templates[reader].substitute(values)
        return self.templates[reader].substitute({name: quote(value, safe=",:.-") for name, value in values.items()})


def literal(reader: str, placeholder: str, value: str) -> str:
    """A value as the reader's filter language spells it."""
    if kind(placeholder) not in _TEXTS:
        return value
    quote_, inside = QUOTES[reader]
    items = value.split(",") if kind(placeholder) == "words" else [value]
    return ", ".join(quote_ + item.replace(quote_, inside) + quote_ for item in items)


def load() -> list[Case]:
    """Every entry, in order."""
    cases: list[Case] = []
    templates: dict[str, Template] = {}
    for line in Path(__file__).with_name("corpus.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            templates = {}
            cases.append(Case(line[2:], templates))
        elif line and not line.startswith("#"):
            reader, _, text = line.partition(": ")
            templates[reader] = Template(text)
    return cases
