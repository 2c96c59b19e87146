"""The channels by which a hidden record might show, and the requests aimed at each: what an actor asks who suspects that it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cubequery.names import HIDDEN
from cubequery.testing import carriers
from cubequery.testing.pools import POINTS, TOKENS
from tests.support.asking import Asked, Asker, Call, own_values


def _items(asker: Asker) -> Call:
    kind = asker.random.choice(["pivot", "pivot", "request", "either", "both"])
    if kind == "both":
        return asker.search(asker.random.choice(["n[gt]=0&n[ctn]=4", "n[lte]=5&n[ctn]=1", "f[gte]=0&f[ctn]=."]))
    if kind == "either":
        pairs = [asker.pivot().split("&")[0].partition("=") for _ in range(2)]
        return asker.search(*(f"{name.removesuffix('[]').rpartition('[')[0]}[or]={value}" for name, _, value in pairs))
    return asker.search(asker.pivot() if kind == "pivot" else asker.world.request())


def _order(asker: Asker) -> Call:
    return asker.search(asker.criteria(), asker.random.choice([asker.world.order(), "", "sort_desc=b", "sort_asc=s&sort_desc=n"]))


def _borders(asker: Asker) -> Call:
    page = asker.random.choice(["limit=-1", "skip=1&limit=2", "limit=1", "limit=3", "skip=2", "page=2&per_page=2", "skip=2&limit=1"])
    return asker.search(asker.random.choice(["", "", asker.criteria()]), asker.random.choice([asker.world.order(), "", ""]), page)


def _count(asker: Asker) -> Call:
    return asker.search("count=1", asker.criteria())


def _groups(asker: Asker) -> Call:
    page = asker.random.choice(["", "", "skip=1", "limit=2"])
    return asker.search(asker.random.choice(["", asker.pivot()]), asker.world.grouping(), page)


def _values_of_groups(asker: Asker) -> Call:
    calc = asker.random.choice(["n[calc]=avg,min,max,sum", "f[calc]=avg,max", "total[calc]=sum,min", "address[visits][calc]=max"])
    return asker.search(calc, f"group_by={asker.random.choice(['b', 'user_id', 's'])}")


def _projection(asker: Asker) -> Call:
    fields = asker.random.sample(["n", "s", "address[city]", "address", "total", "_id", "user_id", "who"], 2)
    output = f"output[{asker.random.choice(['include', 'exclude'])}]={','.join(fields)}"
    if asker.random.random() < 0.5:
        return asker.search(asker.criteria(), output)
    return "get", ("world", asker.id()), {"query": output}


def _one(asker: Asker) -> Call:
    kind = asker.random.choice(["get", "permissions", "update", "update", "delete", "near"])
    if kind == "near":
        points = [point for each in asker.versions for point in own_values(asker.world.schema.fields["loc"], each)]
        lng, lat = asker.random.choice(points or POINTS)
        return asker.search(f"loc[near]={lng},{lat};{asker.random.choice(['500', '100000'])}", asker.criteria())
    if kind == "update":
        return "update", ("world", asker.id("update"), asker.body()), {}
    if kind == "delete":
        return "delete", ("world", asker.id("delete")), {}
    return "get", ("world", asker.id()), ({"query": "permissions=1"} if kind == "permissions" else {})


def _operation(asker: Asker) -> dict[str, Any]:
    """Now and then an operation id, under which a repeat goes on."""
    return {"request_id": "again"} if asker.random.random() < 0.3 else {}


def _several(asker: Asker) -> Call:
    kind = asker.random.choice(["get", "update", "delete"])
    if kind == "update":
        records = {str(number): {"id": own, **asker.body(0.2)} for number, own in enumerate(asker.ids("update"), 1)}
        return "update_many", ("world", {"record": records}), _operation(asker)
    ids = asker.ids("delete" if kind == "delete" else "read")
    return kind, ("world", ids if asker.random.random() < 0.5 else ",".join(ids)), {}


def _by_criteria(asker: Asker) -> Call:
    criteria = asker.random.choice([asker.pivot(), "n[ne]=7", "_id[ne]=" + asker.id()])
    if asker.random.random() < 0.4:
        return "delete_by_criteria", ("world", criteria), {}
    body = carriers.as_text(asker.body(0.05)) or "n=5"
    text = "&".join(carriers.behind("search_criteria", pair) for pair in criteria.split("&"))
    return "update_by_criteria", ("world", f"{text}&{body}"), _operation(asker)


def _relations(asker: Asker) -> Call:
    name = asker.random.choice(["world", "note", "note"])
    kind = asker.random.choice(["list", "list", "create", "create", "create_many", "update", "update_many"])
    if kind == "list":
        parents = [str(each["_parent_id"]) for each in asker.versions if each.get("_parent_id") in asker.pair.ids] or [asker.id()]
        parent = asker.random.choice([*parents, asker.id()])
        text = asker.random.choice([f"_parent_id={parent}", f"_parent_id[in]={parent},{asker.id()}", f"_parent_id[ne]={asker.id()}"])
        return asker.search(text, asker.random.choice(["", "count=1"]), name=asker.random.choice(["world", "world", "note"]))
    if kind == "create":
        return "create", (name, {**({"text": "x"} if name == "note" else asker.record()), "_parent_id": asker.id()}), {}
    if kind == "create_many":
        return "create_many", (name, {"record": [{"_parent_id": own} for own in asker.ids()]}), _operation(asker)
    if kind == "update":
        return "update", ("world", asker.id("update"), {"_parent_id": asker.id()}), {}
    return "update_many", ("world", {"record": [{"id": own, "_parent_id": asker.id()} for own in asker.ids("update")]}), {}


_POSITIONS = (
    "{n}={v}", "{n}[ctn]={v}", "n[or]=5&{n}[or]={v}", "count=1&{n}={v}", "sort_asc={n}", "sort_desc=b,{n}", "group_by={n}&n[calc]=sum",
    "{n}[calc]=max&group_by=b", "output[include]={n}", "output[exclude]=b,{n}", "address[{n}]={v}", "{n}[in]={v},*",
)  # fmt: skip


def _names(asker: Asker) -> Call:
    name = asker.random.choice(
        [*sorted(HIDDEN), "permissions", "amt", "address.v", "address.city", "secret", "_acl.read.access", "_read.0"]
    )
    value = asker.random.choice(["*", *(token[0] for token in TOKENS if isinstance(token, list) and token and type(token[0]) is str)])
    kind = asker.random.choice(["list", "list", "criteria", "body", "operator"])
    if kind == "list":
        return asker.search(asker.random.choice(_POSITIONS).format(n=name, v=value))
    if kind == "criteria":
        return "update_by_criteria", ("world", {"search_criteria": {name: value}, "n": 1}), {}
    body: dict[str, Any] = {name: value} if kind == "body" else {"push": {name: value}}
    return "update", ("world", asker.id("update"), body), {}


def _faults(asker: Asker) -> Call:
    """Wrong names near to stored ones, several faults at once, and changes that stored values refuse."""
    broad = asker.random.choice(["n[ne]=7", asker.pivot(), "_id[ne]=" + asker.id()])
    change: dict[str, Any] = asker.random.choice(
        [{"inc": {"n": 2**62}}, {"tags": {"2": "x"}}, {"push": {"nums": [1]}}, {"address": {"city": "x"}}, {"inc": {"f": 1e308}}]
    )
    kind = asker.random.choice(["text", "criteria", "criteria", "criteria", "update", "get", "get", "create"])
    if kind == "text":
        return asker.search(asker.random.choice(["secre=1&nn=x", "s=%ff", "n=x&secrets=1&_rea=*", "n=1&n=1", "_id=zz", "age=1&b=2"]))
    if kind == "criteria":
        text = "&".join(carriers.behind("search_criteria", pair) for pair in broad.split("&"))
        return "update_by_criteria", ("world", f"{text}&{carriers.as_text(change)}"), {}
    if kind == "create":
        return "create", ("world", asker.record()), {}
    return ("update", ("world", asker.id("update"), change), {}) if kind == "update" else ("get", ("world", asker.id()), {})


def _envelope(asker: Asker) -> Call:
    page = asker.random.choice(["limit=1000", "skip=50", "page=3&per_page=2", "limit=2", "per_page=1", "skip=7&limit=100"])
    if asker.random.random() < 0.3:
        return "get", ("world", asker.ids()), {}
    return asker.search(asker.random.choice(["", asker.pivot()]), page)


@dataclass(frozen=True)
class Channel:
    """What the table of channels calls it, how its requests are drawn, and how often beside the others'."""

    title: str
    draw: Callable[[Asker], Call]
    weight: int = 2


CHANNELS: Mapping[int, Channel] = {
    1: Channel("items of a list", _items, 3),
    2: Channel("order", _order),
    3: Channel("page borders", _borders),
    4: Channel("count", _count),
    5: Channel("group keys", _groups),
    6: Channel("calculated values", _values_of_groups),
    7: Channel("projection", _projection),
    8: Channel("one id, and near", _one, 5),
    9: Channel("several ids", _several, 3),
    10: Channel("by criteria", _by_criteria, 4),
    11: Channel("relations", _relations, 4),
    12: Channel("hidden names", _names, 1),
    13: Channel("errors", _faults),
    14: Channel("envelope", _envelope),
}
"""The channels that requests are aimed at; a new route is one more kind of request of its channel. The fifteenth, the store commands,
is compared for every request."""
NAMES, ERRORS, COMMANDS = 12, 13, 15
_DRAWN = [number for number, channel in CHANNELS.items() for _ in range(channel.weight)]


def draw_requests(asker: Asker, first: int, most: int = 5) -> list[Asked]:
    """One to ``most`` requests, the first of them aimed at channel ``first``; now and then one of them comes again."""
    made: list[Asked] = []
    for number in (first, *asker.random.choices(_DRAWN, k=asker.random.randrange(most))):
        repeated = bool(made) and asker.random.random() < 0.08
        made.append(asker.random.choice(made) if repeated else Asked(number, *CHANNELS[number].draw(asker)))
    return made
