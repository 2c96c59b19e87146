"""Both ends of the library: what a plan or a change comes to in memory, and on a real server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson.json_util import CANONICAL_JSON_OPTIONS, dumps
from pymongo.collection import Collection

import cubequery as cq
from tests.support.mongod import Document


def exact(value: Any) -> str:
    """A text that tells apart what Python calls equal: ``1``, ``1.0`` and ``true``; the order of keys does not count."""
    return dumps(value, json_options=CANONICAL_JSON_OPTIONS, sort_keys=True)


def found(plan: cq.Plan, collection: Collection[Document]) -> Any:
    """What a server answers to a plan: rendered records or groups of the page, or the count."""
    if plan.kind == "count":
        return collection.count_documents(plan.filter, collation={"locale": "simple"})
    if plan.pipeline is not None:
        return [plan.render(row) for row in collection.aggregate(plan.pipeline, **plan.aggregate_args())]
    return [plan.render(document) for document in collection.find(**plan.find_args())]


def sent(change: cq.Change, collection: Collection[Document], document: Document) -> Document | None:
    """The document after the first command that matches it; None, and the document as it was, where none does.

    The collection holds nothing but this document afterwards.
    """
    collection.delete_many({})
    collection.insert_one(document)
    for filter, update in change.commands:
        if collection.update_one(filter, update).matched_count:
            return collection.find_one()
    assert exact(collection.find_one()) == exact(document)
    return None


def fill(collection: Collection[Document], documents: Iterable[Document]) -> Collection[Document]:
    """The collection with exactly these documents."""
    collection.delete_many({})
    given = list(documents)
    if given:
        collection.insert_many(given)
    return collection
