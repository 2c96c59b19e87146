"""What the command line takes, with an example for each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import cubequery as cq
from cubequery.cli import explain, query, serve, translate
from cubequery.cli.given import Usage

CODES = "exit codes: 0 done, 1 the request is refused, 2 wrong arguments or files, 3 the database or the program failed"
TRANSLATE = """\
example:
  cubequery translate --classes classes.json --class profile --actor '{"user_id": 1, "groups": ["staff"]}' \\
      'age[gt]=28&sort_desc=full_name'
  cubequery translate --classes classes.json --class profile --actor '{"user_id": 1}' --update '{"inc": {"age": 1}}'
"""
EXPLAIN = """\
example:
  cubequery explain --classes classes.json --class profile --actor '{"user_id": null}' 'tags[all]=jazz,chess&limit=5'
"""
QUERY = """\
examples:
  cubequery query --demo 'age[gt]=28&sort_desc=full_name'
  cubequery query --demo --actor '{"user_id": 70000}' 'rating[calc]=avg&group_by=job'
  cubequery query --classes classes.json --class profile --actor '{"admin": true}' --records profiles.jsonl 'count=1'
  cubequery query --classes classes.json --class profile --actor '{"user_id": 1}' \\
      --mongodb mongodb://localhost:27017 --database app 'job[ctn]=engineer&limit=5'

Records are documents in the stored form, one a line, as mongoexport writes them: ids as {"$oid": ".."}, dates as {"$date": ".."},
rights in the arrays _read, _update and _delete. A record without these arrays is read by an admin only.
"""
SERVE = """\
examples:
  cubequery serve --demo
  cubequery serve --classes classes.json --actors actors.json --data records.jsonl --cors https://app.example
  cubequery serve --classes classes.json --actors actors.json --mongodb mongodb://localhost:27017 --database app --workers 4

The file of --actors says whose each token is: {"a token": {"user_id": 1, "groups": ["a"], "admin": false}}; {"user_id": null} is an
anonymous session. It is read again when it changes. Clients send a token as CB-Token, QB-Token or Authorization: Bearer.
"""


class Parser(argparse.ArgumentParser):
    """A parser that raises; the one place that ends the program is ``main``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise Usage(message, f"`{self.prog} --help` shows what can be given")


def build_parser() -> Parser:
    """The parser of all commands."""
    parser = Parser(prog="cubequery", description="Requests for custom objects: translated, explained, or run over records.", epilog=CODES)
    parser.add_argument("--version", action="version", version=f"cubequery {cq.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    one = _command(commands, "translate", "print what MongoDB is told, as one JSON object", TRANSLATE, translate.run)
    two = _command(commands, "explain", "show the tree, the rights that are joined, the sentence and the filter", EXPLAIN, explain.run)
    three = _command(commands, "query", "run a request over records, as an actor", QUERY, query.run)
    _add_writes(one, translate.PLACES)
    _add_writes(two, explain.PLACES)
    _add_sources(three)
    one.add_argument("--format", choices=("json",), default="json", help="the only form")
    two.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    three.add_argument("--format", choices=("json", "table"), help="default: table on a terminal, else json, the API's own envelope")
    _add_serve(commands)
    return parser


def _add_serve(commands: Any) -> None:
    does = "serve the Custom Objects API over HTTP"
    parser: Parser = commands.add_parser("serve", help=does, description=f"{does[0].upper()}{does[1:]}.", epilog=f"{SERVE}\n{CODES}")
    parser.set_defaults(run=serve.run, format="text")
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
    parser.add_argument("--rate-limit", metavar="RATE", help="requests of one user, else of one address, such as 60/minute")
    parser.add_argument("--rate-limit-storage", metavar="URI", help="where they are counted: mongodb://.. or redis://.. (default: memory)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes; above 1 only with --mongodb")
    parser.add_argument("--user-id-type", choices=("Integer", "String"), default="Integer", help="type of user ids (default: Integer)")
    parser.add_argument("--logs", choices=("text", "json"), default="text", help="form of the log on standard error (default: text)")


def _command(commands: Any, name: str, does: str, examples: str, run: Callable[[argparse.Namespace], None]) -> Parser:
    parser: Parser = commands.add_parser(name, help=does, description=does[0].upper() + does[1:] + ".", epilog=f"{examples}\n{CODES}")
    parser.set_defaults(run=run)
    parser.add_argument("request", nargs="?", metavar="REQUEST", help="query string as received, or a JSON object with the same meaning")
    parser.add_argument("--classes", metavar="FILE", help='class definitions: {"classes": [..]}, or one definition')
    parser.add_argument("--class", dest="name", metavar="NAME", help="the class; may be left out where the file holds one")
    parser.add_argument("--actor", metavar="JSON", help='{"user_id": 1, "groups": ["a"]}, {"user_id": null} (anonymous) or {"admin": true}')
    parser.add_argument("--where", metavar="JSON", help="the host's own condition, a MongoDB filter joined with every request")
    parser.add_argument("--user-id-type", choices=("Integer", "String"), default="Integer", help="type of user ids (default: Integer)")
    return parser


def _add_writes(parser: Parser, places: Sequence[str]) -> None:
    parser.add_argument("--update", metavar="BODY", help="translate an update: JSON if it begins with {, else form text")
    parser.add_argument("--id", metavar="ID", help="the one record that an update is about")
    parser.add_argument("--place", choices=places, metavar="PLACE", help=f"what the request is: {', '.join(places)} (default: list)")


def _add_sources(parser: Parser) -> None:
    source = parser.add_argument_group("records, one of")
    source.add_argument("--records", metavar="FILE", help="JSON lines (MongoDB Extended JSON); - is standard input")
    source.add_argument("--mongodb", metavar="URI", help="a server; needs --database")
    source.add_argument("--demo", action="store_true", help="sample classes and records, without any file")
    parser.add_argument("--database", metavar="DB", help="the server's database")
    parser.add_argument("--collection", metavar="NAME", help="its collection (default: the class's name)")
