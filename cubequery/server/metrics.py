"""Figures for Prometheus: requests, their times, what was refused, how much was uploaded; of one application in one process."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from cubequery.server.answers import HEADERS
from cubequery.server.exchange import Exchange

PATH = b"/metrics"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Upper ends, in seconds."""


class Metrics:
    """Labels are operations, names of classes that exist (``-`` for all others), statuses and codes: nothing that a client makes up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        of = ("operation", "class", "status")
        self._requests = Counter("cubequery_requests", "Requests answered", of, registry=self._registry)
        self._seconds = Histogram(
            "cubequery_request_seconds", "From a request's head to the end of its answer", of[:1], registry=self._registry, buckets=BUCKETS
        )
        self._in_flight = Gauge("cubequery_requests_in_flight", "Requests under way", registry=self._registry)
        self._refused = Counter("cubequery_refused", "Refused requests", ("code",), registry=self._registry)
        self._uploaded = Counter("cubequery_uploaded_bytes", "Bytes of files that were kept", registry=self._registry)
        self._counts: dict[tuple[str, str, int | None], tuple[Counter, Histogram]] = {}

    def begin(self) -> None:
        """A request has come."""
        self._in_flight.inc()

    def end(self, exchange: Exchange) -> None:
        """It is answered, or its client has left (status ``-``)."""
        self._in_flight.dec()
        kind = exchange.operation, exchange.class_name, exchange.status
        requests, seconds = self._counts.get(kind) or self._of(*kind)
        requests.inc()
        seconds.observe(time.perf_counter() - exchange.started)
        if exchange.code is not None:
            self._refused.labels(exchange.code).inc()
        if exchange.uploaded:
            self._uploaded.inc(exchange.uploaded)

    def _of(self, operation: str, class_name: str, status: int | None) -> tuple[Counter, Histogram]:
        """The two figures of one kind of request, kept: there are as many as lines at ``/metrics``, and finding one costs a lock."""
        named = "-" if status is None else str(status)
        found = self._requests.labels(operation, class_name, named), self._seconds.labels(operation)
        self._counts[operation, class_name, status] = found
        return found

    def answer(self) -> Response:
        """All figures as text."""
        return Response(generate_latest(self._registry), 200, HEADERS, CONTENT_TYPE_LATEST)
