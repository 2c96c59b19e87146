"""The reference reader: Lark over the whole request. Slow, obvious, and what the fast path is measured against."""

from __future__ import annotations

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
    for parameter in tree.find_pred(lambda node: node.data.rpartition("__")[2] == "parameter"):
        name, each = _parameter(parameter, source)
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


def _parameter(tree: Tree[Token], source: str) -> tuple[str, Received]:
    """The raw name, and the parameter: its tokens in order are the words of the name, then the elements of the value."""
    tokens = list(tree.scan_values(lambda value: isinstance(value, Token)))
    cut = next((place for place, token in enumerate(tokens) if token.type.endswith("EQUAL")), len(tokens))
    name, value = tokens[:cut], tokens[cut + 1 :]
    words = [token for token in name if token.type.endswith("WORD")]
    listed = len(name) > 1 and name[-1].type.endswith("CLOSE") and name[-2].type.endswith("OPEN")
    start = int(tokens[min(cut, len(tokens) - 1)].end_pos or 0)
    raw = "".join(value)
    commas = [int(token.end_pos or 0) - start for token in value if token.type.endswith("COMMA")]
    items, dart = [0, *commas], [0, *commas]
    if value and value[0].type.endswith("LIST_OPEN"):
        dart = [int(value[0].end_pos or 0) - start, *(after_space(raw, place) for place in commas)]
    names, offsets = tuple(decode(str(token)) for token in words), tuple(int(token.start_pos or 0) for token in words)
    return "".join(name), Received(source, names, offsets, raw, start, listed=listed, places=(items, dart))
