"""Multipart bodies, written out byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.server.wire import Piece, Reply, Wire
from tests.support.fixture import IDS

BOUNDARY = "----cubequery"
A = str(IDS["A"])
URL = f"/data/item/{A}/file"
TYPE = ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")


def part(name: str, value: bytes, *, filename: str | None = None, content_type: str | None = None, more: str = "") -> bytes:
    """One part; ``more`` are further header lines, each with its line break."""
    named = "" if filename is None else f'; filename="{filename}"'
    typed = "" if content_type is None else f"Content-Type: {content_type}\r\n"
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n{typed}{more}\r\n'
    return head.encode() + value + b"\r\n"


def file(value: bytes, filename: str = "photo.jpeg", content_type: str | None = "image/jpeg") -> bytes:
    """The part of the file itself."""
    return part("file", value, filename=filename, content_type=content_type)


def form(*parts: bytes) -> bytes:
    """A whole body."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def cut(body: bytes, size: int) -> Iterator[bytes]:
    """The same body in pieces."""
    return (body[start : start + size] for start in range(0, len(body), size))


PIC = part("field_name", b"pic")
DATA = bytes(range(256)) * 5


def upload(wire: Wire, body: bytes | Iterable[Piece], url: str = URL, actor: str = "O", *more: tuple[str, str]) -> Reply:
    """Send a body to a record's file."""
    return wire.ask("POST", url, [("CB-Token", actor), TYPE, *more], body)


def download(wire: Wire, *more: tuple[str, str], actor: str = "O") -> Reply:
    """Ask for it."""
    return wire.ask("GET", f"{URL}?field_name=pic", [("CB-Token", actor), *more])
