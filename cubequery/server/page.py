"""The same document as a page for people: one HTML file, no script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

Part = Mapping[str, Any]
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;vertical-align:top;border-bottom:1px solid #8884;padding:.2rem .8rem .2rem 0}"
    "code,pre{font:13px/1.5 ui-monospace,monospace}pre{background:#8882;padding:.6rem;overflow:auto}summary{cursor:pointer}"
    ":root{color-scheme:light dark}"
)
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of the page: its own style, and nothing else."""
SAMPLE_BODY = {
    "application/json": "-H 'Content-Type: application/json' -d '{}'",
    "multipart/form-data": "-F field_name=FIELD -F file=@FILE",
}


def page(document: Part) -> str:
    """The page of an OpenAPI document of this server."""
    names = [tag["name"] for tag in document["tags"]]
    return "".join(_lines(document, names))


def _lines(document: Part, names: list[str]) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    yield f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>{_text(document['info']['description'])}</p>"
    yield "<p>In the lines for <code>curl</code>, <code>$API</code> is the address of this page without <code>/docs</code>, and "
    yield "<code>$TOKEN</code> is the token of your session.</p><ul>"
    yield from (f'<li><a href="#{escape(name)}">{escape(name)}</a></li>' for name in names)
    yield "</ul>"
    for name in names:
        yield f'<h2 id="{escape(name)}">{escape(name)}</h2>'
        yield from _fields(document["components"]["schemas"][f"record.{name}"]["properties"], name)
        yield from _requests(document, name)
        yield from _conditions(document, name)
    yield "</body></html>"


def _fields(properties: Part, name: str) -> Iterator[str]:
    yield f"<h3>Fields of {escape(name)}</h3><table><tr><th>field</th><th>in answers</th></tr>"
    yield from _rows(properties, "")
    yield "</table>"


def _rows(properties: Part, before: str) -> Iterator[str]:
    for field, schema in properties.items():
        own = f"{before}[{field}]" if before else field
        yield f"<tr><td><code>{escape(own)}</code></td><td>{escape(_type(schema))}</td></tr>"
        yield from _rows(schema.get("properties", {}), own)


def _type(schema: Part) -> str:
    """The type of a value in words."""
    if "$ref" in schema:
        return "object"
    types = schema.get("type", "any")
    said = types if isinstance(types, str) else " or ".join(types)
    detail = schema.get("format") or schema.get("description")
    inner = f" of {_type(schema['items'])}" if "items" in schema else ""
    return f"{said}{inner}" + (f" ({detail})" if detail else "")


def _requests(document: Part, name: str) -> Iterator[str]:
    yield f"<h3>Requests about {escape(name)}</h3>"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if name in operation.get("tags", ()):
                statuses = ", ".join(operation["responses"])
                yield f"<h4>{escape(operation['summary'])}</h4><pre>{escape(curl(path, method, operation))}</pre>"
                yield f"<p>Answers with {escape(statuses)}.{_words(operation)}</p>"


def _words(operation: Part) -> str:
    """The parameters that are no conditions."""
    own = [each for each in operation["parameters"] if "$ref" not in each and each["in"] != "path"]
    items = "".join(f"<li><code>{escape(each['name'])}</code> {_text(each['description'])}</li>" for each in own)
    return f"</p><details><summary>Parameters</summary><ul>{items}</ul></details><p>" if own else ""


def curl(path: str, method: str, operation: Part) -> str:
    """A request as one line of a shell; whatever a name holds is percent-encoded in it."""
    body = next((text for kind, text in SAMPLE_BODY.items() if kind in operation.get("requestBody", {}).get("content", {})), "")
    needed = [each for each in operation["parameters"] if each.get("required") and each["in"] == "query"]
    query = "&".join(f"{quote(each['name'])}={quote(str(each['schema'].get('enum', ['FIELD'])[0]), safe='')}" for each in needed)
    target = path.replace("{id}", "ID") + (f"?{query}" if query else "")
    line = ["curl -g", *([] if method == "get" else [f"-X {method.upper()}"]), '-H "CB-Token: $TOKEN"', body, f'"$API{target}"']
    return " ".join(part for part in line if part)


def _conditions(document: Part, name: str) -> Iterator[str]:
    shared = document["components"]["parameters"]
    own = [each for key, each in shared.items() if key.rpartition(".")[0] == name]
    yield f"<details><summary>Conditions on {escape(name)}</summary><table><tr><th>parameter</th><th>finds records where</th></tr>"
    for each in own:
        yield f"<tr><td><code>{escape(each['name'])}</code></td><td>{_text(each['description'])}</td></tr>"
    yield "</table></details>"


def _text(words: str) -> str:
    """A description: what stands between backticks is code."""
    parts = escape(words).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))
