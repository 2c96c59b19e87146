"""The reference reader: Lark over the whole request. Slow, obvious, and what the fast path is measured against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from lark import Token, Tree, UnexpectedInput
from lark.exceptions import UnexpectedToken

from cubequery.errors import Fault
from cubequery.limits import Limits
from cubequery.parse.received import BAD_NAME, BAD_VALUE, Received, after_space, decode
from cubequery.syntax import load, name_too_large


def read(text: str, source: str, limits: Limits) -> tuple[list[Received], list[Fault]]:
    """Every parameter with its places; each ungrammatical one is a fault and is blanked out before the parser goes on."""
    faults: dict[int, Fault] = {}
    rest = text
    while True:
        try:
            tree = load().parse(rest)
            break
        except UnexpectedInput as unexpected:
            start, end = _pair(rest, _position(unexpected, rest))
            faults[start] = _fault(rest[start:end], start, _position(unexpected, rest) - start, source, limits)
            rest = rest[:start] + "&" * (end - start) + rest[end:]
    found = []
    for parameter in tree.children[0].children:  # type: ignore[union-attr]  # a request is its parameters
        name, each = _parameter(parameter, rest, source)  # type: ignore[arg-type]  # which are trees, and no tokens
        large = name_too_large(name, len(each.names) + each.listed, limits)
        if large is None:
            found.append(each)
        else:
            faults[each.offsets[0]] = large.at(source, each.offsets[0])
    return sorted(found, key=lambda each: each.offsets[0]), [faults[start] for start in sorted(faults)]


def _position(unexpected: UnexpectedInput, text: str) -> int:
    if isinstance(unexpected, UnexpectedToken):
        return len(text) if unexpected.token.type == "$END" else int(unexpected.token.start_pos or 0)
    return int(getattr(unexpected, "pos_in_stream", 0) or 0)


def _pair(text: str, position: int) -> tuple[int, int]:
    """Borders of the parameter that holds ``position``; a ``&`` belongs to the one before it."""
    start = text.rfind("&", 0, position) + 1
    end = text.find("&", position)
    return start, len(text) if end < 0 else end


def _fault(pair: str, start: int, inside: int, source: str, limits: Limits) -> Fault:
    name, equal, _ = pair.partition("=")
    large = name_too_large(name, 0, limits)
    in_value = equal and inside > len(name)
    return large.at(source, start) if large else BAD_VALUE.at(source, start + len(name) + 1) if in_value else BAD_NAME.at(source, start)


def _parameter(tree: Tree[Token], text: str, source: str) -> tuple[str, Received]:
    """The raw name, and the parameter: the words of its name, then where the elements of its value begin."""
    name, *rest = tree.children
    assert isinstance(name, Tree)
    # A name is a word, then a bracketed word for each part, then perhaps two brackets with nothing in them.
    parts = [part.children if isinstance(part, Tree) else [part] for part in name.children]
    words = [part[len(part) // 2] for part in parts if len(part) != 2]
    tokens = [*_tokens(tree.children[2:])]
    begin, end = _start(words[0]), _end(parts[-1][-1])
    start = _end(rest[0]) if rest else end
    raw = text[start : _end(tokens[-1])] if tokens else ""
    commas = [_end(token) - start for token in tokens if token.type.endswith("COMMA")]
    items, dart = [0, *commas], [0, *commas]
    if tokens and tokens[0].type.endswith("LIST_OPEN"):
        dart = [_end(tokens[0]) - start, *(after_space(raw, place) for place in commas)]
    names, offsets = tuple([decode(str(word)) for word in words]), tuple(map(_start, words))
    return text[begin:end], Received(source, names, offsets, raw, start, listed=len(parts[-1]) == 2, places=(items, dart))


def _tokens(children: Iterable[Token | Tree[Token]]) -> Iterator[Token]:
    for child in children:
        if isinstance(child, Tree):
            yield from _tokens(child.children)
        else:
            yield child


def _start(token: Any) -> int:
    return int(token.start_pos)


def _end(token: Any) -> int:
    return int(token.end_pos)
