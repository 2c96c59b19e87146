"""Parameters as received, with the place of every part: what both readers of text make, and errors are placed by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cubequery import errors
from cubequery.errors import Fault
from cubequery.limits import Limits
from cubequery.parse import grammar
from cubequery.syntax import name_too_large

BAD_NAME, BAD_VALUE = errors.malformed("a name is not grammatical"), errors.malformed("a value is not percent-encoded UTF-8")
_PLAIN_NAME = re.compile(r"([A-Za-z0-9_]+)(?:\[([A-Za-z0-9_]+)\])?", re.ASCII)
"""The names of most requests, which the grammar's own pattern divides in the same way."""
_SPACE = re.compile(r"[ +]|%20")


Places = tuple[Sequence[int], Sequence[int]]
"""Where each element of a value begins, from the value's own start: as a list, and as a list as Dart prints it."""


class Received:
    """One parameter of a query string or form text.

    ``names`` are the decoded words of its name and ``offsets`` where each begins; ``listed`` names end in ``[]``. ``value`` is decoded;
    where its elements are is found out when an error stands at one of them.
    """

    __slots__ = ("_found", "_raw", "listed", "names", "offsets", "source", "value", "value_offset")

    def __init__(
        self, source: str, names: tuple[str, ...], offsets: tuple[int, ...], raw: str, value_offset: int, *, listed: bool,
        places: Places | None = None,
    ) -> None:  # fmt: skip
        """A parameter from decoded names with their offsets and its raw value; ``places`` where its elements are known already."""
        self.source, self.names, self.offsets, self.listed = source, names, offsets, listed
        self.value, self.value_offset = decode(raw), value_offset
        self._raw, self._found = raw, places

    def place(self, item: int | None, *, dart: bool) -> int:
        """Where the value stands, or element ``item`` of it."""
        if item is None:
            return self.value_offset
        if self._found is None:  # once, however many elements are at fault
            self._found = _places(self._raw)
        places = self._found[dart]
        return self.value_offset + (places[item] if item < len(places) else 0)


def decode(text: str) -> str:
    """Percent-decoded once, ``+`` a space. The text must be grammatical."""
    if "%" not in text and "+" not in text:
        return text
    from urllib.parse import unquote_plus  # with the first escape: it brings in a library of addresses

    return unquote_plus(text, errors="strict")


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
    raw, equal, value = pair.partition("=")
    fault = name_too_large(raw, 0, limits)
    words = None if fault else _words(raw, offset)
    if words is None:
        return (fault or BAD_NAME).at(source, offset)
    names, offsets, listed = words
    start = offset + len(raw) + len(equal)
    if ("%" in value or not value.isascii()) and grammar.value_pattern().fullmatch(value) is None:
        return BAD_VALUE.at(source, start)
    if len(names) + listed > limits.max_path_parts and (fault := name_too_large("", len(names) + listed, limits)) is not None:
        return fault.at(source, offset)
    return Received(source, names, offsets, value, start, listed=listed)


def _words(raw: str, offset: int) -> tuple[tuple[str, ...], tuple[int, ...], bool] | None:
    """The decoded words of a name, where each begins, and whether it ends in ``[]``; None where it is no name."""
    plain = _PLAIN_NAME.fullmatch(raw)
    if plain is not None:
        head, part = plain.groups()
        return ((head,), (offset,), False) if part is None else ((head, part), (offset, offset + len(head) + 1), False)
    match = grammar.name_pattern().fullmatch(raw)
    if match is None:
        return None
    parts = [(match[1], 0), *((part[1], part.start(1)) for part in grammar.part_pattern().finditer(raw, match.end(1)))]
    return tuple([decode(word) for word, _ in parts]), tuple([offset + start for _, start in parts]), match[3] is not None


def _places(value: str) -> Places:
    """Places of the elements; those of a list as Dart prints it are behind the bracket, and behind one space."""
    items = [0, *(comma.end() for comma in grammar.comma_pattern().finditer(value))]
    bracket = 1 if value[:1] == "[" else 3
    return items, [bracket, *(after_space(value, place) for place in items[1:])] if is_dart(value) else items


def is_dart(value: str) -> bool:
    """Whether a raw value begins with ``[`` and ends with ``]``."""
    opens = value[:1] == "[" or value[:3].lower() == "%5b"
    closes = value[-1:] == "]" or value[-3:].lower() == "%5d"
    return opens and closes and len(value) > 1 and value.lower() != "%5b" and not (value[:1] != "[" and len(value) < 4)
