"""Records from a file of JSON lines, read as a stream; every malformed line is told by its number and nothing is answered then."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import bson
from bson.codec_options import CodecOptions, DatetimeConversion

import cubequery as cq
from cubequery.cli.given import UNREADABLE, Usage, read_extended

STORED: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
SLOW_BYTES = 4_000_000
"""Smaller files are read before a person would look for a bar."""
MOST_TOLD = 10
STDIN = "-"


def run_over(path: str, plan: cq.Plan) -> list[dict[str, Any]] | int:
    """The plan's answer over the file. Raises Usage for a file that cannot be read and for malformed lines."""
    malformed: list[int] = []
    try:
        with opened(path, SLOW_BYTES) as file:
            answer = plan.run(documents(file, malformed))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Usage(f"--records {path}: {error.strerror}") from None
    if malformed:
        told = [f"--records {path}: line {number} is no document in the stored form" for number in malformed[:MOST_TOLD]]
        more = len(malformed) - len(told)
        raise Usage(*told, *([f"--records {path}: and {more} more malformed lines"] if more else []))
    return answer


def documents(lines: Iterable[bytes], malformed: list[int]) -> Iterator[dict[str, Any]]:
    """The documents of the lines, as pymongo would return them; blank lines are skipped, numbers of others are put into ``malformed``."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _document(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            except UNREADABLE:
                malformed.append(number)


def _document(text: str) -> dict[str, Any]:
    """One document; encoding it says whether MongoDB could hold it, decoding gives every value the type it would have there."""
    found = read_extended(text)
    if not isinstance(found, dict):
        raise TypeError
    return bson.decode(bson.encode(found), STORED)


@contextmanager
def opened(path: str, slow: int) -> Iterator[BinaryIO]:
    """The file's bytes, with a bar on a terminal from ``slow`` bytes on. Raises OSError."""
    if path == STDIN:
        yield sys.stdin.buffer
        return
    with open(path, "rb") as file:  # noqa: PTH123 -- a path as typed
        size = os.fstat(file.fileno()).st_size
        if size < slow or not sys.stderr.isatty():
            yield file
            return
        with _watched(file, size) as watched:
            yield watched


@contextmanager
def _watched(file: BinaryIO, size: int) -> Iterator[Any]:
    try:
        from rich.console import Console
        from rich.progress import wrap_file
    except ImportError:
        yield _percent(file, size)
        return
    with wrap_file(file, size, description="reading", console=Console(stderr=True), transient=True) as reader:
        yield reader


def _percent(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The lines, with the part that is read told on standard error."""
    read = shown = 0
    for line in file:
        read += len(line)
        if read * 100 // size > shown:
            shown = read * 100 // size
            print(f"\rreading {shown} %", end="" if shown < 100 else "\r\x1b[K", file=sys.stderr, flush=True)
        yield line
