"""Refusals of the largest requests, and the work that reading takes: counted in steps, which double at most when the request does."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import cubequery as cq
from tests.attacks.covered import covers

PACKAGE = str(Path(cq.__file__).parent)
ITEM = cq.ClassSchema(
    "item",
    {
        "s": cq.String, "n": cq.Integer, "f": cq.Float, "b": cq.Boolean, "tags": cq.Array, "nums": cq.Array(cq.Integer), "loc": cq.Location,
        "at": cq.Date, "address": cq.Object({"city": cq.String}), **{f"i{number}": cq.Integer for number in range(800)},
    },
)  # fmt: skip
SMALL = cq.ClassSchema("small", {"n": cq.Integer, "tags": cq.Array})
MANY = 10_000_000
ROOMY = cq.Settings(
    limits=cq.Limits(
        max_query_bytes=MANY, max_body_bytes=MANY, max_pairs=MANY, max_names=MANY, max_name_bytes=MANY, max_list_items=MANY,
        max_conditions=MANY, max_or_conditions=MANY, max_sort_keys=MANY, max_calcs=MANY, max_records=MANY, max_ctn_chars=MANY,
        max_ctn_bytes=MANY, max_scalar_chars=MANY, max_date_chars=MANY, max_id_bytes=MANY, max_faults=MANY,
    )
)  # fmt: skip
"""Limits out of the way: what is linear without them is linear below them."""


def steps(call: Callable[[], Any]) -> int:
    """Lines of the library that run; a refusal counts like an answer, anything else fails."""
    count = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return line

    def enter(frame: FrameType, event: str, argument: Any) -> Any:
        return line(frame, event, argument) if frame.f_code.co_filename.startswith(PACKAGE) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        call()
    except cq.RequestError:
        pass
    finally:
        sys.settrace(before)
    return count


def text(place: str, settings: cq.Settings, request: Callable[[int], str]) -> Callable[[int], Any]:
    return lambda size: cq.parse("", ITEM, form=request(size), place=place, settings=settings)


def body(place: str, settings: cq.Settings, request: Callable[[int], Any]) -> Callable[[int], Any]:
    return lambda size: cq.parse(cq.read_json(json.dumps(request(size)), settings.limits), ITEM, place=place, settings=settings)


def planned(request: Callable[[int], Any]) -> Callable[[int], Any]:
    """A search as a plan: all that is compiled of it, and a matcher."""

    def run(size: int) -> None:
        plan = cq.translate("", ITEM, json=request(size), actor=cq.Actor(1, ["a"]), settings=ROOMY)
        plan.find_args()
        assert plan.pipeline is None or plan.pipeline
        plan.matches({"_id": 1, "_read": ["*"]})

    return run


def changed(request: Callable[[int], Any]) -> Callable[[int], Any]:
    """An update as a change: every command of it."""
    return lambda size: [*cq.translate_update(request(size), ITEM, actor=cq.Actor(1), settings=ROOMY).commands]


def fields(size: int, value: Any = 1) -> dict[str, Any]:
    return {f"i{number}": value for number in range(size)}


SHAPES: dict[str, Callable[[int], Any]] = {
    "list": text("list", ROOMY, lambda n: "n[in]=" + "1," * n),
    "dart list": text("list", ROOMY, lambda n: "n[in]=[" + "1, " * n + "1]"),
    "dart list with a fault": text("list", ROOMY, lambda n: "n[in]=[" + "1, " * n + "x]"),
    "list of faults": text("list", ROOMY, lambda n: "n[in]=" + "x," * n),
    "repeated list": text("list", ROOMY, lambda n: "n[in][]=1&" * n),
    "repeated list with a fault": text("list", ROOMY, lambda n: "n[in][]=1&" * n + "n=x"),
    "one name again and again": text("list", ROOMY, lambda n: "n=1&" * n),
    "many names": text("list", ROOMY, lambda n: "&".join(f"i{number}=1" for number in range(n))),
    "many or members": text("list", ROOMY, lambda n: "&".join(f"i{number}[or]=1" for number in range(n))),
    "an Object unset beside many names": text("list", ROOMY, lambda n: "address=null&" + "&".join(f"i{number}=1" for number in range(n))),
    "empty pairs": text("list", ROOMY, lambda n: "&" * n),
    "damaged pairs": text("list", ROOMY, lambda n: "a[&" * n),
    "damaged escapes": text("list", ROOMY, lambda n: "s=%ff&" * n),
    "long value that ends badly": text("list", ROOMY, lambda n: "s=" + "a" * n + "%ff"),
    "long value of commas that ends badly": text("list", ROOMY, lambda n: "s=" + "a,%2C" * n + "%ff"),
    "long name": text("list", ROOMY, lambda n: "x" * n + "=1"),
    "long value": text("list", ROOMY, lambda n: "s=" + "%C3%A9" * n),
    "long needle": text("list", ROOMY, lambda n: "s[ctn]=" + "." * n),
    "long number": text("list", ROOMY, lambda n: "n=" + "9" * n),
    "long float": text("list", ROOMY, lambda n: "f=" + "9" * n),
    "long date": text("list", ROOMY, lambda n: "at=2019-09-21T21:21:00." + "0" * n),
    "long page": text("list", ROOMY, lambda n: "skip=" + "9" * n),
    "sort names": text("list", ROOMY, lambda n: "sort_asc=" + "n," * n),
    "unknown sort names": text("list", ROOMY, lambda n: "sort_asc=" + "x," * n),
    "output names": text("list", ROOMY, lambda n: "output[include]=" + ",".join(f"i{number}" for number in range(n))),
    "JSON list": body("list", ROOMY, lambda n: {"n": {"in": list(range(n))}}),
    "JSON list of faults": body("list", ROOMY, lambda n: {"n": {"in": ["x"] * n}}),
    "JSON names": body("list", ROOMY, fields),
    "JSON texts in a list": body("list", ROOMY, lambda n: {"s": {"in": ["é"] * n}}),
    "JSON list of lists": body("list", ROOMY, lambda n: {"tags": [[]] * n}),
    "set": body("update", ROOMY, lambda n: {"add_to_set": {"nums": list(range(n))}}),
    "set of one": body("update", ROOMY, lambda n: {"add_to_set": {"nums": [1] * n}}),
    "pulls": body("update", ROOMY, lambda n: {"pull": {"nums": list(range(n))}}),
    "changes": body("update", ROOMY, fields),
    "counters": body("update", ROOMY, lambda n: {"inc": fields(n)}),
    "indexes": text("update", ROOMY, lambda n: "&".join(f"nums[{number}]=1" for number in range(n))),
    "indexes backwards": text("update", ROOMY, lambda n: "&".join(f"nums[{number}]=1" for number in range(n, 0, -1))),
    "users of a level": body(
        "update", ROOMY, lambda n: {"permissions": {"read": {"access": "open_for_users_ids", "ids": list(range(1, n))}}}
    ),
    "records": body("create_many", ROOMY, lambda n: {"record": [{"n": 1}] * n}),
    "updates": body("update_many", ROOMY, lambda n: {"record": {str(number): {"id": "x", "n": 1} for number in range(n)}}),
    "filter of many names": planned(lambda n: fields(n)),
    "filter of many or members": planned(lambda n: fields(n, {"or": [1, 2]})),
    "filter of a list": planned(lambda n: {"n": {"in": list(range(n))}, "nums": {"all": list(range(n))}}),
    "groups": planned(lambda n: {**fields(n, {"calc": "sum"}), "group_by": "n"}),
    "projection": planned(lambda n: {"output": {"include": [f"i{number}" for number in range(n)]}}),
    "commands of many fields": changed(lambda n: fields(n)),
    "commands of counters": changed(lambda n: {"inc": fields(n)}),
    "commands of indexes": changed(lambda n: {"nums": {str(number): 1 for number in range(n)}}),
    "commands of lists": changed(lambda n: {"push": {"nums": list(range(n))}, "pull": {"tags": ["x"] * n}, "address": {"city": "x"}}),
    "commands of rights": changed(
        lambda n: {"permissions": {"read": {"access": "open_for_groups", "groups": [f"g{number}" for number in range(n)]}}, "n": 1}
    ),
    "damaged JSON": lambda n: cq.read_json('{"a":"' + '\\"' * n, ROOMY.limits),
    "deep JSON": lambda n: cq.read_json("[" * n, ROOMY.limits),
    "brackets in a JSON text": lambda n: cq.read_json('{"a":"' + "[" * n + '"}', ROOMY.limits),
}


@covers(18, 111, 112, 113, 114)
@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_no_faster_than_the_request(shape: str) -> None:
    read = SHAPES[shape]
    steps(lambda: read(20))  # what is made once, is made now
    sizes = (100, 200, 400, 800)
    found = [steps(lambda size=size: read(size)) for size in sizes]  # type: ignore[misc]  # bound now
    for one, twice in pairwise(found):
        assert twice <= 2.2 * one + 500, dict(zip(sizes, found, strict=True))


@covers(124)
def test_faults_and_suggestions_are_bounded() -> None:
    """Under the default limits the most faults that one request may have, near to known names and far from them."""
    for name in ("i{}x", "{:03d}" + "x" * 60, "x" * 200 + "{}", "ag{}"):
        names = [name.format(number) for number in range(500)]
        few, all_ = (steps(partial(cq.parse, dict.fromkeys(names[:count], 1), ITEM)) for count in (100, 500))
        assert all_ < 6 * few + 10_000
    assert len(refused(dict.fromkeys((f"x{number}" for number in range(500)), 1)).faults) == 100


def refused(query: Any, **given: Any) -> cq.RequestError:
    with pytest.raises(cq.RequestError) as caught:
        cq.parse(query, ITEM, **given)
    return caught.value


def said(error: cq.RequestError) -> tuple[int, str, str]:
    return error.status, error.code, error.key


@covers(111)
@pytest.mark.parametrize("depth", [11, 1_000, 100_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":', '{"a":['])
def test_deep_bodies(depth: int, opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}[char] for char in reversed(opening) if char in "[{")
    for text in (opening * depth, opening * depth + "1" + closing * depth, '{"n":' + opening * depth + "1" + closing * depth + "}"):
        with pytest.raises(cq.RequestError) as caught:
            cq.read_json(text)
        assert said(caught.value) == (400, "too_large", "base")
        with pytest.raises(cq.RequestError):
            cq.read_json(text.encode())


@covers(111)
@pytest.mark.parametrize("depth", [11, 1_000, 100_000])
@pytest.mark.parametrize("place", ["list", "delete_by_criteria", "by_criteria", "update", "create", "create_many", "update_many"])
def test_deep_bodies_that_somebody_else_decoded(depth: int, place: str) -> None:
    objects: Any = 1
    arrays: Any = []
    for _ in range(depth):
        objects, arrays = {"a": objects}, [arrays]
    names = (
        "a",
        "n",
        "tags",
        "address",
        "search_criteria",
        "record",
        "permissions",
        "push",
        "id",
        "avatar",
        "user_id",
        "sort_asc",
        "limit",
        "output",
    )
    for name in names:
        for deep in (objects, arrays, {"tags": arrays}, {"1": objects}, {"1": {"tags": arrays}}):
            assert said(refused({name: deep}, place=place)) == (400, "too_large", "base")
    assert said(refused(arrays, place=place))[2] == "base"


@covers(111)
@pytest.mark.parametrize("parts", [11, 1_000, 100_000])
def test_long_paths(parts: int) -> None:
    name = "a" + "[b]" * (parts - 1)
    for settings in (cq.Settings(), cq.Settings(limits=cq.Limits(max_query_bytes=MANY, max_name_bytes=MANY))):
        for given in ({"query": f"{name}=1"}, {"query": "", "form": f"{name}=1"}, {"query": "", "form": f"{name}[]=1"}):
            assert said(refused(**given, settings=settings)) == (400, "too_large", "base")


@covers(113)
@pytest.mark.parametrize("pairs", [201, 100_000])
def test_many_pairs(pairs: int) -> None:
    for text in ("a=1&" * pairs, "&" * pairs, "n[in][]=1&" * pairs, "%&" * pairs, "=&" * pairs, "record[1][n]=1&" * pairs):
        for place in ("list", "update", "by_criteria", "create_many"):
            wide = cq.Settings(limits=cq.Limits(max_query_bytes=MANY, max_body_bytes=MANY))
            assert said(refused(text, place=place, settings=wide)) == (400, "too_large", "base")
            assert said(refused("", form=text, place=place, settings=wide)) == (400, "too_large", "base")
        with pytest.raises(cq.RequestError) as caught:
            cq.translate_update(text, ITEM, actor=cq.Actor(1))
        assert said(caught.value) == (400, "too_large", "base")


@covers(114)
def test_long_operands() -> None:
    digits = "9" * 5_000
    one = ["n={}", "f={}", "b={}", "at={}", "_id={}", "user_id={}", "limit={}", "n[in]=1,{}", "created_at[gt]=-{}"]
    one += ["loc={},1", "loc[near]={},1;1", "loc[near]=1,1;{}"]
    for text in (*(pattern.format(digits) for pattern in one), "s[ctn]=" + "x" * 1_001):
        key = text.partition("=")[0].partition("[")[0]
        assert said(refused(text)) == (422, "too_big", key)
        name, _, value = text.partition("=")
        nested: Any = value
        for part in reversed(name.replace("]", "").split("[")):
            nested = {part: nested}
        assert said(refused(nested)) == (422, "too_big", key)
    for name in ("n", "f", "at", "limit", "skip", "_id", "user_id", "s", "b", "loc"):
        for number in (digits, f"-{digits}", f"1.{digits}", f"1e{digits}"):
            assert said(refused(cq.read_json(f'{{"{name}":{number}}}'))) == (422, "too_big", name)
    assert said(refused({"at": "2021-01-01T00:00:00." + "0" * 100_000})) == (422, "too_big", "at")
    for raised in (cq.Settings(limits=cq.Limits(max_scalar_chars=9_000, max_date_chars=9_000)),):
        assert said(refused(f"n={digits}", settings=raised)) == (422, "out_of_range", "n")
        assert said(refused(f"at={digits}", settings=raised)) == (422, "out_of_range", "at")
        assert said(refused(f"f={digits}", settings=raised)) == (422, "out_of_range", "f")
        assert refused(f"tags[{digits}]=x", place="update", settings=raised).status in (400, 422)
        assert refused(cq.read_json(f'{{"n":{digits}}}', raised.limits), settings=raised).status == 422


@covers(112)
def test_numbers_never_size_anything() -> None:
    for text, place, answer in (
        ("n[in][9999999]=1", "list", (422, "wrong_type", "n")), ("tags[9999999999999999999999]=x", "update", (422, "index", "tags")),
        ("record[99999999999999999999][n]=1", "create_many", None), ("output[include][99999999]=n", "list", (422, "wrong_type", "output")),
        ("limit=9223372036854775807", "list", None), ("tags[999999999999999]=x", "update", None),
    ):  # fmt: skip
        if answer is None:
            assert steps(lambda text=text, place=place: cq.parse(text, SMALL, place=place)) < 2_000  # type: ignore[misc]  # bound now
        else:
            assert said(refused(text, place=place)) == answer


@covers(131, 115)
def test_the_longest_texts_that_are_refused() -> None:
    """As long as the default limits let in, and nothing in them that would be looked at twice."""
    query = "s=" + "a" * 8_000 + "%ff"
    assert said(refused(query)) == said(refused("s=" + ",a" * 4_000 + "%C3")) == (400, "malformed", "base")
    form = "n[in]=[" + "1," * 500_000 + "x]"
    assert said(refused("", form=form)) == (400, "too_large", "base")
    assert said(refused("", form="s=" + "a" * 1_000_000 + "%ff")) == (400, "malformed", "base")
    for text in ('{"a":"' + '\\"' * 500_000, '"' * 1_000_000, "\\" * 1_000_000, '{"a":"' + "\\\\" * 500_000 + '"'):
        with pytest.raises(cq.RequestError) as caught:
            cq.read_json(text)
        assert said(caught.value) == (400, "malformed", "base")
    for text in ("x" * 1_048_577, "é" * 524_289):
        with pytest.raises(cq.RequestError) as caught:
            cq.read_json(text)
        assert said(caught.value) == said(refused("", form=text)) == (400, "too_large", "base")


BYTES, NUMBER = cq.Settings(), cq.Settings(limits=cq.Limits(max_query_bytes=MANY))


@pytest.mark.parametrize("settings", [BYTES, NUMBER], ids=["by bytes", "by number"])
def test_refusing_too_many_parameters_takes_the_same_steps_for_any_number(settings: cq.Settings) -> None:
    cq.translate("n=1", SMALL, actor=cq.ADMIN, settings=settings)

    def refuse(count: int) -> int:
        return steps(lambda: cq.translate("&".join(["n=1"] * count), SMALL, actor=cq.ADMIN, settings=settings))

    assert refuse(5_000) == refuse(50_000)


def test_what_is_refused_for_its_bytes_is_not_split() -> None:
    cq.translate("n=1", SMALL, actor=cq.ADMIN)
    text = "&".join(["n=1"] * 100_000)
    tracemalloc.start()
    try:
        with pytest.raises(cq.RequestError):
            cq.translate(text, SMALL, actor=cq.ADMIN)
        assert tracemalloc.get_traced_memory()[1] < len(text) / 10
    finally:
        tracemalloc.stop()


def test_refusing_a_deep_body_takes_the_same_steps_for_any_depth() -> None:
    assert steps(lambda: cq.read_json("[" * 1_000)) == steps(lambda: cq.read_json("[" * 100_000))
