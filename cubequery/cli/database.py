"""A plan run on a MongoDB server. What the driver says is never shown: it may hold addresses, names and values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.errors import ConfigurationError, ConnectionFailure, ExecutionTimeout, InvalidName, OperationFailure, PyMongoError

import cubequery as cq
from cubequery.cli.given import Failure, Usage

PATIENCE_MS = 5_000
REFUSALS = {
    13: "the database does not give these credentials the right to read",
    18: "the database does not know these credentials",
    292: "the order or the groups need more memory than the database gives",
}
Documents = Collection[dict[str, Any]]


def run_on(uri: str, database: str, name: str, plan: cq.Plan) -> list[dict[str, Any]] | int:
    """The plan's answer from the server. Raises Usage for names that cannot be, Failure where the server does not answer."""
    with _errors(), _client(uri) as client:
        collection: Documents = client[database][name]
        if plan.kind == "count":
            return collection.count_documents(plan.filter, collation={"locale": "simple"}, maxTimeMS=plan.settings.limits.call_timeout_ms)
        if plan.pipeline is not None:
            return [plan.render(row) for row in collection.aggregate(plan.pipeline, **plan.aggregate_args())]
        return [plan.render(document) for document in collection.find(**plan.find_args())]


def _client(uri: str) -> MongoClient[dict[str, Any]]:
    try:
        # Dates as they are stored, whatever the URI asks for; a year that Python cannot hold is no error.
        return MongoClient(uri, serverSelectionTimeoutMS=PATIENCE_MS, tz_aware=False, datetime_conversion="DATETIME_AUTO")
    except (ConfigurationError, ValueError, TypeError):
        raise Usage("--mongodb is no URI of MongoDB, such as mongodb://localhost:27017") from None


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except InvalidName:
        raise Usage("--database or --collection is no name that MongoDB takes") from None
    except ExecutionTimeout:
        raise Failure("the database did not answer in time") from None
    except OperationFailure as error:
        raise Failure(REFUSALS.get(error.code or 0, "the database refused the query")) from None
    except ConnectionFailure:
        raise Failure("the database cannot be reached") from None
    except PyMongoError:
        raise Failure("the database cannot be asked") from None
