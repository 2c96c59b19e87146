"""Agreement with the plain model: sound engines pass, one that forgets something fails with a history that is short and runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pymongo.database import Database

import cubequery as cq
from cubequery.testing import assert_agrees_with_model, check_agrees_with_model
from tests.support.mongod import Document

NOTE = cq.ClassSchema(
    "Note",
    {
        "text": cq.String(required=True),
        "size": cq.Integer(maximum=100),
        "tags": cq.Array,
        "place": cq.Object({"city": cq.String}),
    },
    permissions={"delete": {"access": "owner", "primary": True}},
)
DONE = cq.ClassSchema("Done", {"at": cq.Date, "done": cq.Boolean, "part": cq.Float}, parents=["Note"])
CLASSES = [NOTE, DONE]


@pytest.mark.parametrize("engine", [cq.Engine, cq.AsyncEngine])
def test_a_sound_engine_agrees(engine: Any) -> None:
    store: Any = cq.MemoryStore if engine is cq.Engine else cq.AsyncMemoryStore
    followed = assert_agrees_with_model(engine, CLASSES, store_factory=store, examples=12)
    assert followed.histories == 12
    assert followed.answered > 100
    assert len(followed.requests) >= 8


def test_one_over_a_server_agrees(database: Database[Document]) -> None:
    assert_agrees_with_model(cq.Engine, CLASSES, store_factory=lambda: cq.MongoStore(database), examples=3, length=15)


@pytest.mark.slow
def test_many_histories_agree() -> None:
    assert_agrees_with_model(cq.Engine, CLASSES, examples=1_500)


class Forgetful(cq.Engine):
    """An engine that deletes without looking at the right."""

    def delete(self, name: str, id: Any, actor: cq.Actor, *rest: Any, **named: Any) -> Any:
        return super().delete(name, id, cq.ADMIN if actor.user_id else actor, *rest, **named)


def test_what_an_engine_does_otherwise_is_told_as_a_test() -> None:
    with pytest.raises(AssertionError) as failed:
        assert_agrees_with_model(Forgetful, CLASSES)
    told = str(failed.value)
    assert told.startswith("\nTHE ENGINE DISAGREES WITH THE MODEL: Step(")
    assert "from tests.testing.test_modelled import Forgetful" in told
    assert told.count("        Step(") <= 6
    written: dict[str, Any] = {}
    exec(told.partition("As a test:\n")[2].rpartition("(seed")[0], written)
    with pytest.raises(AssertionError, match="model:"):
        written["test_the_engine_agrees_with_the_model"]()


def test_a_run_that_tests_nothing_fails() -> None:
    with pytest.raises(AssertionError, match="DID NOT TEST"):
        assert_agrees_with_model(cq.Engine, CLASSES, actors=[cq.ANONYMOUS], examples=3)


def test_what_the_model_leaves_out_is_said() -> None:
    owned = cq.ClassSchema("Own", {"who": cq.Integer}, acl={"owner": "who"}, id_type="String")
    with pytest.raises(ValueError, match="owner fields; Own: the model knows ids of type ObjectId only"):
        assert_agrees_with_model(cq.Engine, [owned])


def test_no_steps_agree() -> None:
    check_agrees_with_model(partial(cq.Engine), CLASSES, [])
