"""Functions written for one combination of names. Their source holds places only: names, operators and readers come in as parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cubequery.evaluate.source import function

Reading = tuple[str, Any, Any]
"""The expression of a shortcut, the reader behind it, its bound; of a name the fields by name, and the reader behind them."""
Leaf = tuple[int, str, str, str, Callable[[Any], Any]]
"""Place of a value, form of the comparison, stored path, MongoDB's operator, and what makes a comparison of another form."""
Answer = Callable[[str, Sequence[str], Any], Any]
Build = Callable[[Sequence[Any], Sequence[str]], dict[str, Any]]
SCALAR, LISTED, MADE = "{{{path}: {{{operator}: {value}}}}}", "{{{path}: {{{operator}: [*{value}]}}}}", "{make}({value})"
MATCHED = "{{{path}: {{'$regex': {operator} + {value}}}}} if {value}.isalnum() else {make}({value})"
"""Forms of a comparison: a scalar under an operator, a list of scalars, anything else;
a needle with nothing in it to escape, behind a prefix."""
NO_LEAF = "None"
"""The form of a parameter that compares nothing."""

_WORD = re.compile("[a-z]+[0-9]*")


def taker_of(reading: Reading, leaf: str, path: str, operator: str, make: Callable[[Any], Any] | None) -> Callable[[str], tuple[Any, Any]]:
    """One parameter as a function of its text: the value, and its comparison in the form ``leaf``."""
    expression, read, most = reading
    value, made = expression.format(x="x", read="read", most="most"), leaf.format(path="p", operator="o", value="v", make="make")
    return function(f"def take(x, read, most, p, o, make):\n v = {value}\n return v, {made}\n", (read, most, path, operator, make))


def maker_of(form: str, path: str, operator: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One comparison as a function of its operand."""
    if form == MADE:
        return make
    body = form.format(path="p", operator="o", value="v", make="make")
    return function(f"def compare(v, p, o, make):\n return {body}\n", (path, operator, make))


def answer_function(
    made: type, shape: object, readings: Sequence[tuple[str, Reading]], members: Sequence[Leaf], group: Sequence[Leaf], *,
    rights: tuple[str, str], agrees: Callable[[Sequence[Any]], bool] | None,
) -> Answer:  # fmt: skip
    """From a request, its parts (names and texts in turn) and an actor to an object of ``made``: ``shape``, values, actor and filter.

    ``readings`` are by name as received, ``agrees`` says whether values go together. The function gives None where the text is not what
    its parts say, or goes the usual way for another reason; it raises what the readers raise, and ValueError.
    """
    size = len(readings)
    said = "".join(f"{{n{place}}}{{x{place}}}" for place in range(size))
    given = dict[str, Any](new=object.__new__, kind=made, shape=shape, agrees=agrees)
    for place, (name, (_, read, most)) in enumerate(readings):
        given |= {f"n{place}": f"{'&' if place else ''}{name}=", f"r{place}": read, f"m{place}": most}
    whole = _whole(members, group, rights, "actor.tokens", given)
    lines = [
        f"{''.join(f'_, x{place}, ' for place in range(size))}= parts",
        f"if f'{said}' != text or '\\0' in text or not text.isascii(): return None",
        *(
            f"x{place} = {each.format(x=f'x{place}', read=f'r{place}', most=f'm{place}')}"
            for place, (_, (each, _, _)) in enumerate(readings)
        ),
        f"values = {_values(size)}",
        *(["if not agrees(values): return None"] if agrees is not None else []),
        *("made = new(kind)", "made.shape = shape", "made.values = values", "made.actor = actor", f"made.filter = {whole}", "return made"),
    ]
    return _function("answer", "text, parts, actor", lines, given)


def build_function(size: int, members: Sequence[Leaf], group: Sequence[Leaf], rights: tuple[str, str]) -> Build:
    """The whole filter from ``size`` values and an actor's tokens: criteria in order, the ``or`` group, the rights."""
    given: dict[str, Any] = {}
    whole = _whole(members, group, rights, "tokens", given)
    return _function("build", "values, tokens", [f"{_values(size)}= values", f"return {whole}"], given)


def _function(name: str, parameters: str, lines: Sequence[str], given: Mapping[str, Any]) -> Callable[..., Any]:
    """The function of these lines, with what of ``given`` they name: each call copies all of it."""
    words = {*_WORD.findall(" ".join(lines))}
    used = [each for each in given if each in words]
    source = f"def {name}({', '.join([parameters, *used])}):\n" + "".join(f" {line}\n" for line in lines)
    return function(source, [given[each] for each in used])


def _values(size: int) -> str:
    return "".join(f"x{place}, " for place in range(size))


def _whole(members: Sequence[Leaf], group: Sequence[Leaf], rights: tuple[str, str], tokens: str, given: dict[str, Any]) -> str:
    """The filter's expression over values and tokens; what it names is put into ``given``."""
    parts = []
    for number, (place, form, path, operator, make) in enumerate([*members, *group]):
        parts.append(form.format(path=f"p{number}", operator=f"o{number}", make=f"f{number}", value=f"x{place}"))
        given |= {f"p{number}": path, f"o{number}": operator, f"f{number}": make}
    given["path"], given["operator"] = rights
    grouped = [f"{{'$or': [{', '.join(parts[len(members) :])}]}}"] if group else []
    found = [*parts[: len(members)], *grouped, f"{{path: {{operator: [*{tokens}]}}}}"]
    return f"{{'$and': [{', '.join(found)}]}}" if len(found) > 1 else found[0]
