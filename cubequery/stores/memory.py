"""The embedded store: documents in memory, decided by the library's own evaluator; optionally kept in a file of JSON lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import RLock
from typing import Any

from cubequery.ast import All, Compare, Condition
from cubequery.errors import RequestError
from cubequery.evaluate import first, matcher, selector, sort_documents
from cubequery.operators import EQ, IN
from cubequery.ordering import type_class
from cubequery.stores.commands import Command, Count, Document, Find, Given, GiveRights, Groups, Insert, Modify, Remove, Select, Tally
from cubequery.stores.files import DropFiles, FindFiles, ListFiles, ListRemains, OpenFile, PutFile
from cubequery.stores.interned import Interner
from cubequery.stores.lines import read_lines, write_lines, wrong_line
from cubequery.stores.memory_files import MemoryFile, MemoryFiles, read_file
from cubequery.translate.render import stored_value


class MemoryStore:
    """Records by class and id. Safe to share between threads: every command is one critical section.

    Documents given out are copies at the top level, and nothing inside a stored document is ever changed in place.
    ``path`` names a file that :meth:`load` reads and :meth:`save` replaces atomically.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._classes: dict[str, dict[Any, Document]] = {}
        self.files = MemoryFiles()
        self._shared = Interner()
        self._lock = RLock()
        if self.path is not None and self.path.exists():
            self.load()

    def execute(self, command: Command[Any]) -> Any:
        """The answer of one command. Raises TypeError for a command it does not know."""
        if isinstance(command, PutFile):
            data, stored = read_file(command)  # its bytes may take their time: nobody waits for them
            with self._lock:
                self.files.keep(command, data)
            return stored
        handler = _HANDLERS.get(type(command))
        if handler is None:
            raise TypeError(f"no command of this store: {type(command).__name__}")
        with self._lock:
            return handler(self, command)

    def records(self, name: str) -> dict[Any, Document]:
        """The records of a class by their key; for loading, tests and tools."""
        return self._classes.setdefault(name, {})

    def insert(self, name: str, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Store documents as they are; the positions of those whose id is in use."""
        records, used = self.records(name), []
        for place, document in enumerate(documents):
            if key(document["_id"]) in records:
                used.append(place)
            else:
                records[key(document["_id"])] = self._shared.kept(document)
        return used

    def load(self) -> None:
        """Read every record and file of the file. Raises DefinitionError with the number of a line that is neither."""
        assert self.path is not None
        for number, entry in read_lines(self.path):
            try:
                if "file" in entry:
                    self.files.of(entry["class"])[entry["file"]] = MemoryFile(bytes(entry["data"]), entry["facts"])
                else:
                    self.insert(entry["class"], [entry["record"]])
            except (KeyError, TypeError, AttributeError):
                raise wrong_line(self.path, number) from None

    def save(self) -> None:
        """Replace the file as a whole: a reader, or a crash, sees the old one or the new one."""
        assert self.path is not None
        with self._lock:
            records = [{"class": name, "record": document} for name, its in self._classes.items() for document in its.values()]
            files = [
                {"class": name, "file": file_id, "data": file.data, "facts": file.facts}
                for name, its in self.files.classes.items()
                for file_id, file in its.items()
            ]
        write_lines(self.path, [*records, *files])

    def _selected(self, name: str, condition: Condition) -> list[Document]:
        """The records that meet a condition; those with an id in it are looked up, not searched."""
        records = self.records(name)
        ids = _ids(condition)
        if ids is None:
            return selector(condition)(records.values())
        holds = matcher(condition)
        found = (records.get(key(each)) for each in ids)
        return [document for document in found if document is not None and holds(document)]

    def _find(self, command: Find) -> list[Document]:
        found = self._selected(command.schema.name, command.condition)
        end = command.skip + command.limit if command.limit else len(found)
        page = first(found, command.order, end) if command.limit else sort_documents(found, command.order)
        return [dict(document) for document in page[command.skip : end]]

    def _select(self, command: Select) -> list[Document]:
        plan = command.plan
        found = self._selected(command.schema.name, plan.condition)
        return [dict(document) for document in first(found, plan.sort, plan.skip + plan.limit + command.more)[plan.skip :]]

    def _count(self, command: Count) -> int:
        return len(self._selected(command.schema.name, command.condition))

    def _tally(self, command: Tally) -> list[tuple[Any, int]]:
        counts: dict[Any, list[Any]] = {}
        for document in self._selected(command.schema.name, command.condition):
            value = stored_value(document, command.path)
            place = (type_class(value), repr(value) if isinstance(value, list | dict) else value)
            counts.setdefault(place, [value, 0])[1] += 1
        return [(value, count) for value, count in counts.values()]

    def _groups(self, command: Groups) -> list[Document]:
        return command.plan.groups(self.records(command.schema.name).values())

    def _insert(self, command: Insert) -> list[int]:
        return self.insert(command.schema.name, command.documents)

    def _modify(self, command: Modify) -> Document | None:
        for document in self._selected(command.schema.name, command.change.condition):
            try:
                changed = command.change.apply(document)
            except RequestError:
                return None
            self.records(command.schema.name)[key(document["_id"])] = self._shared.kept(changed)
            return dict(document if command.before else changed)
        return None

    def _give_rights(self, command: GiveRights) -> Given:
        written = 0
        for grant in command.grants:
            for document in self._selected(command.schema.name, grant.condition):
                self.records(command.schema.name)[key(document["_id"])] = self._shared.kept(grant.apply(document))
                written += 1
        return Given(written)

    def _remove(self, command: Remove) -> list[Document]:
        found = self._selected(command.schema.name, command.condition)
        gone = first(found, [("_id", 1)], command.limit) if command.limit else found
        for document in gone:
            del self.records(command.schema.name)[key(document["_id"])]
        return gone


_HANDLERS: dict[type, Any] = {
    Find: MemoryStore._find, Select: MemoryStore._select, Count: MemoryStore._count, Groups: MemoryStore._groups,
    Tally: MemoryStore._tally,
    Insert: MemoryStore._insert, Modify: MemoryStore._modify, Remove: MemoryStore._remove, GiveRights: MemoryStore._give_rights,
    OpenFile: lambda store, command: store.files.open(command), DropFiles: lambda store, command: store.files.drop(command),
    ListFiles: lambda store, command: store.files.list(command), ListRemains: lambda store, command: [],
    FindFiles: lambda store, command: store.files.find(command),
}  # fmt: skip


def key(record_id: Any) -> Any:
    """Key of an id: ids of two types are never the same record."""
    return type_class(record_id), record_id


def _ids(condition: Condition) -> list[Any] | None:
    """The ids that a condition is limited to, or None."""
    for member in condition.members if isinstance(condition, All) else (condition,):
        if isinstance(member, Compare) and member.field.path == "_id" and member.operator in (EQ, IN):
            return list(dict.fromkeys([member.operand] if member.operator is EQ else member.operand))
    return None
