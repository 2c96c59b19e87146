"""What drivers and servers raise, as answers of the API: one table. Their texts are never shown, they hold stored values."""

from __future__ import annotations

import logging
import random
import secrets
from collections.abc import Mapping
from typing import Any

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from cubequery import errors
from cubequery.errors import RequestError
from cubequery.schema import ClassSchema, all_leaves

log = logging.getLogger("cubequery.stores")

FAMILIES = (PyMongoError, BSONError, OverflowError, ValueError, TypeError)
"""What a call of the driver may raise; BSON's errors are no errors of the driver's, and UnicodeEncodeError is a ValueError."""
DUPLICATE = 11000
BAD_VALUE = 2
OUT_OF_TIME = (50, 262)
CURSOR_LOST = 43
REPEATS = 3
LOST, REPEATED = "lost", "repeated"
"""Kinds that are no codes: a connection or the time is gone; the same again is likely to do."""

KINDS: Mapping[int, str] = {
    **dict.fromkeys((6, 7, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436), LOST),
    **dict.fromkeys((112, 251), REPEATED),
    **dict.fromkeys((15, 146, 292, 10334, 17419), "too_big"),
    **dict.fromkeys((121, DUPLICATE), "conflict"),
    CURSOR_LOST: "unavailable",
}
"""What a server's code comes to; any other is ``internal``: a request that should have been refused, or a fault of the installation."""


def code_of(error: Exception) -> int | None:
    """The server's code, of a bulk write its first; None where the server said nothing."""
    if isinstance(error, BulkWriteError):
        found = [*error.details.get("writeErrors", ()), *error.details.get("writeConcernErrors", ())]
        return found[0].get("code") if found else None
    return error.code if isinstance(error, OperationFailure) else None


def kind_of(error: Exception) -> str:
    """The table's word for an error."""
    if isinstance(error, DocumentTooLarge):
        return "too_big"
    if isinstance(error, ServerSelectionTimeoutError | WaitQueueTimeoutError):
        return "unavailable"  # nothing was sent: where a retry fails so, the driver raises the first error
    if not isinstance(error, PyMongoError):
        return "internal"
    if is_transient(error):
        return LOST if isinstance(error, BulkWriteError) and error.details.get("nInserted") else REPEATED
    if isinstance(error, WriteConcernError) or _is_unconfirmed(error):
        return LOST
    if isinstance(error, BulkWriteError) and code_of(error) == BAD_VALUE:
        return "too_big"  # of an insert: nothing else of a record is a bad value, and what updates in bulk met is looked at apart
    kind = KINDS.get(code_of(error) or 0, "internal")
    return LOST if kind == "internal" and (is_timeout(error) or isinstance(error, ConnectionFailure)) else kind


def is_timeout(error: Exception) -> bool:
    """Whether the time of a call was over, or that in which a server was to be found."""
    return isinstance(error, PyMongoError) and error.timeout


def is_transient(error: Exception) -> bool:
    """Whether the same again is likely to do, since nothing has come of it."""
    return isinstance(error, PyMongoError) and (error.has_error_label("TransientTransactionError") or code_of(error) in (112, 251))


def may_run_again(error: Exception) -> bool:
    """Whether the transaction that met it has left nothing and may be run again as a whole."""
    return is_transient(error) or code_of(error) == CURSOR_LOST


def is_unknown_commit(error: Exception) -> bool:
    """Whether a commit may or may not have been carried out; it may be sent again."""
    return isinstance(error, PyMongoError) and error.has_error_label("UnknownTransactionCommitResult")


def _is_unconfirmed(error: Exception) -> bool:
    """A bulk write that was carried out, but not on enough members."""
    return isinstance(error, BulkWriteError) and bool(error.details.get("writeConcernErrors"))


def pause_before_repeat(error: Exception, attempt: int, *, writes: bool) -> float | None:
    """Seconds to wait before the call is made once more; None where it is not. ``attempt`` counts from 0.

    The driver has repeated by itself what it may. A read that has lost its cursor, its connection or its server starts anew once: the
    driver repeats no next batch.
    """
    kind = kind_of(error)
    partly = isinstance(error, BulkWriteError) and any(error.details.get(name) for name in ("nInserted", "nMatched"))
    if kind == REPEATED and not partly and attempt < REPEATS:
        return jitter(attempt)
    lost = code_of(error) == CURSOR_LOST or (kind == LOST and code_of(error) not in OUT_OF_TIME and not is_timeout(error))
    return 0.0 if lost and not writes and attempt == 0 else None


def jitter(attempt: int) -> float:
    """Seconds before another try, so that two that met do not meet again."""
    return random.uniform(0.005, 0.015) * 2.0**attempt


def refusal(error: Exception, schema: ClassSchema | None, *, writes: bool) -> RequestError:
    """The answer to what went wrong; its cause is the error, and the log names it under an opaque id."""
    kind = kind_of(error)
    if kind == LOST:
        kind = "outcome_unknown" if writes else "unavailable"
    elif kind == REPEATED:
        kind = "unavailable"
    if kind == "conflict":
        fault = errors.conflict(_field(error, schema), "a record that exists" if code_of(error) == DUPLICATE else "the rules of the server")
    else:
        fault = errors.plain(kind)
    if fault.status >= 500:
        _report(error, fault.code)
    answer = RequestError([fault])
    answer.__cause__ = error
    return answer


def _report(error: Exception, code: str) -> None:
    """Into the log goes what kind of error it was, never its text."""
    level = logging.ERROR if code == "internal" else logging.WARNING
    log.log(level, "%s: %s, code %s [%s]", code, type(error).__name__, code_of(error), secrets.token_hex(8))


def pattern_of(error: Mapping[str, Any] | None) -> list[str]:
    """Stored paths of the index that holds the value already; of a store that does not say, ``_id``."""
    return list((error or {}).get("keyPattern") or ["_id"])


def _field(error: Exception, schema: ClassSchema | None) -> str:
    """The public name to answer a duplicate under: of the index's first declared field, else ``base``."""
    details = error.details if isinstance(error, OperationFailure) else None
    if isinstance(error, BulkWriteError):
        details = next(iter(error.details.get("writeErrors", ())), None)
    if schema is None or code_of(error) != DUPLICATE or not details:
        return "base"
    names = {leaf.path: field.name for field in schema.fields.values() for leaf in all_leaves(field)}
    return next((names[path] for path in pattern_of(details) if path in names), "base")
