"""``python -m cubequery.testing campaign`` and ``cells``: what the library itself is tested with, by the million."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from cubequery.testing.campaign import enumerated, program


def main(given: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m cubequery.testing", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for each in (program, enumerated):
        each.arguments(commands)
    chosen = parser.parse_args(given)
    code: int = chosen.run(chosen)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
