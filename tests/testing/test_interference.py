"""`assert_no_interference`: silent about sound engines of every kind, and a report of a bug about a leak."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import Any

import pytest

import cubequery as cq
from cubequery.testing import assert_no_interference
from tests.examples.leaky import CLASSES, leaky, sound
from tests.support.worlds import world_class

TEXTS = cq.ClassSchema("texts", {"who": cq.String, "s": cq.String}, acl={"owner": "who"}, id_type="String")
NUMBERED = cq.ClassSchema("numbered", {"n": cq.Integer(minimum=0)}, id_type="Integer")
SHUT = cq.ClassSchema("shut", {"n": cq.Integer}, permissions={"read": {"access": "open_for_groups", "groups": ["staff"], "primary": True}})
BLIND = {
    each: cq.ClassSchema(each, {"n": cq.Integer, "s": cq.String}, acl=acl, permissions=given)
    for each, acl, given in (
        ("class_only", "class", {"read": {"access": "open_for_users_ids", "ids": [3]}, "update": {"access": "open"}}),
        ("blind", "tokens", {"update": {"access": "open", "primary": True}, "delete": {"access": "open", "primary": True}}),
    )
}


@pytest.mark.parametrize(
    "classes", [CLASSES, [world_class("ms", {}), NUMBERED], [SHUT, *BLIND.values()]], ids=["example", "world", "class levels"]
)
def test_sound_engines_pass(classes: list[cq.ClassSchema]) -> None:
    tried = assert_no_interference(cq.Engine, classes=classes, examples=150)
    assert tried.pairs == 150


def test_engines_under_texts_for_user_ids_pass() -> None:
    engine = partial(cq.Engine, settings=cq.Settings(user_id_type="String"))
    assert_no_interference(engine, classes=[TEXTS], user_id_type="String", examples=100)


def test_async_engines_pass() -> None:
    assert_no_interference(cq.AsyncEngine, classes=CLASSES, store_factory=cq.AsyncMemoryStore, examples=60)


def test_a_server_passes() -> None:
    assert_no_interference(sound, classes=CLASSES, examples=100)


def test_a_server_with_a_leak_is_reported_in_less_than_a_minute() -> None:
    start = monotonic()
    with pytest.raises(AssertionError) as failed:
        assert_no_interference(leaky, classes=CLASSES)
    assert monotonic() - start < 60
    report = str(failed.value)
    print(report)
    assert report.lstrip().startswith("A HIDDEN RECORD SHOWS: the answer to request 1 tells of what is hidden")
    assert r"\"total\":1" in report
    assert "curl -g" in report
    assert "/data/" in report


def test_the_reported_test_fails_as_it_stands() -> None:
    """Copied into a file and run: it needs nothing else."""
    with pytest.raises(AssertionError) as failed:
        assert_no_interference(leaky, classes=CLASSES)
    source = str(failed.value).partition("As a test:")[2].rpartition("(seed")[0]
    names: dict[str, Any] = {}
    exec(compile(source, "reported", "exec"), names)
    with pytest.raises(AssertionError, match="tells of what is hidden"):
        names["test_what_is_hidden_changes_nothing"]()


@pytest.mark.parametrize("classes", [[], [cq.ClassSchema("open", {"n": cq.Integer}, acl="class")]], ids=["none", "nothing hidden"])
def test_a_run_that_tests_nothing_says_so(classes: list[cq.ClassSchema]) -> None:
    with pytest.raises(AssertionError, match="DID NOT TEST"):
        assert_no_interference(cq.Engine, classes=classes)
