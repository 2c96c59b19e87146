"""Functions written for one combination of names. Their source holds places only: names, operators and readers come in as parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cubequery.evaluate.source import function

S = TypeVar("S")
Reading = tuple[str, Callable[[str], Any], int]
"""The expression of a shortcut, the reader behind it, its bound."""
Leaf = tuple[int, str, str, str, Callable[[Any], Any]]
"""Place of a value, form of the comparison, stored path, MongoDB's operator, and what makes a comparison of another form."""
Answer = Callable[[Sequence[str], Sequence[str]], tuple[S, Sequence[Any], dict[str, Any]]]
Build = Callable[[Sequence[Any], Sequence[str]], dict[str, Any]]
SCALAR, LISTED, OTHER = "{{{path}: {{{operator}: {value}}}}}", "{{{path}: {{{operator}: [*{value}]}}}}", "{make}({value})"
MATCHED = "{{{path}: {{'$regex': {operator} + {value}}}}} if {value}.isalnum() else {make}({value})"
"""Forms of a comparison: a scalar under an operator, a list of scalars, anything else;
a needle with nothing in it to escape, behind a prefix."""


def reader_of(expression: str, read: Callable[[str], Any], most: int) -> Callable[[str], Any]:
    """One shortcut as a function of the text."""
    body = expression.format(x="x", read="read", most="most")
    return function(f"def read_one(x, read, most):\n return {body}\n", (read, most))


def maker_of(form: str, path: str, operator: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One comparison as a function of its operand."""
    if form == OTHER:
        return make
    body = form.format(path="p", operator="o", value="v", make="make")
    return function(f"def compare(v, p, o, make):\n return {body}\n", (path, operator, make))


def answer_function(
    shape: S, readings: Sequence[Reading], members: Sequence[Leaf], group: Sequence[Leaf], rights: tuple[str, str]
) -> Answer[S]:
    """``shape``, all values of a request from its parts, names and texts in turn, and the whole filter made of them and of tokens."""
    size = len(readings)
    parts = "".join(f"_, x{place}, " for place in range(size))
    lines = [f"x{place} = {each.format(x=f'x{place}', read=f'r{place}', most=f'm{place}')}" for place, (each, _, _) in enumerate(readings)]
    parameters = "".join(f", r{place}, m{place}" for place in range(size))
    whole, places, given = _whole(members, group)
    source = (
        f"def answer(parts, tokens, shape, path, operator{parameters}{places}):\n"
        + "".join(f" {line}\n" for line in (f"{parts}= parts", *lines))
        + f" return shape, ({_values(size)}), {whole}\n"
    )
    return function(source, [shape, *rights, *(part for _, read, most in readings for part in (read, most)), *given])


def build_function(size: int, members: Sequence[Leaf], group: Sequence[Leaf], rights: tuple[str, str]) -> Build:
    """The whole filter from ``size`` values and an actor's tokens: criteria in order, the ``or`` group, the rights."""
    whole, places, given = _whole(members, group)
    source = f"def build(values, tokens, path, operator{places}):\n {_values(size)}= values\n return {whole}\n"
    return function(source, [*rights, *given])


def _values(size: int) -> str:
    return "".join(f"x{place}, " for place in range(size))


def _whole(members: Sequence[Leaf], group: Sequence[Leaf]) -> tuple[str, str, list[Any]]:
    """The filter's expression over values and tokens, the parameters that it has, and what is given for them."""
    leaves = [*members, *group]
    parts = [
        form.format(path=f"p{number}", operator=f"o{number}", make=f"f{number}", value=f"x{place}")
        for number, (place, form, _, _, _) in enumerate(leaves)
    ]
    grouped = [f"{{'$or': [{', '.join(parts[len(members) :])}]}}"] if group else []
    found = [*parts[: len(members)], *grouped, "{path: {operator: [*tokens]}}"]
    whole = f"{{'$and': [{', '.join(found)}]}}" if len(found) > 1 else found[0]
    parameters = "".join(f", p{number}, o{number}, f{number}" for number in range(len(leaves)))
    return whole, parameters, [part for _, _, path, operator, make in leaves for part in (path, operator, make)]
