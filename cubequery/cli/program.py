"""From arguments to an exit code: 0, 1 for a refused request, 2 for wrong arguments or files, 3 where the work could not be done."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

from cubequery.cli.arguments import build_parser
from cubequery.cli.given import Failure, Usage
from cubequery.cli.output import write_json
from cubequery.errors import RequestError

REFUSED, USAGE, FAILED, INTERRUPTED, BROKEN_PIPE = 1, 2, 3, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):  # a stream of a test or of an embedding program
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # absent on such streams
    try:
        code = _command(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    return code


def _command(arguments: Sequence[str] | None) -> int:
    """A command that gives no code of its own has done its work."""
    as_json = False
    try:
        given = build_parser().parse_args(arguments)
        as_json = given.format == "json" or (given.format is None and not sys.stdout.isatty())
        given.as_json = as_json
        code: int | None = given.run(given)
        return code or 0
    except SystemExit as done:  # --help and --version
        return int(done.code or 0)
    except Usage as wrong:
        return _say(USAGE, *wrong.lines)
    except Failure as failed:
        return _say(FAILED, str(failed))
    except RequestError as refused:
        print(refused.caret(), file=sys.stderr)
        if as_json:
            write_json(refused.body())
        return REFUSED
    except BrokenPipeError:
        raise
    except Exception as error:  # a fault of this program; its text may hold anything, so only its kind is told
        return _say(FAILED, f"internal error ({type(error).__name__})")


def _say(code: int, *lines: str) -> int:
    for line in lines:
        print(f"cubequery: {line}", file=sys.stderr)
    return code


def _drop_output() -> None:
    """Nobody reads any more: what is still buffered goes nowhere, so that the interpreter's last flush does not complain."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
