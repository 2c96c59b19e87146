"""The operator tables of the documentation, written from the operators' own rows: ``python -m cubequery.docs [--check] [FILE]``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from cubequery.operators import CALCULATIONS, SEARCH, UPDATE, Calculation, Circle, SearchOperator, UpdateOperator
from cubequery.operators.search import ARRAYS, EVERY

BEGIN = "<!-- operators: from here on written by `python -m cubequery.docs` -->"
END = "<!-- operators: until here -->"
SHOWN = {"id": "`_id`", "parent": "`_parent_id`", "user": "`user_id`", "user_text": "`user_id`", "time": "times"}
"""Kinds of system fields; the others are called like their types."""
OPERANDS: dict[str, tuple[str, Any]] = {
    "one": ("v", "v"),
    "list": ("a,b", ["a", "b"]),
    "literal": ("text", "text"),
    "circle": ("lng,lat;metres", Circle(25.32, 44.551, 1000.0)),
}
"""How an operand of each shape is spelled, and one to be compiled."""
GROUPED = "; the `or` of a request are one disjunction"
SEARCH_HEAD = "Conditions, `f[operator]=v`; bare, `f=v` is `eq`, and on an Array `in`. The times are `created_at` and `updated_at`:"
UPDATE_HEAD = 'Changes, as form text `operator[f]=v`, as JSON `{"operator": {"f": v}}`:'
GROUPS_HEAD = "Calculations over groups, `f[calc]=calculation&group_by=g`:"
SPELLINGS = {"set": "`f=v`", "unset": "`f=null`", "set_index": "`f[2]=v`"}
"""Changes that are said without a word of their own."""


def tables() -> str:
    """All tables as Markdown."""
    search = table(("operator", "field types", "meaning", "takes null", "MongoDB"), map(_search_row, SEARCH.rows))
    update = table(("change", "field types", "meaning", "MongoDB"), map(_update_row, UPDATE.values()))
    calculations = table(("calculation", "field types", "meaning", "MongoDB"), map(_calculation_row, CALCULATIONS))
    return "\n\n".join((SEARCH_HEAD, search, UPDATE_HEAD, update, GROUPS_HEAD, calculations))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines)


def _search_row(row: SearchOperator) -> tuple[str, ...]:
    spelled, operand = OPERANDS[row.shape]
    means = _sentence(row.sentence, spelled) + (GROUPED if row.grouped else "")
    return f"`{row.name}`", _kinds(row.kinds), means, "yes" if row.null else "", f"`{json.dumps(row.compile('f', operand))}`"


def _update_row(row: UpdateOperator) -> tuple[str, ...]:
    words = ([f"`{row.name}`"] if row.spelled else [SPELLINGS[row.name]]) + [f"`{alias}`" for alias in row.aliases]
    return ", ".join(words), _kinds(row.kinds), _sentence(row.sentence, "v"), f"`{row.command}`"


def _calculation_row(row: Calculation) -> tuple[str, ...]:
    return f"`{row.name}`", _kinds(row.kinds), _sentence(row.sentence, "v"), f"`{row.accumulator}`"


def _sentence(sentence: str, operand: str) -> str:
    return sentence.format(field="`f`", operand=f"`{operand}`")


def _kinds(kinds: Sequence[str]) -> str:
    """Names of the field types: the four kinds of arrays as one, nearly all as all but the others."""
    if set(kinds) == {"any"}:
        return "all"
    names, every = _names(kinds), _names(EVERY)
    others = [name for name in every if name not in names]
    if len(others) >= len(names):
        return ", ".join(names)
    return f"all but {', '.join(others)}" if others else "all"


def _names(kinds: Sequence[str]) -> list[str]:
    names = []
    for kind in kinds:
        if kind in ARRAYS:
            names.append("Array" if set(ARRAYS) <= set(kinds) else f"Array of {kind.removesuffix('_a')}")
        elif kind != "any":
            names.append(SHOWN.get(kind, kind))
    return list(dict.fromkeys(names))


def rewritten(text: str) -> str:
    """The document with its tables made anew. Raises ValueError where the two marks are not in it."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the marks around the tables are missing")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Rewrite the file, or with ``--check`` say by the exit code whether it is stale."""
    names: Iterator[str] = (each for each in arguments if each != "--check")
    path = Path(next(names, "README.md"))
    old = path.read_text(encoding="utf-8")
    new = rewritten(old)
    if "--check" in arguments:
        return int(old != new)
    path.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
