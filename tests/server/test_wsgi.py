"""The application under WSGI: called plainly, beside Flask and beside Django, with whatever bytes a WSGI server lets through."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import django
import flask
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from cubequery.server.wsgi import WSGIApp, wsgi
from tests.engine.stores import End
from tests.server import parts
from tests.server.conftest import serve
from tests.support.fixture import IDS

A = str(IDS["A"])
JSON = {"CONTENT_TYPE": "application/json"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def told(self) -> str:
        return f"{self.status} {self.json['code']} {' '.join(self.json['errors'])}"


def ask(app: Any, method: str, path: str, query: str = "", body: bytes = b"", token: str = "O", **environ: Any) -> Reply:
    """One request as a WSGI server puts it: path decoded, bytes as latin-1."""
    given: dict[str, Any] = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query,
        "HTTP_CB_TOKEN": token,
        "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **environ,
    }  # fmt: skip
    setup_testing_defaults(given)
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
        started[:] = [int(status.split()[0]), {name.lower(): value for name, value in headers}]
        return lambda piece: None

    answer: Iterable[bytes] = app(given, start_response)
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return Reply(started[0], started[1], content)


@pytest.fixture
def app(memory: End, runner: asyncio.Runner) -> WSGIApp:
    return wsgi(serve(memory, runner).app)


def flask_host(app: WSGIApp) -> Any:
    host = flask.Flask("host")
    host.add_url_rule("/own", view_func=lambda: "own")
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, {"/api": app})  # type: ignore[method-assign]  # Flask's own way
    return host


def django_host(app: WSGIApp) -> Any:
    if not settings.configured:
        from django.http import HttpResponse
        from django.urls import path

        urls = type("urls", (), {"urlpatterns": [path("own", lambda request: HttpResponse("own"))]})
        settings.configure(ROOT_URLCONF=urls, SECRET_KEY="of the test", ALLOWED_HOSTS=["*"], LOGGING_CONFIG=None)
        django.setup()
    return DispatcherMiddleware(get_wsgi_application(), {"/api": app})


@pytest.mark.parametrize(("host", "prefix"), [(lambda app: app, ""), (flask_host, "/api"), (django_host, "/api")])
def test_served(host: Any, prefix: str, app: WSGIApp) -> None:
    served = host(app)
    found = ask(served, "GET", f"{prefix}/data/item", "n[gt]=4&sort_desc=n")
    assert (found.status, len(found.json["items"])) == (200, 2)
    made = ask(served, "POST", f"{prefix}/data/item", body=b'{"s": "\xc3\xa9"}', **JSON)
    assert (made.status, made.json["s"]) == (201, "é")
    assert ask(served, "DELETE", f"{prefix}/data/item/{made.json['_id']}").status == 200
    assert ask(served, "GET", f"{prefix}/data/item/{made.json['_id']}").told == "404 not_found base"
    assert ask(served, "GET", f"{prefix}/data/item", token="nobody").told == "401 no_session base"
    assert ask(served, "GET", f"{prefix}/data/item/a/b/c").told == "404 not_found base"
    assert ask(served, "GET", f"{prefix}/healthz").status == 200
    if prefix:
        assert ask(served, "GET", "/own").body == b"own"
        assert ask(served, "GET", "/data/item").status == 404


def test_by_the_rules_of_wsgi(app: WSGIApp) -> None:
    served = validator(app)
    assert ask(served, "GET", "/data/item", "n[gt]=4").status == 200
    assert ask(served, "POST", "/data/item", body=b'{"s": "x"}', **JSON).status == 201
    assert ask(served, "POST", "/data/item", body=b"{", **JSON).status == 400


def test_files_go_both_ways(app: WSGIApp) -> None:
    content = bytes(range(256)) * 1000
    body = parts.form(parts.part("field_name", b"pic"), parts.file(content))
    sent = ask(app, "POST", f"/data/item/{A}/file", body=body, CONTENT_TYPE=parts.TYPE[1])
    assert (sent.status, sent.json["size"]) == (201, len(content))
    found = ask(app, "GET", f"/data/item/{A}/file", "field_name=pic")
    assert (found.status, found.body) == (200, content)
    piece = ask(app, "GET", f"/data/item/{A}/file", "field_name=pic", HTTP_RANGE="bytes=1-3")
    assert (piece.status, piece.body) == (206, content[1:4])


@pytest.mark.parametrize(
    ("path", "query", "told"),
    [
        ("/data/item", "s=\xc3\xa9", "200"),
        ("/data/item", "s=\xff", "400 malformed base"),
        ("/data/item", "s=%FF", "400 malformed base"),
        ("/data/ité", "", "404 undefined_class base"),
        ("/data/item/a b", "", "404 not_found base"),
        ("/data/item/%41", "", "404 not_found base"),
        ("/data/item\n", "", "404 undefined_class base"),
        ("", "", "404 not_found base"),
    ],
)
def test_bytes_of_every_kind(path: str, query: str, told: str, app: WSGIApp) -> None:
    reply = ask(app, "GET", path, query)
    assert (str(reply.status) if reply.status == 200 else reply.told) == told


def test_a_path_that_is_no_text(app: WSGIApp) -> None:
    assert ask(app, "GET", "", PATH_INFO="/data/item/\xff").told == "404 not_found base"


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, "400 malformed base"),
        ({"CONTENT_LENGTH": "-1"}, "400 malformed base"),
        ({"CONTENT_LENGTH": "x"}, "400 malformed base"),
        ({"CONTENT_LENGTH": "\xb2"}, "400 malformed base"),
        ({"CONTENT_LENGTH": "9" * 5000}, "400 malformed base"),
        ({"CONTENT_LENGTH": "4000000", "wsgi.input": io.BytesIO(b"x" * 4_000_000)}, "400 too_large base"),
    ],
)
def test_a_body_of_another_length(environ: dict[str, Any], told: str, app: WSGIApp) -> None:
    reply = ask(app, "POST", "/data/item", body=b'{"n": 1}', **JSON, **environ)
    assert reply.told == told
    assert "connection" not in reply.headers


def test_a_body_that_ends_too_early_is_not_waited_for(app: WSGIApp) -> None:
    reply = ask(app, "POST", "/data/item", body=b'{"n": 1}', **JSON, CONTENT_LENGTH="100")
    assert (reply.status, reply.json["errors"]) == (400, {"base": ["Malformed request: the body is not complete"]})


def test_rates_are_counted_by_address(memory: End, runner: asyncio.Runner) -> None:
    app = wsgi(serve(memory, runner, rate_limit="1/minute").app)
    said = [
        ask(app, "GET", "/data/item", token="nobody", REMOTE_ADDR=address).status for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
    ]
    assert said == [401, 429, 401]
