"""Hypothesis strategies: a class of every type, and request texts of it, from the grammar, from the class, mutated and arbitrary."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

import cubequery as cq
from cubequery.operators import SEARCH
from cubequery.syntax import grammar_folder
from tests.support import shared

ITEM = cq.ClassSchema(
    "item",
    {
        "n": cq.Integer,
        "f": cq.Float,
        "s": cq.String,
        "b": cq.Boolean,
        "at": cq.Date,
        "seen": cq.Date(resolution="ms"),
        "loc": cq.Location,
        "pic": cq.File,
        "tags": cq.Array,
        "nums": cq.Array(cq.Integer),
        "page": cq.Integer,
        "address": cq.Object({"city": cq.String, "gt": cq.Integer, "stats": cq.Object({"visits": cq.Integer})}),
        "total": cq.Float(stored="amt"),
        "bounded": cq.Integer(minimum=0, maximum=9),
        "été": cq.String,
    },
)
NUMBERS = ("n", "f", "total", "bounded", "created_at", "at")
NAMES = (*NUMBERS, "s", "b", "loc", "tags", "nums", "_id", "_parent_id", "user_id", "été", "address[city]", "address[stats][visits]")
SCALARS = {
    "Integer": ["0", "41", "-7", "null", "9007199254740993"],
    "Float": ["0.5", "-1", "1e3", "null"],
    "String": ["a", "", "é b", "null", "a,b", "[x]", "100%", "a%2Cb"],
    "Boolean": ["true", "0", "null"],
    "Date": ["1569100860", "2019-09-21T21:21:00Z", "2019-09-21"],
    "Location": ["25.32,44.551", "-180,0"],
    "File": ["5c0d5b7fca8bf40c948cf416", "null"],
    "ObjectId": ["5c0d7458ca8bf43a5b8cf487", "5C0D7458CA8BF43A5B8CF487"],
}


def escaped(text: str) -> st.SearchStrategy[str]:
    """One of the ways a client may encode a text."""
    return st.sampled_from(
        [quote(text, safe=""), quote(text, safe=",;:[]"), re.sub("%..", lambda hex: hex[0].lower(), quote(text, safe=""))]
    )


@st.composite
def criteria(draw: st.DrawFn) -> str:
    """One criterion that the class takes, mostly with a value that its type reads."""
    names = ITEM.names()
    field = names[draw(st.sampled_from(["n", "f", "s", "b", "at", "loc", "tags", "nums", "_id", "user_id", "created_at", "total", "été"]))]
    if draw(st.integers(0, 5)) == 0:
        field = names["address"].leaves[draw(st.integers(0, 1))]
    word = draw(st.sampled_from(["", *SEARCH.names_for(field.type.kind)]))
    values = SCALARS.get(field.type.element.name, ["1"])
    row = SEARCH.row(word, field.type) if word else None
    name = f"{field.name}[{word}]" if word else field.name
    if row is not None and row.shape == "circle":
        return f"{name}={draw(escaped('25.32,44.551;' + draw(st.sampled_from(['0', '1000', '12.5']))))}"
    if row is not None and row.shape == "list":
        items = draw(st.lists(st.sampled_from([value for value in values if row.null or value != "null"]), max_size=4))
        form = draw(st.integers(0, 2))
        if form == 0 and items:
            return "&".join(f"{name}[]={quote(item)}" for item in items)
        return f"{name}={draw(escaped('[' + ', '.join(items) + ']' if form == 1 else ','.join(items)))}"
    null = row is None or row.null
    return f"{name}={draw(st.sampled_from([value for value in values if null or value != 'null']).flatmap(escaped))}"


CONTROLS = st.sampled_from(
    [
        "sort_asc=n",
        "sort_desc=s,f",
        "sort_asc[]=n&sort_asc[]=address[city]",
        "skip=5",
        "limit=7",
        "limit=-1",
        "limit=1000",
        "count=1",
        "count=false",
        "output[include]=n,s",
        "output[exclude]=_id",
        "output[include][]=address[city]",
        "n[calc]=avg&group_by=b",
        "f[calc]=min,max&group_by=s&sort_desc=min_f",
        "sort_asc=",
        "",
        "&",
        "per_page=5",
    ]
)


@st.composite
def searches(draw: st.DrawFn) -> str:
    """A search request, valid more often than not."""
    parts = draw(st.lists(criteria(), max_size=4, unique_by=lambda text: text.partition("=")[0].partition("[]")[0]))
    parts += draw(st.lists(CONTROLS, max_size=1))
    return "&".join(draw(st.permutations(parts)))


CHANGES = st.sampled_from(
    [
        "n=5",
        "s=a%20b",
        "inc[f]=2.5",
        "inc[n]=-1",
        "push[tags][]=a&push[tags][]=b",
        "push[tags]=a,b",
        "add_to_set[nums]=1,2,2",
        "pull[nums]=4",
        "pull[nums][gt]=4",
        "pull_all[tags][]=x",
        "pop[nums]=-1",
        "tags[2]=6",
        "tags[2]=a&tags[3]=b",
        "address[city]=Bern",
        "address=null",
        "loc[]=1&loc[]=2",
        "loc=1,2",
        "b=1",
        "at=2019-09-21T21:21:00Z",
        "permissions[read][access]=owner",
        "permissions[update][access]=open_for_users_ids&permissions[update][ids]=3,12",
        "_parent_id=5c0d7458ca8bf43a5b8cf487",
        "user_id=5",
        "id=zz",
        "update_by_index[nums][0]=4",
        "pull_with_filter[tags][in]=a,b",
        "s=null",
        "pic=null",
    ]
)


def updates() -> st.SearchStrategy[str]:
    """An update in form notation, valid more often than not: half of them change no field twice."""
    apart = st.lists(CHANGES, min_size=1, max_size=3, unique_by=_changed)
    return (apart | st.lists(CHANGES, min_size=1, max_size=3, unique=True)).map("&".join)


def _changed(change: str) -> str:
    """What it changes: ``n`` of ``inc[n]=1`` and of ``n=5``."""
    head, _, rest = change.partition("=")[0].partition("[")
    inner = rest.partition("]")[0]
    return inner if inner.isalpha() else head


@lru_cache(maxsize=8)
def _generator(start: str) -> Lark:
    folder = grammar_folder()
    return Lark.open(str(folder / "connectycube.lark"), start=start, parser="earley", import_paths=[str(folder)])


def from_grammar(start: str) -> st.SearchStrategy[str]:
    """Strings of one start rule of the grammar, with the names and operators of the class."""
    plain = ["n", "f", "s", "tags", "nums", "total", "nope"]
    explicit = {
        "FIELD": st.sampled_from(plain),
        "OPERATOR": st.sampled_from(["eq", "ne", "gt", "lte", "ctn", "nope"]),
        "OPERAND": st.sampled_from(["0", "1", "1", "5", "17", "null", "%5Bx%5D", "a%20b"]),
    }
    return from_lark(_generator(start), start=start, explicit=explicit)


@lru_cache(maxsize=1)
def real_requests() -> tuple[str, ...]:
    """Query strings and forms of real requests, where the shared material is at hand, and a few of our own."""
    own = (
        "age[gt]=28&sort_desc=full_name",
        "n[or]=1,41&s[or]=ABC&f[lt]=1",
        "n%5Bin%5D=10%2C100%2C9",
        "loc[near]=25.32,44.551;397",
        "tags[]=a&tags[]=c",
    )
    if shared.folder() is None:
        return own
    texts = (case.get(part) for case in shared.requests() for part in ("query", "body"))
    return (*own, *(text for text in texts if isinstance(text, str) and text))


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A real request with up to three edits."""
    text = draw(st.sampled_from(real_requests()))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 2))
        text = (
            text[:place]
            + draw(st.sampled_from(["", "&", "=", "[", "]", "%", "%5B", "%00", ",", "é", "\ud800", "+", "[]"]))
            + text[place + cut :]
        )
    return text


ARBITRARY = st.text(st.sampled_from("ns[]=&%,+ ;5BDdC3A9_é\ud800\0"), max_size=24) | st.text(max_size=12)


def weighted(usual: st.SearchStrategy[str], *others: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Seven in ten of the usual kind; the kinds are drawn first, so that alternatives inside them do not change the shares."""
    kinds = [usual] * 7 + [*others, *others][:3]
    return st.integers(0, 9).flatmap(kinds.__getitem__)


SEARCH_TEXTS = weighted(searches(), from_grammar("search"), mutated(), ARBITRARY)
UPDATE_TEXTS = weighted(updates(), from_grammar("change"), mutated(), ARBITRARY)
