"""The inputs that fuzzing begins with: one a line in corpus/, and what may be made of them without a fuzzer."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.fuzz.built import keys
from tests.support.fixture import SCHEMAS as BY_NAME

SCHEMAS = tuple(BY_NAME[name] for name in ("kinds", "place", "order"))
"""The classes of requests: a field of every type, Objects with limits, rights by fields."""
FOLDER = Path(__file__).parent / "corpus"
PIECES = (
    b"[",
    b"]",
    b"&",
    b"=",
    b",",
    b"%",
    b"%5B",
    b"%00",
    b"\xff",
    b"\xed\xa0\x80",
    b"{",
    b"}",
    b'"',
    b"\\ud800",
    b"null",
    b"1e400",
    b"9" * 70,
)


def seeds(target: str) -> list[bytes]:
    """Inputs of a target. A line is UTF-8 with the escapes of a Python bytes literal; the first byte chooses class and actor."""
    lines = (FOLDER / f"{target}.txt").read_text(encoding="utf-8").split("\n")
    return [as_bytes(line) for line in lines if line and not line.startswith("# ")]


def as_bytes(line: str) -> bytes:
    """The bytes that a line of a corpus means."""
    return line.encode().decode("unicode_escape").encode("latin-1")


def as_line(data: bytes) -> str:
    """Bytes as a line of a corpus."""
    return data.decode("latin-1").encode("unicode_escape").decode("ascii")


def words() -> list[bytes]:
    """Names, operators and signs that requests are made of, each in brackets and in quotes too."""
    names = [name.encode() for schema in SCHEMAS for name in keys(schema) if name.isascii() and name.isprintable() and name]
    return list(dict.fromkeys([*PIECES, *names, *(b"[%s]=" % name for name in names), *(b'"%s": ' % name for name in names)]))


def mutated(data: bytes, other: bytes, random: Random) -> bytes:
    """An input with one to three edits: bytes cut, changed or repeated, a piece put in, the end of another input."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        place = random.randint(min(1, len(data)), len(data))
        end = min(len(data), place + random.choice((0, 0, 1, 1, 8)))
        digit, tail = b"%d" % random.randint(0, 99), b"&" + other[1:]
        middle = random.choice((b"", data[place:end] * 2, random.choice(PIECES), random.randbytes(1), digit))
        data = random.choice((data[:place] + middle + data[end:], data[:place] + middle + data[end:], data + tail))
    return data
