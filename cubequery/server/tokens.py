"""Sessions from a file: which token is whose, read again whenever the file changes."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.types import Scope

from cubequery.acl import Actor, actor_from_json
from cubequery.errors import DefinitionError, RequestError
from cubequery.limits import Limits
from cubequery.parse import read_json
from cubequery.server.body import header_values
from cubequery.server.reading import pair_name
from cubequery.server.routes import FILES, find_route

log = logging.getLogger("cubequery.server")
HEADERS = (b"cb-token", b"qb-token")
TOKEN = "cubequery.token"
"""Where a scope holds the token that a dialect found, None where there is none."""
WIDE = Limits(max_body_bytes=1 << 28)
"""A file of the host's own may be long."""
SETTLED_NS = 1_000_000_000
"""A file that was changed less long ago may change once more without its time being another."""


class Tokens:
    """Actors by their tokens, of which only digests are kept. Its ``authenticate`` is what ``app`` asks for. Raises DefinitionError."""

    def __init__(self, actors: Mapping[str, Actor]) -> None:
        wrong = [place for place, token in enumerate(actors, 1) if not token or any(not "!" <= char <= "~" for char in token)]
        if wrong:
            raise DefinitionError([f"token {place}: a token is visible ASCII characters" for place in wrong])
        self._actors = {_digest(token): (_digest(token), actor) for token, actor in actors.items()}

    async def authenticate(self, request: Request) -> Actor | None:
        """The actor of a request, or None."""
        token = given_token(request.scope)
        return None if token is None else self.actor(token)

    def actor(self, token: str) -> Actor | None:
        """Whose a token is. How long it takes depends on its digest alone, of which nothing can be guessed."""
        digest = _digest(token)
        known, actor = self._actors.get(digest, (b"", None))
        return actor if hmac.compare_digest(digest, known) else None


class TokenFile(Tokens):
    """Tokens of a JSON file: token -> ``{"user_id": 1, "groups": ["a"], "admin": false}``; ``{"user_id": null}`` is anonymous.

    A token that is taken out of the file is nobody's at the next request. A file that cannot be read leaves the tokens as they were,
    and the log says so; the first time it raises DefinitionError or OSError.
    """

    def __init__(self, path: str | Path, user_id_type: str = "Integer") -> None:
        self._path, self._user_id_type = Path(path), user_id_type
        self._seen: tuple[int, ...] | None = None
        self._complained: tuple[int, ...] | None = None
        super().__init__(read_actors(self._path, user_id_type))

    def actor(self, token: str) -> Actor | None:
        """Whose a token is by now."""
        stamp, settled = self._stamp()
        if self._seen is None or stamp != self._seen:
            try:
                self._actors = Tokens(read_actors(self._path, self._user_id_type))._actors
            except (OSError, DefinitionError) as error:
                self._complain(error, stamp)
            self._seen = stamp if settled else None
        return super().actor(token)

    def _stamp(self) -> tuple[tuple[int, ...], bool]:
        try:
            found = self._path.stat()
        except OSError:
            return (), False
        return (found.st_mtime_ns, found.st_size, found.st_ino), time.time_ns() - found.st_mtime_ns > SETTLED_NS

    def _complain(self, error: Exception, stamp: tuple[int, ...]) -> None:
        if stamp != self._complained:
            log.error("%s: the tokens stay as they were: %s", self._path, getattr(error, "strerror", None) or error)
        self._complained = stamp


def read_actors(path: Path, user_id_type: str) -> dict[str, Actor]:
    """The actors of a file by their tokens. Raises OSError, DefinitionError that names a token by its place, never by itself."""
    try:
        found = read_json(path.read_bytes(), WIDE)
    except RequestError as error:
        raise DefinitionError([error.faults[0].text]) from None
    if not isinstance(found, dict):
        raise DefinitionError(['no JSON object such as {"token": {"user_id": 1, "groups": ["a"]}}'])
    actors, problems = {}, []
    for place, (token, given) in enumerate(found.items(), 1):
        try:
            actors[token] = actor_from_json(given).check(user_id_type)
        except DefinitionError as error:
            problems += [f"token {place}: {problem}" for problem in error.problems]
    if problems:
        raise DefinitionError(problems)
    return actors


def given_token(scope: Scope) -> str | None:
    """The token of the first place that holds one, even where it is wrong; a place that holds two holds nobody's.

    The places are ``CB-Token``, ``QB-Token``, ``Authorization: Bearer`` and, on routes about files, ``?token=``; those of another dialect
    are its own, and what it found there is in the scope.
    """
    if TOKEN in scope:
        token: str | None = scope[TOKEN]
        return token
    bearers = [value.partition(" ") for value in header_values(scope, b"authorization")]
    places = [
        *(header_values(scope, name) for name in HEADERS),
        [rest.strip() for scheme, _, rest in bearers if scheme.lower() == "bearer"],
    ]
    query = scope["query_string"]
    if query and not any(map(any, places)) and (route := find_route(scope)) is not None and route.operation in FILES:
        pairs = query.decode("latin-1").split("&")
        places.append([unquote_plus(pair.partition("=")[2]) for pair in pairs if pair_name(pair) == "token"])
    found = next((given for given in places if any(given)), None)
    return None if found is None else found[0] if len(found) == 1 else ""


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def token_of(request: Request) -> str | None:
    """The token of a request, for an ``authenticate`` of the host's own: in whatever place the dialect that is served has it."""
    return given_token(request.scope)
