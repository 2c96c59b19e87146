"""The servers that judge the rest, a replica set with transactions and one alone: one database a run, one collection a test."""

from __future__ import annotations

import os

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from tests.support.mongod import Document, own_name


@pytest.fixture
def replica_set(mongo_client: MongoClient[Document]) -> str:
    """The name of the set; a server from MONGODB_URI may stand alone."""
    name: str | None = mongo_client.admin.command("hello").get("setName")
    if name is None:
        pytest.skip("the server of MONGODB_URI is no replica set: transactions were not tested")
    return name


def test_the_standalone_server_has_no_transactions(standalone_client: MongoClient[Document]) -> None:
    hello = standalone_client.admin.command("hello")
    assert hello["isWritablePrimary"]
    assert "setName" not in hello
    with standalone_client.start_session() as session:
        session.start_transaction()
        with pytest.raises(OperationFailure) as refused:
            standalone_client[own_name()]["none"].insert_one({}, session=session)
        assert refused.value.code == 20
        session.abort_transaction()


def test_server_is_the_writable_primary_of_a_replica_set(mongo_client: MongoClient[Document], replica_set: str) -> None:
    hello = mongo_client.admin.command("hello")
    assert hello["isWritablePrimary"]
    assert hello["setName"] == replica_set


def test_what_is_inserted_is_found(collection: Collection[Document]) -> None:
    collection.insert_one({"_id": 1, "age": 28})
    assert list(collection.find({"age": {"$gte": 28}})) == [{"_id": 1, "age": 28}]


def test_aborted_transaction_leaves_nothing(collection: Collection[Document], replica_set: str) -> None:
    with collection.database.client.start_session() as session, session.start_transaction():
        collection.insert_one({"_id": 1}, session=session)
        session.abort_transaction()
    assert collection.count_documents({}) == 0


def test_committed_transaction_stays(collection: Collection[Document], replica_set: str) -> None:
    with collection.database.client.start_session() as session, session.start_transaction():
        collection.insert_one({"_id": 1}, session=session)
    assert collection.count_documents({}) == 1


@pytest.mark.parametrize("again", range(2))
def test_each_test_has_an_empty_collection(collection: Collection[Document], again: int) -> None:
    assert collection.count_documents({}) == 0
    collection.insert_one({"_id": 1})


def test_database_belongs_to_this_run(database: Database[Document]) -> None:
    assert database.name.startswith(f"cubequery_test_{os.getpid()}_")


@pytest.mark.skipif("MONGODB_URI" in os.environ, reason="a foreign server need not allow fail points")
def test_faults_can_be_had_on_demand(mongo_client: MongoClient[Document], collection: Collection[Document]) -> None:
    fault = {"failCommands": ["insert"], "errorCode": 11601}
    mongo_client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": fault})
    with pytest.raises(OperationFailure) as caught:
        collection.insert_one({"_id": 1})
    assert caught.value.code == 11601
    collection.insert_one({"_id": 1})
