"""The Custom Objects API over HTTP: ``app(engine, authenticate=...)`` is an ASGI application. Needs the extra ``cubequery[server]``."""

from cubequery.server.app import app

__all__ = ["app"]
