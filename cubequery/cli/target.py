"""The collection that upkeep is about: on a MongoDB server, or in the embedded store's file, which is replaced as a whole."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cubequery as cq
from cubequery.cli.given import UNREADABLE, Failure, Usage, read_classes, read_extended
from cubequery.cli.output import write_errors

GOES_ON = "what is done stays done, and the same command goes on"


@contextmanager
def opened(arguments: Namespace, *, writes: bool, new: bool = False) -> Iterator[tuple[cq.Engine, cq.ClassSchema]]:
    """An engine over the records, and the class that is meant. Raises Usage for arguments and files, Failure for the database.

    A file is saved at the end of the block where it ``writes``, and may be a ``new`` one.
    """
    _check(arguments)
    classes, schema = read_classes(arguments)
    settings = cq.Settings(user_id_type=arguments.user_id_type)
    with _store(arguments, schema, settings, writes, new) as store:
        try:
            engine = cq.Engine(store, classes.values(), settings=settings)
        except cq.DefinitionError as error:
            raise Usage(*(f"--classes {arguments.classes}: {problem}" for problem in error.problems)) from None
        yield _scoped(engine, arguments.scope), schema


def index_stamps(arguments: Namespace, engine: cq.Engine, schema: cq.ClassSchema) -> None:
    """On a server every batch of an import looks for stamps: without their index it would search the whole collection each time."""
    if arguments.mongodb is not None:
        from cubequery.cli import database

        if not database.index_stamps(engine, schema):
            write_errors(["the index of _op cannot be made: the import will be slow in a large collection"])


def _check(arguments: Namespace) -> None:
    if (arguments.mongodb is None) == (arguments.data is None):
        raise Usage("records are in one of --mongodb URI and --data FILE")
    if arguments.mongodb is not None and arguments.database is None:
        raise Usage("--mongodb needs --database DB")
    if arguments.mongodb is None and (arguments.database or arguments.collection):
        raise Usage("--database and --collection belong to --mongodb URI")


@contextmanager
def _store(arguments: Namespace, schema: cq.ClassSchema, settings: cq.Settings, writes: bool, new: bool) -> Iterator[Any]:
    if arguments.mongodb is None:
        store = _file(arguments.data, new=new)
        yield store
        if writes:
            _save(store)
        return
    from cubequery.cli import database  # the driver is loaded where a server is asked

    collections = {} if arguments.collection is None else {schema.name: arguments.collection}
    try:
        with database.store_on(arguments.mongodb, arguments.database, collections, settings) as on_server:
            yield on_server
    except Failure as failed:
        raise Failure(f"{failed}; {GOES_ON}") if writes else failed from None


def _file(path: str, *, new: bool) -> cq.MemoryStore:
    if not new and not Path(path).exists():
        raise Usage(f"--data {path}: No such file or directory")
    try:
        return cq.MemoryStore(path)
    except OSError as error:
        raise Usage(f"--data {path}: {error.strerror}") from None
    except cq.DefinitionError as error:
        raise Usage(*(f"--data {problem}" for problem in error.problems)) from None
    except UnicodeError:
        raise Usage(f"--data {path}: not UTF-8") from None


def _save(store: cq.MemoryStore) -> None:
    try:
        store.save()
    except OSError as error:
        raise Failure(f"--data {store.path}: {error.strerror}; nothing was changed") from None


def _scoped(engine: cq.Engine, scope: str | None) -> cq.Engine:
    if scope is None:
        return engine
    try:
        return engine.scoped(read_extended(scope))
    except cq.DefinitionError as error:
        raise Usage(*(f"--scope: {problem}" for problem in error.problems)) from None
    except UNREADABLE:
        raise Usage("--scope is no JSON object") from None
