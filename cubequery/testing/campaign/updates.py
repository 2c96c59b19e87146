"""Updates: a change made in memory is the change that its commands make on the server, byte for byte, or the same refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from bson import decode, encode
from bson.raw_bson import RawBSONDocument

import cubequery as cq
from cubequery.ast import Field
from cubequery.operators import UPDATE
from cubequery.testing.bodies import Bodies, Body
from cubequery.testing.campaign.bench import WIDE, Bench
from cubequery.testing.campaign.filters import leaves
from cubequery.testing.campaign.stored import kind_at, kinds_met
from cubequery.testing.campaign.tally import Cell, Tally
from cubequery.testing.campaign.worlds import FreshWorld
from cubequery.testing.carriers import search_json
from cubequery.testing.values import Document
from cubequery.translate.change import Pair

RECORDS, BODIES = 60, 60
NOW = dt.datetime(2026, 1, 1)
BY_VALUE = ("operator_type", "index", "overflow", "out_of_range", "choice", "too_big")
"""Codes of refusals by what a record stores."""
NOT_A_BODY = ("not_here", "wrong_type", "operator_type", "need_user", "empty_criteria", "missing", "conflict", *BY_VALUE)
"""Codes of bodies that are refused before any record is looked at; the campaign draws another."""


class Ground:
    """The records that bodies are tried on, and what is asked of them again and again."""

    def __init__(self, schema: cq.ClassSchema, documents: Sequence[Document], fields: Sequence[Field]) -> None:
        self.schema, self.documents = schema, documents
        self.raw = [RawBSONDocument(encode(each)) for each in documents]
        self.places = {each["_id"]: place for place, each in enumerate(documents)}
        self.kinds = {field.name: [kind_at(each, field) for each in documents] for field in fields}


def run(seed: int, bench: Bench) -> Tally:
    """One world: every body on every record. Counts ``updates``, ``changed`` and ``refused`` ones, and each refusal by its code."""
    world, tally = FreshWorld(seed, RECORDS), Tally()
    ground = Ground(world.schema, world.documents, world.fields)
    bench.fill(ground.raw)
    updates = Bodies(world)
    for _ in range(BODIES):
        compare(*draw(world, updates), ground, bench, tally)
    return tally


def compare(body: Body, change: cq.Change, ground: Ground, bench: Bench, tally: Tally) -> None:
    """One change of every record, in memory and on the server, which holds the records."""
    pairs = list(change.commands)
    said = encode({"": [[filter, update] for filter, update in pairs]})
    for place, left in enumerate(on_server(bench, pairs, ground)):
        tally.case(said, bytes(ground.raw[place].raw))
        made, code = in_memory(change, ground.documents[place])
        tally.counts.update(["updates", code or "changed", *(["refused"] if code else [])])
        if not same(made, code, left):
            tally.differ(_told(ground, body, change, place, made, code, left))
        if not code or code in BY_VALUE:
            met = [(each.operator.name, each.field) for each in change.update.changes]
            tally.cells.update((name, field.type.kind, ground.kinds[field.name][place]) for name, field in met)


def draw(world: FreshWorld, updates: Bodies) -> tuple[Body, cq.Change]:
    """A body that is taken, and the change of some actor; now and then by criteria."""
    while True:
        body = updates.body()
        criteria = search_json(world.criterion()) if world.random.random() < 0.2 else None
        if criteria is not None:
            body = {"search_criteria": criteria, **body}
        actor = cq.ADMIN if world.random.random() < 0.3 else world.actor()
        try:
            return body, cq.translate_update(body, world.schema, actor=actor, now=NOW, settings=world.settings)
        except cq.RequestError as error:
            if error.code not in NOT_A_BODY:
                raise


def in_memory(change: cq.Change, document: Document) -> tuple[Document, str]:
    """The document afterwards, and the code of the refusal where it was refused."""
    try:
        return change.apply(document), ""
    except cq.RequestError as error:
        return document, error.code


def on_server(bench: Bench, pairs: Sequence[Pair], ground: Ground) -> list[RawBSONDocument | None]:
    """Each record after the first pair that matches it; None where none does. The bench holds them and stays as it is."""
    after: list[RawBSONDocument | None] = [None] * len(ground.raw)
    taken: set[int] = set()
    for (filter, update), matched in zip(pairs, bench.selected([filter for filter, _ in pairs]), strict=True):
        first = [place for own in matched if (place := ground.places[own]) not in taken]
        taken.update(first)
        for place, left in zip(first, bench.updated(filter, update, [ground.raw[place] for place in first]), strict=True):
            after[place] = left
    return after


def same(made: Document, code: str, left: RawBSONDocument | None) -> bool:
    """Whether the server has left what was made in memory, or refused where that was refused."""
    if left is None or code:
        return left is None and bool(code)
    return left.raw == encode(made) or exact(decode(left.raw, WIDE)) == exact(made)


def exact(document: Document) -> dict[str, Any]:
    """Every value in its stored bytes. The rights' own order of keys, and an empty ``_acl``, carry no meaning."""
    shown = {name: encode({"": value}) for name, value in document.items() if name != "_acl"}
    return {**shown, "_acl": document.get("_acl") or None}


def expected() -> set[Cell]:
    """Every operator on every type that takes it, over every kind that may be stored there. Files are written by uploads alone."""
    types = {each.type.kind: each.type for each in leaves("Integer") if not each.system and each.type.kind != "File"}
    rows = [(row.name, kind) for row in UPDATE.values() for kind in types if kind in row.kinds or row.name in ("set", "unset")]
    return {(name, kind, met) for name, kind in rows for met in kinds_met(types[kind])}


def _told(ground: Ground, body: Body, change: cq.Change, place: int, made: Document, code: str, left: RawBSONDocument | None) -> str:
    """The case and what both sides came to."""
    lines = [f"{body!r} as {change.actor!r}", f"class {ground.schema.to_json()}", f"record {ground.documents[place]!r}"]
    lines += [f"pair {filter}\n     {update}" for filter, update in change.commands]
    server = None if left is None else decode(left.raw, WIDE)
    return "\n".join([*lines, f"in memory  {code or made!r}", f"the server {server!r}"])
