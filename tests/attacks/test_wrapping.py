"""What is refused plainly is refused in every position: each refused name of the catalogue, in every place a name can stand."""

from __future__ import annotations

from urllib.parse import quote

import pytest

import cubequery as cq
from cubequery.testing.carriers import as_json
from tests.attacks import carriers
from tests.attacks.fixture import ACCOUNT, ATTACKER, CLASSES, HIDDEN
from tests.attacks.table import rows

FIELDS = {name for schema in CLASSES.values() for name in schema.fields}
SAID = {key for sent in rows() if sent.answer not in ("ignored", "nothing") for _, code, key in sent.faults if code == "unknown_field"}
MORE = {
    "$natural", "$$ROOT", "$$NOW", "$_read", "_read.0", "_acl.read.access", "_id.x", "user_id.x", "updated_at.", "$set", "$each", "$[]",
    "$[x]", "0", "-1", "length", "__init__", "__dict__", "constructor", "prototype", "toString", "compile", "decide", "stored", "_texts",
    "a;b", "age;1", "age,_read", "age:1", "{}", "*", "_read\u200b", "_Read", "_read\u0301", "ｐermissions", "\u202e_read", "amt",
    "address.city", "s3cret", "null", "true", "1=1",
}  # fmt: skip
NAMES = sorted(
    {*HIDDEN, *SAID, *MORE} - {"or", "page", "sort_asc", "sort_desc", "group_by", "output"} - FIELDS - {key for key in SAID if "[" in key}
)
"""Refused as a name of class `account`; `or` is a name in one place and an operator in another, so it is not among them."""

SEARCHES = [
    "{n}=1", "{n}[eq]=1", "{n}[]=1", "{n}[in]=1,2", "{n}[ctn]=x", "{n}[near]=1,2;3", "{n}[or]=1&age[or]=1",
    "age[or]=1&{n}[or]=1&kind[or]=x", "{n}.x=1", "{n}[x]=1", "{n}[x][eq]=1", "age[{n}]=1", "tags[{n}]=1", "age[eq][{n}]=1",
    "address[{n}]=1", "address[{n}][eq]=1", "address[city][{n}]=1", "odd[ne][{n}]=1",
]  # fmt: skip
LISTS = [
    "sort_asc={v}", "sort_desc[]={v}", "sort_asc=age,{v}", "sort_asc=address[{v}]", "group_by={v}&age[calc]=sum",
    "{n}[calc]=sum&group_by=age", "age[calc]={v}&group_by=active", "age[calc]=sum&group_by=address[{v}]",
    "age[calc]=sum&group_by=age&sort_asc={v}", "output[include]={v}", "output[exclude][]={v}", "output[include]=age,{v}",
    "output[include]=address[{v}]", "output[{n}]=age", "sort_asc[{n}]=1", "limit[{n}]=1", "count=1&{n}=1", "limit=1&skip=0&{n}[ne]=1",
    "{n}=1&_id[or]=650000000000000000000001",
]  # fmt: skip
WRITES = [
    "{n}=1", "{n}[]=1", "{n}[0]=1", "{n}[x]=1", "age[{n}]=1", "tags[{n}]=x", "address[{n}]=x", "address[city][{n}]=x", "{n}=null",
    "spot[{n}]=1", "odd[{n}]=1", "permissions[{n}][access]=open", "permissions[read][{n}]=open",
]  # fmt: skip
CHANGES = [
    "inc[{n}]=1", "push[{n}]=x", "push[{n}][]=x", "add_to_set[{n}]=x", "pull[{n}]=x", "pull[{n}][gt]=1", "pull[tags][{n}]=x",
    "pull_all[{n}][]=x", "pull_with_filter[{n}][eq]=x", "pull_with_filter[scores][{n}]=1", "pop[{n}]=1", "update_by_index[{n}][0]=x",
    "update_by_index[tags][{n}]=x", "inc[age][{n}]=1", "push[address][{n}]=x", "inc[address][{n}]=1", "push[tags][{n}]=x",
    "address[tags][{n}]=x", "{n}[age]=1",
]  # fmt: skip
POSITIONS = [
    *((place, text) for text in SEARCHES for place in ("list", "criteria", "delete")), *(("list", text) for text in LISTS),
    *((place, text) for text in WRITES for place in ("update", "bulk", "create", "created", "updated")),
    *((place, text) for text in CHANGES for place in ("update", "bulk", "updated")),
]  # fmt: skip
LEGAL = {("tags[{n}]=x", "0"), ("update_by_index[tags][{n}]=x", "0"), ("address[tags][{n}]=x", "0")}
"""A place in an array: the one name among them that means something, in these positions of an update."""


def refusal(carrier: str, text: str, place: str) -> cq.RequestError | None:
    request = carriers.wrapped_text(text, place)
    if carrier == "J":
        body = as_json(text)
        if body is None:
            return None
        request = carriers.wrapped_json(body, place)  # type: ignore[assignment]  # a body, not a text
    with pytest.raises(cq.RequestError) as caught:
        carriers.send(carrier, request, ACCOUNT, place)
    return caught.value


@pytest.mark.parametrize(("place", "text"), POSITIONS)
def test_no_position_accepts_a_refused_name(place: str, text: str) -> None:
    sent = 0
    for name in NAMES:
        if (text, name) in LEGAL and place not in ("create", "created"):
            continue
        request = text.format(n=quote(name, safe=""), v=quote(name.replace(",", "%2C"), safe=""))
        for carrier in "QFJ":
            error = refusal(carrier, request, place)
            if error is not None:
                sent += 1
                assert error.status in (400, 422), (carrier, request)
                assert not any(f'Did you mean "{hidden}' in fault.text for fault in error.faults for hidden in (*HIDDEN, "permissions"))
    assert sent > 2.5 * (len(NAMES) - 1)


def test_the_list_of_names_is_worth_its_while() -> None:
    assert len(NAMES) > 80
    assert {*HIDDEN, "$where", "＄where", "__proto__", "_connector", "_READ", "_read ", "permissions.read.access", "amt"} <= set(NAMES)
    assert not set(NAMES) & set(ACCOUNT.names())


@pytest.mark.parametrize("name", [*HIDDEN, "permissions", "$where", "_read.0", "permissions.read.access", "amt", "address.city"])
def test_nor_beside_rights_of_any_kind(name: str) -> None:
    """Admin is refused as everybody is, and so is the owner."""
    for actor in (cq.ADMIN, ATTACKER, cq.Actor(47592)):
        for body in ({name: "x"}, {name: {"read": {"access": "open"}}}, {"push": {name: ["*"]}}, {"age": 1, name: None}):
            if name == "permissions" and body == {name: {"read": {"access": "open"}}}:
                continue
            with pytest.raises(cq.RequestError) as caught:
                cq.translate_update(body, ACCOUNT, actor=actor)
            assert caught.value.status == 422
        for text in (f"{name}=1", f"sort_asc={name}", f"output[include]={name}"):
            with pytest.raises(cq.RequestError):
                cq.translate(text, ACCOUNT, actor=actor)
