"""Operations to be disturbed: what is there before, the request, and what must hold whatever happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from bson import ObjectId

import cubequery as cq
from cubequery.stores.files import FileFacts, PutFile
from tests.engine.scenario import ANN, NOW, number, options
from tests.engine.stores import InLoop

PET = cq.ClassSchema("pet", {"name": cq.String, "age": cq.Integer, "tags": cq.Array(cq.String), "photo": cq.File}, parents=[])
TOY = cq.ClassSchema("toy", {"label": cq.String, "manual": cq.File}, parents=["pet", "toy"])
CLASSES = [PET, TOY]
FILE_FIELDS = {"pet": "photo", "toy": "manual"}
AGES_AGO = dt.timedelta(days=-20_000)
"""A sweep that calls nothing too young."""
_drawn = count(1_000)

RECORD = {str(place): {"name": f"new {place}", "age": place} for place in range(1, 4)}
CHILDREN = {str(place): {"label": f"toy {place}", "_parent_id": number(1)} for place in range(1, 3)}
CHANGED = {str(place): {"_id": number(each), "inc": {"age": 1}} for place, each in enumerate((1, 2, 1), 1)}
MOVED = {str(place): {"_id": number(each), "_parent_id": number(2)} for place, each in enumerate((6, 7), 1)}
EMPTIED = {str(place): {"_id": number(place), "photo": None} for place in (1, 2)}
ALL, SOME = {"age": {"gt": 0}}, {"age": {"lt": 3}}
GROW: dict[str, Any] = {"inc": {"age": 1}, "push": {"tags": ["by"]}}


@dataclass(frozen=True)
class Operation:
    """A request put to a sync engine, or to an async one that runs each call to its end.

    ``repeats``: it may be sent again after an unknown outcome: reads, deletes, and what carries an operation id or says what shall be.
    ``batch`` is the bound on records handled at a time.
    """

    ask: Callable[[Any], Any]
    repeats: bool = True
    batch: int = 500


OPERATIONS: Mapping[str, Operation] = {
    "list": Operation(lambda engine: engine.list("pet", "sort_desc=age", ANN)),
    "count": Operation(lambda engine: engine.list("pet", "count=1&age[gt]=1", ANN)),
    "groups": Operation(lambda engine: engine.list("pet", "group_by=name&age[calc]=sum", ANN)),
    "get": Operation(lambda engine: engine.get("pet", number(1), ANN)),
    "get_many": Operation(lambda engine: engine.get("pet", [number(1), number(2)], ANN)),
    "permissions": Operation(lambda engine: engine.get("pet", number(1), ANN, "permissions=1")),
    "create": Operation(lambda engine: engine.create("toy", {"label": "x", "_parent_id": number(1)}, ANN), repeats=False),
    "create_many": Operation(lambda engine: engine.create_many("pet", {"record": RECORD}, ANN, request_id="r")),
    "create_children": Operation(lambda engine: engine.create_many("toy", {"record": CHILDREN}, ANN, request_id="r")),
    "update": Operation(lambda engine: engine.update("pet", number(1), {"inc": {"age": 1}}, ANN), repeats=False),
    "empty": Operation(lambda engine: engine.update("pet", number(1), {"photo": None}, ANN)),
    "move": Operation(lambda engine: engine.update("toy", number(6), {"_parent_id": number(2)}, ANN)),
    "update_many": Operation(lambda engine: engine.update_many("pet", {"record": CHANGED}, ANN, request_id="r")),
    "empty_many": Operation(lambda engine: engine.update_many("pet", {"record": EMPTIED}, ANN, request_id="r")),
    "move_many": Operation(lambda engine: engine.update_many("toy", {"record": MOVED}, ANN, request_id="r")),
    "update_by_criteria": Operation(lambda engine: by_criteria(engine, "pet", SOME, GROW)),
    "update_in_batches": Operation(lambda engine: by_criteria(engine, "pet", ALL, GROW), batch=2),
    "empty_in_batches": Operation(lambda engine: by_criteria(engine, "pet", ALL, {"photo": None}), batch=2),
    "move_in_batches": Operation(lambda engine: by_criteria(engine, "toy", {"label": {"ctn": "old"}}, {"_parent_id": number(2)}), batch=2),
    "delete": Operation(lambda engine: engine.delete("pet", number(1), ANN)),
    "delete_in_batches": Operation(lambda engine: engine.delete("pet", number(1), ANN), batch=2),
    "delete_many": Operation(lambda engine: engine.delete("pet", [number(1), number(2), number(99)], ANN)),
    "delete_by_criteria": Operation(lambda engine: engine.delete_by_criteria("pet", "age[lt]=3", ANN)),
    "delete_all_in_batches": Operation(lambda engine: engine.delete_by_criteria("pet", "age[gt]=0", ANN), batch=3),
    "upload": Operation(lambda engine: upload(engine, 3)),
    "replace": Operation(lambda engine: upload(engine, 1)),
    "download": Operation(lambda engine: download(engine, 1)),
    "delete_file": Operation(lambda engine: engine.delete_file("pet", number(1), "photo", ANN)),
    "sweep": Operation(lambda engine: engine.sweep_files(older_than=AGES_AGO)),
}


def by_criteria(engine: Any, name: str, criteria: dict[str, Any], change: dict[str, Any]) -> Any:
    return engine.update_by_criteria(name, {"search_criteria": criteria, **change}, ANN, request_id="r")


def upload(engine: Any, pet: int) -> Any:
    return engine.upload("pet", number(pet), "photo", b"new bytes", ANN, filename="new.png", request_id="r")


def download(engine: Any, pet: int) -> bytes:
    chunks = engine.download("pet", number(pet), "photo", ANN).chunks()
    return b"".join(engine.collect(chunks) if isinstance(engine, InLoop) else chunks)


def prepare(store: Any) -> None:
    """Four pets, toys below the first of them, two levels deep, some with files; and a file that no record names."""
    files = count(1)
    engine = cq.Engine(store, CLASSES, **options(), file_ids=lambda: number(next(files)))
    engine.create_many("pet", {"record": {str(place): {"name": f"pet {place}", "age": place} for place in range(1, 5)}}, ANN)
    below = {str(place): {"label": f"old {place}", "_parent_id": number(1)} for place in range(1, 4)}
    engine.create_many("toy", {"record": below}, ANN)
    engine.create("toy", {"label": "deep", "_parent_id": number(5)}, ANN)
    for name, place in (("pet", 1), ("pet", 2), ("toy", 5), ("toy", 8)):
        engine.upload(name, number(place), FILE_FIELDS[name], f"bytes of {place}".encode(), ANN, filename="a.png", request_id="f")
    store.execute(PutFile(PET, "lost", b"lost", FileFacts(ObjectId(number(4)), "photo", NOW), 100))


def options_of(operation: Operation) -> dict[str, Any]:
    """Options of an engine that is to carry out the operation; its ids are none of those that were drawn before."""
    return {
        **options(),
        "ids": lambda schema: ObjectId(number(next(_drawn))),
        "settings": cq.Settings(limits=cq.Limits(write_batch=operation.batch)),
    }


def outcome(request: Callable[[Any], Any], engine: Any) -> tuple[str, Any]:
    """``"done"`` and the answer, or the code of the refusal."""
    try:
        return "done", request(engine)
    except cq.RequestError as error:
        return error.code, None


@dataclass(frozen=True)
class Stored:
    """All that a store holds: records by class, the bytes of files by id, ids under which there are pieces of a file and no file."""

    records: Mapping[str, Sequence[dict[str, Any]]]
    files: Mapping[str, bytes]
    remains: frozenset[str] = frozenset()

    @property
    def named(self) -> dict[str, int]:
        """The files that records name, by id, and of what size they say that they are."""
        files = (record.get(FILE_FIELDS[name]) for name, record in self._each())
        return {file["file_id"]: file["size"] for file in files if file is not None}

    @property
    def orphans(self) -> set[str]:
        """Files, and remains of files, that no record names."""
        return {*self.files, *self.remains} - set(self.named)

    @property
    def shape(self) -> list[str]:
        """What the records say, less the ids that a repeat draws anew; of a file its bytes."""
        return sorted(f"{name} {sorted(self._told(name, record).items())}" for name, record in self._each())

    def _each(self) -> Iterator[tuple[str, dict[str, Any]]]:
        return ((name, record) for name, records in self.records.items() for record in records)

    def _told(self, name: str, record: dict[str, Any]) -> dict[str, str]:
        told = {path: str(value) for path, value in record.items() if path not in ("_id", FILE_FIELDS[name])}
        file = record.get(FILE_FIELDS[name])
        return told if file is None else {**told, "file": str((file["name"], file["size"], self.files.get(file["file_id"], "missing")))}
