"""What drivers and servers raise, one by one: the code of the answer, and nothing of their texts in it."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from bson.errors import InvalidBSON, InvalidDocument, InvalidId
from pymongo import errors as mongo

import cubequery as cq
from cubequery.stores.commands import Modify
from cubequery.stores.faults import kind_of, pause_before_repeat, refusal
from cubequery.stores.home import commit_again, try_again

PET = cq.ClassSchema("pet", {"name": cq.String(stored="n"), "home": cq.Object({"city": cq.String})})
SECRET = "E11000 the text of the server holds a value: Rosebud"


def failed(code: int, **details: Any) -> mongo.OperationFailure:
    return mongo.OperationFailure(SECRET, code, {"code": code, "errmsg": SECRET, **details})


def duplicate(**pattern: int) -> mongo.DuplicateKeyError:
    return mongo.DuplicateKeyError(SECRET, 11000, {"code": 11000, "keyPattern": pattern, "keyValue": {"n": SECRET}})


def labelled(error: mongo.PyMongoError, label: str) -> mongo.PyMongoError:
    error._add_error_label(label)
    return error


LOST = ("unavailable", "outcome_unknown")
TABLE: list[tuple[Exception, tuple[str, str]]] = [
    *((failed(code), LOST) for code in (6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436)),
    *((failed(code), ("internal", "internal")) for code in (2, 9, 14, 28, 40, 52, 56, 66, 241, 291, 13103, 15958, 16755, 18537)),
    *((failed(code), ("internal", "internal")) for code in (31249, 31254, 51091, 51108, 5626500)),
    *((failed(code), ("internal", "internal")) for code in (13, 18, 20, 26, 67, 171, 8000, 123456)),
    *((failed(code), ("too_big", "too_big")) for code in (15, 146, 292, 10334, 17419)),
    *((failed(code), ("unavailable", "unavailable")) for code in (43, 112, 251)),
    (failed(121), ("conflict", "conflict")),
    (mongo.AutoReconnect(SECRET), LOST),
    (mongo.NotPrimaryError(SECRET), LOST),
    (mongo.NetworkTimeout(SECRET), LOST),
    (mongo.ExecutionTimeout(SECRET, 50), LOST),
    (mongo.WTimeoutError(SECRET, 64), LOST),
    (mongo.WriteConcernError(SECRET, 100), LOST),
    (mongo.BulkWriteError({"writeErrors": [], "writeConcernErrors": [{"code": 64}]}), LOST),
    (mongo.BulkWriteError({"writeErrors": [{"code": 112, "index": 1}], "nInserted": 1}), LOST),
    (mongo.BulkWriteError({"writeErrors": [{"code": 112, "index": 0}], "nInserted": 0}), ("unavailable", "unavailable")),
    (mongo.BulkWriteError({"writeErrors": [{"code": 2, "index": 0}], "nInserted": 0}), ("too_big", "too_big")),
    (labelled(mongo.AutoReconnect(SECRET), "TransientTransactionError"), ("unavailable", "unavailable")),
    (mongo.ServerSelectionTimeoutError(SECRET), ("unavailable", "unavailable")),
    (mongo.WaitQueueTimeoutError(SECRET), ("unavailable", "unavailable")),
    (mongo.DocumentTooLarge(SECRET), ("too_big", "too_big")),
    (mongo.ConfigurationError(SECRET), ("internal", "internal")),
    (InvalidDocument(SECRET), ("internal", "internal")),
    (InvalidBSON(SECRET), ("internal", "internal")),
    (InvalidId(SECRET), ("internal", "internal")),
    (OverflowError(SECRET), ("internal", "internal")),
    (UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET), ("internal", "internal")),
    (ValueError(SECRET), ("internal", "internal")),
]


@pytest.mark.parametrize(("error", "codes"), TABLE, ids=lambda each: type(each).__name__ + str(getattr(each, "code", "")))
def test_the_answer_to_an_error(error: Exception, codes: tuple[str, str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [refusal(error, PET, writes=writes) for writes in (False, True)]
    assert tuple(answer.code for answer in answers) == codes
    assert all(answer.__cause__ is error and "Rosebud" not in str(answer.body()) + str(answer) for answer in answers)
    assert "Rosebud" not in caplog.text
    assert len(caplog.records) == sum(answer.status >= 500 for answer in answers)


@pytest.mark.parametrize(
    ("error", "key"),
    [(duplicate(n=1), "name"), (duplicate(app_id=1, n=1), "name"), (duplicate(**{"home.city": 1}), "home"), (duplicate(secret=1), "base")],
)
def test_a_duplicate_is_answered_under_the_public_name(error: Exception, key: str) -> None:
    assert refusal(error, PET, writes=True).body() == {"errors": {key: ["Conflicts with a record that exists"]}, "code": "conflict"}


AGAIN: list[tuple[Exception, bool]] = [
    *((failed(code), True) for code in (6, 7, 43, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436)),
    *((failed(code), False) for code in (2, 13, 18, 50, 146, 262, 292, 11000, 8000)),
    (mongo.AutoReconnect(SECRET), True),
    (mongo.NotPrimaryError(SECRET), True),
    (mongo.NetworkTimeout(SECRET), False),
    (mongo.ExecutionTimeout(SECRET, 50), False),
    (mongo.ServerSelectionTimeoutError(SECRET), False),
    (mongo.WaitQueueTimeoutError(SECRET), False),
    (InvalidBSON(SECRET), False),
]


@pytest.mark.parametrize(("error", "again"), AGAIN, ids=lambda each: type(each).__name__ + str(getattr(each, "code", "")))
def test_a_read_that_is_lost_starts_anew_once_and_a_write_never(error: Exception, again: bool) -> None:
    assert [pause_before_repeat(error, attempt, writes=False) for attempt in range(2)] == [0.0 if again else None, None]
    assert pause_before_repeat(error, 0, writes=True) is None


@pytest.mark.parametrize("writes", [True, False])
def test_a_conflict_is_met_by_three_more_tries(writes: bool) -> None:
    nothing_inserted = mongo.BulkWriteError({"writeErrors": [{"code": 112, "index": 0}], "nInserted": 0})
    for error in (failed(112), failed(251), nothing_inserted):
        waits = [pause_before_repeat(error, attempt, writes=writes) for attempt in range(4)]
        assert all(wait is not None and 0 < wait < 0.1 for wait in waits[:3])
        assert waits[3] is None
    for done in ("nInserted", "nMatched"):
        some_done = mongo.BulkWriteError({"writeErrors": [{"code": 112, "index": 1}], done: 1})
        assert pause_before_repeat(some_done, 0, writes=True) is None


TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (failed(112), True),
        (failed(251), True),
        (failed(43), True),
        (labelled(mongo.AutoReconnect(SECRET), TRANSIENT), True),
        (labelled(mongo.NetworkTimeout(SECRET), TRANSIENT), False),
        (labelled(mongo.ServerSelectionTimeoutError(SECRET), TRANSIENT), False),
        (mongo.AutoReconnect(SECRET), False),
        (failed(50), False),
        (failed(2), False),
    ],
)
def test_when_a_transaction_is_run_again(error: Exception, again: bool) -> None:
    """Where nothing of it was kept and the time of a call was not over; three times."""
    for attempt in range(4):
        if again and attempt < 3:
            try_again(error, attempt)
        else:
            with pytest.raises(cq.RequestError) as refused:
                try_again(error, attempt)
            assert refused.value.code == ("internal" if kind_of(error) == "internal" else "unavailable")


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (labelled(mongo.AutoReconnect(SECRET), UNKNOWN), True),
        (labelled(mongo.NetworkTimeout(SECRET), UNKNOWN), True),
        (labelled(mongo.WriteConcernError(SECRET, 64), UNKNOWN), True),
        (labelled(mongo.ServerSelectionTimeoutError(SECRET), UNKNOWN), False),
        (failed(2), False),
    ],
)
def test_when_a_commit_is_sent_again(error: Exception, again: bool) -> None:
    """Where it may have been carried out or not and there is a server to ask; three times. Then nobody knows."""
    for attempt in range(4):
        if again and attempt < 3:
            commit_again(error, attempt)
        else:
            with pytest.raises(cq.RequestError) as refused:
                commit_again(error, attempt)
            assert refused.value.code == "outcome_unknown"


def test_a_commit_that_has_kept_nothing_begins_the_transaction_anew() -> None:
    for error in (failed(251), labelled(mongo.AutoReconnect(SECRET), TRANSIENT)):
        with pytest.raises(mongo.PyMongoError) as raised:
            commit_again(error, 0)
        assert raised.value is error


def test_a_pair_that_meets_a_foreign_value_is_as_one_that_does_not_match(collection: Any) -> None:
    """The guards keep such a pair from matching; a server that refuses it all the same names one of three codes."""
    store = cq.MongoStore(collection)
    bare: list[dict[str, Any]] = [{"$inc": {"n": 1}}, {"$push": {"n": 1}}, {"$set": {"n.1": 1}}]
    for update in bare:
        collection.insert_one({"_id": 1, "n": "text"})
        change: Any = SimpleNamespace(commands=[({"_id": 1}, update)])
        assert store.execute(Modify(PET, change)) is None
        change.commands.append(({"_id": 1}, {"$set": {"n": 2}}))
        assert store.execute(Modify(PET, change)) == {"_id": 1, "n": 2}
        collection.delete_many({})
