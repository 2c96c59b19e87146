"""The Custom Objects API over HTTP: ``app(engine, authenticate=...)`` is an ASGI application. Needs the extra ``cubequery[server]``."""

from cubequery.server.app import app
from cubequery.server.logs import JsonFormatter
from cubequery.server.tokens import TokenFile, Tokens, token_of

__all__ = ["JsonFormatter", "TokenFile", "Tokens", "app", "token_of"]
