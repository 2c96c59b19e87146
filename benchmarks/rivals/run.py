"""``python -m benchmarks.rivals.run``: what ``benchmarks.rivals`` starts inside the environment of the peers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import matchers
from benchmarks.machine import machine
from benchmarks.rivals.deciding import Make, NodeSelect, collections, deciding
from benchmarks.rivals.install import Outcome
from benchmarks.rivals.node import PARSER, READERS, Asked, Node, translator
from benchmarks.rivals.show import report
from benchmarks.rivals.translating import translating
from benchmarks.rivals.translators import LOADERS

DECIDERS = ("sift", "mingo", "@ucast/mongo2js")


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask and time everything that is there; print the tables, and keep them where a file is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(arguments)
    outcomes = {each["name"]: Outcome(**each) for each in json.loads((given.folder / "outcomes.json").read_text(encoding="utf-8"))}
    with ExitStack() as stack:
        # Without its BSON the process of Node.js can say nothing.
        node = stack.enter_context(Node(given.folder / "node")) if outcomes["bson"].there else None
        text = _asked(node, outcomes, given.folder, given.rounds)
    print(text, end="")
    if given.write:
        given.write.write_text(text, encoding="utf-8")
    return 0


def _asked(node: Node | None, outcomes: dict[str, Outcome], folder: Path, rounds: int) -> str:
    translators = dict(_loaded(LOADERS, outcomes))
    found: dict[str, Make] = dict(_loaded({name: partial(_ready, make) for name, make in matchers.ALL.items()}, outcomes))
    usual, strange, names = collections(node, folder)
    floors = {}
    if node is not None:
        floors[PARSER] = Asked(node, PARSER)
        translators |= dict(_loaded({peer: partial(translator, node, peer) for peer in READERS}, outcomes))
        found |= dict(_loaded({peer: partial(_decider, node, peer, names) for peer in DECIDERS}, outcomes))
    facts: dict[str, Any] = machine([]) | {"rounds": rounds, "node": node.version if node else "none", "versions": _versions(folder)}
    translated = translating(translators, floors, rounds, _progress)
    decided = deciding(found, usual, strange, rounds, _progress)
    return report(translated, decided, list(outcomes.values()), facts)


def _loaded(loaders: Mapping[str, Callable[[], Any]], outcomes: dict[str, Outcome]) -> Iterator[tuple[str, Any]]:
    """What can be imported; what cannot is said."""
    for name, load in loaders.items():
        if outcomes[name].there:
            try:
                yield name, load()
            except Exception as error:  # a peer that is installed against its word may raise anything
                outcomes[name] = replace(outcomes[name], there=False, note=f"{outcomes[name].note} cannot be imported: {error}".strip())


def _ready(make: Make) -> Make:
    make({})
    return make


def _decider(node: Node, peer: str, names: Mapping[int, str]) -> Make:
    node.ask("load", kind="decide", peer=peer)
    return lambda filter_: NodeSelect(node, peer, filter_, names)


def _versions(folder: Path) -> dict[str, str]:
    found = {name: version(name) for name in (*LOADERS, *matchers.ALL) if _is_there(name)}
    for package in (folder / "node" / "node_modules").glob("**/package.json"):
        said = json.loads(package.read_text(encoding="utf-8"))
        if said.get("name") in (*READERS, *DECIDERS):
            found[said["name"]] = said["version"]
    return found


def _is_there(name: str) -> bool:
    try:
        return bool(version(name))
    except ModuleNotFoundError:
        return False


def _progress(what: str) -> None:
    print(what, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
