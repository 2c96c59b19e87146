"""The OpenAPI document and its page: valid, complete, made again with the classes, and nothing in them that runs."""

from __future__ import annotations

import asyncio
import html.parser
import json
import re
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.applications import Starlette
from starlette.routing import Mount

import cubequery as cq
from cubequery.operators import SEARCH
from cubequery.schema import all_leaves
from cubequery.server.openapi import document
from cubequery.server.page import page
from cubequery.server.published import Published
from cubequery.server.routes import find_route
from tests.engine.stores import MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Wire, scope_of
from tests.support.fixture import KINDS, SCHEMAS

NASTY = '</td><script>alert("x")</script> & "q" \'s\' `'
ODD = cq.ClassSchema(
    "odd", {NASTY: cq.String, "o": cq.Object({NASTY: cq.File}), "day": cq.Date(minimum="2020-01-01"), "Permissions": cq.Integer}
)
EVERY = [*SCHEMAS.values(), ODD, cq.ClassSchema("Permissions", {})]


@pytest.fixture(scope="module")
def made() -> Any:
    return document(EVERY, cq.Settings(), limited=True)


@pytest.mark.parametrize("settings", [cq.Settings(), cq.Settings(user_id_type="String")])
def test_valid(settings: cq.Settings) -> None:
    classes = [KINDS, SCHEMAS["order"]] if settings.user_id_type == "Integer" else [SCHEMAS["place"], ODD]
    OpenAPIV31SpecValidator(document(classes, settings, limited=False)).validate()


def test_valid_without_classes() -> None:
    OpenAPIV31SpecValidator(document([], cq.Settings(), limited=False)).validate()


def test_every_route_and_no_other(made: Any) -> None:
    """What stands in the document is what the server answers, method by method."""
    methods = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
    for path, operations in made["paths"].items():
        if path != "/healthz":
            routes = {method: find_route(scope_of(method, path.replace("{id}", "x"))) for method in methods}
            assert {method.lower() for method, route in routes.items() if route} == set(operations), path
            for method, operation in operations.items():
                route = routes[method.upper()]
                assert route is not None
                assert operation["operationId"].removesuffix(".post") == f"{route.class_name}.{route.operation}"
    assert len(made["paths"]) == 1 + 5 * len(EVERY)
    ids = [operation["operationId"] for operations in made["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("schema", EVERY, ids=lambda schema: schema.name)
def test_every_cell_of_the_operator_table(schema: cq.ClassSchema, made: Any) -> None:
    shared = made["components"]["parameters"]
    operation = made["paths"][f"/data/{schema.name}"]["get"]
    named = [shared[each["$ref"].rpartition("/")[2]]["name"] if "$ref" in each else each["name"] for each in operation["parameters"]]
    assert len(named) == len(set(named))
    leaves = [leaf for field in schema.names().values() for leaf in all_leaves(field)]
    cells = {f"{leaf.name}[{name}]" for leaf in leaves for name in SEARCH.names_for(leaf.type.kind)}
    assert {name for name in named if name.endswith(tuple(f"[{row.name}]" for row in SEARCH.rows))} >= cells
    assert {leaf.name for leaf in leaves} <= set(named)


def test_a_condition_is_said_in_the_rows_own_sentence(made: Any) -> None:
    texts = {each["name"]: each["description"] for key, each in made["components"]["parameters"].items() if key.startswith("item.")}
    assert texts["n[gt]"] == "`n` is greater than the value."
    assert texts["n[ctn]"] == "The digits of `n` contain the value."
    assert texts["s[nin]"].startswith("`s` is none of the values. `null` stands for unset.")


def test_statuses(made: Any) -> None:
    def statuses(path: str, method: str) -> list[str]:
        return sorted(made["paths"][path][method]["responses"])

    assert statuses("/data/item", "get") == ["200", "400", "401", "404", "422", "429", "500", "503"]
    assert statuses("/data/item", "post") == ["201", "400", "401", "403", "404", "422", "429", "500", "503"]
    assert statuses("/data/item/{id}/file", "post")[0] == "201"
    assert statuses("/data/item/{id}/file", "get")[:2] == ["200", "206"]
    assert "429" not in document(EVERY, cq.Settings(), limited=False)["paths"]["/data/item"]["get"]["responses"]


def test_options_of_fields() -> None:
    made = document([SCHEMAS["place"]], cq.Settings(), limited=False)["components"]["schemas"]
    fields = made["new.place"]["properties"]
    assert made["new.place"]["required"] == ["stars"]
    assert (fields["stars"]["type"], fields["stars"]["minimum"], fields["stars"]["maximum"]) == ("integer", 1, 5)
    assert fields["kind"] == {"type": ["string", "null"], "enum": ["cafe", "bar", None]}
    assert (fields["title"]["maxLength"], fields["title"]["default"], fields["labels"]["maxItems"]) == (5, "none", 2)
    assert made["record.place"]["properties"]["stars"]["minimum"] == -(2**63), "what was stored before the class is answered as it is"


def test_read_without_a_session_and_below_a_mount(wire: Wire) -> None:
    found = wire.ask("GET", "/openapi.json")
    assert (found.status, found.header("content-type"), found.json["servers"]) == (200, "application/json", [{"url": "/"}])
    host = Wire(Starlette(routes=[Mount("/api/v1", wire.app)]), wire.runner)
    assert host.ask("GET", "/api/v1/openapi.json").json == {**found.json, "servers": [{"url": "/api/v1"}]}
    assert host.ask("GET", "/api/v1/docs").body == wire.ask("GET", "/docs").body
    assert wire.ask("POST", "/docs").status == 401


def test_switched_off(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, docs=False)
    for path in ("/openapi.json", "/docs"):
        assert wire.ask("GET", path).status == 401
        assert wire.ask("GET", path, [("CB-Token", "O")]).json["code"] == "not_found"


def test_made_again_when_a_class_has_changed() -> None:
    engine: Any = SimpleNamespace(classes=dict(SCHEMAS), settings=cq.Settings())
    published = Published(engine, limited=False)
    scope = scope_of("GET", "/openapi.json")
    before = published.openapi(scope).body
    assert published.openapi(scope).body == before
    engine.classes = {**SCHEMAS, "item": cq.ClassSchema("item", {"other": cq.Integer})}
    after = published.openapi(scope).body
    assert "other" in json.loads(bytes(after))["components"]["schemas"]["record.item"]["properties"]
    assert json.loads(bytes(before))["paths"].keys() == json.loads(bytes(after))["paths"].keys()
    assert b"other[gt]" in published.docs().body


class Tags(html.parser.HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, tuple[str, ...]]] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, tuple(name for name, _ in attrs)))
        assert all(not (value or "").startswith(("http", "//", "javascript")) for _, value in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_the_page_escapes_everything(made: Any) -> None:
    read = Tags()
    read.feed(page(made))
    read.close()
    tags = {tag for tag, _ in read.found}
    assert not tags & {"script", "img", "link", "iframe", "form", "object"}
    assert not {name for _, names in read.found for name in names} - {"lang", "charset", "name", "content", "href", "id"}
    assert NASTY in read.text
    lines = [line for line in read.text if line.startswith("curl ")]
    assert len(lines) == 13 * len(EVERY)
    download = next(line for line in lines if "/odd/ID/file?" in line)
    assert unquote(re.findall(r"field_name=([^\"&]*)", download)[0]) == f"o[{NASTY}]"
    assert not set("`<>'") & set(download)


def test_the_page_runs_nothing(wire: Wire) -> None:
    found = wire.ask("GET", "/docs")
    assert (found.status, found.header("content-type")) == (200, "text/html; charset=utf-8")
    assert found.header("x-content-type-options") == "nosniff"
    policy = found.header("content-security-policy") or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    for name in ("item", "note", "place", "order"):
        assert f'<h2 id="{name}">'.encode() in found.body


def test_a_kind_of_every_field_is_described() -> None:
    properties = document([KINDS], cq.Settings(), limited=False)["components"]["schemas"]["change.kinds"]["properties"]
    assert set(KINDS.fields) <= set(properties)
    assert set(properties["inc"]["properties"]) == {"n", "f", "page", "gt"}
    assert set(properties["push"]["properties"]) == {"tags", "nums", "floats", "flags"}
    assert {"pull", "pull_with_filter", "pull_all", "pop", "add_to_set", "update_by_index"} <= set(properties)
    names = [each["name"] for each in document([KINDS], cq.Settings(), limited=False)["components"]["parameters"].values()]
    assert names.count("page") == 1, "a field takes the name for itself"
