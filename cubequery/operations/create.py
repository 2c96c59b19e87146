"""Creating records: one, or many of which all are stored or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cubequery import errors
from cubequery.acl import tokens
from cubequery.ast import Compare, Create, all_of
from cubequery.errors import Fault, RequestError
from cubequery.operations.cascade import sweep
from cubequery.operations.relations import find_parent, orphans
from cubequery.operations.work import Work, in_record
from cubequery.operators import IN
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.stores.commands import Document, Find, Insert, Remove, Steps, Together, do
from cubequery.translate.change import STAMP
from cubequery.translate.rights import default_level, rights_update


def create(work: Work, tree: Create, ids: Sequence[Any]) -> Steps[dict[str, Any]]:
    """Create one record. ``ids`` are drawn beforehand: the second is taken where the first is in use."""
    named = named_id(tree)
    document = yield from prepare(work, tree, ids[0] if named is None else named)
    if (yield from do(Insert(work.schema, [document]))):
        if named is not None:
            raise RequestError([errors.conflict("_id", "a record that exists")])
        document["_id"] = ids[1]
        if (yield from do(Insert(work.schema, [document]))):
            raise RequestError([errors.plain("internal")])
    yield from _still_children(work, [document])
    return work.answer(document)


def create_many(work: Work, trees: Sequence[tuple[int, Create]], ids: Sequence[Any], fresh: Callable[[], Any]) -> Steps[dict[str, Any]]:
    """Create all records or none. Under a repeated operation id those that are there already are answered, the others created.

    ``ids`` are drawn beforehand, one a record; ``fresh`` draws another for one that is in use.
    """
    there, made = yield from do(Together(work.schema, partial(_store_all, work, trees, ids, fresh)))
    yield from _still_children(work, made, list(there.values()))
    there |= {document["_op"]: document for document in made}
    return {"class_name": work.schema.name, "items": [work.answer(there[_stamp(work, number)]) for number, _ in trees]}


def _stamp(work: Work, number: int) -> str:
    return f"{work.operation_id}/{number}"


def _store_all(
    work: Work, trees: Sequence[tuple[int, Create]], ids: Sequence[Any], fresh: Callable[[], Any]
) -> Steps[tuple[dict[Any, Document], list[Document]]]:
    """The records that were there already, by stamp, and those that are stored now."""
    stamps = [_stamp(work, number) for number, _ in trees]
    found: list[Document] = yield from do(Find(work.schema, all_of(Compare(STAMP, IN, stamps), work.where)))
    there = {document["_op"]: document for document in found}
    made: dict[int, Document] = {}
    faults: list[Fault] = []
    for (number, tree), stamp, drawn in zip(trees, stamps, ids, strict=True):
        if stamp not in there:
            named = named_id(tree)
            try:
                made[number] = {**(yield from prepare(work, tree, drawn if named is None else named)), "_op": stamp}
            except RequestError as error:
                if error.status >= 500:
                    raise
                faults += in_record(number, error.faults)
    if faults:
        raise RequestError(faults[: work.settings.limits.max_faults])
    if made:
        yield from _insert(work, made, [number for number, tree in trees if named_id(tree) is not None], fresh)
    return there, list(made.values())


def _insert(work: Work, made: dict[int, Document], named: Sequence[int], fresh: Callable[[], Any]) -> Steps[None]:
    """Store the records by number, all or none; an id in use is replaced once, unless it is among those that the request has ``named``."""
    numbers, documents = list(made), list(made.values())
    yield from _check_named(work, {number: made[number]["_id"] for number in named if number in made})
    try:
        used = [numbers[place] for place in (yield from do(Insert(work.schema, documents)))]
        if used and not set(used) & set(named):
            for number in used:
                made[number]["_id"] = fresh()
            used = [used[place] for place in (yield from do(Insert(work.schema, [made[number] for number in used])))]
    except RequestError as error:
        if error.code == "conflict":  # under an index of the host's own; the others may be stored
            yield from _take_back(work, documents)
        raise
    if used:
        if len(used) < len(documents):
            yield from _take_back(work, documents)
        taken = next((number for number in used if number in named), None)
        raise RequestError([errors.plain("internal") if taken is None else _in_use(taken)])


def _check_named(work: Work, named: dict[int, Any]) -> Steps[None]:
    """Refuse ids in use, or named twice, before anything is written; who is quicker than the insert is met there."""
    if named:
        found: list[Document] = yield from do(Find(work.schema, work.with_ids(list(named.values())), paths=("_id",)))
        there = [each["_id"] for each in found]
        for number, record_id in named.items():
            if record_id in there:
                raise RequestError([_in_use(number)])
            there.append(record_id)


def _in_use(number: int) -> errors.Fault:
    return errors.conflict(f"record[{number}][_id]", "a record that exists")


def _take_back(work: Work, documents: Sequence[Document]) -> Steps[None]:
    """Of records of which not all could be stored: those that were."""
    ids, stamps = ([document[path] for document in documents] for path in ("_id", "_op"))
    yield from do(Remove(work.schema, all_of(work.with_ids(ids), Compare(STAMP, IN, stamps))))


def named_id(tree: Create) -> Any:
    """The id that an admin's request names, or None."""
    return next((value for field, value in tree.system if field.name == "_id"), None)


def prepare(work: Work, tree: Create, record_id: Any, parent_class: str | None = None) -> Steps[Document]:
    """The record as it will be stored. ``parent_class``: where its parent was found a moment ago. Raises RequestError."""
    names = work.schema.names(work.settings.user_id_type)
    system = {field.path: value for field, value in tree.system}  # the owner field of a class is `user_id` by another name
    owner = system.get(names["user_id"].path, work.actor.user_id)
    if owner is None and work.schema.strategy.kind != "class":
        raise RequestError([errors.missing("user_id")])
    document: Document = {"_id": record_id}
    if tree.parent is not None:
        found = parent_class or (yield from find_parent(work, tree.parent, record_id))
        document |= {"_parent_id": tree.parent, "_parent_class": found}
    if owner is not None:
        put(document, names["user_id"].path, owner)
    document |= {"created_at": system.get("created_at", work.now), "updated_at": system.get("updated_at", work.now)}
    for field, value in tree.values:
        put(document, field.path, value)
    for path, value in work.scope.items():
        put(document, path, value)
    if work.schema.strategy.kind == "tokens":
        document |= initial_rights(work, tree, owner)
    work.check_size(document)
    return document


def initial_rights(work: Work, tree: Create, owner: Any) -> Document:
    """The three token arrays, and ``_acl`` where a level is not the record default; actions not given take the class's default."""
    given = dict(tree.permissions)
    levels = [(action, given.get(action) or default_level(work.schema, action)) for action in RECORD_ACTIONS]
    rights: Document = {f"_{action}": tokens(level, owner) for action, level in levels}
    written = rights_update(levels, owner)["$set"]
    acl = {path.partition(".")[2]: level for path, level in written.items() if path.startswith("_acl.")}
    return {**rights, "_acl": acl} if acl else rights


def _still_children(work: Work, made: Sequence[Document], there: Sequence[Document] = ()) -> Steps[None]:
    """A parent deleted or hidden meanwhile takes its new child with it: no orphan stays behind a cascade that has passed.

    Of those that an earlier run has made only that their parent still stands is asked.
    """
    if (yield from orphans(work, made, seen=True)) or (yield from orphans(work, there)):
        ids = [each["_id"] for each in (*there, *made)]
        yield from do(Remove(work.schema, all_of(work.with_ids(ids), work.where)))
        yield from sweep(work, [(work.schema, ids)])
        raise RequestError([errors.plain("parent", "_parent_id")])


def put(document: Document, path: str, value: Any) -> None:
    """Set a stored path of a new record."""
    *above, last = path.split(".")
    for part in above:
        document = document.setdefault(part, {})
    document[last] = value
