"""What the command line takes, with an example for each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import cubequery as cq
from cubequery.cli import dialects, explain, query, serve, translate, upkeep
from cubequery.cli.examples import ADOPT, AUDIT, CODES, DOES, EXPLAIN, IMPORT, QUERY, SERVE, TRANSLATE
from cubequery.cli.given import Usage


class Parser(argparse.ArgumentParser):
    """A parser that raises; the one place that ends the program is ``main``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise Usage(message, f"`{self.prog} --help` shows what can be given")


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(
        prog="cubequery",
        description=DOES,
        epilog=CODES,
    )
    parser.add_argument("--version", action="version", version=f"cubequery {cq.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    one = _command(commands, "translate", "print what MongoDB is told, as one JSON object", TRANSLATE, translate.run)
    two = _command(commands, "explain", "show the tree, the rights that are joined, the sentence and the filter", EXPLAIN, explain.run)
    three = _command(commands, "query", "run a request over records, as an actor", QUERY, query.run)
    _add_writes(one, translate.PLACES)
    _add_dialect(one)
    _add_writes(two, explain.PLACES)
    _add_sources(three)
    one.add_argument("--format", choices=("json",), default="json", help="the only form")
    two.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    three.add_argument("--format", choices=("json", "table"), help="default: table on a terminal, else json, the API's own envelope")
    _add_serve(commands)
    _add_adopt(_upkeep(commands, "adopt", "give existing records their rights", ADOPT, upkeep.adopt))
    _upkeep(commands, "audit", "count the records that do not fit their class", AUDIT, upkeep.audit)
    _add_import(_upkeep(commands, "import", "store a record for each line of a file", IMPORT, upkeep.import_))
    return parser


def _add_serve(commands: Any) -> None:
    does = "serve the Custom Objects API over HTTP"
    parser = _parser(commands, "serve", does, SERVE, serve.run)
    parser.set_defaults(format="text")
    parser.add_argument("--demo", action="store_true", help="sample classes, records and tokens, without any file")
    parser.add_argument("--classes", metavar="FILE", help='class definitions: {"classes": [..]}, or one definition')
    parser.add_argument("--actors", metavar="FILE", help="who may ask: a JSON object of actors by their tokens")
    parser.add_argument("--mongodb", metavar="URI", help="records on a server (default: in memory); needs --database")
    parser.add_argument("--database", metavar="DB", help="the server's database; a class is a collection of the same name")
    parser.add_argument(
        "--data", metavar="FILE", help="keep the records in memory in this file: read at the start, saved every few seconds"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1, this machine alone)")
    parser.add_argument("--port", type=int, default=8080, help="port to listen on; 0 is any that is free (default: 8080)")
    parser.add_argument("--cors", metavar="ORIGIN", action="append", default=[], help="let browsers ask from this origin; may be repeated")
    parser.add_argument("--dialect", choices=sorted(dialects.DIALECTS), help="another request language, each class under its own name")
    parser.add_argument("--rate-limit", metavar="RATE", help="requests of one user, else of one address, such as 60/minute")
    parser.add_argument("--rate-limit-storage", metavar="URI", help="where they are counted: mongodb://.. or redis://.. (default: memory)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; above 1 only with --mongodb")
    parser.add_argument("--metrics", action="store_true", help="figures for Prometheus at /metrics, to everybody who reaches that path")
    parser.add_argument("--no-docs", dest="docs", action="store_false", help="no description of the classes at /openapi.json and /docs")
    parser.add_argument("--user-id-type", choices=("Integer", "String"), default="Integer", help="type of user ids (default: Integer)")
    parser.add_argument("--logs", choices=("text", "json"), default="text", help="form of the log on standard error (default: text)")


def _parser(commands: Any, name: str, does: str, examples: str, run: Callable[[argparse.Namespace], int | None]) -> Parser:
    parser: Parser = commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".", epilog=f"{examples}\n{CODES}")
    parser.set_defaults(run=run)
    return parser


def _command(commands: Any, name: str, does: str, examples: str, run: Callable[[argparse.Namespace], int | None]) -> Parser:
    parser = _parser(commands, name, does, examples, run)
    parser.add_argument("request", nargs="?", metavar="REQUEST", help="query string as received, or a JSON object with the same meaning")
    _add_class(parser)
    parser.add_argument("--actor", metavar="JSON", help='{"user_id": 1, "groups": ["a"]}, {"user_id": null} (anonymous) or {"admin": true}')
    parser.add_argument("--where", metavar="JSON", help="the host's own condition, a MongoDB filter joined with every request")
    return parser


def _add_class(parser: Parser) -> None:
    parser.add_argument("--classes", metavar="FILE", help='class definitions: {"classes": [..]}, or one definition')
    parser.add_argument("--class", dest="name", metavar="NAME", help="the class; may be left out where the file holds one")
    parser.add_argument("--user-id-type", choices=("Integer", "String"), default="Integer", help="type of user ids (default: Integer)")


def _add_writes(parser: Parser, places: Sequence[str]) -> None:
    parser.add_argument("--update", metavar="BODY", help="translate an update: JSON if it begins with {, else form text")
    parser.add_argument("--id", metavar="ID", help="the one record that an update is about")
    parser.add_argument("--place", choices=places, metavar="PLACE", help=f"what the request is: {', '.join(places)} (default: list)")


def _add_dialect(parser: Parser) -> None:
    parser.add_argument(
        "--dialect", choices=sorted(dialects.DIALECTS), help="another request language, in which REQUEST is the query string of a list"
    )


def _add_sources(parser: Parser) -> None:
    source = parser.add_argument_group("records, one of")
    source.add_argument("--records", metavar="FILE", help="JSON lines (MongoDB Extended JSON); - is standard input")
    source.add_argument("--demo", action="store_true", help="sample classes and records, without any file")
    _add_server(parser, source)


def _add_server(parser: Parser, source: Any) -> None:
    source.add_argument("--mongodb", metavar="URI", help="a server; needs --database")
    parser.add_argument("--database", metavar="DB", help="the server's database")
    parser.add_argument("--collection", metavar="NAME", help="its collection (default: the class's name)")


def _upkeep(commands: Any, name: str, does: str, examples: str, run: Callable[[argparse.Namespace], int | None]) -> Parser:
    parser = _parser(commands, name, does, examples, run)
    _add_class(parser)
    source = parser.add_argument_group("records, one of")
    source.add_argument("--data", metavar="FILE", help="the embedded store's file, replaced as a whole")
    _add_server(parser, source)
    parser.add_argument("--scope", metavar="JSON", help='stored paths and values that every record has: {"app_id": 7}')
    parser.add_argument("--format", choices=("json", "table"), help="default: table on a terminal, else json")
    return parser


def _add_adopt(parser: Parser) -> None:
    parser.add_argument("--owner", metavar="FIELD", default="user_id", help="field or stored path of the owner (default: user_id)")
    parser.add_argument("--shared", metavar="FIELD", action="append", default=[], help="field of users who share a record; may be repeated")
    parser.add_argument("--shared-actions", metavar="ACTIONS", default="read", help="what they may do: read,update,delete (default: read)")
    parser.add_argument("--dry-run", action="store_true", help="count what would be done, and write nothing")


def _add_import(parser: Parser) -> None:
    parser.add_argument("file", metavar="FILE", help="JSON lines; - is standard input")
    parser.add_argument("--keep", action="store_true", help="keep ids, owners, times, permissions and parents as an export has them")
    parser.add_argument("--owner", metavar="ID", help="user id of the owner; with --keep of records that name none")
    parser.add_argument("--actor", metavar="JSON", help='the same as an actor: {"user_id": 1}')
    parser.add_argument("--strict", action="store_true", help="stop at the first refused line")
    parser.add_argument("--request-id", metavar="ID", help="tells apart imports of the same lines (default: from the file's name)")
