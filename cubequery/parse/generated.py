"""Functions written for one combination of names. Their source holds places only: names, operators and readers come in as parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cubequery.evaluate.source import function

Reading = tuple[str, Callable[[str], Any], int]
"""The expression of a shortcut, the reader behind it, its bound."""
Leaf = tuple[int, str, str, str, Callable[[Any], Any]]
"""Place of a value, form of the comparison, stored path, MongoDB's operator, and what makes a comparison of another form."""
Build = Callable[[Sequence[Any], Sequence[str]], dict[str, Any]]
SCALAR, LISTED, OTHER = "{{{path}: {{{operator}: {value}}}}}", "{{{path}: {{{operator}: [*{value}]}}}}", "{make}({value})"
"""Forms of a comparison: a scalar under an operator, a list of scalars, anything else."""


def reader_of(expression: str, read: Callable[[str], Any], most: int) -> Callable[[str], Any]:
    """One shortcut as a function of the text."""
    body = expression.format(x="x", read="read", most="most")
    return function(f"def read_one(x, read, most):\n return {body}\n", (read, most))


def maker_of(form: str, path: str, operator: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One comparison as a function of its operand."""
    if form == OTHER:
        return make
    body = form.format(path="p", operator="o", value="v", make="make")
    return function(f"def compare(v, p, o):\n return {body}\n", (path, operator))


def read_function(readings: Sequence[Reading]) -> Callable[[Sequence[str]], Sequence[Any]]:
    """All values of a request from their texts."""
    names = "".join(f"x{place}, " for place in range(len(readings)))
    values = "".join(f"{each.format(x=f'x{place}', read=f'r{place}', most=f'm{place}')}, " for place, (each, _, _) in enumerate(readings))
    parameters = "".join(f", r{place}, m{place}" for place in range(len(readings)))
    source = f"def read_all(texts{parameters}):\n {names}= texts\n return {values}\n"
    return function(source, [part for _, read, most in readings for part in (read, most)])


def build_function(size: int, members: Sequence[Leaf], group: Sequence[Leaf], rights: tuple[str, str]) -> Build:
    """The whole filter from ``size`` values and an actor's tokens: criteria in order, the ``or`` group, the rights."""
    leaves = [*members, *group]
    parts = [
        form.format(path=f"p{number}", operator=f"o{number}", make=f"f{number}", value=f"x{place}")
        for number, (place, form, _, _, _) in enumerate(leaves)
    ]
    grouped = [f"{{'$or': [{', '.join(parts[len(members) :])}]}}"] if group else []
    found = [*parts[: len(members)], *grouped, "{path: {operator: [*tokens]}}"]
    whole = f"{{'$and': [{', '.join(found)}]}}" if len(found) > 1 else found[0]
    names = "".join(f"x{place}, " for place in range(size))
    parameters = "".join(f", p{number}, o{number}, f{number}" for number in range(len(leaves)))
    source = f"def build(values, tokens, path, operator{parameters}):\n {names}= values\n return {whole}\n"
    return function(source, [*rights, *(part for _, _, path, operator, make in leaves for part in (path, operator, make))])
