"""The ASGI application as a host makes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from cubequery.engine import AsyncEngine, Engine
from cubequery.server.dialects import Dialect, DialectEndpoint
from cubequery.server.endpoint import Authenticate, Endpoint, Options
from cubequery.server.metrics import Metrics
from cubequery.server.rates import MEMORY, RateLimit
from cubequery.server.watch import Watch


def app(
    engine: Engine | AsyncEngine,
    *,
    authenticate: Authenticate,
    cors: Sequence[str] = (),
    rate_limit: str | None = None,
    rate_limit_storage: str = MEMORY,
    body_seconds: float = 30.0,
    upload_seconds: float = 600.0,
    docs: bool = True,
    metrics: bool = False,
    dialect: Dialect = None,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[Any]] | None = None,
) -> Starlette:
    """The Custom Objects API over an engine, to be served by itself or mounted in an application.

    ``authenticate`` is the host's: from a request's head (its body cannot be read there) to an Actor, or to None where there is no
    session. A sync function runs in a thread, and so does a sync engine. ``cors`` names the origins that browsers may ask from, ``"*"``
    for all. ``rate_limit`` such as ``"60/minute"`` counts the requests of a user, else those of an address, in ``rate_limit_storage``.
    A body must have come within ``body_seconds``, that of an upload within ``upload_seconds``. ``docs`` describes the classes to
    everybody, without a session, at ``/openapi.json`` and ``/docs``: names of classes and fields are no secret here, and where they
    should not be public it is left off. ``metrics`` shows how much this process is asked, by class, at ``/metrics``, to everybody who
    reaches that path.

    ``dialect`` serves another request language over the same engine, at the paths of its own below the mount: ``"connectnow"`` or
    ``"cubicl"`` with an endpoint for each class of the engine, or a dialect as the host has made it, whose declarations are held
    against the engine's classes of the moment. Its own rate counts unless ``rate_limit`` says another, and it has no
    ``/openapi.json`` and no ``/docs``. Raises DefinitionError.
    """
    figures = Metrics() if metrics else None
    middleware = [Middleware(Watch, metrics=figures)]
    if cors:
        middleware.append(_cross_origin(cors, limited=dialect is not None))
    application = Starlette(middleware=middleware, lifespan=lifespan)
    options = Options(None, bool(cors), body_seconds, upload_seconds, docs and dialect is None, figures)
    # Not a route: whatever the path holds, a line break too, it is answered here.
    if dialect is None:
        rate = None if rate_limit is None else RateLimit(rate_limit, rate_limit_storage)
        application.router.default = Endpoint(engine, authenticate, replace(options, rate=rate))
    else:
        application.router.default = DialectEndpoint(engine, authenticate, options, dialect, rate_limit, rate_limit_storage)
    return application


def _cross_origin(cors: Sequence[str], *, limited: bool) -> Middleware:
    """Answers to browsers of other origins; ``limited``: they are told of the rate."""
    exposed = ["Retry-After", "X-Request-Id", "Content-Disposition"]
    exposed += ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"] if limited else []
    methods = ["GET", "POST", "PUT", "DELETE"]
    return Middleware(CORSMiddleware, allow_origins=list(cors), allow_methods=methods, allow_headers=["*"], expose_headers=exposed)
