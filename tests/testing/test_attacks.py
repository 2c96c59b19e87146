"""`assert_refuses_attacks`: silent about an engine and a server, and every attack that was answered where a host unpacks too much."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.testing import assert_refuses_attacks
from tests.examples.leaky import CLASSES, sound


def filled() -> cq.MemoryStore:
    store = cq.MemoryStore()
    cq.Engine(store, CLASSES).create("profile", {"full_name": "Ada"}, cq.Actor(1))
    return store


def test_engines_and_servers_refuse() -> None:
    store = filled()
    number = assert_refuses_attacks(cq.Engine(store, CLASSES), classes=CLASSES)
    assert number == assert_refuses_attacks(sound(store, CLASSES), classes=CLASSES) > 500


class Forgiving(cq.Engine):
    """An engine that leaves out what it does not know."""

    def list(self, name: str, query: Any, actor: cq.Actor, **rest: Any) -> dict[str, Any]:
        try:
            return super().list(name, query, actor, **rest)
        except cq.RequestError:
            return super().list(name, "", actor)


class Destructive(cq.Engine):
    """An engine that deletes what it could not read the criteria of."""

    def delete_by_criteria(self, name: str, query: Any, actor: cq.Actor, **rest: Any) -> dict[str, Any]:
        try:
            return super().delete_by_criteria(name, query, actor, **rest)
        except cq.RequestError:
            super().delete_by_criteria(name, "_id[ne]=650000000000000000000001", actor)
            raise


def test_an_answer_is_told() -> None:
    with pytest.raises(AssertionError, match=r"answered with 200: curl -g .*/data/profile\?_acl=x"):
        assert_refuses_attacks(Forgiving(filled(), CLASSES), classes=CLASSES)


def test_a_change_is_told() -> None:
    with pytest.raises(AssertionError, match="the records of profile are not what they were"):
        assert_refuses_attacks(Destructive(filled(), CLASSES), classes=CLASSES)


def test_a_run_that_tests_nothing_says_so() -> None:
    with pytest.raises(AssertionError, match="DID NOT TEST"):
        assert_refuses_attacks(cq.Engine(filled(), CLASSES), classes=[])
