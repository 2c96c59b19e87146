"""Files of records: the bytes are kept first, then the record names them, then what it named before is dropped."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from cubequery import errors
from cubequery.ast import Assign, Field, Update, all_of
from cubequery.errors import RequestError
from cubequery.evaluate import matcher
from cubequery.operations.blobs import drop_files, file_id
from cubequery.operations.change import ROUNDS, change_of, read_one
from cubequery.operations.work import Work, digest
from cubequery.operators import SET, UNSET_FIELD, UpdateOperator
from cubequery.stores.commands import Document, Find, Modify, Steps, do
from cubequery.stores.files import DropFiles, FileFacts, ListFiles, ListRemains, OpenFile, PutFile, StoredFile
from cubequery.translate.render import stored_value

OTHER_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,127}/[A-Za-z0-9!#$&^_.+-]{1,127}(?:; ?[A-Za-z0-9-]+=[A-Za-z0-9_.:+-]{1,100}){0,4}", re.ASCII
)


@dataclass(frozen=True)
class Upload:
    """What is sent: bytes or a stream of them, and the name and type that the sender gives it; ``file_id`` is drawn beforehand."""

    source: Any
    name: str
    content_type: str | None
    file_id: str


@dataclass(frozen=True)
class Download:
    """A file that the actor may read: ``size`` in bytes, ``chunks(start, stop)`` its bytes piece by piece (async where the engine is)."""

    file_id: str
    size: int
    name: str
    content_type: str
    handle: Any

    def chunks(self, start: int = 0, stop: int | None = None) -> Any:
        """The bytes from ``start`` up to ``stop``."""
        return self.handle.chunks(start, stop)


def upload(work: Work, record_id: Any, field: Field, given: Upload) -> Steps[dict[str, Any]]:
    """Put a file into a record; one that it named before is dropped. Raises RequestError: 404, 403, 400 ``too_large``.

    A crash in between leaves at most a file that no record names. Under a repeated operation id with the same bytes the file that is
    there is answered.
    """
    yield from _may_change(work, field, record_id)
    facts = FileFacts(record_id, field.path, work.now, work.scope)
    stored: StoredFile = yield from do(PutFile(work.schema, given.file_id, given.source, facts, work.settings.limits.max_file_bytes))
    named = {
        "file_id": given.file_id,
        "size": stored.size,
        "name": clean_name(given.name, work.settings.limits.max_file_name_bytes),
        "content_type": clean_type(given.content_type),
    }
    stamp = digest(work.operation_id, work.actor, work.scope, field.name, [named["name"], named["content_type"], stored.digest])
    try:
        before = yield from _link(work, record_id, _one_change(field, SET, named), stamp)
    except RequestError as error:
        if error.code not in ("outcome_unknown", "internal"):  # after these the record may name it
            yield from drop_files(work.schema, [given.file_id])
        raise
    if before.get("_op") == stamp:
        yield from drop_files(work.schema, [given.file_id])
        kept: dict[str, Any] = field.type.show(stored_value(before, field.path))
        return kept
    yield from _drop_old(work, field, before, given.file_id)
    return named


def delete_file(work: Work, record_id: Any, field: Field) -> Steps[None]:
    """Take a file out of a record; an absent one is no fault."""
    yield from _may_change(work, field, record_id)
    before = yield from _link(work, record_id, _one_change(field, UNSET_FIELD, None), None)
    yield from _drop_old(work, field, before, None)


def download(work: Work, record_id: Any, field: Field) -> Steps[Download]:
    """A file that the actor may read. Raises RequestError 404: ``not_found`` for the record, ``file_not_found`` for the file."""
    for _ in range(ROUNDS):  # one that is replaced in between is looked for again
        readable = all_of(work.with_ids([record_id]), work.may("read"))
        found: list[Document] = yield from do(Find(work.schema, readable, limit=1))
        if not found:
            raise RequestError([errors.plain("not_found")])
        wanted = file_id(field, found[0])
        handle = None if wanted is None else (yield from do(OpenFile(work.schema, wanted)))
        if wanted is None:
            break
        if handle is not None:
            shown = field.type.show(stored_value(found[0], field.path))
            name = clean_name(str(shown["name"] or wanted), work.settings.limits.max_file_name_bytes)  # it may be another program's
            return Download(wanted, handle.size, name, clean_type(shown["content_type"]), handle)
    raise RequestError([errors.plain("file_not_found")])


def sweep(work: Work, older_than: dt.timedelta) -> Steps[dict[str, int]]:
    """Drop the files that no record names, and what uploads left that were cut. Returns how many were ``seen`` and ``dropped``.

    Only those begun longer ago than ``older_than``, which must be more than the longest upload takes: younger ones may be about to be
    named.
    """
    before, most = work.now - older_than, work.settings.limits.write_batch
    seen, dropped, after = 0, 0, ""
    while True:
        files = yield from do(ListFiles(work.schema, before, work.scope, after, most))
        if not files:
            break
        ids: list[Any] = [record_id for _, record_id, _ in files]
        records: list[Document] = yield from do(Find(work.schema, work.with_ids(ids)))
        named = {(repr(each["_id"]), path, _named_at(each, path)) for each in records for _, _, path in files}
        lost = [file_id for file_id, record_id, path in files if (repr(record_id), path, file_id) not in named]
        if lost:
            yield from do(DropFiles(work.schema, lost))
        seen, dropped, after = seen + len(files), dropped + len(lost), files[-1][0]
        work.report(seen)
    while not work.scope and (remains := (yield from do(ListRemains(work.schema, before, most)))):
        yield from do(DropFiles(work.schema, remains))
        seen, dropped = seen + len(remains), dropped + len(remains)
        work.report(seen)
    return {"seen": seen, "dropped": dropped}


def clean_name(given: str, most: int) -> str:
    """The last path part of a sent file name, without characters that do not print, at most ``most`` UTF-8 bytes."""
    last = re.split(r"[/\\]", given)[-1]
    text = "".join(char for char in last if char.isprintable()).strip()
    return text.encode("utf-8", "ignore")[:most].decode("utf-8", "ignore") or "file"


def clean_type(given: str | None) -> str:
    """A media type as it is; what is none is the type of unknown bytes."""
    return given if given is not None and _MEDIA_TYPE.fullmatch(given) else OTHER_TYPE


def _one_change(field: Field, operator: UpdateOperator, operand: Any) -> Update:
    return Update((Assign(field, operator, operand),))


def _may_change(work: Work, field: Field, record_id: Any) -> Steps[None]:
    """Refusals that need no bytes come before any is read."""
    change_of(work, _one_change(field, UNSET_FIELD, None)).for_record(record_id).apply((yield from read_one(work, record_id)))


def _link(work: Work, record_id: Any, update: Update, stamp: str | None) -> Steps[Document]:
    """The record as it was before the change; with the stamp in it where this very operation was done already."""
    change = change_of(work, update).for_record(record_id, stamp=stamp)
    for _ in range(ROUNDS):
        before = yield from do(Modify(work.schema, change, before=True))
        if before is not None:
            return before
        found = yield from read_one(work, record_id)
        if stamp is not None and found.get("_op") == stamp and matcher(work.may("update"))(found):
            return found
        change.apply(found)
    raise RequestError([errors.plain("unavailable")])


def _drop_old(work: Work, field: Field, before: Document, new: str | None) -> Steps[None]:
    old = file_id(field, before)
    if old is not None and old != new:
        yield from drop_files(work.schema, [old])


def _named_at(document: Document, path: str) -> Any:
    """The id of the file that a record names at a stored path, whatever the class says of it by now."""
    stored: Any = stored_value(document, path)
    return stored.get("file_id") if isinstance(stored, dict) else None
