"""A MongoDB server that the command line asks. What the driver says is never shown: it may hold addresses, names and values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import ConfigurationError, ConnectionFailure, ExecutionTimeout, InvalidName, OperationFailure, PyMongoError

import cubequery as cq
from cubequery.cli.given import Failure, Usage

REFUSALS = {
    13: "the database does not give these credentials the right to do this",
    18: "the database does not know these credentials",
    292: "the order or the groups need more memory than the database gives",
}
NO_INDEX = frozenset({13, 67, 85, 86})
"""No right to make an index, one that cannot be made, one of the same name or keys that is another."""
Documents = Collection[dict[str, Any]]


def run_on(uri: str, database: str, name: str, plan: cq.Plan) -> list[dict[str, Any]] | int:
    """The plan's answer from the server. Raises Usage for names that cannot be, Failure where the server does not answer."""
    limits = plan.settings.limits
    with _errors(), _client(uri, limits) as client:
        collection: Documents = client[database][name]
        if plan.kind == "count":
            return collection.count_documents(plan.filter, collation={"locale": "simple"}, maxTimeMS=limits.call_timeout_ms)
        if plan.pipeline is not None:
            return [plan.render(row) for row in collection.aggregate(plan.pipeline, **plan.aggregate_args())]
        return [plan.render(document) for document in collection.find(**plan.find_args())]


@contextmanager
def store_on(uri: str, database: str, collections: dict[str, str], settings: cq.Settings) -> Iterator[cq.MongoStore]:
    """A store on the server. Raises Usage and Failure as :func:`run_on`, also for what happens within the block."""
    with _errors(), _client(uri, settings.limits) as client:
        yield cq.MongoStore(client[database], settings=settings, collections=collections)


def index_stamps(engine: cq.Engine, schema: cq.ClassSchema) -> bool:
    """Make the index by which an import finds what is stored already; False where the server does not let us."""
    try:
        engine.store.create_indexes(schema, [index for index in engine.indexes(schema.name) if index.partial])  # type: ignore[attr-defined]
    except OperationFailure as error:
        if error.code not in NO_INDEX:
            raise
        return False
    return True


def _client(uri: str, limits: cq.Limits) -> MongoClient[dict[str, Any]]:
    try:
        # Dates as they are stored, whatever the URI asks for; a year that Python cannot hold is no error.
        return MongoClient(
            uri, serverSelectionTimeoutMS=limits.server_selection_timeout_ms, tz_aware=False, datetime_conversion="DATETIME_AUTO"
        )
    except (ConfigurationError, ValueError, TypeError):
        raise Usage("--mongodb is no URI of MongoDB, such as mongodb://localhost:27017") from None


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except InvalidName:
        raise Usage("--database or --collection is no name that MongoDB takes") from None
    except PyMongoError as error:
        raise Failure(_reason(error)) from None
    except cq.RequestError as error:
        if error.status < 500:
            raise
        driver = _driver_error(error)
        raise Failure(error.faults[0].text if driver is None else _reason(driver)) from None


def _driver_error(error: BaseException | None) -> PyMongoError | None:
    """What the driver raised, below the store's refusals."""
    while error is not None and not isinstance(error, PyMongoError):
        error = error.__cause__
    return error


def _reason(error: PyMongoError) -> str:
    if isinstance(error, ExecutionTimeout):
        return "the database did not answer in time"
    if isinstance(error, OperationFailure):
        return REFUSALS.get(error.code or 0, "the database refused the request")
    return "the database cannot be reached" if isinstance(error, ConnectionFailure) else "the database cannot be asked"
