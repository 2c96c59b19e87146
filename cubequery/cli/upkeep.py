"""``cubequery adopt``, ``audit`` and ``import``: existing data given rights, counted, brought in."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any

import cubequery as cq
from cubequery.cli import progress, records, target
from cubequery.cli.given import Usage, read_actor
from cubequery.cli.output import write_errors, write_json, write_lines, write_table
from cubequery.errors import Refused
from cubequery.values import USER_ID_TYPES

REFUSED = 1
SLOW_BYTES = 200_000
"""A smaller file is stored before a person would look for a bar."""
BOM = b"\xef\xbb\xbf"
Report = Mapping[str, Any]
ADOPTED = {
    "adopted": "adopted", "had_tokens": "had rights", "changed_meanwhile": "changed meanwhile", "refused": "refused",
    "user_id_set": "given an owner", "no_owner": "without owner", "other_owner": "owned by another than the field says",
    "foreign_owner": "owner is no user id", "foreign_shared": "values that are no user ids",
}  # fmt: skip
AUDITED = {
    "foreign": "value of another type", "elements": "element of another type", "nulls": "stored null", "fractions": "fraction of a second",
    "undeclared": "undeclared name", "undeclared_more": "further undeclared names", "tokens": "rights", "no_owner": "no owner",
    "files": "file not in the store",
}  # fmt: skip


def adopt(arguments: Namespace) -> int:
    """Give rights to records without any, and print what was done."""
    with target.opened(arguments, writes=not arguments.dry_run) as (engine, schema), progress.told("adopting") as shown, _names():
        report = engine.adopt(
            schema.name, owner=arguments.owner, shared=arguments.shared, shared_actions=arguments.shared_actions.split(","),
            dry_run=arguments.dry_run, progress=shown,
        )  # fmt: skip
    _write(arguments, report, adopted_rows(report))
    return REFUSED if report["refused"] else 0


def audit(arguments: Namespace) -> int:
    """Print how many records do not fit their class, and in what."""
    with target.opened(arguments, writes=False) as (engine, schema), progress.told("auditing") as shown:
        report = engine.audit(schema.name, progress=shown)
    _write(arguments, report, audited_rows(report))
    return 0


def import_(arguments: Namespace) -> int:
    """Store the lines of a file, and print what was refused."""
    owner = _owner(arguments)
    with target.opened(arguments, writes=True, new=True) as (engine, schema), _lines(arguments.file) as lines, _names():
        target.index_stamps(arguments, engine, schema)
        report = engine.import_records(
            schema.name, lines, owner=owner, keep=arguments.keep, strict=arguments.strict, request_id=_request_id(arguments)
        )
    if arguments.as_json:
        write_json(report)
    else:
        write_errors(refused_lines(arguments.file, report))
        write_lines([summary(report)])
    return REFUSED if report["refused"] else 0


@contextmanager
def _names() -> Iterator[None]:
    """Names and owners are the engine's to judge."""
    try:
        yield
    except cq.DefinitionError as error:
        raise Usage(*error.problems) from None


@contextmanager
def _lines(path: str) -> Iterator[Iterator[bytes]]:
    try:
        with records.opened(path, SLOW_BYTES) as file:
            yield (line if number else line.removeprefix(BOM) for number, line in enumerate(file))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise Usage(f"{path}: {error.strerror}") from None


def _owner(arguments: Namespace) -> int | str | None:
    if arguments.owner is None:
        return None if arguments.actor is None else read_actor(arguments.actor).user_id
    if arguments.actor is not None:
        raise Usage("--owner and --actor both say whose the records are: give one of them")
    try:
        found: int | str = USER_ID_TYPES[arguments.user_id_type]().read_text(arguments.owner)
    except Refused:
        raise Usage(f"--owner is no user id of type {arguments.user_id_type}") from None
    return found


def _request_id(arguments: Namespace) -> str:
    """The file's own name tells its lines from those of another; as a digest, whatever its characters."""
    name: str = PurePath(arguments.file).name
    return arguments.request_id or hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()


def _write(arguments: Namespace, report: Report, rows: Sequence[Report]) -> None:
    if arguments.as_json:
        write_json(report)
        return
    write_table(rows, ("found", "of", "type", "records"))
    write_lines([f"{report.get('seen', report.get('records'))} records of class {report['class_name']}"])


def adopted_rows(report: Report) -> list[Report]:
    """The report of :meth:`cubequery.Engine.adopt` as rows of a table, without what was never counted."""
    names = {**ADOPTED, "adopted": "would be adopted"} if report["dry_run"] else ADOPTED
    return [row for key, text in names.items() for row in _rows(text, report[key])]


def audited_rows(report: Report) -> list[Report]:
    """The same of :meth:`cubequery.Engine.audit`."""
    return [row for key, text in AUDITED.items() for row in _rows(text, report[key])]


def _rows(text: str, found: Any) -> Iterator[Report]:
    """A number, numbers by name, or numbers by name and type."""
    if isinstance(found, int):
        found = {None: found}
    for name, count in found.items():
        for kind, number in count.items() if isinstance(count, Mapping) else [(None, count)]:
            if number:
                yield {"found": text, "of": name, "type": kind, "records": number}


def refused_lines(path: str, report: Report) -> Iterator[str]:
    """The faults of refused lines, each with its line."""
    for each in report["errors"]:
        for key, texts in each["errors"].items():
            yield from (f"{path}: line {each['line']}: {key}: {text}" for text in texts)
    more = report["refused"] - len(report["errors"])
    if more:
        yield f"{path}: and {more} more refused lines"


def summary(report: Report) -> str:
    """One sentence about an import."""
    said = f"{report['lines']} lines: {report['created']} created, {report['already']} there already, {report['refused']} refused"
    if report["files"]:
        said += f"; {report['files']} name a file, whose bytes are not imported"
    return f"{said}; stopped at the first refused line" if report["stopped"] else said
