"""`assert_memory_agrees_with_store`: silent over a real server, and a report of a bug about a store that decides otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery.stores.commands import Command, Count
from cubequery.testing import assert_memory_agrees_with_store
from tests.examples.leaky import CLASSES
from tests.support.mongod import Document
from tests.support.worlds import world_class

NUMBERED = cq.ClassSchema("numbered", {"n": cq.Integer(minimum=0), "at": cq.Date}, id_type="Integer")


@pytest.mark.parametrize("classes", [CLASSES, [world_class("ms", {}), NUMBERED]], ids=["example", "world"])
def test_a_server_agrees(classes: list[cq.ClassSchema], database: Database[Document], mongo_client: MongoClient[Document]) -> None:
    own = mongo_client[f"{database.name}_agreement"]
    try:
        compared = assert_memory_agrees_with_store(classes, lambda: cq.MongoStore(own))
    finally:
        mongo_client.drop_database(own.name)
    print(compared)
    assert compared.stores > 140


def test_an_async_store_agrees() -> None:
    assert_memory_agrees_with_store(CLASSES, cq.AsyncMemoryStore, examples=50)


class CountsOneMore(cq.MemoryStore):
    """A store with a fault."""

    def execute(self, command: Command[Any]) -> Any:
        answer = super().execute(command)
        return answer + 1 if isinstance(command, Count) and answer else answer


def test_a_store_with_a_fault_is_reported() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_memory_agrees_with_store(CLASSES, CountsOneMore)
    report = str(failed.value)
    print(report)
    assert report.lstrip().startswith("MEMORY AND THE STORE DISAGREE: the answer to request 1")
    source = report.partition("As a test:")[2].rpartition("(seed")[0]
    names: dict[str, Any] = {}
    exec(compile(source, "reported", "exec"), names)
    with pytest.raises(AssertionError, match="the answer to request 1"):
        names["test_memory_agrees_with_the_store"]()


def test_a_run_that_tests_nothing_says_so() -> None:
    with pytest.raises(AssertionError, match="DID NOT TEST"):
        assert_memory_agrees_with_store(CLASSES, cq.MemoryStore, examples=0)
