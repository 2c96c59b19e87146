"""MongoDB servers for one test session, as the package itself starts them for its campaigns."""

from cubequery.testing.mongod import (
    Document,
    Member,
    initiate,
    members,
    own_name,
    server,
    uri_of,
)
from cubequery.testing.mongod_program import NoServer

__all__ = ["Document", "Member", "NoServer", "initiate", "members", "own_name", "server", "uri_of"]
