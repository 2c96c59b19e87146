"""What the sync and the async MongoDB store share beside calls: collections of classes, and the rules of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bson.codec_options import CodecOptions, DatetimeConversion
from pymongo import ReadPreference
from pymongo.errors import ServerSelectionTimeoutError

from cubequery import errors
from cubequery.errors import DefinitionError, RequestError
from cubequery.schema import ClassSchema
from cubequery.stores.faults import REPEATS, is_timeout, is_transient, is_unknown_commit, may_run_again, refusal

B = TypeVar("B")
CODEC: CodecOptions[dict[str, Any]] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
"""Dates as the library decides by them: naive UTC, and years that Python lacks do not fail a page."""


class Home:
    """Where the records of classes are: a database, or one collection for one class. ``real`` is false for a stand-in."""

    def __init__(self, target: Any, collections: Mapping[str, str], *, real: bool, single: bool) -> None:
        self.real = real
        self._single = target if single else None
        self.database: Any = target.database if single else target
        self._names = collections
        self._known: dict[str, Any] = {}
        self._buckets: dict[str, Any] = {}

    @property
    def client(self) -> Any:
        """The client of the database."""
        return self.database.client

    def collection(self, schema: ClassSchema) -> Any:
        """The collection of a class. Raises DefinitionError where a store of one collection is asked for a second class."""
        found = self._known.get(schema.name)
        if found is None:
            if self._single is not None and self._known:
                raise DefinitionError([f"this store is one collection, of class {next(iter(self._known))}"])
            found = self._single if self._single is not None else self.database[self._names.get(schema.name, schema.name)]
            if self.real:
                # What an operation has written it must read; a host's client may look at secondaries, or give dates with a zone.
                found = found.with_options(codec_options=CODEC, read_preference=ReadPreference.PRIMARY)
            self._known[schema.name] = found
        return found

    def bucket(self, schema: ClassSchema, make: Callable[[Any, float], B], seconds: float) -> B:
        """The files of a class. Raises DefinitionError for a stand-in that has no GridFS."""
        found: B | None = self._buckets.get(schema.name)
        if found is None:
            try:
                found = self._buckets[schema.name] = make(self.collection(schema), seconds)
            except TypeError:
                raise DefinitionError(["files need a database of pymongo's, or mongomock.gridfs.enable_gridfs_integration()"]) from None
        return found


def has_transactions(hello: Mapping[str, Any]) -> bool:
    """Whether a server that says this of itself has transactions: a member of a replica set, or the door of a cluster."""
    return "setName" in hello or hello.get("msg") == "isdbgrid"


class Fate:
    """Whether a refusal has ended a transaction: no later command is carried out then."""

    def __init__(self) -> None:
        self._refused: RequestError | None = None

    def __enter__(self) -> None:
        if self._refused is not None:
            raise self._refused

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, RequestError):
            self._refused = error


def try_again(error: Exception, attempt: int) -> None:
    """Returns where a transaction is to be run again. Raises RequestError, also where the time of a call is over: it has had its share."""
    if not may_run_again(error) or is_timeout(error) or attempt >= REPEATS:
        raise refusal(error, None, writes=False) from error


def commit_again(error: Exception, attempt: int) -> None:
    """Returns where a commit is to be sent again. Raises the error where nothing was kept, RequestError where that is not known.

    Where no server was found in the time of a call none is waited for once more.
    """
    if is_transient(error):
        raise error
    if not is_unknown_commit(error) or isinstance(error, ServerSelectionTimeoutError) or attempt >= REPEATS:
        raise RequestError([errors.plain("outcome_unknown")]) from error
