"""Declarations that are wrong are told of when the dialect is made, all of them at once; none waits for a request."""

from __future__ import annotations

from typing import Any

import pytest

import cubequery as cq
from cubequery.dialects.connectnow import ConnectNow, Endpoint, Filter, WrongMethod

THING = cq.ClassSchema(
    "Thing", {"name": cq.String, "age": cq.Integer}, scopes={"old": "age[gt]=3"},
    relations={"parts": {"kind": "has_many", "class": "Part"}},
)  # fmt: skip
PART = cq.ClassSchema("Part", {"name": cq.String}, parents=["Thing"])


def scoped(criteria: str) -> cq.ClassSchema:
    """A class whose scope no endpoint offers."""
    return cq.ClassSchema("Other", {"age": cq.Integer}, scopes={"s": criteria})


WRONG: list[tuple[Endpoint, str]] = [
    (Endpoint("/things", "Thing"), "path: words"), (Endpoint("things", "Nope"), "there is no class Nope"),
    (Endpoint("things", "Thing", operations=()), "at least one"),
    (Endpoint("things", "Thing", operations=("patch",)), "'patch' is none of"),
    (Endpoint("things", "Thing", scopes=("nope",)), "has no scope nope"), (Endpoint("things", "Thing", scopes=("latest",)), "no listing"),
    (Endpoint("things", "Thing", expansions=("parts.things",)), "class Part has no relation things"),
    (Endpoint("things", "Thing", counts=("parts.x",)), "has no relation parts.x"),
    (Endpoint("things", "Thing", filters=(Filter("a", "equals", "_read"),)), "_read is no field"),
    (Endpoint("things", "Thing", filters=(Filter("page", "equals", "age"),)), "or is taken"),
    (Endpoint("things", "Thing", filters=(Filter("a", "near", "age"),)), "'near' is none of"),
    (Endpoint("things", "Thing", filters=(Filter("a", "text", "age"),)), "text cannot be used on age"),
    (Endpoint("things", "Thing", filters=(Filter("a", "equals", "age", ("1", "many")),)), "no request can give 'many'"),
    (Endpoint("things", "Thing", filters=(Filter("a", "any_of", "age", ("1", "many")),)), "no request can give 'many'"),
]  # fmt: skip


@pytest.mark.parametrize(("endpoint", "text"), WRONG, ids=[text for _, text in WRONG])
def test_what_no_endpoint_may_declare(endpoint: Endpoint, text: str) -> None:
    with pytest.raises(cq.DefinitionError, match=text):
        ConnectNow([THING, PART], [endpoint])


@pytest.mark.parametrize(
    ("criteria", "text"),
    [("nope=1", "Unknown field"), ("_read=x", "Unknown field"), ("age[gt]=x", "Integer"), ("sort_asc=age", "only"), ("count=1", "only")],
)
def test_a_scope_is_read_even_where_no_endpoint_offers_it(criteria: str, text: str) -> None:
    with pytest.raises(cq.DefinitionError, match=f"class Other: scopes: s: .*{text}"):
        ConnectNow([THING, PART, scoped(criteria)], [])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timezone": "Europe/Nowhere"}, "timezone"), ({"per_page_default": 0}, "per_page"), ({"per_page_max": 3}, "per_page"),
        ({"unknown_parameters": "drop"}, "unknown_parameters"), ({"base_url": "api.example.org"}, "base_url"),
        ({"base_url": "https://api.example.org/?a"}, "base_url"),
    ],
)  # fmt: skip
def test_settings_that_are_none(options: dict[str, Any], text: str) -> None:
    with pytest.raises(cq.DefinitionError, match=text):
        ConnectNow([THING, PART], [], **options)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(cq.DefinitionError) as refused:
        ConnectNow(
            [THING, PART, scoped("nope=1")], [Endpoint("a", "Thing", scopes=("x",)), Endpoint("b", "None"), Endpoint("b", "None")],
            base_url="x",
        )  # fmt: skip
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "base_url must be scheme and host, such as https", "class Other", "a", "b", "b",
    ]  # fmt: skip


def test_no_field_may_have_the_name_of_the_token() -> None:
    with pytest.raises(cq.DefinitionError, match="api_token, which is the name of the token"):
        ConnectNow([cq.ClassSchema("Thing", {"api_token": cq.String})], [Endpoint("things", "Thing")])


@pytest.mark.parametrize(
    ("segments", "allow"), [(["api", "things"], ("GET", "HEAD", "POST")), (["api", "things", "1"], ("GET", "HEAD", "PUT", "DELETE"))]
)
def test_methods_stand_in_the_order_of_the_framework(segments: list[str], allow: tuple[str, ...]) -> None:
    with pytest.raises(WrongMethod) as refused:
        ConnectNow([THING, PART], [Endpoint("things", "Thing")]).route("PATCH", segments)
    assert refused.value.allow == allow
    assert refused.value.faults[0].text.endswith(f"Supported methods: {', '.join(allow)}.")
