"""The text tables of the further dialects: cells divided by ` | `, `#` a comment, `@name value` a setting for the rows below it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One row: its cells, and the settings that stand above it."""

    file: str
    line: int
    cells: tuple[str, ...]
    settings: Mapping[str, str] = field(repr=False)

    @property
    def id(self) -> str:
        """What pytest calls it."""
        return f"{self.file}:{self.line} {ascii(self.text)[:60]}"

    @property
    def text(self) -> str:
        """The first cell, out of its JSON quotes where it has some."""
        cell = self.cells[0]
        return str(json.loads(cell)) if cell.startswith('"') else cell


def read(name: str) -> list[Row]:
    """The rows of one file of this folder."""
    return list(_rows(FOLDER / name))


def _rows(path: Path) -> Iterator[Row]:
    settings: dict[str, str] = {}
    for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not text or text.startswith("#"):
            continue
        name, _, given = text[1:].partition(" ")
        if text.startswith("@") and " | " not in text:
            settings[name] = given
            continue
        yield Row(path.stem, line, tuple(text.split(" | ")), dict(settings))
