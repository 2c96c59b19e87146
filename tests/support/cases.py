"""Text tables of `tests/cases`: one row is a request, what it compiles to, and what it comes to.

`#` begins a comment, ` | ` separates the cells. A line with `@` holds for the rows below it:

    @table search       what the rows mean (default: search); see the tables in test_cases.py
    @class place        class of the fixture (default: item)
    @actor O            who asks (default: admin)
    @place create       which request it is, where the table needs to know
    @record A           the record that a row is about, where the table needs one
    @define list % = .. a shorthand: `<list tags>` stands for the text behind `=`, with `tags` for each `%`

`<A>` is the id of record A. A request is a query string (in places that write: a form body); ` + ` joins what came in several
sources, of which `query:`, `form:` and a JSON object say what they are; `(empty)` is a request without parameters.
A refusal is `422 wrong_type n @2: Value cannot be read as Integer`: status, code, key, place (`@2` offset in the query string,
`form@2` in a form, `["n"]` path in JSON, none where the fault has none) and, where it matters, the text; ` ; ` joins several.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bson.json_util import JSONMode, JSONOptions, object_hook

import cubequery as cq
from tests.support.fixture import ACTORS, IDS, SCHEMAS

FOLDER = Path(__file__).resolve().parents[1] / "cases"
WRITES = frozenset({"create", "create_many", "update", "update_many", "by_criteria"})

_OPTIONS = JSONOptions(json_mode=JSONMode.RELAXED, tz_aware=False)
_SHORT = re.compile(r"<([A-Za-z]\w*)(?: ([^<>]*))?>")
_DEFINE = re.compile(r"@define (\w+)(?: %)? = (.*)")
_REFUSAL = re.compile(r"(?P<status>\d{3}) (?P<code>\w+) (?P<key>\S+)(?: (?P<place>\S*@\d+|\[\S*\]))?(?:: (?P<text>.*))?")


@dataclass(frozen=True)
class Row:
    """One row with everything that stands above it."""

    file: str
    line: int
    cells: tuple[str, ...]
    settings: Mapping[str, str] = field(repr=False)

    @property
    def id(self) -> str:
        """What pytest calls it: file, line and the request itself."""
        return f"{self.file}:{self.line} {' | '.join(self.cells[: 3 if self.table == 'value' else 2 if self.table == 'update' else 1])}"[
            :100
        ]

    @property
    def table(self) -> str:
        return self.settings["table"]

    @property
    def schema(self) -> cq.ClassSchema:
        return SCHEMAS[self.settings["class"]]

    @property
    def actor(self) -> cq.Actor:
        return ACTORS[self.settings["actor"]]

    @property
    def place(self) -> str:
        return self.settings["place"]

    @property
    def request(self) -> Request:
        return read_request(self.cells[0], self.place)


@dataclass(frozen=True)
class Request:
    """What one request came in."""

    query: str = ""
    form: str = ""
    json: str = ""

    def body(self) -> Any:
        """The decoded JSON body; None without one. Raises RequestError."""
        return cq.read_json(self.json) if self.json else None

    def parse(self, schema: cq.ClassSchema, place: str) -> Any:
        """The tree of the request. Raises RequestError."""
        return cq.parse(self.query, schema, form=self.form, json=self.body(), place=place)

    def plan(self, schema: cq.ClassSchema, actor: cq.Actor, **options: Any) -> cq.Plan:
        """The plan of the request. Raises RequestError."""
        return cq.translate(self.query, schema, actor=actor, form=self.form, json=self.body(), **options)


def read_request(text: str, place: str = "list") -> Request:
    """A request from its cell."""
    own = "form" if place in WRITES else "query"
    given: dict[str, str] = {}
    for part in text.split(" + ") if text != "(empty)" else ():
        source, text = ("json", part) if part.startswith("{") else (own, part)
        for word in ("query", "form", "json"):
            if part.startswith(f"{word}:"):
                source, text = word, part.removeprefix(f"{word}:")
        assert source not in given, f"two texts of one source: {text}"
        given[source] = text
    return Request(**given)


def value(text: str) -> Any:
    """A cell of MongoDB Extended JSON; ``$regex`` is the operator, never a stored pattern."""
    return json.loads(text, object_hook=lambda found: found if "$regex" in found else object_hook(found, _OPTIONS))


def is_refusal(cell: str) -> bool:
    """Whether a cell tells a refusal."""
    return _REFUSAL.fullmatch(cell.split(" ; ")[0]) is not None


def shown(error: cq.RequestError, cell: str) -> str:
    """The faults of an error as a cell tells them; texts stand only where the cell has some."""
    expected = cell.split(" ; ")
    lines = []
    for number, fault in enumerate(error.faults):
        place = ""
        if fault.offset is not None:
            place = f" {'' if fault.source == 'query' else fault.source}@{fault.offset}"
        elif fault.path is not None:
            place = f" {json.dumps(list(fault.path), separators=(',', ':'))}"
        found = _REFUSAL.fullmatch(expected[number]) if number < len(expected) else None
        text = f": {fault.text}" if found is None or found["text"] is not None else ""
        lines.append(f"{fault.status} {fault.code} {fault.key}{place}{text}")
    return " ; ".join(lines)


def rows(table: str) -> list[Row]:
    """The rows of one table in every file of the folder, new files included."""
    return [row for path in sorted(FOLDER.glob("*.txt")) for row in read(path) if row.table == table]


def tables() -> set[str]:
    """The tables that some row belongs to."""
    return {row.table for path in FOLDER.glob("*.txt") for row in read(path)}


def read(path: Path) -> Iterator[Row]:
    """The rows of one file."""
    settings = {"table": "search", "class": "item", "actor": "admin", "place": "list", "record": "A"}
    shorthands: dict[str, str] = {letter: str(own) for letter, own in IDS.items()}
    for line, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        stripped = text.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if found := _DEFINE.fullmatch(stripped):
            shorthands[found[1]] = _expanded(found[2], shorthands, path, line)
        elif stripped.startswith("@"):
            name, _, given = stripped[1:].partition(" ")
            assert name in settings, f"{path.name}:{line}: unknown setting {name}"
            settings[name] = given.strip()
        else:
            cells = (_expanded(cell.strip(), shorthands, path, line) for cell in re.split(r"(?<= )\|(?= )", stripped))
            yield Row(path.stem, line, tuple(cells), dict(settings))


def _expanded(text: str, shorthands: Mapping[str, str], path: Path, line: int) -> str:
    def expand(found: re.Match[str]) -> str:
        assert found[1] in shorthands, f"{path.name}:{line}: unknown shorthand {found[0]}"
        return shorthands[found[1]].replace("%", found[2]) if found[2] is not None else shorthands[found[1]]

    while (result := _SHORT.sub(expand, text)) != text:
        text = result
    return text
