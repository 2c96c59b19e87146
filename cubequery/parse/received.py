"""Parameters as received, with the place of every part: what both readers of text make, and errors are placed by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_plus

from cubequery import errors
from cubequery.errors import Fault
from cubequery.limits import Limits
from cubequery.parse import grammar
from cubequery.syntax import name_too_large

BAD_NAME, BAD_VALUE = errors.malformed("a name is not grammatical"), errors.malformed("a value is not percent-encoded UTF-8")
_SPACE = re.compile(r"[ +]|%20")


@dataclass(frozen=True, slots=True)
class Received:
    """One parameter of a query string or form text.

    ``parts`` are the decoded words of its name and where each begins; ``listed`` names end in ``[]``. ``value`` is decoded,
    ``items`` where each element would begin if the value is a list, ``dart_items`` the same if it is a list as Dart prints it.
    """

    source: str
    parts: tuple[tuple[str, int], ...]
    listed: bool
    value: str
    value_offset: int
    items: tuple[int, ...]
    dart_items: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The words of the name."""
        return tuple(part for part, _ in self.parts)

    def place(self, item: int | None, *, dart: bool) -> int:
        """Where the value stands, or element ``item`` of it."""
        places = self.dart_items if dart else self.items
        return self.value_offset if item is None or item >= len(places) else places[item]


def decode(text: str) -> str:
    """Percent-decoded once, ``+`` a space. The text must be grammatical."""
    return unquote_plus(text, errors="strict") if "%" in text or "+" in text else text


def after_space(raw: str, place: int) -> int:
    """Where an element begins, behind the one space that a list as Dart prints it puts before its elements."""
    found = _SPACE.match(raw, place)
    return found.end() if found else place


def split(text: str, source: str, limits: Limits) -> tuple[list[Received], list[Fault]]:
    """Every parameter of a text with its places, without the parser; ungrammatical ones as faults."""
    found: list[Received] = []
    faults: list[Fault] = []
    offset = 0
    for pair in text.split("&"):
        if pair:
            result = _parameter(pair, offset, source, limits)
            (found if isinstance(result, Received) else faults).append(result)  # type: ignore[arg-type]  # one list for each kind
        offset += len(pair) + 1
    return found, faults


def _parameter(pair: str, offset: int, source: str, limits: Limits) -> Received | Fault:
    raw, _, value = pair.partition("=")
    fault = name_too_large(raw, 0, limits)
    match = None if fault else grammar.name_pattern().fullmatch(raw)
    if match is None:
        return (fault or BAD_NAME).at(source, offset)
    start = offset + len(raw) + ("=" in pair)
    parts = [(match[1], offset), *((part[1], offset + part.start(1)) for part in grammar.part_pattern().finditer(raw, match.end(1)))]
    if grammar.value_pattern().fullmatch(value) is None:
        return BAD_VALUE.at(source, start)
    fault = name_too_large("", len(parts) + (match[3] is not None), limits)
    if fault is not None:
        return fault.at(source, offset)
    commas = list(grammar.comma_pattern().finditer(value))
    items = [0, *(comma.end() for comma in commas)]
    return received(source, parts, match[3] is not None, value, start, items, _dart(value, items))


def _dart(value: str, items: Sequence[int]) -> list[int]:
    """Places of the elements of a list as Dart prints it: behind the bracket, and behind one space."""
    bracket = 1 if value[:1] == "[" else 3
    return [bracket, *(after_space(value, place) for place in items[1:])] if is_dart(value) else list(items)


def is_dart(value: str) -> bool:
    """Whether a raw value begins with ``[`` and ends with ``]``."""
    opens = value[:1] == "[" or value[:3].lower() == "%5b"
    closes = value[-1:] == "]" or value[-3:].lower() == "%5d"
    return opens and closes and len(value) > 1 and value.lower() != "%5b" and not (value[:1] != "[" and len(value) < 4)


def received(
    source: str, parts: Iterable[tuple[str, int]], listed: bool, value: str, start: int, items: Sequence[int], dart: Sequence[int]
) -> Received:  # fmt: skip
    """A parameter from raw words and places relative to the value."""
    return Received(
        source, tuple((decode(part), place) for part, place in parts), listed, decode(value), start,
        tuple(start + item for item in items), tuple(start + item for item in dart),
    )  # fmt: skip
