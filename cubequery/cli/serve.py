"""``cubequery serve``: the Custom Objects API over HTTP, over records in memory, in a file or on a MongoDB server."""

from __future__ import annotations

import re
import signal
import socket
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.errors import PyMongoError

import cubequery as cq
from cubequery import demo
from cubequery.cli.given import Failure, Usage
from cubequery.cli.output import write_lines

DEMO_REQUESTS = {
    None: "age[gt]=28&sort_desc=full_name&limit=2", "connectnow": "after=2018-12-10&per_page=2", "cubicl": "active=true&job=cook&limit=2",
}  # fmt: skip
PATHS = {"connectnow": "api", "cubicl": "api/v1"}
BACKLOG = 2_048
OPTIONS: dict[str, Any] = {
    "log_config": None, "access_log": False, "server_header": False, "lifespan": "on",
    "timeout_graceful_shutdown": 30,  # seconds for requests under way, once the server is told to stop
    "proxy_headers": False,  # what a client writes into a header is no address: each request could have another
}  # fmt: skip
ORIGIN = re.compile(r"https?://[^/\s?#@]+", re.ASCII | re.IGNORECASE)
NO_URI = "--mongodb is no URI of MongoDB, such as mongodb://localhost:27017"
NO_SERVER = "serve needs the server's packages: pip install 'cubequery[server]'"


def run(arguments: Namespace) -> None:
    """Serve until told to stop. Raises Usage and Failure."""
    _check(arguments)
    try:
        import uvicorn
        from uvicorn.supervisors import Multiprocess

        from cubequery.server import logs, process
    except ImportError as error:
        if (error.name or "").startswith("cubequery"):
            raise
        raise Usage(NO_SERVER) from None
    serving = process.Serving(
        arguments.classes, arguments.actors, arguments.mongodb, arguments.database, arguments.data, tuple(arguments.cors),
        arguments.rate_limit, arguments.rate_limit_storage, arguments.user_id_type, arguments.logs == "json",
        arguments.docs, arguments.metrics, arguments.dialect,
    )  # fmt: skip
    with _problems("--classes"):
        names = sorted(serving.load_classes())
    with _problems("--actors"):
        serving.load_tokens()
    with _problems("serve"):
        app, saved = serving.build()
    logs.log_to_stderr(as_json=serving.json_logs)
    with _listener(arguments.host, arguments.port) as listener:
        write_lines(_told(arguments, _address(listener), names))
        sys.stdout.flush()
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, lambda *_: None)  # the server handles them while it runs, and raises them once more when it has ended
        if arguments.workers == 1:
            uvicorn.Server(uvicorn.Config(app, **OPTIONS)).run([listener])
        else:
            serving.tell_workers()
            config = uvicorn.Config("cubequery.server.process:worker", factory=True, workers=arguments.workers, **OPTIONS)
            Multiprocess(config, [listener]).run()
    if saved is not None and saved.store.path is not None and saved.changed:
        raise Failure(f"--data {arguments.data}: the last changes could not be saved")


def _check(arguments: Namespace) -> None:
    """Whether the arguments go together. Raises Usage."""
    own = [f"--{name}" for name in ("classes", "actors", "mongodb") if getattr(arguments, name) is not None]
    if arguments.demo and own:
        raise Usage(f"--demo has classes, records and tokens of its own: leave out {', '.join(own)}")
    if not arguments.demo and arguments.classes is None:
        raise Usage(
            "--classes is missing: a file of class definitions", "--demo serves sample classes, records and tokens without any file"
        )
    if not arguments.demo and arguments.actors is None:
        raise Usage('--actors is missing: a JSON file that says who may ask: {"a token": {"user_id": 1, "groups": ["a"]}}')
    if (arguments.mongodb is None) != (arguments.database is None):
        raise Usage("--mongodb URI and --database DB belong together")
    if arguments.mongodb is not None and not arguments.mongodb.startswith(("mongodb://", "mongodb+srv://")):
        raise Usage(NO_URI)
    if arguments.mongodb is not None and arguments.data is not None:
        raise Usage("--data is the file of records in memory: leave it out with --mongodb")
    if arguments.workers < 1 or not 0 <= arguments.port <= 65_535:
        raise Usage("--workers is 1 or more, --port is 0 to 65535")
    if arguments.workers > 1 and arguments.mongodb is None:
        raise Usage("--workers above 1 needs --mongodb: records in memory are each process's own, and no other would see them")
    counted = arguments.rate_limit is not None or arguments.dialect is not None  # a dialect has a rate of its own
    if arguments.workers > 1 and counted and arguments.rate_limit_storage is None:
        raise Usage("--rate-limit or --dialect with several workers needs --rate-limit-storage: in memory each would count for itself")
    if arguments.workers > 1 and arguments.metrics:
        raise Usage("--metrics with several workers would show those of whichever process answers: run one process a port instead")
    if not counted and arguments.rate_limit_storage is not None:
        raise Usage("--rate-limit-storage belongs to --rate-limit or --dialect")
    for origin in arguments.cors:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise Usage("--cors is an origin such as https://app.example or http://localhost:3000, without a path, or *")


@contextmanager
def _problems(flag: str) -> Iterator[None]:
    """What cannot be read, as something wrong with an argument."""
    try:
        yield
    except OSError as error:
        raise Usage(f"{flag}: {error.filename}: {error.strerror}") from None
    except cq.DefinitionError as error:
        raise Usage(*(f"{flag}: {problem}" for problem in error.problems)) from None
    except (PyMongoError, TypeError, ValueError):
        raise Usage(f"{NO_URI}, or --database is no name") from None


def _listener(host: str, port: int) -> socket.socket:
    """The socket, bound, so that a port that is taken is told before anything is served. Raises Failure."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        raise Failure(f"cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or 'no such address'}") from None


def _address(listener: socket.socket) -> str:
    """Where a client on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _told(arguments: Namespace, address: str, names: list[str]) -> Iterator[str]:
    yield f"serving {', '.join(names) or 'no class'} at {address}"
    if arguments.demo:
        yield f"tokens: {', '.join(demo.TOKENS)}"
        token, request = next(iter(demo.TOKENS)), f"profile?{DEMO_REQUESTS[arguments.dialect]}"
    else:
        yield f"try: curl {address}/healthz"
        token, request = f"<a token of {arguments.actors}>", names[0] if names else "CLASS"
    header, path = ("CB-Token: ", "data") if arguments.dialect is None else ("Authorization: Bearer ", PATHS[arguments.dialect])
    yield f"{'try' if arguments.demo else 'and'}: curl -g -H '{header}{token}' '{address}/{path}/{request}'"
