"""A relay before a server, for faults on the wire: it knows the commands that pass and can lose one, its answer, or the server itself.

The driver behind it is not touched: what it does about a lost connection is its own doing, sync and async alike.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from threading import Event, Thread

OP_MSG = 2013
NAME = 26
"""Where the first key of a message's document stands: header, flags, kind of section, length and type come before it."""
UNCOUNTED = frozenset({"hello", "ismaster", "isMaster", "ping", "endSessions"})
"""What the driver sends of its own accord, and what tests send to wait for it."""


class Act(Enum):
    """What becomes of a command."""

    PASS = "it is carried out and answered"
    CUT = "the connection is lost before the server has it"
    LOSE = "it is carried out, then the connection is lost"
    HOLD = "it is carried out, its answer never comes"


class Relay:
    """Listens on ``port`` of this machine. ``look`` is asked about every command by its name, in the order in which they are sent.

    Once ``look`` has set ``gone`` the server is away: only the command just asked about has its own fate, every connection is closed
    and no new one is taken, until it is unset. ``held`` is set once a server has given an answer that is held back.
    """

    def __init__(self, address: tuple[str, int], look: Callable[[str], Act] = lambda name: Act.PASS) -> None:
        self.look, self.gone, self.held = look, False, Event()
        self._address = address
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._lines: set[_Line] = set()
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Listen no more and close every connection."""
        self.gone = True
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self.close_lines()

    def close_lines(self, but: _Line | None = None) -> None:
        """Close every connection but one; a client is told of a server by the answers to come as well."""
        for line in self._lines - {but}:
            line.close()

    def forget(self, line: _Line) -> None:
        """A connection is closed."""
        self._lines.discard(line)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self.gone:
                near.close()
                continue
            try:
                line = _Line(self, near, socket.create_connection(self._address))
            except OSError:
                near.close()
                continue
            self._lines.add(line)
            for work in (line.ask, line.answer):
                Thread(target=work, daemon=True).start()


class _Line:
    """One connection of the client and the one behind it."""

    def __init__(self, relay: Relay, near: socket.socket, far: socket.socket) -> None:
        self._relay, self._near, self._far, self._act = relay, near, far, Act.PASS
        for end in (near, far):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        """Pass on what the client sends."""
        with suppress(OSError):
            while message := self._message():
                if self._relay.gone:
                    break
                name = _name(message)
                self._act = Act.PASS if name is None or name in UNCOUNTED else self._relay.look(name)
                if self._relay.gone:
                    self._relay.close_lines(but=self)
                if self._act is Act.CUT:
                    break
                self._far.sendall(message)
        self.close()

    def answer(self) -> None:
        """Pass on what the server answers, or do not."""
        with suppress(OSError):
            while piece := self._far.recv(65_536):
                if self._act is Act.LOSE:
                    break
                if self._act is Act.HOLD:
                    self._relay.held.set()
                else:
                    self._near.sendall(piece)
        self.close()

    def close(self) -> None:
        """Close both ends; the other thread of the line ends by that."""
        for end in (self._near, self._far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._relay.forget(self)

    def _message(self) -> bytes:
        """The next message of the client, nothing at the end."""
        head = self._exactly(4)
        rest = self._exactly(struct.unpack("<i", head)[0] - 4) if head else b""
        return head + rest if rest else b""

    def _exactly(self, size: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            piece = self._near.recv(size - len(pieces))
            if not piece:
                return b""
            pieces += piece
        return bytes(pieces)


def _name(message: bytes) -> str | None:
    """The command's name; None for what is no command in the present form."""
    if struct.unpack_from("<i", message, 12)[0] != OP_MSG:
        return None
    return message[NAME : message.index(b"\0", NAME)].decode()
