"""Plans and changes as dependencies of a FastAPI application: read from the raw request, described in the host's OpenAPI, refused alike."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.openapi.models import OpenAPI

import cubequery as cq
from cubequery.parse import CRITERIA, LIST, UPDATE, reader_for
from cubequery.server.fastapi import REFUSALS, ChangeFor, PlanFor, install
from tests.server.wire import Leave, Pause, Piece, Reply, Wire
from tests.support.fixture import ACTORS, IDS, ITEM, ORDER, PLACE, documents

A = str(IDS["A"])
JSON, FORM = ("Content-Type", "application/json"), ("Content-Type", "application/x-www-form-urlencoded")
OWN = [("X-User", "O")]


def current_actor(request: Request) -> cq.Actor | None:
    """The host's own way to know who asks."""
    name = request.headers.get("x-user", "")
    if name == "banned":
        raise HTTPException(418, "banned")
    return ACTORS.get(name)


def tenant(request: Request) -> dict[str, Any]:
    return {"app_id": int(request.headers.get("x-app", "1"))}


async def signed(request: Request) -> cq.Actor:
    """One who is known by the body."""
    assert await request.body() == b'{"inc": {"n": 2}}'
    return cq.Actor(1)


ACTOR = Depends(current_actor)
ITEMS, SCOPED = PlanFor(ITEM, actor=ACTOR, own=["verbose", "a[b]"]), PlanFor(ITEM, actor=ACTOR, where=Depends(tenant))
QUIET = PlanFor(ITEM, actor=ACTOR, where={"app_id": 7}, described=False)
PLACES, ORDERS = PlanFor(PLACE, actor=ACTOR), PlanFor(ORDER, actor=ACTOR)
CHANGE = ChangeFor(ITEM, actor=ACTOR, settings=cq.Settings(limits=cq.Limits(max_body_bytes=1000)), body_seconds=0.05)
SIGNED = ChangeFor(ITEM, actor=Depends(signed))
WHOLE = ChangeFor(PLACE, actor=ACTOR, id=None, where=Depends(tenant))


@cache
def example() -> FastAPI:
    """A host: routes of its own over records of its own, with rights, operators and errors of the library."""
    app = FastAPI(responses=REFUSALS)
    install(app)
    router = APIRouter(prefix="/v1")

    @router.get("/items")
    async def items(plan: Annotated[cq.Plan, Depends(ITEMS)], verbose: bool = False) -> Any:
        return {"filter": repr(plan.filter), "verbose": verbose, "found": plan.run(documents("item"))}

    @router.get("/scoped")
    def scoped(plan: Annotated[cq.Plan, Depends(SCOPED)]) -> str:
        return repr(plan.filter)

    @router.get("/quiet", openapi_extra=QUIET.openapi)
    def quiet(plan: Annotated[cq.Plan, Depends(QUIET)]) -> str:
        return repr(plan.filter)

    @router.get("/places")
    def places(plan: Annotated[cq.Plan, Depends(PLACES)]) -> str:
        return repr(plan.filter)

    @router.get("/orders")
    def orders(plan: Annotated[cq.Plan, Depends(ORDERS)]) -> str:
        return repr(plan.filter)

    @router.put("/items/{id}", openapi_extra=CHANGE.openapi)
    def change(id: str, change: Annotated[cq.Change, Depends(CHANGE)]) -> Any:
        stored = {str(document["_id"]): document for document in documents("item")}
        return change.describe().partition(";")[0], change.apply(stored.get(id, {}))["n"]

    @router.put("/signed/{id}")
    def signed_change(change: Annotated[cq.Change, Depends(SIGNED)]) -> str:
        return change.describe().partition(";")[0]

    @router.put("/places", openapi_extra=WHOLE.openapi)
    async def by_criteria(change: Annotated[cq.Change, Depends(WHOLE)]) -> str:
        return repr(change.criteria)

    app.include_router(router)
    return app


@pytest.fixture(scope="module")
def host() -> Iterator[Wire]:
    with asyncio.Runner() as runner:
        yield Wire(example(), runner)


def body_of(query: bytes, actor: cq.Actor, schema: cq.ClassSchema = ITEM) -> Any:
    """What the library itself says to a query string: the filter, or the body of its refusal."""
    try:
        return repr(cq.translate(query, schema, actor=actor).filter)
    except cq.RequestError as error:
        return error.status, error.body()


@pytest.mark.parametrize(
    "query",
    [
        b"", b"n[gt]=4", b"n%5Bgt%5D=4", b"n[gt]=4&s=a+b%2Bc", b"n[in]=1,2&n[in]=3", b"n[in][]=1&n[in][]=2", b"tags=a&sort_desc=n&limit=2",
        b"n=1&n=2", b"n[gtt]=4&m=1", b"n=true", b"n=", b"s=%FF", b"s=\xff", b"s=%zz", b"n[gt=4", b"_read=1", b"s=a;n=2", b"&&n=1",
        b"limit=101", b"limit=x", b"count=1", b"n[calc]=sum&group_by=s", b"s=" + b"x" * 9000,
    ],
)  # fmt: skip
def test_a_plan_is_what_the_raw_text_says(query: bytes, host: Wire) -> None:
    reply = host.ask("GET", b"/v1/items?" + query, OWN)
    expected = body_of(query, ACTORS["O"])
    assert (reply.json["filter"] if reply.status == 200 else (reply.status, reply.json)) == expected


def test_a_plan_answers_for_its_actor(host: Wire) -> None:
    for name, actor in ACTORS.items():
        expected = cq.translate("sort_desc=n", ITEM, actor=actor).run(documents("item"))
        assert host.ask("GET", "/v1/items?sort_desc=n", [("X-User", name)]).json["found"] == json.loads(json.dumps(expected))


def told(reply: Reply) -> str:
    return f"{reply.status} {reply.json['code']} {' '.join(reply.json['errors'])}"


def test_who_is_nobody_is_refused_before_anything_is_read(host: Wire) -> None:
    assert told(host.ask("GET", "/v1/items?m=1")) == "401 no_session base"
    assert host.ask("GET", "/v1/items?m=1", [("X-User", "banned")]).status == 418
    never: list[Piece] = [Pause()]
    assert told(host.ask("PUT", f"/v1/items/{A}", [JSON], never)) == "401 no_session base"
    assert host.ask("PUT", f"/v1/items/{A}", [("X-User", "banned"), JSON], never).status == 418


def test_parameters_of_the_route_itself(host: Wire) -> None:
    reply = host.ask("GET", "/v1/items?n=1&verbose=1&a%5Bb%5D=2&a[b]=2", OWN).json
    assert (reply["verbose"], reply["filter"]) == (True, body_of(b"n=1", ACTORS["O"]))
    assert told(host.ask("GET", "/v1/scoped?n=1&verbose=1", OWN)) == "422 unknown_field verbose"


def test_the_condition_of_the_host(host: Wire) -> None:
    assert "{'app_id': {'$eq': 3}}" in host.ask("GET", "/v1/scoped?n=1", [*OWN, ("X-App", "3")]).json
    assert "{'app_id': {'$eq': 7}}" in host.ask("GET", "/v1/quiet?n=1", OWN).json
    assert (
        "{'app_id': {'$eq': 3}}"
        in host.ask("PUT", "/v1/places", [*OWN, JSON, ("X-App", "3")], b'{"search_criteria": {"stars": 1}, "title": "x"}').json
    )


def test_nothing_else_imports_the_frameworks() -> None:
    others = {"fastapi", "pydantic", "a2wsgi", "flask", "django"}
    program = f"import sys, cubequery, cubequery.server, cubequery.cli; print(*{others} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


# --- changes ------------------------------------------------------------------------------------------------------------------------


def test_a_change_of_one_record(host: Wire) -> None:
    before = next(document["n"] for document in documents("item") if document["_id"] == IDS["A"])
    for headers, body in (([JSON], b'{"inc": {"n": 2}}'), ([FORM], b"inc[n]=2")):
        said, value = host.ask("PUT", f"/v1/items/{A}", [*OWN, *headers], body).json
        assert (said, value) == ("add 2 to n", before + 2)
    assert host.ask("PUT", f"/v1/items/{A}?inc[n]=2", OWN).json[1] == before + 2


REFUSED: list[tuple[str, list[tuple[str, str]], bytes | list[Piece], str]] = [
    ("item", [*OWN, JSON], b'{"n": 1, "n": 1}', "400 malformed base"),
    ("item", [*OWN, JSON], b'{"n": NaN}', "400 malformed base"),
    ("item", [*OWN, JSON], b"{", "400 malformed base"),
    ("item", [*OWN, JSON], b"[]", "422 wrong_type base"),
    ("item", [*OWN, JSON, JSON], b"{}", "400 malformed base"),
    ("item", [*OWN, JSON, ("Content-Encoding", "gzip")], b"{}", "400 malformed base"),
    ("item", [*OWN, ("Content-Type", "text/plain")], b"n=1", "400 malformed base"),
    ("item", [*OWN, JSON], [b'{"s": "', b"x" * 1000, Pause()], "400 too_large base"),
    ("item", [*OWN, JSON], [b'{"s": "', Pause()], "400 malformed base"),
    ("item", [*OWN, JSON], [b'{"s": "', Leave()], "400 malformed base"),
    ("item", [*OWN, JSON], b'{"m": 1, "n": "x"}', "422 unknown_field m n"),
    ("item", [*OWN, JSON], b'{"search_criteria": {"n": 1}, "n": 2}', "422 not_here search_criteria"),
    ("item", [("X-User", "anonymous"), JSON], b'{"n": 1}', "403 need_user base"),
    ("item", [("X-User", "W"), JSON], b'{"n": 1}', "403 forbidden base"),
    ("none", [*OWN, JSON], b'{"n": 1}', "404 not_found base"),
    ("place", [*OWN, JSON], b'{"title": "x"}', "422 empty_criteria search_criteria"),
    ("place", [*OWN, JSON], b'{"search_criteria": {"stars": {"gt": "x"}}, "title": "x"}', "422 wrong_type stars"),
]


@pytest.mark.parametrize(("about", "headers", "body", "expected"), REFUSED)
def test_a_change_that_is_refused(about: str, headers: list[tuple[str, str]], body: Any, expected: str, host: Wire) -> None:
    target = {"item": f"/v1/items/{A}", "none": "/v1/items/none", "place": "/v1/places"}[about]
    assert told(host.ask("PUT", target, headers, body)) == expected


def test_a_body_that_the_host_has_read_before(host: Wire) -> None:
    pieces: list[Piece] = [b'{"inc":', b' {"n": 2}}']
    assert host.ask("PUT", f"/v1/signed/{A}", [JSON], pieces).json == "add 2 to n"


@pytest.mark.parametrize("actor", [current_actor, cq.ADMIN, None])
def test_an_actor_is_a_dependency(actor: Any) -> None:
    with pytest.raises(TypeError, match="actor is Depends"):
        PlanFor(ITEM, actor=actor)


# --- described ----------------------------------------------------------------------------------------------------------------------


def parameters(path: str) -> Mapping[str, Any]:
    found = example().openapi()["paths"][f"/v1{path}"]["get"]["parameters"]
    assert len({each["name"] for each in found}) == len(found)
    return {each["name"]: each for each in found}


def test_the_hosts_openapi_is_one() -> None:
    OpenAPI.model_validate(example().openapi())


def test_every_field_and_operator_is_described() -> None:
    found = parameters("/items")
    names = ITEM.names()
    expected = {f"{name}[{word}]" for name, field in names.items() for word in cq.SEARCH.names_for(field.type.kind)}
    expected |= {f"{name}[calc]" for name in ("n", "f", "user_id")} | set(names) | {"verbose"}
    expected |= {"sort_asc", "sort_desc", "skip", "limit", "page", "per_page", "count", "output[include]", "output[exclude]", "group_by"}
    assert set(found) == expected
    assert found["n[gt]"]["schema"]["type"] == "integer"
    assert found["n[gt]"]["description"] == "n is greater than the value"
    assert found["n[in]"]["schema"]["type"] == "string"
    assert found["group_by"]["schema"]["enum"] == ["_parent_id", "user_id", "s", "n", "f", "b"]
    assert "address[stats][visits][gte]" in parameters("/places")
    assert {each["name"] for each in QUIET.openapi["parameters"]} == expected - {"verbose"} == set(parameters("/quiet"))


@pytest.mark.parametrize(("plan", "schema"), [(ITEMS, ITEM), (PLACES, PLACE), (ORDERS, ORDER)])
def test_what_is_described_is_taken(plan: PlanFor, schema: cq.ClassSchema) -> None:
    reader = reader_for(schema, cq.Settings(), LIST)
    for each in plan.openapi["parameters"]:
        head, *rest = each["name"].replace("]", "").split("[")
        reader.resolve((head, *rest), listed=False)


def test_an_operator_of_the_hosts_own_is_described() -> None:
    own = cq.SearchOperator(
        "near_to", ("Integer",), "one", lambda p, v: {p: v}, lambda v: lambda values: True, "{field} is near to {operand}"
    )
    plan = PlanFor(ITEM, actor=ACTOR, settings=cq.Settings(operators=cq.SEARCH.with_rows([own])))
    assert {"n[near_to]": "n is near to the value"}.items() <= {e["name"]: e["description"] for e in plan.openapi["parameters"]}.items()


def leaves(body: Mapping[str, Any], names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key path of a described body."""
    for name, inner in body["properties"].items():
        found = next((each for each in (inner, *inner.get("anyOf", ())) if "properties" in each), None)
        yield from [(*names, name)] if found is None else leaves(found, (*names, name))


@pytest.mark.parametrize("schema", [ITEM, PLACE, ORDER], ids=lambda schema: schema.name)
@pytest.mark.parametrize("place", [UPDATE, CRITERIA])
def test_every_part_of_a_described_body_is_taken(schema: cq.ClassSchema, place: str) -> None:
    change = ChangeFor(schema, actor=ACTOR, id=None if place == CRITERIA else "id")
    body = change.openapi["requestBody"]["content"]["application/json"]["schema"]
    reader = reader_for(schema, cq.Settings(), place)
    found = list(leaves(body))
    for names in found:
        reader.resolve(names, listed=False)
    assert ("search_criteria" in body["properties"]) == (place == CRITERIA) == (body.get("required") == ["search_criteria"])
    assert ("permissions" in body["properties"]) == (schema is not ORDER)
    expected = {"item": ("inc", "n"), "place": ("inc", "address", "stats", "visits"), "order": ("inc", "total")}[schema.name]
    assert {expected, ("_parent_id",)} <= set(found)


def test_values_of_a_body_are_described_as_the_class_takes_them() -> None:
    operation = example().openapi()["paths"]["/v1/places"]["put"]
    found = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert found["stars"] == {"type": "integer", "format": "int64", "minimum": 1, "maximum": 5}
    assert found["kind"] == {"anyOf": [{"type": "string", "enum": ["cafe", "bar"]}, {"type": "null"}]}
    assert found["labels"]["anyOf"][0] == {"type": "array", "items": {"type": "string"}, "maxItems": 2}
    assert found["title"]["anyOf"][0] == {"type": "string", "maxLength": 5}
    assert set(operation["responses"]) == {"200", "4XX"}
