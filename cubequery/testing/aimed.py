"""Requests aimed at one channel each: what an actor asks who suspects that a hidden record is there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cubequery.names import HIDDEN
from cubequery.testing import carriers
from cubequery.testing.asking import Asker, Call, own_values
from cubequery.testing.pools import POINTS, TOKENS
from cubequery.testing.queries import spelled


def items(asker: Asker) -> Call:
    """Lists by criteria."""
    kind = asker.random.choice(["pivot", "pivot", "request", "either", "both"])
    numbers = asker.names("Integer", "Float")
    if kind == "both" and numbers:
        name = quote(asker.random.choice(numbers), safe="[]")
        return asker.search(
            asker.random.choice([f"{name}[gt]=0&{name}[ctn]=4", f"{name}[lte]=5&{name}[ctn]=1", f"{name}[gte]=0&{name}[ctn]=."])
        )
    if kind == "either":
        pairs = [asker.pivot().split("&")[0].partition("=") for _ in range(2)]
        return asker.search(*(f"{name.removesuffix('[]').rpartition('[')[0]}[or]={value}" for name, _, value in pairs))
    return asker.search(asker.world.request() if kind == "request" else asker.pivot())


def order(asker: Asker) -> Call:
    """Lists in an order."""
    return asker.search(asker.criteria(), asker.random.choice([asker.world.order(), asker.world.order(), ""]))


def borders(asker: Asker) -> Call:
    """Pages of a list."""
    page = asker.random.choice(["limit=-1", "skip=1&limit=2", "limit=1", "limit=3", "skip=2", "page=2&per_page=2", "skip=2&limit=1"])
    return asker.search(asker.random.choice(["", "", asker.criteria()]), asker.random.choice([asker.world.order(), "", ""]), page)


def count(asker: Asker) -> Call:
    """A count."""
    return asker.search("count=1", asker.criteria())


def groups(asker: Asker) -> Call:
    """Groups and their keys."""
    if not asker.world.can_group():
        return count(asker)
    page = asker.random.choice(["", "", "skip=1", "limit=2"])
    return asker.search(asker.random.choice(["", asker.pivot()]), asker.world.grouping(), page)


def values_of_groups(asker: Asker) -> Call:
    """Calculated values."""
    return asker.search(asker.world.grouping()) if asker.world.can_group() else count(asker)


def projection(asker: Asker) -> Call:
    """Some of the fields."""
    names = [*(quote(each, safe="") for each in asker.world.schema.fields), "_id", "user_id"]
    output = f"output[{asker.random.choice(['include', 'exclude'])}]={','.join(asker.random.sample(names, 2))}"
    if asker.random.random() < 0.5:
        return asker.search(asker.criteria(), output)
    return "get", (asker.name, asker.id()), {"query": output}


def one(asker: Asker) -> Call:
    """One record by its id, and those near to a point."""
    kind = asker.random.choice(["get", "permissions", "update", "update", "delete", "near"])
    places = [each for each in asker.world.fields if each.type.kind == "Location"]
    if kind == "near" and places:
        place = asker.random.choice(places)
        points = [point for each in asker.versions for point in own_values(place, each)]
        lng, lat = asker.random.choice(points or POINTS)
        return asker.search(f"{spelled(place)}[near]={lng},{lat};{asker.random.choice(['500', '100000'])}", asker.criteria())
    if kind == "update":
        return "update", (asker.name, asker.id("update"), asker.body()), {}
    if kind == "delete":
        return "delete", (asker.name, asker.id("delete")), {}
    return "get", (asker.name, asker.id()), ({"query": "permissions=1"} if kind == "permissions" else {})


def _operation(asker: Asker) -> dict[str, Any]:
    """Now and then an operation id, under which a repeat goes on."""
    return {"request_id": "again"} if asker.random.random() < 0.3 else {}


def several(asker: Asker) -> Call:
    """Several records by their ids."""
    kind = asker.random.choice(["get", "update", "delete"])
    if kind == "update":
        records = {str(number): {"id": own, **asker.body(0.2)} for number, own in enumerate(asker.ids("update"), 1)}
        return "update_many", (asker.name, {"record": records}), _operation(asker)
    ids = asker.ids("delete" if kind == "delete" else "read")
    return kind, (asker.name, ids if asker.random.random() < 0.5 else ",".join(ids)), {}


def by_criteria(asker: Asker) -> Call:
    """Writes by criteria."""
    criteria = asker.random.choice([asker.pivot(), asker.broad()])
    if asker.random.random() < 0.4:
        return "delete_by_criteria", (asker.name, criteria), {}
    return _changed(asker, criteria, asker.body(0.05), **_operation(asker))


def _changed(asker: Asker, criteria: str, body: dict[str, Any], **named: Any) -> Call:
    """An update by criteria: a form where text can say the body, else JSON."""
    text = carriers.as_text(body)
    if not text:
        return "update_by_criteria", (asker.name, {"search_criteria": carriers.search_json(criteria), **body}), named
    wrapped = "&".join(carriers.behind("search_criteria", pair) for pair in criteria.split("&"))
    return "update_by_criteria", (asker.name, f"{wrapped}&{text}"), named


def relations(asker: Asker) -> Call:
    """Parents and children."""
    name = asker.other()
    kind = asker.random.choice(["list", "list", "create", "create", "create_many", "update", "update_many"])
    if kind == "list":
        parents = [str(each["_parent_id"]) for each in asker.versions if each.get("_parent_id") in asker.pair.ids] or [asker.id()]
        parent = asker.random.choice([*parents, asker.id()])
        text = asker.random.choice([f"_parent_id={parent}", f"_parent_id[in]={parent},{asker.id()}", f"_parent_id[ne]={asker.id()}"])
        return asker.search(text, asker.random.choice(["", "count=1"]), name=asker.random.choice([asker.name, asker.name, name]))
    if kind == "create":
        return "create", (name, {**asker.record(name), "_parent_id": asker.id()}), {}
    if kind == "create_many":
        return "create_many", (name, {"record": [{**asker.record(name), "_parent_id": own} for own in asker.ids()]}), _operation(asker)
    if kind == "update":
        return "update", (asker.name, asker.id("update"), {"_parent_id": asker.id()}), {}
    return "update_many", (asker.name, {"record": [{"id": own, "_parent_id": asker.id()} for own in asker.ids("update")]}), {}


_POSITIONS = (
    "{n}={v}", "{n}[ctn]={v}", "user_id[or]={u}&{n}[or]={v}", "count=1&{n}={v}", "sort_asc={n}", "sort_desc=_id,{n}",
    "group_by={n}&user_id[calc]=max", "{n}[calc]=max&group_by=user_id", "output[include]={n}", "output[exclude]=user_id,{n}",
    "{f}[{n}]={v}",
    "{n}[in]={v},*",
)  # fmt: skip


def names(asker: Asker) -> Call:
    """Hidden names, and stored paths that are no names."""
    stored = [each.path for each in asker.world.fields if each.path != each.name]
    name = asker.random.choice([*sorted(HIDDEN), "permissions", *stored, "secret", "_acl.read.access", "_read.0"])
    value = asker.random.choice(["*", *(token[0] for token in TOKENS if isinstance(token, list) and token and type(token[0]) is str)])
    kind = asker.random.choice(["list", "list", "criteria", "body", "operator"])
    if kind == "list":
        field = quote(asker.random.choice(list(asker.world.schema.fields)), safe="")
        return asker.search(asker.random.choice(_POSITIONS).format(n=quote(name, safe="."), v=value, f=field, u=asker.user()))
    if kind == "criteria":
        return "update_by_criteria", (asker.name, {"search_criteria": {name: value}, **asker.body(0)}), {}
    body: dict[str, Any] = {name: value} if kind == "body" else {"push": {name: value}}
    return "update", (asker.name, asker.id("update"), body), {}


def faults(asker: Asker) -> Call:
    """Wrong names near to stored ones, several faults at once, and changes that stored values refuse."""
    kind = asker.random.choice(["text", "criteria", "criteria", "criteria", "update", "get", "get", "create"])
    changes: list[dict[str, Any]] = [
        *({"inc": {name: 2**62}} for name in asker.world.schema.fields if asker.world.schema.fields[name].type.kind == "Integer"),
        *({name: {"2": None}} for name in asker.world.schema.fields if asker.world.schema.fields[name].type.kind.endswith("_a")),
        *({"inc": {name: 1e308}} for name in asker.world.schema.fields if asker.world.schema.fields[name].type.kind == "Float"),
    ]
    change = asker.random.choice(changes) if changes else asker.body(0)
    if kind == "text":
        name = quote(asker.random.choice(list(asker.world.schema.fields)), safe="")
        texts = ["secre=1&nn=x", f"{name}=%ff", f"{name}x=1&secrets=1&_rea=*", f"{name}=1&{name}=1", "_id=%00", "nope=1&nope2=2"]
        return asker.search(asker.random.choice(texts))
    if kind == "criteria":
        return _changed(asker, asker.broad(), change)
    if kind == "create":
        return "create", (asker.name, asker.record()), {}
    return ("update", (asker.name, asker.id("update"), change), {}) if kind == "update" else ("get", (asker.name, asker.id()), {})


def envelope(asker: Asker) -> Call:
    """What stands around the records of an answer."""
    page = asker.random.choice(["limit=1000", "skip=50", "page=3&per_page=2", "limit=2", "per_page=1", "skip=7&limit=100"])
    if asker.random.random() < 0.3:
        return "get", (asker.name, asker.ids()), {}
    return asker.search(asker.random.choice(["", asker.pivot()]), page)
