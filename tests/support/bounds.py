"""Limits as data: what is just within each of them, in every spelling, and how one more is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cubequery as cq

FIELDS: dict[str, Any] = {
    "s": cq.String, "n": cq.Integer, "f": cq.Float, "b": cq.Boolean, "tags": cq.Array, "nums": cq.Array(cq.Integer), "loc": cq.Location,
    "at": cq.Date, "address": cq.Object({"city": cq.String, "zip": cq.String}), **{f"i{number}": cq.Integer for number in range(600)},
}  # fmt: skip
ITEM = cq.ClassSchema("item", FIELDS)
NAMED = cq.ClassSchema("named", {"n": cq.Integer}, id_type="String")
ROOMY: dict[str, int] = dict.fromkeys(("max_pairs", "max_query_bytes", "max_body_bytes"), 10_000_000)
"""Limits out of the way of the one that is looked at."""
LARGE, BIG = "400 too_large base", "422 too_big"


@dataclass(frozen=True)
class Bound:
    """One limit in one spelling: ``request(n)`` is as large as ``n`` allows."""

    setting: str
    request: Callable[[int], Any]
    answer: str
    spelling: str = "query"
    place: str = "list"
    small: int = 3
    schema: cq.ClassSchema = ITEM
    others: tuple[tuple[str, int], ...] = ()
    only_small: bool = False

    @property
    def id(self) -> str:
        text = self.request(self.small)
        return ascii(f"{self.setting} {self.spelling} {self.place} {str(text)[:40]}")


def joined(pattern: str, count: int, glue: str = "&") -> str:
    return glue.join(pattern.format(i=number) for number in range(count))


def both(
    setting: str, text: Callable[[int], str], answer: str, body: Callable[[int], Any], place: str = "list", **rest: Any
) -> list[Bound]:
    """One limit as query, as form and as JSON body."""
    texts = [Bound(setting, text, answer, spelling, place, **rest) for spelling in ("query", "form")]
    return [*texts, Bound(setting, body, answer, "json", place, **rest)]


def named(name: str, value: Any) -> dict[str, Any]:
    """``a[b]`` with a value as a JSON body."""
    for part in reversed(name.replace("]", "").split("[")):
        value = {part: value}
    return value  # type: ignore[no-any-return]  # a dict by now


def lists(name: str, item: str, place: str, answer: str = LARGE) -> list[Bound]:
    """Every spelling of a list: one counter for all of them."""
    own: Any = int(item) if item.isdigit() else item
    found = both("max_list_items", lambda n: f"{name}=" + joined(item, n, ","), answer, lambda n: named(name, [own] * n), place)
    found += [Bound("max_list_items", lambda n: joined(f"{name}[]={item}", n), answer, spelling, place) for spelling in ("query", "form")]
    return found


SEARCH_LISTS = ["n[in]", "n[nin]", "n[or]", "nums[all]", "nums"]
WRITE_LISTS = ["tags", "push[tags]", "add_to_set[tags]", "pull_all[tags]", "pull[tags][in]", "pull[tags][or]", "nums"]


def said(pattern: str, value: Callable[[int], str]) -> Callable[[int], str]:
    """The request as text: the pattern with a value as long as the limit allows."""
    return lambda n: pattern.format(value(n))


def asked(pattern: str, value: Callable[[int], Any]) -> Callable[[int], Any]:
    """The same as a JSON body."""
    return lambda n: named(pattern.partition("=")[0], value(n))


def scalars() -> list[Bound]:
    """The text of one value, as text and as a JSON text or number."""
    name, found = "max_scalar_chars", []
    for pattern, value in NUMBERS:
        place = "by_criteria" if pattern.startswith("search") else "list"
        found += both(name, said(pattern, value), f"{BIG} f", asked(pattern, value), place)
    for text in ('{{"f":{}}}', '{{"f":{{"in":[1,{}]}}}}', '{{"f":{{"or":{}}}}}'):
        found.append(Bound(name, said(text, lambda n: "1." + "1" * (n - 2)), f"{BIG} f", "json text"))
    for pattern, value, size in SHORT:
        key = pattern.partition("=")[0].partition("[")[0]
        found += both(name, said(pattern, value), f"{BIG} {key}", asked(pattern, value), small=size, only_small=True)
    for pattern in ("n={}", "inc[n]={}", "nums=1,{}", "push[nums]=1,{}", "nums[0]={}", "pull[nums][gt]={}"):
        key = "nums" if "nums" in pattern else "n"
        for spelling in ("query", "form"):
            found.append(Bound(name, said(pattern, lambda n: "1" * n), f"{BIG} {key}", spelling, "update", only_small=True))
    return found


NUMBERS: list[tuple[str, Callable[[int], str]]] = [
    ("f={}", lambda n: "1." + "1" * (n - 2)),
    ("f[in]=1,{}", lambda n: "1" * n),
    ("search_criteria[f]={}", lambda n: "1" * n),
]
"""Texts of numbers that are legal at any length."""
SHORT: list[tuple[str, Callable[[int], str], int]] = [
    ("n={}", lambda n: "1" * n, 3),
    ("nums[or]={}", lambda n: "1" * n, 3),
    ("user_id={}", lambda n: "1" * n, 3),
    ("i1[gt]={}", lambda n: "-" + "1" * (n - 1), 3),
    ("b={}", lambda n: "true" if n == 4 else "false", 4),
    ("_id={}", lambda n: "a" * n, 24),
    ("_parent_id[in]={}", lambda n: "a" * n, 24),
    ("limit={}", lambda n: "1" * n, 2),
    ("skip={}", lambda n: "1" * n, 3),
    ("per_page={}", lambda n: "1" * n, 1),
    ("count={}", lambda n: "true" if n == 4 else "false", 4),
    ("loc={}", lambda n: "1," + "1" * (n - 2), 4),
]
"""Texts of values that have a length of their own, under a limit as small as that."""


BOUNDS: list[Bound] = [
    Bound("max_query_bytes", lambda n: "s=" + "x" * (n - 2), LARGE, small=9),
    Bound("max_query_bytes", lambda n: "s=x" + "é" * ((n - 3) // 2) + "x" * ((n - 3) % 2), LARGE, small=9),
    Bound("max_query_bytes", lambda n: "&" * n, LARGE, small=9, others=(("max_pairs", 100_000),)),
    Bound("max_body_bytes", lambda n: "s=" + "x" * (n - 2), LARGE, "form", small=9),
    Bound("max_body_bytes", lambda n: '{"s":"' + "x" * (n - 8) + '"}', LARGE, "json text", small=12),
    Bound("max_body_bytes", lambda n: '{"s":"' + "é" * ((n - 8) // 2) + "x" * ((n - 8) % 2) + '"}', LARGE, "json text", small=13),
    Bound(
        "max_body_bytes", lambda n: ('{"s":"' + "é" * ((n - 8) // 2) + "x" * ((n - 8) % 2) + '"}').encode(), LARGE, "json text", small=13
    ),
    *(Bound("max_pairs", lambda n: joined("n[in][]=1", n), LARGE, spelling) for spelling in ("query", "form", "halves")),
    *(Bound("max_pairs", lambda n: "&" * (n - 1), LARGE, spelling) for spelling in ("query", "form")),
    *both(
        "max_names",
        lambda n: joined("i{i}=1", n),
        LARGE,
        lambda n: {f"i{number}": 1 for number in range(n)},
        others=(("max_conditions", 1_000),),
    ),
    *both("max_names", lambda n: joined("i{i}=1", n), LARGE, lambda n: {f"i{number}": 1 for number in range(n)}, "update"),
    Bound("max_names", lambda n: joined("i{i}=1", n), LARGE, "halves", others=(("max_conditions", 1_000),)),
    *scalars(),
    *both("max_list_items", lambda n: "n[in]=[" + joined("1", n, ", ") + "]", LARGE, lambda n: named("n[in]", joined("1", n, ","))),
    *(bound for name in SEARCH_LISTS for place in ("list", "delete_by_criteria") for bound in lists(name, "1", place)),
    *(bound for name in ("search_criteria[n][in]", "search_criteria[nums][all]") for bound in lists(name, "1", "by_criteria")),
    *(bound for name in WRITE_LISTS for bound in lists(name, "1" if name == "nums" else "a", "update")),
    *(bound for name in ("tags", "nums") for bound in lists(name, "1", "create")),
    *both("max_conditions", lambda n: joined("i{i}=1", n), LARGE, lambda n: {f"i{number}": 1 for number in range(n)}),
    *both(
        "max_conditions",
        lambda n: joined("i{i}[or]=1", n),
        LARGE,
        lambda n: {f"i{number}": {"or": 1} for number in range(n)},
        others=(("max_or_conditions", 999),),
    ),
    *both(
        "max_conditions",
        lambda n: "address=null&" + joined("i{i}=1", n - 2),
        LARGE,
        lambda n: {"address": None, **{f"i{number}": 1 for number in range(n - 2)}},
    ),
    *both(
        "max_conditions",
        lambda n: joined("search_criteria[i{i}]=1", n),
        LARGE,
        lambda n: {"search_criteria": {f"i{number}": 1 for number in range(n)}},
        "by_criteria",
    ),
    *both("max_or_conditions", lambda n: joined("i{i}[or]=1", n), LARGE, lambda n: {f"i{number}": {"or": 1} for number in range(n)}),
    *both(
        "max_sort_keys",
        lambda n: "sort_asc=" + joined("i{i}", n, ","),
        LARGE,
        lambda n: {"sort_asc": [f"i{number}" for number in range(n)]},
    ),
    Bound("max_sort_keys", lambda n: joined("sort_desc[]=i{i}", n), LARGE),
    *both(
        "max_calcs",
        lambda n: joined("i{i}[calc]=sum", n) + "&group_by=n",
        LARGE,
        lambda n: {"group_by": "n", **{f"i{number}": {"calc": "sum"} for number in range(n)}},
    ),
    *both(
        "max_records",
        lambda n: joined("record[{i}][n]=1", n),
        LARGE,
        lambda n: {"record": {str(number): {"n": 1} for number in range(n)}},
        "create_many",
    ),
    Bound("max_records", lambda n: {"record": [{"n": 1}] * n}, LARGE, "json", "create_many"),
    *both(
        "max_records",
        lambda n: joined("record[{i}][id]=x", n),
        LARGE,
        lambda n: {"record": {str(number): {"id": "x"} for number in range(n)}},
        "update_many",
    ),
    *both("max_ctn_chars", lambda n: "s[ctn]=" + "x" * n, f"{BIG} s", lambda n: {"s": {"ctn": "x" * n}}),
    *both("max_ctn_chars", lambda n: "tags[start_with]=" + "%C3%A9" * n, f"{BIG} tags", lambda n: {"tags": {"start_with": "é" * n}}),
    *both("max_ctn_chars", lambda n: "n[ctn]=" + "1" * n, f"{BIG} n", lambda n: {"n": {"ctn": "1" * n}}),
    *both(
        "max_ctn_bytes",
        lambda n: "s[ctn]=" + "x" * (n % 4) + "%F0%9F%98%80" * (n // 4),
        f"{BIG} s",
        lambda n: {"s": {"ctn": "x" * (n % 4) + "\U0001f600" * (n // 4)}},
        small=9,
        others=(("max_ctn_chars", 100_000),),
    ),
    *both("max_id_bytes", lambda n: "_id=" + "x" * n, f"{BIG} _id", lambda n: {"_id": "x" * n}, schema=NAMED),
    *both(
        "max_id_bytes",
        lambda n: "_id[in]=a," + "%C3%A9" * (n // 2) + "x" * (n % 2),
        f"{BIG} _id",
        lambda n: {"_id": {"in": ["a", "é" * (n // 2) + "x" * (n % 2)]}},
        schema=NAMED,
    ),
    *both(
        "max_id_bytes",
        lambda n: "_parent_id=" + "x" * n,
        "422 parent _parent_id",
        lambda n: {"_parent_id": "x" * n},
        "update",
        schema=NAMED,
    ),
    *both(
        "max_date_chars",
        lambda n: "at=2019-09-21T21:21:00." + "0" * (n - 20),
        f"{BIG} at",
        lambda n: {"at": "2019-09-21T21:21:00." + "0" * (n - 20)},
        small=25,
    ),
    *both(
        "max_date_chars",
        lambda n: "created_at[gt]=2019-09-21T21:21:00." + "0" * (n - 20),
        f"{BIG} created_at",
        lambda n: {"created_at": {"gt": "2019-09-21T21:21:00." + "0" * (n - 20)}},
        small=25,
    ),
    *both("max_skip", lambda n: f"skip={n}", "422 out_of_range skip", lambda n: {"skip": n}),
    *both("max_skip", lambda n: f"page={n + 1}&per_page=1", "422 out_of_range page", lambda n: {"page": n + 1, "per_page": 1}),
]
