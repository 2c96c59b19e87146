"""Commands as calls of the driver, without I/O: written once, made by the sync and by the async store."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pymongo import ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure

from cubequery import errors
from cubequery.compile import compile_filter
from cubequery.errors import RequestError
from cubequery.stores.commands import Command, Count, Document, Find, Given, GiveRights, Groups, Insert, Modify, Remove, Select, Tally
from cubequery.stores.faults import DUPLICATE, FAMILIES, KINDS, REPEATED, code_of, may_run_again, pattern_of, pause_before_repeat, refusal
from cubequery.stores.memory import MemoryStore

COMPARING: Mapping[str, Any] = {"collation": {"locale": "simple"}}
"""Options of every call that compares values: strings are compared as they are, whatever the collection's default."""
FOREIGN_VALUE = (2, 14, 28)
"""What a server says of an update that meets a stored value of another type."""


@dataclass(frozen=True)
class Call:
    """One call of a collection's method. What it answers is a list where the method gives a cursor."""

    method: str
    args: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """Seconds to wait before the next call."""

    seconds: float


@dataclass(frozen=True)
class Dialect:
    """``real``: a server, else a stand-in that keeps records and decides nothing. ``inside``: within a transaction."""

    real: bool = True
    inside: bool = False


Calls = Generator[Call | Pause, Any, Any]


def calls(command: Command[Any], dialect: Dialect) -> Calls:
    """Yields calls, receives their answers (or what they raised), returns the command's answer. Raises RequestError.

    Inside a transaction what may be run again is raised as it is, for the transaction to be repeated as a whole.
    """
    try:
        handler = _HANDLERS[type(command)] if dialect.real or isinstance(command, Insert) else _stand_in
        return (yield from handler(command, dialect))
    except FAMILIES as error:
        if dialect.inside and may_run_again(error):
            raise
        raise refusal(error, command.schema, writes=command.writes) from error


def _made(call: Call, dialect: Dialect, *, writes: bool = False) -> Calls:
    """The answer of one call, made again where that is likely to help."""
    attempt = 0
    while True:
        try:
            return (yield call)
        except FAMILIES as error:
            seconds = None if dialect.inside else pause_before_repeat(error, attempt, writes=writes)
            if seconds is None:
                raise
        attempt += 1
        yield Pause(seconds)


def _found(dialect: Dialect, condition: Any, projection: Any, order: Any = (("_id", 1),), skip: int = 0, limit: int = 0) -> Calls:
    # One batch for a whole page: a next batch is not repeated by the driver.
    options = {**COMPARING, "allow_disk_use": False, "batch_size": limit}
    wanted = {"filter": condition, "projection": projection, "sort": list(order), "skip": skip, "limit": limit}
    return (yield from _made(Call("find", (), {**wanted, **options}), dialect))


def _find(command: Find, dialect: Dialect) -> Calls:
    projection = None if command.paths is None else dict.fromkeys(command.paths, 1)
    condition = compile_filter(command.condition)
    return (yield from _found(dialect, condition, projection, command.order, command.skip, command.limit))


def _select(command: Select, dialect: Dialect) -> Calls:
    plan = command.plan
    projection = plan.projection
    for path in command.extra:
        if not any(f"{path}.".startswith(f"{shown}.") for shown, wanted in projection.items() if wanted):  # a path and one above it collide
            projection[path] = 1
    limit = plan.limit + command.more
    return (yield from _found(dialect, compile_filter(plan.condition), projection, plan.sort, plan.skip, limit))


def _count(command: Count, dialect: Dialect) -> Calls:
    return (yield from _made(Call("count_documents", (compile_filter(command.condition),), COMPARING), dialect))


def _tally(command: Tally, dialect: Dialect) -> Calls:
    pipeline = [{"$match": compile_filter(command.condition)}, {"$group": {"_id": f"${command.path}", "count": {"$sum": 1}}}]
    rows = yield from _made(Call("aggregate", (pipeline,), {**COMPARING, "allowDiskUse": False}), dialect)
    return [(row["_id"], row["count"]) for row in rows]


def _groups(command: Groups, dialect: Dialect) -> Calls:
    return (yield from _made(Call("aggregate", (command.plan.pipeline,), {**COMPARING, "allowDiskUse": False}), dialect))


def _insert(command: Insert, dialect: Dialect) -> Calls:
    """Inside a transaction ids in use are looked for first: a refused insert would end it."""
    documents, used = list(command.documents), set()
    if dialect.inside:
        ids = [document["_id"] for document in documents]
        there = yield from _found(dialect, {"_id": {"$in": ids}}, {"_id": 1})
        taken = [document["_id"] for document in there]
        used = {place for place, each in enumerate(ids) if each in taken}
    wanted = [place for place in range(len(documents)) if place not in used]
    if wanted:
        call = Call("insert_many", ([documents[place] for place in wanted],), {"ordered": False})
        try:
            yield from _made(call, dialect, writes=True)
        except BulkWriteError as error:
            used |= {wanted[place] for place in _duplicates(error)}
    return sorted(used)


def _duplicates(error: BulkWriteError) -> list[int]:
    """Positions of those whose id is in use. Raises the error where it says anything else."""
    refused = error.details.get("writeErrors", [])
    others = [each for each in refused if each["code"] != DUPLICATE or pattern_of(each) != ["_id"]]
    if others or error.details.get("writeConcernErrors"):
        raise BulkWriteError({**error.details, "writeErrors": others}) from error
    return [each["index"] for each in refused]


def _modify(command: Modify, dialect: Dialect) -> Calls:
    """The pairs are tried in order; a pair that meets a value it does not fit is as one that does not match."""
    options = {"return_document": ReturnDocument.BEFORE if command.before else ReturnDocument.AFTER, **COMPARING}
    for condition, update in command.change.commands:
        try:
            document = yield from _made(Call("find_one_and_update", (condition, update), options), dialect, writes=True)
        except OperationFailure as error:
            if code_of(error) not in FOREIGN_VALUE or dialect.inside:
                raise
            continue
        if document is not None:
            return document
    return None


def _give_rights(command: GiveRights, dialect: Dialect) -> Calls:
    updates = [UpdateOne(compile_filter(each.condition), each.update, **COMPARING) for each in command.grants]
    try:
        done = yield from _made(Call("bulk_write", (updates,), {"ordered": False}), dialect, writes=True)
    except BulkWriteError as error:
        return Given(error.details["nMatched"], _not_taken(error))
    return Given(done.matched_count)


def _not_taken(error: BulkWriteError) -> dict[int, str]:
    """Codes of what the server does not take, by position; one that met another writer is only not done. Raises the error for the rest."""
    found = [each for each in error.details.get("writeErrors", []) if each["code"] not in FOREIGN_VALUE]
    refused = {each["index"]: KINDS.get(each["code"], "internal") for each in found}
    others = [each for each in found if refused[each["index"]] not in ("too_big", "conflict", REPEATED)]
    if others or error.details.get("writeConcernErrors"):
        raise BulkWriteError({**error.details, "writeErrors": others}) from error
    return {index: kind for index, kind in refused.items() if kind != REPEATED}


def _remove(command: Remove, dialect: Dialect) -> Calls:
    """Found, then deleted under the same condition: a record that no longer meets it stays."""
    condition = compile_filter(command.condition)
    try:
        found: list[Document] = yield from _found(dialect, condition, None, limit=command.limit)
    except FAMILIES as error:
        raise error if dialect.inside and may_run_again(error) else refusal(error, command.schema, writes=False) from error
    if not found:
        return []
    ids = [document["_id"] for document in found]
    about = {"$and": [{"_id": {"$in": ids}}, condition]}
    if len(ids) == 1:  # the driver repeats a delete of one record after a lost answer, and never applies it twice
        gone = yield from _made(Call("find_one_and_delete", (about,), COMPARING), dialect, writes=True)
        return [] if gone is None else [gone]
    done = yield from _made(Call("delete_many", (about,), COMPARING), dialect, writes=True)
    if done.deleted_count == len(found):
        return found
    left = yield from _left(command, ids, dialect)
    return [document for document in found if document["_id"] not in left]


def _left(command: Remove, ids: list[Any], dialect: Dialect) -> Calls:
    """Ids of those that a delete has spared; where that cannot be asked, what it did is unknown."""
    try:
        return {document["_id"] for document in (yield from _found(dialect, {"_id": {"$in": ids}}, {"_id": 1}))}
    except FAMILIES as error:
        if dialect.inside and may_run_again(error):
            raise
        raise RequestError([errors.plain("outcome_unknown")]) from error


def _stand_in(command: Command[Any], dialect: Dialect) -> Calls:
    """For what is no server: mongomock lacks some of our expressions and answers others wrongly. So it only keeps the records, the
    library decides, and what has changed is written back; two writers may meet."""
    memory = MemoryStore()
    memory.insert(command.schema.name, (yield from _made(Call("find", ({},)), dialect)))
    records = memory.records(command.schema.name)
    before = dict(records)
    answer = memory.execute(command)
    for key, document in before.items():
        about = {"_id": document["_id"]}
        if key not in records:
            yield from _made(Call("delete_one", (about,)), dialect, writes=True)
        elif records[key] is not document:
            yield from _made(Call("replace_one", (about, records[key])), dialect, writes=True)
    return answer


_HANDLERS: Mapping[type, Callable[[Any, Dialect], Calls]] = {
    Find: _find, Select: _select, Count: _count, Groups: _groups, Tally: _tally, Insert: _insert, Modify: _modify, Remove: _remove,
    GiveRights: _give_rights,
}  # fmt: skip
