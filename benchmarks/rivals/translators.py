"""Libraries of Python that translate a request: what is timed of each, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.judge import Say
from benchmarks.measure import Work

PLAN, TREE = "filter, sort, page", "tree"


@dataclass(frozen=True, slots=True)
class Translator:
    """``reader`` is its key in the corpus; ``does`` the work that is timed; ``say`` the filter that comes of it, for the check."""

    reader: str
    does: str
    work: Work
    say: Say


def _mqm() -> Translator:
    from benchmarks.peers import ask_mqm

    return Translator("mqm", PLAN, ask_mqm, ask_mqm)


def _odata() -> Translator:
    from benchmarks.peers import SAY, ask_odata

    return Translator("odata", TREE, ask_odata, SAY["odata"])


def _moleql() -> Translator:
    from moleql import parse

    return Translator("moleql", PLAN, parse, parse)


def _pyrsql() -> Translator:
    """Its operands stay texts until an object-relational mapper types them, so the check types them by the class."""
    import pyrsql
    from pyrsql.parsing.limits import ParseLimits

    from benchmarks.rivals.rsql import mongo

    # It refuses lists of more than 100 unless told.
    options = pyrsql.QueryOptions(parse_limits=ParseLimits(max_arguments_per_list=1_000))

    def ask(text: str) -> Any:
        return pyrsql.parse(text, options=options)

    return Translator("rsql", TREE, ask, lambda text: {"filter": mongo(ask(text).expression)})


def _optimade() -> Translator:
    from optimade.filterparser import LarkParser
    from optimade.filtertransformers.mongo import MongoTransformer

    parser, transformer = LarkParser(), MongoTransformer()

    def ask(text: str) -> Any:
        return transformer.transform(parser.parse(text))

    return Translator("optimade", "filter", ask, lambda text: {"filter": ask(text)})


LOADERS: Mapping[str, Callable[[], Translator]] = {
    "mongo-queries-manager": _mqm, "moleql": _moleql, "odata-query": _odata, "pyrsql": _pyrsql, "optimade": _optimade,
}  # fmt: skip
"""By distribution. Each imports its peer when it is called, so that one that is missing leaves the others."""
