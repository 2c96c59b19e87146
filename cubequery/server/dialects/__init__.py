"""Other dialects over HTTP: what each gives the server, and the one endpoint that serves them all."""

from cubequery.server.dialects.connectnow import ConnectNowServed
from cubequery.server.dialects.cubicl import CubiclServed
from cubequery.server.dialects.endpoint import DialectEndpoint
from cubequery.server.dialects.served import Dialect, Served, served

__all__ = ["ConnectNowServed", "CubiclServed", "Dialect", "DialectEndpoint", "Served", "served"]
