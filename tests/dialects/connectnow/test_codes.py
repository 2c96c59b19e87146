"""The library's own codes are kept on the error of the dialect, whose bodies have no place for them."""

from __future__ import annotations

import pytest

import cubequery as cq
from cubequery.dialects.connectnow import ConnectNowError, received
from cubequery.limits import DEFAULT
from tests.dialects.connectnow.service import ANN, SERVICE

LISTS = [
    ("befor=1", "befor", "unknown_field"),
    ("before=tomorrow", "before", "wrong_type"), ("before=@99999999999999", "before", "out_of_range"),
    ("per_page=x", "per_page", "wrong_type"), ("per_page=250", "per_page", "out_of_range"), ("per_page=-1", "per_page", "out_of_range"),
    ("with=users", "with", "wrong_type"), ("with[]=nope", "with.0", "choice"), ("withCount[x]=users", "withCount.x", "choice"),
    ("scopes[]=nope", "scopes.0", "choice"), ("status=none", "status", "choice"), ("status[]=open", "status", "wrong_type"),
    ("company_ids=1", "company_ids", "wrong_type"), ("company_ids[]=x", "company_ids", "wrong_type"),
]  # fmt: skip
BODIES = [
    ("{}", "name", "missing"), ('{"name":"longer"}', "name", "too_big"), ('{"name":"a","status":"x"}', "status", "choice"),
    ('{"name":"a","size":0}', "size", "out_of_range"), ('{"name":"a","part":"x"}', "part", "wrong_type"),
    ('{"name":"a","zzz":1}', "zzz", "unknown_field"), ('{"name":"a","address":{"town":1}}', "address.town", "unknown_field"),
]  # fmt: skip


def told(error: ConnectNowError | None) -> list[tuple[str, str, int]]:
    assert error is not None
    assert list(error.errors) == [fault.key for fault in error.faults]
    return [(fault.key, fault.code, error.status) for fault in error.faults]


@pytest.mark.parametrize(("query", "name", "code"), LISTS)
def test_of_parameters(query: str, name: str, code: str) -> None:
    with pytest.raises(ConnectNowError) as refused:
        SERVICE.list("companies", received(query, limits=DEFAULT)[0], ANN)
    assert told(refused.value) == [(name, code, 422)]
    assert refused.value.code == code


@pytest.mark.parametrize(("body", "name", "code"), BODIES)
def test_of_bodies(body: str, name: str, code: str) -> None:
    written = SERVICE.body("companies", "create", received("", body, json=True, limits=DEFAULT)[1], ANN)
    assert told(written.refusal) == [(name, code, 422)]


def test_of_a_body_that_cannot_be_read() -> None:
    with pytest.raises(ConnectNowError) as refused:
        received("", '{"a":', json=True, limits=DEFAULT)
    assert told(refused.value) == [("body", "malformed", 422)]


def test_an_id_that_lacks_is_named_as_the_dialect_names_it() -> None:
    engine = cq.Engine(cq.MemoryStore(), [cq.ClassSchema("Thing", {"name": cq.String}, id_type="Integer")])
    with pytest.raises(cq.RequestError) as refused:
        engine.create("Thing", {"name": "a"}, ANN)
    assert SERVICE.answer(refused.value)[1]["errors"] == {"id": ["The id field is required."]}
