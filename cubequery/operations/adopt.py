"""Adopting records that other programs wrote: token arrays, `_acl` and an owner for those that lack them, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from cubequery.acl import TOKEN_FIELDS
from cubequery.ast import Compare, Level, all_of
from cubequery.operations.change import ROUNDS
from cubequery.operations.origin import Origin, as_read, read_user, values_at
from cubequery.operations.walk import walk
from cubequery.operations.work import Work
from cubequery.operators import EQ
from cubequery.ordering import MISSING, stored_type
from cubequery.schema.permissions import RECORD_ACTIONS
from cubequery.stores.commands import Document, Find, GiveRights, Steps, do
from cubequery.translate.render import stored_value
from cubequery.translate.rights import Grant, Owner, default_level

COUNTS = ("adopted", "had_tokens", "changed_meanwhile", "user_id_set", "no_owner", "other_owner")
KINDS = ("foreign_owner", "foreign_shared", "refused")


def adopt(work: Work, origin: Origin, *, dry_run: bool) -> Steps[dict[str, Any]]:
    """Give rights to every record of the class that lacks them; a repeat goes on. The report is :meth:`Upkeep.adopt`'s.

    Each record is written in one command, under the condition that it still lacks what it is given and still holds what that was
    taken from. An array that is there is never touched, whoever wrote it.
    """
    tally = Tally()
    seen = yield from walk(work, partial(_adopt_batch, work, origin, tally, dry_run), origin.paths)
    counted = {name: tally.counts[name] for name in COUNTS} | {name: dict(sorted(tally.kinds[name].items())) for name in KINDS}
    return {"class_name": work.schema.name, "dry_run": dry_run, "seen": seen, **counted}


class Tally:
    """What a run counts: records by ``COUNTS``, and by stored type or code under ``KINDS``."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.kinds: dict[str, Counter[str]] = {name: Counter() for name in KINDS}


def _adopt_batch(work: Work, origin: Origin, tally: Tally, dry_run: bool, batch: list[Document]) -> Steps[None]:
    """Whoever changes a record between the look and the write is met by another round."""
    grants = [grant for document in batch if (grant := _judge(work, origin, document, tally)) is not None]
    if dry_run:
        tally.counts["adopted"] += len(grants)
        return
    for _ in range(ROUNDS):
        if not grants:
            return
        given = yield from do(GiveRights(work.schema, [grant for _, grant in grants]))
        tally.counts["adopted"] += given.written
        tally.kinds["refused"].update(given.refused.values())
        left = [record_id for place, (record_id, _) in enumerate(grants) if place not in given.refused]
        lost = len(left) - given.written
        look = Find(work.schema, all_of(work.with_ids(left), work.where), paths=origin.paths)
        again: list[Document] = (yield from do(look)) if lost else []
        grants = [grant for document in again if (grant := _judge(work, origin, document, Tally())) is not None]
        tally.counts["changed_meanwhile"] += lost - len(grants)
    tally.counts["changed_meanwhile"] += len(grants)


def _judge(work: Work, origin: Origin, document: Document, tally: Tally) -> tuple[Any, Grant] | None:
    """The record's id with what it is to be given; None for one that lacks nothing, or whose rights cannot be read."""
    arrays = {action: document.get(f"_{action}") for action in RECORD_ACTIONS}
    lacking = [action for action, array in arrays.items() if array is None]
    odd = any(array is not None and not isinstance(array, list) for array in arrays.values())
    if odd or (lacking and not isinstance(document.get("_acl"), Mapping | None)):
        tally.kinds["refused"]["malformed"] += 1
        return None
    if not lacking:
        tally.counts["had_tokens"] += 1
        return None
    owner, adds_owner = _owner(work, origin, document, tally)
    shared = _shared(work, origin, document, tally)
    own = Level("open_for_users_ids", shared) if shared else Level("owner")
    levels = [(action, own if action in origin.actions else default_level(work.schema, action)) for action in lacking]
    bare = "_acl" not in document
    still = [Compare(TOKEN_FIELDS[action], EQ, None) for action in lacking]
    read = [as_read(document, path) for path in dict.fromkeys(("user_id", origin.owner, *origin.shared, *(("_acl",) if bare else ())))]
    condition = all_of(work.with_ids([document["_id"]]), work.where, *still, *read)
    return document["_id"], Grant(condition, levels, owner, work.settings.user_id_type, adds_owner, bare)


def _owner(work: Work, origin: Origin, document: Document, tally: Tally) -> tuple[Owner, bool]:
    """Whose record it is, and whether that must be added; a stored ``user_id`` stays, and a foreign one makes nobody owner."""
    stored = document.get("user_id")
    named: Any = None if origin.owner == "user_id" else stored_value(document, origin.owner)
    found = read_user(named, work.settings)
    if stored is None:
        nobody = named is None or named is MISSING
        tally.counts["no_owner"] += nobody
        tally.counts["user_id_set"] += found is not None
        tally.kinds["foreign_owner"].update(() if nobody or found is not None else (stored_type(named),))
        return found, found is not None
    if not work.schema.names(work.settings.user_id_type)["user_id"].type.owns(stored):
        tally.kinds["foreign_owner"][stored_type(stored)] += 1
        return None, False
    tally.counts["other_owner"] += found is not None and found != stored
    return stored, False


def _shared(work: Work, origin: Origin, document: Document, tally: Tally) -> tuple[Any, ...]:
    """The users that the record's shared fields name, each once."""
    users: dict[Any, None] = {}
    for value in (each for path in origin.shared for each in values_at(document, path)):
        user = read_user(value, work.settings)
        if user is None:
            tally.kinds["foreign_shared"][stored_type(value)] += 1
        else:
            users[user] = None
    return tuple(users)
