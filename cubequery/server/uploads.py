"""Uploads: the file goes into the store while it comes; where its field is named behind it, it waits in a bounded temporary file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import quote_from_bytes

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from cubequery.acl import Actor
from cubequery.engine import AsyncEngine, Engine
from cubequery.errors import RequestError, plain
from cubequery.parse import FILE, Sources, reader_for, sources
from cubequery.server.body import Body, header_values
from cubequery.server.multipart import Event, FileStart, Text, most_bytes, read_parts
from cubequery.server.reading import MULTIPART, check_head, operation_id, pair_name, read_sources, without_token
from cubequery.server.routes import Route
from cubequery.server.threads import call, source_for
from cubequery.stores.files import Meter


async def upload(engine: Engine | AsyncEngine, route: Route, scope: Scope, body: Body, actor: Actor, seconds: float) -> Any:
    """Put the file of a request into its record: what the engine answers. Raises RequestError; nothing is kept then."""
    limits = engine.settings.limits
    query, kind = check_head(scope, limits)
    with ExitStack() as files:
        file, source = FileStart("", None), None
        if kind == MULTIPART:
            pieces = body.pieces(most_bytes(limits), seconds)
            sending = Sending(engine, route, query, read_parts(pieces, header_values(scope, b"content-type")[0], limits))
            file = await sending.find_file() or file
            if sending.at_file and sending.names_field():
                source = source_for(engine.upload, sending.pieces())
            elif sending.at_file:
                source = files.enter_context(TemporaryFile())
                await sending.keep(source)
            given = sending.given()
        else:  # nothing can be sent this way: the engine says what is missing
            given = without_token(await read_sources(scope, body, limits, seconds))
        named = {"filename": file.name, "content_type": file.content_type, "request_id": operation_id(scope)}
        return await call(engine.upload, route.class_name, route.id, given, source, actor, **named)


class Sending:
    """One upload: the parameters that have come, and the events that are still to come."""

    def __init__(self, engine: Engine | AsyncEngine, route: Route, query: bytes, events: AsyncIterator[Event]) -> None:
        self._engine, self._route, self._query, self._events = engine, route, query, events
        self._texts: list[Text] = []
        self.at_file = False

    async def find_file(self) -> FileStart | None:
        """Go on to where the file begins; None where there is none."""
        async for event in self._events:
            if isinstance(event, FileStart):
                self.at_file = True
                return event
            assert isinstance(event, Text)
            self._texts.append(event)
        return None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes of the file, and then what stands behind it, which may add nothing. Raises RequestError."""
        known = len(self._texts)
        async for piece in self._rest():
            yield piece
        if len(self._texts) > known:
            reader_for(self._engine.classes[self._route.class_name], self._engine.settings, FILE).read(self.given())

    async def keep(self, file: Any) -> None:
        """Write the bytes into a file and go on to the end of the body. Raises RequestError 400 ``too_large``."""
        meter = Meter(self._engine.settings.limits.max_file_bytes)
        async for piece in self._rest():
            await run_in_threadpool(file.write, meter.add(piece))
        file.seek(0)

    async def _rest(self) -> AsyncIterator[bytes]:
        async for event in self._events:
            if isinstance(event, FileStart):
                raise RequestError([plain("repeated", "file")])
            if isinstance(event, Text):
                self._texts.append(event)
            else:
                yield event

    def given(self) -> Sources:
        """The parameters so far: those of the query string, and the parts as the form that they are."""
        pairs = [f"{quote_from_bytes(text.name, safe='')}={quote_from_bytes(text.value, safe='')}" for text in self._texts]
        return without_token(sources(self._query, form="&".join(pairs)))

    def names_field(self) -> bool:
        """Whether it is known by now what the file is for."""
        given = self.given()
        return any(pair_name(pair) == "field_name" for text in (given.query, given.form) for pair in text.split("&"))
