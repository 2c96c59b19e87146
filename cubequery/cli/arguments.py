"""What the command line takes, with an example for each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import cubequery as cq
from cubequery.cli import explain, query, translate, upkeep
from cubequery.cli.given import Usage

DOES = "Custom objects: requests translated, explained, or run over records; existing records taken over."
CODES = "exit codes: 0 done, 1 the request, or some record, is refused, 2 wrong arguments or files, 3 the database or the program failed"
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
ADOPT = """\
examples:
  cubequery adopt --classes classes.json --class order --mongodb mongodb://localhost:27017 --database shop \\
      --owner customerId --shared sharedWith --dry-run
  cubequery adopt --classes classes.json --class order --data shop.jsonl

Records that lack them get their token arrays: the shared users may do the shared actions, the owner everything, others what the class
says for new records. Nothing else of a record changes, and rights that are there stay. Run it again after an interruption.
"""
AUDIT = """\
example:
  cubequery audit --classes classes.json --class order --mongodb mongodb://localhost:27017 --database shop --collection orders

Counts values of other types, stored nulls, undeclared names, rights that are missing or do not agree, lost files. It never writes.
"""
IMPORT = """\
examples:
  cubequery import profiles.jsonl --classes classes.json --class profile --data app.jsonl --owner 47592
  cubequery import export.jsonl --keep --classes classes.json --mongodb mongodb://localhost:27017 --database app

A line is a record in the form of the API's answers. A line that was stored before, from a file of this name, is not stored again:
correct the refused lines in their places and import the file once more.
"""


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
    _add_writes(two, explain.PLACES)
    _add_sources(three)
    one.add_argument("--format", choices=("json",), default="json", help="the only form")
    two.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    three.add_argument("--format", choices=("json", "table"), help="default: table on a terminal, else json, the API's own envelope")
    _add_adopt(_upkeep(commands, "adopt", "give existing records their rights", ADOPT, upkeep.adopt))
    _upkeep(commands, "audit", "count the records that do not fit their class", AUDIT, upkeep.audit)
    _add_import(_upkeep(commands, "import", "store a record for each line of a file", IMPORT, upkeep.import_))
    return parser


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
