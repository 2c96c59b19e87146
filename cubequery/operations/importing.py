"""Importing records, line by line: what is refused stops no other line, and a repeat stores nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Compare, all_of
from cubequery.errors import RequestError
from cubequery.operations.cascade import remove_tree
from cubequery.operations.create import named_id, prepare
from cubequery.operations.lines import Line, LineReader, is_blank
from cubequery.operations.relations import orphans
from cubequery.operations.work import Work
from cubequery.operators import IN
from cubequery.stores.commands import Document, Find, Insert, Steps, do
from cubequery.translate.change import STAMP

MOST_WAITING = 10_000
"""Lines kept in memory until their parent's line has come; those beyond are refused, and taken up by a repeat."""
Pair = tuple[Line, Document]


def import_records(work: Work, lines: Iterable[Any], *, keep: bool, strict: bool, draw: Callable[[], Any]) -> Steps[dict[str, Any]]:
    """Store a record for each line, in batches. The report is :meth:`Upkeep.import_records`'s.

    Where the store fails the run ends with its error; a repeat finds what is stored by its stamp.
    """
    reader, run = LineReader(work, keep=keep), Import(work, draw)
    batch: list[Line] = []
    count, stopped = 0, False
    for number, given in enumerate(lines, 1):
        if is_blank(given):
            continue
        count += 1
        try:
            batch.append(reader.read(number, given))
        except RequestError as error:
            run.refuse(number, error)
        stopped = strict and run.refused > 0
        if stopped or len(batch) == work.settings.limits.write_batch:
            yield from run.store(batch)
            batch = []
            work.report(count)
            stopped = strict and run.refused > 0
        if stopped:
            break
    yield from run.store(batch)
    yield from run.store_waiting()
    work.report(count)
    return {"class_name": work.schema.name, "lines": count, **run.report(), "files": reader.files, "stopped": stopped}


class Import:
    """What one run has stored and refused."""

    def __init__(self, work: Work, draw: Callable[[], Any]) -> None:
        self._work, self._draw = work, draw
        self.created = self.already = self.refused = 0
        self._told: list[tuple[int, RequestError]] = []
        self._waiting: list[Line] = []

    def refuse(self, number: int, error: RequestError) -> None:
        """Count a line that is not stored. Raises the error where it is the store's."""
        if error.status >= 500:
            raise error
        self.refused += 1
        if len(self._told) < self._work.settings.limits.max_faults:
            self._told.append((number, error))

    def report(self) -> dict[str, Any]:
        """The counts, and the faults in the order of the lines."""
        told = sorted(self._told, key=lambda each: each[0])
        counts = {"created": self.created, "already": self.already, "refused": self.refused}
        return {**counts, "errors": [{"line": number, **error.body()} for number, error in told]}

    def store(self, lines: Sequence[Line]) -> Steps[None]:
        """Store those of a batch that are not there yet."""
        if not lines:
            return
        there = yield from self._there(lines)
        new: list[Pair] = []
        parents: dict[Any, str] = {}
        for line in lines:
            if line.stamp not in there:
                try:
                    document = yield from self._prepare(line, parents)
                except RequestError as error:
                    self._put_off(line, error)
                else:
                    new.append((line, {**document, "_op": line.stamp}))
        made = yield from self._insert(new)
        documents = [*there.values(), *(document for line, document in new if line.stamp in made)]
        lost = yield from self._drop_orphans(lines, documents)
        self.already += len(there.keys() - lost)
        self.created += len(made - lost)

    def store_waiting(self) -> Steps[None]:
        """Try again what waits for its parent, as long as that brings some of it in."""
        most = self._work.settings.limits.write_batch
        while self._waiting:
            lines, self._waiting = self._waiting, []
            for start in range(0, len(lines), most):
                yield from self.store(lines[start : start + most])
            if len(self._waiting) == len(lines):
                for line in lines:
                    self.refuse(line.number, _no_parent())
                self._waiting = []

    def _there(self, lines: Sequence[Line]) -> Steps[dict[str, Document]]:
        """What an earlier run, or this one, has stored of these lines, by stamp."""
        stamped = all_of(Compare(STAMP, IN, [line.stamp for line in lines]), self._work.where)
        found: list[Document] = yield from do(Find(self._work.schema, stamped, paths=("_op", "_parent_id", "_parent_class")))
        return {document["_op"]: document for document in found}

    def _prepare(self, line: Line, parents: dict[Any, str]) -> Steps[Document]:
        """The document of a line; ``parents`` remembers the classes of the batch's parents."""
        named, parent = named_id(line.tree), line.tree.parent
        document = yield from prepare(self._work, line.tree, self._draw() if named is None else named, parents.get(parent))
        if parent is not None:
            parents[parent] = document["_parent_class"]
        return document

    def _put_off(self, line: Line, error: RequestError) -> None:
        """A line whose parent is not there may be before its parent's own line."""
        if error.code == "parent" and len(self._waiting) < MOST_WAITING:
            self._waiting.append(line)
        else:
            self.refuse(line.number, error)

    def _insert(self, new: Sequence[Pair]) -> Steps[set[str]]:
        """Stamps of those that are stored."""
        if not new:
            return set()
        try:
            used = yield from do(Insert(self._work.schema, [document for _, document in new]))
        except RequestError as error:
            if error.status >= 500:
                raise
            return (yield from self._insert_each(new))
        stored = {line.stamp for place, (line, _) in enumerate(new) if place not in used}
        for line, document in (new[place] for place in used):
            if (yield from self._insert_again(line, document)):
                stored.add(line.stamp)
        return stored

    def _insert_each(self, new: Sequence[Pair]) -> Steps[set[str]]:
        """One by one, where an index or a rule of the server refuses some of a batch; others of it are stored by then."""
        stored = set((yield from self._there([line for line, _ in new])))
        for line, document in new:
            if line.stamp not in stored and (yield from self._insert_one(line, document)):
                stored.add(line.stamp)
        return stored

    def _insert_one(self, line: Line, document: Document) -> Steps[bool]:
        try:
            used = yield from do(Insert(self._work.schema, [document]))
        except RequestError as error:
            self.refuse(line.number, error)
            return False
        return not used or (yield from self._insert_again(line, document))

    def _insert_again(self, line: Line, document: Document) -> Steps[bool]:
        """A record whose id is in use: one that the line names is a fault, one that was drawn is drawn once more."""
        error = RequestError([errors.conflict("_id", "a record that exists")])
        if named_id(line.tree) is None:
            document["_id"] = self._draw()
            try:
                if not (yield from do(Insert(self._work.schema, [document]))):
                    return True
                error = RequestError([errors.plain("internal")])
            except RequestError as refused:
                error = refused
        self.refuse(line.number, error)
        return False

    def _drop_orphans(self, lines: Sequence[Line], documents: Sequence[Document]) -> Steps[set[str]]:
        """Stamps of those that a parent, deleted meanwhile, takes with it: no orphan stays behind a cascade that has passed."""
        lost: list[Document] = yield from orphans(self._work, documents)
        if not lost:
            return set()
        yield from remove_tree(self._work, self._work.where, [document["_id"] for document in lost])
        stamps = {document["_op"] for document in lost}
        for line in lines:
            if line.stamp in stamps:
                self.refuse(line.number, _no_parent())
        return stamps


def _no_parent() -> RequestError:
    return RequestError([errors.plain("parent", "_parent_id")])
