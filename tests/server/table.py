"""Text tables of requests as they stand on the wire, and of answers.

A block is one request: `> O GET /data/item?n=1` says who asks (the token; `-` none), the method and the target. `: Name: value` is a
header, `= text` a line of the body (lines are joined by line breaks; `=b text` has Python's escapes for bytes), then `< answer`.
`<A>` is the id of record A. Lines with `#` and blank lines lie between blocks. An answer begins with its status:

    < 200 -> A B        a page of these records in order      < 200 many A B      the answer to many ids
    < 200 = {..}        this body                             < 200 has {..}      what the body holds among others
    < 200 -             no body                               < 422 code key key  a refusal
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.engine.asked import expand, holds, letters, same
from tests.server.wire import Reply, told

FOLDER = Path(__file__).parent / "tables"


@dataclass
class Block:
    """One request and its answer."""

    where: str
    actor: str
    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    answer: str = ""

    @property
    def id(self) -> str:
        return f"{self.where} {self.actor} {self.method} {self.target}"[:100]

    @property
    def body(self) -> bytes:
        return b"\n".join(self.lines)


def blocks(name: str) -> list[Block]:
    """The blocks of one table."""
    return list(read_blocks(FOLDER / f"{name}.txt"))


def read_blocks(path: Path) -> Iterator[Block]:
    """The blocks of a file."""
    block: Block | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        mark, _, rest = line.partition(" ")
        if mark == ">":
            actor, method, target = rest.split(" ", 2)
            block = Block(f"{path.stem}:{number}", actor, method, expand(target), [] if actor == "-" else [("CB-Token", actor)])
        elif block is not None and mark == ":":
            header, _, value = rest.partition(":")
            block.headers.append((header, value.strip(" ")))
        elif block is not None and mark == "=":
            block.lines.append(expand(rest).encode())
        elif block is not None and mark == "=b":
            block.lines.append(expand(rest).encode("latin-1").decode("unicode_escape").encode("latin-1"))
        elif block is not None and mark == "<":
            block.answer = expand(rest)
            yield block
            block = None
        elif line and mark != "#":
            raise ValueError(f"{path.name}:{number}: {line}")
    assert block is None, f"{path.name}: the last block has no answer"


def check(reply: Reply, answer: str) -> None:
    """Compare with what a block tells."""
    status, _, rest = answer.partition(" ")
    assert reply.complete
    kind, _, rest = rest.partition(" ")
    if kind == "-":
        assert (str(reply.status), reply.body, reply.header("content-type")) == (status, b"", None)
        return
    assert reply.header("content-type") == "application/json"
    if kind in ("->", "many"):
        assert str(reply.status) == status, reply.body
        assert set(reply.json) == {"class_name", "items"} | ({"skip", "limit"} if kind == "->" else set())
        assert letters(reply.json["items"]) == ("" if rest == "-" else rest)
    elif kind in ("=", "has"):
        assert str(reply.status) == status, reply.body
        assert (same if kind == "=" else holds)(reply.json, json.loads(rest)), reply.body
    else:
        assert told(reply) == answer
