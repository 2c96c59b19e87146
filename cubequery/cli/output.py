"""What is printed: JSON on one line in a pipe and indented on a terminal, tables of plain columns or rich's."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bson import json_util

LINE = 100
"""Characters of a line of JSON that a person reads."""
WIDEST = 32
"""Characters of a cell; what is longer is cut."""
Row = Mapping[str, Any]


def json_text(value: Any) -> str:
    """Relaxed Extended JSON on one line; characters that the output cannot show are escaped."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    return str(json_util.dumps(value, json_options=json_util.RELAXED_JSON_OPTIONS, ensure_ascii=plain))


def json_lines(value: Any, indent: str = "") -> Iterator[str]:
    """The same for a person: what fits stands on one line, the rest is opened."""
    text = json_text(value)
    if len(indent) + len(text) <= LINE or not isinstance(value, Mapping | list | tuple) or not value:
        yield indent + text
        return
    pairs = value.items() if isinstance(value, Mapping) else [(None, item) for item in value]
    opening, closing = "{}" if isinstance(value, Mapping) else "[]"
    yield indent + opening
    for place, (name, item) in enumerate(pairs, 1):
        first, *rest = json_lines(item, indent + "  ")
        key = "" if name is None else f"{json_text(name)}: "
        last = "" if place == len(value) else ","
        inner = [f"{indent}  {key}{first.lstrip()}", *rest]
        yield from inner[:-1]
        yield inner[-1] + last
    yield indent + closing


def write_json(value: Any) -> None:
    """One JSON value on standard output."""
    print("\n".join(json_lines(value)) if sys.stdout.isatty() else json_text(value))


def write_lines(lines: Iterable[str]) -> None:
    """Lines of text on standard output, without characters that would steer a terminal."""
    for line in lines:
        print(printable(line))


def write_errors(lines: Iterable[str]) -> None:
    """The same on standard error."""
    for line in lines:
        print(printable(line), file=sys.stderr)


def printable(text: str) -> str:
    """The text with a mark in place of each character that does not print."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def cell(value: Any) -> str:
    """A value as a table shows it; unset is empty."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}\N{HORIZONTAL ELLIPSIS}")


def write_table(rows: Sequence[Row], order: Sequence[str]) -> None:
    """A table of as many columns as fit, in ``order``; the others are named below it, columns without any value left out."""
    names = [name for name in order if any(row.get(name) is not None for row in rows)]
    texts = {name: [cell(row.get(name)) for row in rows] for name in names}
    shown = _fitting(texts, shutil.get_terminal_size().columns)
    right = {name for name in shown if all(row.get(name) is None or _is_number(row[name]) for row in rows)}
    if shown:
        (_rich if sys.stdout.isatty() and _has_rich() else _plain)({name: texts[name] for name in shown}, right)
    hidden = [printable(name) for name in names if name not in shown]
    if hidden:
        print(f"not shown for want of room: {', '.join(hidden)} (output[include]= picks fields, --format json shows all)")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fitting(texts: Mapping[str, Sequence[str]], width: int) -> list[str]:
    shown: list[str] = []
    used = 1
    for name, column in texts.items():
        used += max(len(printable(name)), *map(len, column)) + 3
        if used <= width or not shown:
            shown.append(name)
    return shown


def _has_rich() -> bool:
    try:
        import rich  # noqa: F401 -- only whether it is there
    except ImportError:
        return False
    return True


def _plain(columns: Mapping[str, Sequence[str]], right: set[str]) -> None:
    widths = {name: max(len(printable(name)), *map(len, column)) for name, column in columns.items()}
    heads = {name: [printable(name), "-" * widths[name], *column] for name, column in columns.items()}
    for row in zip(*heads.values(), strict=True):
        cells = (text.rjust(width) if name in right else text.ljust(width) for text, (name, width) in zip(row, widths.items(), strict=True))
        print("  ".join(cells).rstrip())


def _rich(columns: Mapping[str, Sequence[str]], right: set[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in columns:
        table.add_column(Text(printable(name)), justify="right" if name in right else "left", no_wrap=True)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(Text, row))  # Text: nothing in a record is markup
    Console(file=sys.stdout).print(table)
