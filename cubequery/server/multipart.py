"""A multipart body as it comes: small parts whole, the file piece by piece, nothing else kept."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from cubequery.limits import Limits
from cubequery.server.answers import malformed, too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PLAIN = ("", "7bit", "8bit", "binary")
"""Transfer encodings that leave the bytes as they are."""
BOUNDARY_BYTES = 512
"""Room for the lines around one part."""


@dataclass(frozen=True, slots=True)
class Text:
    """A part that is no file, complete."""

    name: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class FileStart:
    """The part ``file`` begins; its bytes follow, up to the next part or the end."""

    name: str
    content_type: str | None


Event = Text | FileStart | bytes


def most_bytes(limits: Limits) -> int:
    """The largest body that holds a file and parts within their limits."""
    return limits.max_file_bytes + (limits.max_parts + 1) * (2 * limits.max_part_bytes + BOUNDARY_BYTES)


async def read_parts(pieces: AsyncIterable[bytes], content_type: str, limits: Limits) -> AsyncIterator[Event]:
    """The events of a multipart body, in order; the body is read to its end. Raises RequestError 400."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise malformed("the parts have no boundary")
    collector, empty = _Collector(limits), True
    try:
        parser = MultipartParser(boundary, collector.callbacks(), max_header_count=sys.maxsize, max_header_size=sys.maxsize)
        async for piece in pieces:
            empty = False
            parser.write(piece)
            for event in collector.take():
                yield event
    except FormParserError:
        raise malformed("the parts are not grammatical") from None
    if not collector.ended and not empty:
        raise malformed("the last part has no end")


class _Collector:
    """Turns the parser's callbacks into events; each part is counted before more of it is kept."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._events: list[Event] = []
        self._parts = 0
        self.ended = False
        self._begin()

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin_part, "on_header_field": self._header_field, "on_header_value": self._header_value,
            "on_header_end": self._header_end, "on_headers_finished": self._headers_finished, "on_part_data": self._data,
            "on_part_end": self._part_end, "on_end": self._end,
        }  # fmt: skip

    def take(self) -> Iterator[Event]:
        """The events since the last time."""
        events, self._events = self._events, []
        yield from events

    def _begin(self) -> None:
        self._headers: dict[bytes, bytes] = {}
        self._field, self._value, self._text = bytearray(), bytearray(), bytearray()
        self._header_bytes = 0
        self._name = b""

    def _begin_part(self) -> None:
        self._begin()
        self._parts += 1
        if self._parts > self._limits.max_parts:
            raise too_large("parts")

    def _header(self, kept: bytearray, data: bytes, start: int, end: int) -> None:
        self._header_bytes += end - start
        if self._header_bytes > self._limits.max_part_bytes:
            raise too_large("headers of a part")
        kept += data[start:end]

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header(self._field, data, start, end)

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header(self._value, data, start, end)

    def _header_end(self) -> None:
        name = bytes(self._field).lower()
        if name in self._headers:
            raise malformed("a part has a header twice")
        self._headers[name] = bytes(self._value)
        self._field, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        kind, options = parse_options_header(self._headers.get(b"content-disposition"))
        coding = self._headers.get(b"content-transfer-encoding", b"").strip().lower().decode("latin-1")
        if kind != b"form-data" or b"name" not in options or coding not in PLAIN:
            raise malformed("a part is no part of a form")
        self._name = options[b"name"]
        if self._name == b"file":
            content_type = self._headers.get(b"content-type")
            self._events.append(FileStart(_text(options.get(b"filename", b"")), None if content_type is None else _text(content_type)))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._name == b"file":
            self._events.append(data[start:end])
            return
        if len(self._text) + end - start > self._limits.max_part_bytes:
            raise too_large("text of a part")
        self._text += data[start:end]

    def _part_end(self) -> None:
        if self._name != b"file":
            self._events.append(Text(self._name, bytes(self._text)))

    def _end(self) -> None:
        self.ended = True


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace").strip()
