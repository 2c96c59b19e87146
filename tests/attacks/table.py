"""The catalogue's tables: one row is an attack's number, the carriers that hold it, the request, the answer.

` | ` separates the cells, `#` begins a comment; `@places`, `@class` and `@users` hold for the rows below them. A request is text with
brackets or JSON; carriers are Q (query string), F (form) and J (JSON body). `(empty)` is a request without parameters.
An answer is `422 unknown_field _read`: status, code (`*`: any), key (`␠` is a blank, `␊` a line break); ` ; ` joins several.
`ignored` is the tree of an empty request, `nothing` a condition that no record meets, whoever asks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cubequery as cq
from cubequery.testing.carriers import as_json, as_text
from tests.attacks import carriers
from tests.attacks.fixture import CLASSES

FOLDER = Path(__file__).parent / "catalogue"
SETTINGS = {"Integer": cq.Settings(), "String": cq.Settings(user_id_type="String")}


@dataclass(frozen=True)
class Sent:
    """One row in one place, by one carrier."""

    number: int
    place: str
    carrier: str
    request: Any
    answer: str
    class_name: str
    users: str
    where: str

    @property
    def schema(self) -> cq.ClassSchema:
        return CLASSES[self.class_name]

    @property
    def settings(self) -> cq.Settings:
        return SETTINGS[self.users]

    @property
    def faults(self) -> set[tuple[str, str, str]]:
        """Status, code and key of every fault of the answer, as this place names them."""
        found = set()
        for fault in self.answer.split(" ; "):
            status, code, key = fault.split(" ", 2)
            key = key.replace("␠", " ").replace("␊", "\n")
            found.add((status, code, f"record[1][{key}]" if self.place in ("created", "updated") and key != "base" else key))
        return found


@cache
def rows() -> tuple[Sent, ...]:
    """Every row of every table, once for each place and carrier."""
    return tuple(sent for path in sorted(FOLDER.glob("*.txt")) for sent in _read(path))


def _read(path: Path) -> Iterator[Sent]:
    state = {"places": "list", "class": "profile", "users": "Integer"}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.startswith("@"):
            word, _, value = line[1:].partition(" ")
            state[word] = value.strip()
        elif line.strip() and not line.startswith("#"):
            yield from _sent(f"{path.stem}:{number}", [cell.strip(" ") for cell in line.split(" | ")], state)


def _sent(where: str, cells: list[str], state: dict[str, str]) -> Iterator[Sent]:
    row, shapes, text, answer = cells
    text = "" if text == "(empty)" else text
    for place in state["places"].split():
        for carrier in shapes:
            request = _carried(text, carrier, place)
            if request is None:
                raise ValueError(f"{where}: {carrier} cannot hold {text!r}")
            name = f"{where} {row} {place} {carrier} {text[:60]}"
            yield Sent(int(row), place, carrier, request, answer, state["class"], state["users"], name)


def _carried(text: str, carrier: str, place: str) -> Any:
    """The request as it is sent; a text for Q and F and for JSON that is sent as it stands."""
    is_json = text[:1] in ("{", '"') or (text[:1], text[-1:]) == ("[", "]") or text in ("null", "1")
    if carrier == "J":
        if place not in carriers.WRAPPED and place not in carriers.BESIDE and is_json:
            return text
        body = json.loads(text) if is_json else as_json(text)
        return None if body is None else carriers.wrapped_json(body, place)
    spelled = as_text(json.loads(text)) if is_json else text
    return None if spelled is None else carriers.wrapped_text(spelled, place)
