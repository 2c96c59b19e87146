"""What refusals say and what they cost: names cut and never more than visible ones, values never, faults and memory bounded."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

import cubequery as cq
from cubequery.errors import NAME_SHOWN, STATUS
from cubequery.parse import reader_for, sources
from tests.attacks.covered import covers
from tests.attacks.fixture import ACCOUNT, ATTACKER, HIDDEN, MINE, NOW, PROFILE
from tests.attacks.table import rows

SECRET = "s3cret-VALUE"
VALUES = [
    "age={v}", "rating={v}", "active={v}", "born={v}", "spot={v}", "spot[near]={v}", "_id={v}", "_parent_id={v}", "user_id={v}",
    "age[in]=1,{v}", "limit={v}", "skip={v}", "count={v}", "created_at[gt]={v}", "age[gt]={v}", "scores[]={v}", "full_name={v}%00",
    "age[ctn]={v}%00", "permissions={v}",
]  # fmt: skip
WRITES = [
    "age={v}", "inc[age]={v}", "push[scores]={v}", "pop[tags]={v}", "scores[0]={v}", "permissions[read][access]={v}", "_parent_id={v}",
    "permissions[read][access]=open_for_users_ids&permissions[read][ids]={v}", "kind={v}", "address={v}", "pull[scores][gt]={v}",
]  # fmt: skip


@covers(109, 165)
def test_values_are_never_echoed() -> None:
    for place, texts in (("list", VALUES), ("update", WRITES)):
        for text in texts:
            for value in (SECRET, "<script>alert(1)</script>", "9" * 70, "token=abc"):
                with pytest.raises(cq.RequestError) as caught:
                    cq.parse(text.format(v=value), ACCOUNT if place == "update" else PROFILE, place=place)
                assert value not in json.dumps(caught.value.body())
                assert value not in str(caught.value)


@covers(109, 12)
def test_names_are_cut_and_stay_names() -> None:
    for name in ("<script>alert(1)</script>", "x" * 200, "a\r\nSet-Cookie: x", "\u202e", "é" * 100, "$where", "`" * 70):
        for place in ("list", "update", "create"):
            with pytest.raises(cq.RequestError) as caught:
                cq.parse({name: "1"}, PROFILE, place=place)
            assert [fault.key for fault in caught.value.faults] == [name[:NAME_SHOWN]]
            assert list(caught.value.body()) == ["errors", "code"]
            assert name[: NAME_SHOWN + 1] == name[:NAME_SHOWN] or name[: NAME_SHOWN + 1] not in json.dumps(
                caught.value.body(), ensure_ascii=False
            )
        with pytest.raises(cq.RequestError) as caught:
            cq.parse({"age": {name: "1"}}, PROFILE)
        assert caught.value.key == "age"
        assert name[: NAME_SHOWN + 1] == name[:NAME_SHOWN] or name[: NAME_SHOWN + 1] not in caught.value.faults[0].text


@covers(12, 108)
def test_every_refusal_of_the_tables_is_made_of_documented_codes() -> None:
    documented = {
        *STATUS,
        "unknown_field",
        "unknown_operator",
        "operator_type",
        "wrong_type",
        "choice",
        "out_of_range",
        "not_here",
        "missing",
    }
    documented |= {"conflict", "empty_criteria", "index", "overflow", "too_big", "permissions", "parent", "needs_read", "*"}
    codes = {code for sent in rows() if sent.answer not in ("ignored", "nothing") for _, code, _ in sent.faults}
    assert codes <= documented


@covers(12)
@pytest.mark.parametrize(
    "name", ["_rea", "_reed", "_ac", "acl", "_updat", "_dele", "_o", "permission", "_parent_clas", "__v", "_v1", "agee", "useer_id"]
)
def test_no_suggestion_betrays_a_hidden_name(name: str) -> None:
    visible = set(PROFILE.names())
    for text in (
        f"{name}=1",
        f"sort_asc={name}",
        f"output[include]={name}",
        f"group_by={name}&age[calc]=sum",
        f"{name}[calc]=sum&group_by=age",
    ):
        with pytest.raises(cq.RequestError) as caught:
            cq.parse(text, PROFILE)
        text = caught.value.faults[0].text
        offered = set(text.partition("Known fields: ")[2].split(", "))
        assert offered == visible
        assert not any(f'"{hidden}"' in text for hidden in (*HIDDEN, "permissions"))


@covers(124)
def test_many_faults_are_cut() -> None:
    for names in ([f"{number:03d}" + "x" * 61 for number in range(500)], [f"ag{chr(97 + number % 26)}{number}" for number in range(500)]):
        with pytest.raises(cq.RequestError) as caught:
            cq.parse(dict.fromkeys(names, 1), PROFILE)
        assert len(caught.value.faults) == 100
        assert {fault.code for fault in caught.value.faults} == {"unknown_field"}
    small = cq.Settings(limits=cq.Limits(max_faults=2))
    with pytest.raises(cq.RequestError) as caught:
        cq.parse("a=1&b=1&c=1&d=1", PROFILE, settings=small)
    assert len(caught.value.faults) == 2


@covers(123)
def test_names_remembered_are_bounded_and_errors_are_not() -> None:
    schema = cq.ClassSchema("one", {"age": cq.Integer})
    settings = cq.Settings(limits=cq.Limits(name_cache=32))
    for place in ("list", "update"):
        reader = reader_for(schema, settings, place)
        for number in range(1_000):
            spelled = (
                "".join(
                    f"%{ord(char):02{'xX'[number >> 9 & 1]}}" if number >> bit & 1 else char for bit, char in enumerate("_parent_id"[:9])
                )
                + "d"
            )
            for body in (sources(f"{spelled}=null"), sources(f"x{number}=1"), sources({f"y{number}": 1}), sources(f"age=x{number}")):
                with suppress(cq.RequestError):
                    reader.read(body)
            assert len(reader._texts) <= 32
            assert len(reader._paths) <= 32
        assert not any("x1" in str(name) for name in (*reader._texts, *reader._paths))


@covers(119, 120)
def test_a_large_page_is_cut_and_said() -> None:
    for text, skip, limit in (("limit=1000000", 0, 100), ("per_page=1000", 0, 100), ("page=3&per_page=7", 14, 7), ("limit=-1", 0, 1)):
        plan = cq.translate(text, PROFILE, actor=ATTACKER)
        assert (plan.skip, plan.limit) == (skip, limit)
        assert plan.find_args()["limit"] == limit
    small = cq.Settings(limits=cq.Limits(max_limit=3))
    for text in ("", "limit=9", "age=1"):
        assert cq.translate(text, PROFILE, actor=ATTACKER, settings=small).limit == 3


@covers(121)
def test_every_call_is_bounded() -> None:
    slow = cq.Settings(limits=cq.Limits(call_timeout_ms=7))
    plan = cq.translate("full_name[ctn]=x", PROFILE, actor=cq.ADMIN, settings=slow)
    assert plan.find_args()["max_time_ms"] == plan.aggregate_args()["maxTimeMS"] == 7
    assert plan.find_args()["limit"] == 100


@covers(13)
def test_permissions_are_never_rendered_by_a_plan() -> None:
    for actor in (ATTACKER, cq.ADMIN):
        for text in ("", "limit=-1", "output[include]=age"):
            rendered: Any = cq.translate(text, PROFILE, actor=actor).run([MINE])
            assert not set(rendered[0]) & {*HIDDEN, "permissions"}


@covers(114)
def test_a_body_that_is_refused_leaves_no_trace_of_it() -> None:
    with pytest.raises(cq.RequestError) as caught:
        cq.translate_update({"age": SECRET}, PROFILE, actor=ATTACKER, now=NOW)
    assert caught.value.__cause__ is None
    assert SECRET not in repr(caught.value.faults)
