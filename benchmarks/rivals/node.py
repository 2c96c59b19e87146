"""The process of Node.js that asks the peers of that language, and its contestants."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bson import json_util

from benchmarks.rivals.translators import PLAN, Translator

READERS: Mapping[str, str] = {"query-to-mongo": "q2m", "api-query-params": "aqp", "query-params-mongo": "qpm"}
PARSER = "querystring"
"""The parser that comes with Node.js, as a measure of what the language costs."""
READINGS = 200
"""Fewest that a figure is taken over, and that go before it untimed: Node.js is slow just after it has waited for a command."""


class Node:
    """One process; a command is answered before the next one is read. A context manager that ends it."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["node", "worker.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.version: str = self.ask("load", kind="translate", peer=PARSER)["node"]

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(10)

    def ask(self, command: str, **given: Any) -> Any:
        """The answer to a command. Raises RuntimeError with what the peer threw."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": command, **given}) + "\n")
        self._process.stdin.flush()
        answer = json_util.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


class Asked:
    """A translator of Node.js as a contestant: what it says of a text, and what several cost there."""

    def __init__(self, node: Node, peer: str) -> None:
        self._node, self._peer = node, peer
        node.ask("load", kind="translate", peer=peer)

    def __call__(self, text: str) -> Any:
        said = self._node.ask("say", peer=self._peer, text=text)
        return {**said, "sort": [tuple(pair) for pair in said["sort"]] if said.get("sort") else None}

    def cost(self, inputs: Sequence[str]) -> float:
        """Seconds of CPU for one text, the collector's and the compiler's threads among them."""
        times = -(-READINGS // len(inputs))
        found: float = self._node.ask("time", peer=self._peer, texts=list(inputs), times=times)["seconds"]
        return max(found, 1e-9)


def translator(node: Node, peer: str) -> Translator:
    """Raises RuntimeError where the peer cannot be loaded."""
    asked = Asked(node, peer)
    return Translator(READERS[peer], PLAN, asked, asked)
