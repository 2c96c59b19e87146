"""The embedded store's file: one JSON object a line (MongoDB Extended JSON), replaced as a whole."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bson.codec_options import DatetimeConversion
from bson.json_util import CANONICAL_JSON_OPTIONS, JSONOptions, dumps, loads

from cubequery.errors import DefinitionError

_READING = JSONOptions(tz_aware=False, datetime_conversion=DatetimeConversion.DATETIME_AUTO)
"""Dates as pymongo gives them by default: naive UTC."""


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and object of every line that is not blank. Raises DefinitionError with the number of a line that is none."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                entry = loads(line, json_options=_READING)
            except (ValueError, TypeError, KeyError):
                raise wrong_line(path, number) from None
            if not isinstance(entry, dict):
                raise wrong_line(path, number)
            yield number, entry


def wrong_line(path: Path, number: int) -> DefinitionError:
    """The error for a line that holds neither a record nor a file."""
    return DefinitionError([f"{path}: line {number} is no record"])


def write_lines(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Replace the file by one of these entries."""
    replace_file(path, (dumps(entry, json_options=CANONICAL_JSON_OPTIONS) for entry in entries))


def replace_file(path: Path, lines: Iterable[str]) -> None:
    """Replace the file by one of these lines: a reader, or a crash, sees the old one or the new one. Its permissions stay."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            if path.exists():
                os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
            for line in lines:
                file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the new name itself is on the disk
    finally:
        os.close(folder)
