"""Every limit accepts n and refuses n + 1, in each spelling: small ones and the defaults."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

import cubequery as cq
from cubequery.limits import DEFAULT
from tests.attacks.covered import covers
from tests.support.bounds import BOUNDS, FIELDS, ITEM, LARGE, ROOMY, Bound


def sized(bound: Bound, value: int) -> cq.Settings:
    # Limits of another kind stay out of the way, whatever the size that is looked at.
    roomy = {
        name: size
        for name, size in {**ROOMY, "max_names": 10_000, "max_name_bytes": 100_000, **dict(bound.others)}.items()
        if name != bound.setting
    }
    return cq.Settings(limits=cq.Limits(**{**roomy, bound.setting: value}))


def parse(bound: Bound, request: Any, settings: cq.Settings) -> Any:
    query, form, body = "", "", None
    if bound.spelling == "query":
        query = request
    elif bound.spelling == "form":
        form = request
    elif bound.spelling == "halves":
        pairs = request.split("&")
        query, form = "&".join(pairs[: len(pairs) // 2]), "&".join(pairs[len(pairs) // 2 :])
    elif bound.spelling == "json text":
        body = cq.read_json(request, settings.limits)
    else:
        body = cq.read_json(json.dumps(request), dataclasses.replace(settings.limits, max_body_bytes=10**9))
    return cq.parse(query, bound.schema, form=form, json=body, place=bound.place, settings=settings)


@covers(112, 113, 119)
@pytest.mark.parametrize(
    ("bound", "default"),
    [
        pytest.param(bound, default, id=f"{bound.id} {default}")
        for bound in BOUNDS
        for default in (False, True)
        if not (default and bound.only_small)
    ],
)
def test_each_limit_accepts_n_and_refuses_one_more(bound: Bound, default: bool) -> None:
    value = getattr(DEFAULT, bound.setting) if default else bound.small
    settings = sized(bound, value)
    parse(bound, bound.request(value), settings)
    beyond = bound.request(value + 1)
    with pytest.raises(cq.RequestError) as caught:
        parse(bound, beyond, settings)
    first = caught.value.faults[0]
    assert f"{first.status} {first.code} {first.key}" == bound.answer
    assert len({(fault.code, fault.key) for fault in caught.value.faults}) == 1


ELSEWHERE = {
    "max_object_depth": "the schema refuses: test_objects_one_in_another",
    "max_name_bytes": "test_length_of_a_name",
    "max_path_parts": "test_parts_of_a_name_and_levels_of_a_body",
    "max_json_depth": "test_parts_of_a_name_and_levels_of_a_body",
    "default_limit": "pages are cut, not refused: test_pages",
    "max_limit": "pages are cut, not refused: test_pages",
    "max_actor_groups": "the actor is refused when made: test_actors.py",
    "max_faults": "answers are cut, not refused: attacks/test_answers.py",
    "name_cache": "memory, refuses nothing: attacks/test_answers.py",
    "call_timeout_ms": "goes with every call: attacks/test_answers.py",
    "plan_cache": "memory, refuses nothing: test_fast_path.py",
    "max_ids": "ids in a path are the engine's",
    "max_related": "related records are the engine's",
    "max_relations": "relations are another dialect's",
    "max_operation_id": "operation ids are the engine's",
    "max_record_bytes": "the record as it would be stored is the engine's",
    "max_scans": "a warning of explain, refuses nothing",
    "max_file_bytes": "engine/test_files.py",
    "max_file_name_bytes": "engine/test_files.py",
    "max_parts": "server/test_files.py",
    "max_part_bytes": "server/test_files.py",
    "database_time_ms": "a time: engine/test_transactions.py",
    "server_selection_timeout_ms": "a time, of clients that the command line makes: test_demo.py",
    "write_batch": "what is above it is written batch by batch: engine/test_mongo_store.py",
}


def test_every_setting_is_looked_at() -> None:
    settings = {item.name for item in dataclasses.fields(cq.Limits)}
    assert {bound.setting for bound in BOUNDS} | set(ELSEWHERE) >= settings
    assert not {bound.setting for bound in BOUNDS} & set(ELSEWHERE)


def test_no_limit_is_unlimited() -> None:
    for item in dataclasses.fields(cq.Limits):
        odd: Any
        for odd in (0, -1, None, True, 1.5, "5", float("inf")):
            with pytest.raises(cq.DefinitionError):
                cq.Limits(**{item.name: odd})


def refusal(query: Any, schema: cq.ClassSchema = ITEM, **given: Any) -> str:
    """Status, code and key of the first fault."""
    with pytest.raises(cq.RequestError) as caught:
        cq.parse(query, schema, **given)
    return f"{caught.value.status} {caught.value.code} {caught.value.key}"


@covers(113)
def test_length_of_a_name() -> None:
    """Raw bytes, brackets and escapes included; in JSON as it would be spelled with brackets."""
    for size in (9, DEFAULT.max_name_bytes):
        settings = cq.Settings(limits=cq.Limits(max_name_bytes=size, max_query_bytes=100_000))
        exact, beyond = (cq.ClassSchema("c", {"x" * length: cq.Integer}) for length in (size, size + 1))
        for place in ("list", "update"):
            for request in ({"form": "{}=1"}, {}):
                name = "x" * size
                cq.parse("" if request else f"{name}=1", exact, form=f"{name}=1" if request else "", place=place, settings=settings)
                given: dict[str, Any] = {"form": f"{name}x=1"} if request else {}
                assert refusal("" if request else f"{name}x=1", beyond, place=place, settings=settings, **given) == LARGE
            cq.parse({"x" * size: 1}, exact, place=place, settings=settings)
            assert refusal({"x" * (size + 1): 1}, beyond, place=place, settings=settings) == LARGE
    small = cq.Settings(limits=cq.Limits(max_name_bytes=13))
    cq.parse("address[city]=x&%61%62=x", cq.ClassSchema("c", {**FIELDS, "ab": cq.String}), settings=small)
    cq.parse({"address": {"city": "x"}}, ITEM, settings=small)
    assert refusal("address%5Bcity]=x", settings=small) == LARGE
    assert refusal("address[city][eq]=x", settings=small) == LARGE
    assert refusal({"address": {"city": {"eq": "x"}}}, settings=small) == LARGE
    assert refusal({"é" * 7: 1}, settings=small) == LARGE
    assert refusal("x" * 1_000_000, settings=cq.Settings(limits=cq.Limits(max_query_bytes=2_000_000))) == LARGE
    assert refusal({"x" * 1_000_000: 1}) == refusal({"address": {"x" * 1_000_000: 1}}) == LARGE


@covers(111)
def test_parts_of_a_name_and_levels_of_a_body() -> None:
    def nested(depth: int) -> Any:
        body: Any = 1
        for _ in range(depth):
            body = {"a": body}
        return body

    for most, settings in ((2, cq.Settings(limits=cq.Limits(max_path_parts=2, max_json_depth=2))), (10, cq.Settings())):
        for place in ("list", "update", "by_criteria", "create"):
            for depth in (most, most + 1, 1_000):
                answer = "422 unknown_field a" if depth == most else LARGE
                wide = cq.Settings(limits=dataclasses.replace(settings.limits, max_name_bytes=100_000, max_query_bytes=100_000))
                text = "a" + "[a]" * (depth - 1) + "=1"
                assert refusal(text, place=place, settings=wide) == answer
                assert refusal("", form=text, place=place, settings=wide) == answer
                assert refusal(nested(depth), place=place, settings=wide) == answer
    two = cq.Settings(limits=cq.Limits(max_path_parts=2, max_json_depth=2))
    cq.parse("tags[]=a&n[gt]=1", ITEM, settings=two)
    cq.parse({"tags": ["a"], "n": {"gt": 1}}, ITEM, settings=two)
    assert refusal("n[in][]=1", settings=two) == LARGE  # the closing [] is a part
    assert refusal({"n": {"in": [1]}}, settings=two) == LARGE
    assert refusal({"tags": [["a"]]}, settings=two) == LARGE
    for text in ('{"a":{"b":{"c":1}}}', '{"a":[[1]]}', '{"a":[{"b":1}]}', "[[[1]]]"):
        with pytest.raises(cq.RequestError) as caught:
            cq.read_json(text, two.limits)
        assert (caught.value.status, caught.value.code, caught.value.key) == (400, "too_large", "base")
    for text in ('{"a":{"b":1}}', '{"a":[1,"[[[[",{}]}'[:0] or '{"a":["[[[["]}', "[[]]", '{"[[[":{"{{{":"}"}}'):
        cq.read_json(text, two.limits)


def test_record_numbers_make_no_names() -> None:
    settings = cq.Settings(limits=cq.Limits(max_names=2, max_pairs=1_000))
    body = {"record": {str(number): {"n": number, "s": "x"} for number in range(100)}}
    assert len(cq.parse(body, ITEM, place="create_many", settings=settings).records) == 100
    text = "&".join(f"record[{number}][n]=1&record[{number}][s]=x" for number in range(100))
    assert len(cq.parse(text, ITEM, place="create_many", settings=settings).records) == 100
    assert refusal({"record": {"1": {"n": 1, "s": "x"}, "2": {"b": True}}}, place="create_many", settings=settings) == LARGE
    hundred = {"record": {str(number): {f"i{name}": 1 for name in range(400)} for number in range(100)}}
    assert len(cq.parse(hundred, ITEM, place="create_many").records) == 100


def test_permission_lists_are_exempt() -> None:
    users = list(range(1, 20_001))
    for place in ("update", "create"):
        tree = cq.parse({"permissions": {"read": {"access": "open_for_users_ids", "ids": users}}}, ITEM, place=place)
        assert len(tree.permissions[0][1].users) == 20_000
        text = "permissions[read][access]=open_for_users_ids&permissions[read][ids]=" + ",".join(map(str, users))
        assert cq.parse("", ITEM, form=text, place=place).permissions == tree.permissions


def test_pages() -> None:
    settings = cq.Settings(limits=cq.Limits(default_limit=3, max_limit=5))
    for text, limit in (("", 3), ("n=1", 3), ("skip=1", 3), ("limit=5", 5), ("limit=6", 5), ("per_page=6&page=2", 5), ("limit=-1", 1)):
        assert cq.parse(text, ITEM, settings=settings).page.limit == limit
    tight = cq.Settings(limits=cq.Limits(default_limit=9, max_limit=5))
    assert {cq.parse(text, ITEM, settings=tight).page.limit for text in ("", "n=1", "skip=1", "sort_asc=n", "count=1")} == {5}


def test_objects_one_in_another() -> None:
    kind: Any = cq.Integer
    for depth in range(1, 7):
        kind = cq.Object({"o": kind})
        if depth <= 4:
            cq.ClassSchema("c", {"o": kind})
        else:
            with pytest.raises(cq.DefinitionError):
                cq.ClassSchema("c", {"o": kind})
