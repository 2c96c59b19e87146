"""Figures for Prometheus: what is counted, under names that no client can make up."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.engine.stores import End, MemoryEnd
from tests.server.conftest import serve
from tests.server.wire import Leave, Wire
from tests.support.fixture import IDS

OWN = [("CB-Token", "O")]
LABELS = ("operation", "class", "status", "code")


def figures(wire: Wire) -> dict[tuple[str, ...], float]:
    """Every sample but those of the histogram's buckets, by name and labels."""
    found = wire.ask("GET", "/metrics")
    assert found.status == 200
    assert (found.header("content-type") or "").startswith("text/plain")
    samples = [sample for family in text_string_to_metric_families(found.body.decode()) for sample in family.samples]
    shown = [each for each in samples if not each.name.endswith(("_bucket", "_created"))]
    return {(each.name, *(each.labels[name] for name in LABELS if name in each.labels)): each.value for each in shown}


def test_what_is_counted(end: End, runner: asyncio.Runner) -> None:
    wire = serve(end, runner, metrics=True)
    form = [*OWN, ("Content-Type", "multipart/form-data; boundary=b")]
    body = b'--b\r\nContent-Disposition: form-data; name="field_name"\r\n\r\npic\r\n--b\r\n'
    body += b'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"x" * 1000 + b"\r\n--b--\r\n"
    for method, target, headers, sent in (
        ("GET", "/data/item", OWN, b""), ("GET", "/data/item", OWN, b""), ("GET", "/data/item?nope=1", OWN, b""),
        ("GET", "/data/item", [], b""), ("GET", f"/data/item/{IDS['H']}", OWN, b""), ("POST", f"/data/item/{IDS['A']}/file", form, body),
    ):  # fmt: skip
        wire.ask(method, target, headers, sent)
    found = figures(wire)
    assert found["cubequery_requests_total", "list", "item", "200"] == 2
    assert found["cubequery_requests_total", "list", "item", "422"] == 1
    assert found["cubequery_requests_total", "-", "-", "401"] == 1
    assert found["cubequery_request_seconds_count", "list"] == 3
    assert [found["cubequery_refused_total", code] for code in ("unknown_field", "no_session", "not_found")] == [1, 1, 1]
    assert found["cubequery_uploaded_bytes_total",] == 1000
    assert found["cubequery_requests_in_flight",] == 1, "the one that asks"


def test_labels_are_bounded(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, metrics=True)
    wire.ask("GET", "/data/nothing", OWN)
    before = len(figures(wire))
    figures(wire)
    for place in range(50):
        wire.ask("GET", f"/data/nothing{place}", OWN)
        wire.ask("GET", f"/data/nothing{place}", [("CB-Token", f"t{place}")])
        wire.ask(f"METHOD{place}", f"/data/nothing{place}?a{place}=1", OWN)
    found = figures(wire)
    assert found["cubequery_requests_total", "list", "-", "404"] == 51
    # Requests without a session, to no endpoint and for the figures; two codes; count and sum of two more operations.
    assert len(found) == before + 9
    assert not any("nothing" in label or "t1" in label for key in found for label in key[1:])


def test_a_client_that_leaves_is_no_longer_under_way(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    wire = serve(memory, runner, metrics=True)
    wire.ask("POST", "/data/item", [*OWN, ("Content-Type", "application/json")], [b"{", Leave()])
    found = figures(wire)
    assert found["cubequery_requests_total", "create", "item", "-"] == 1
    assert found["cubequery_requests_in_flight",] == 1


def test_each_application_counts_for_itself(memory: MemoryEnd, runner: asyncio.Runner) -> None:
    one, other = (serve(memory, runner, metrics=True) for _ in range(2))
    one.ask("GET", "/data/item", OWN)
    assert ("cubequery_requests_total", "list", "item", "200") in figures(one)
    assert ("cubequery_requests_total", "list", "item", "200") not in figures(other)


def test_off_unless_asked_for(wire: Wire) -> None:
    reply: Any = wire.ask("GET", "/metrics", OWN)
    assert reply.json["code"] == "not_found"
