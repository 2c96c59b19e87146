"""Authorisation: who may do what, by the compiled condition on the server, by the same in memory, and by plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from random import Random
from typing import Any

from bson import Int64, encode

import cubequery as cq
from cubequery.acl import permitted
from cubequery.compile import compile_filter
from cubequery.evaluate import selector
from cubequery.testing.campaign.bench import Bench
from cubequery.testing.campaign.tally import Cell, Tally
from cubequery.testing.campaign.worlds import SETTINGS
from cubequery.testing.pools import FOREIGN
from cubequery.testing.rights import ABSENT, ACTIONS, Keys, actors_for, may, rights_paths
from cubequery.testing.values import Document, put

RECORDS, VERDICTS = 250, 12
"""Records of a world, and how many of each action's decisions are asked of ``cq.verdict`` as well."""
STRATEGIES = ("tokens", "class", "owner")
PRIMARY = ("open", "owner", "open_for_groups", "open_for_users_ids", "not_allowed")
ACTORS = ("admin", "anonymous", "user", "user with groups")
GROUPS = ("a", "b", "officers", "*", "u1", "ga", "été")


def run(seed: int, bench: Bench) -> Tally:
    """One world: every action of every actor on every record. Counts ``decisions``, ``granted`` and ``malformed`` ones."""
    random, tally = Random(seed), Tally()
    user_ids = random.choice(["Integer", "Integer", "String"])
    schema = rights_class(random, user_ids, seed)
    actors = [*actors_for([schema], user_ids), cq.Actor(_user(random, user_ids), random.sample(GROUPS, 2))]
    documents = [_record(random, schema, random.choice(actors), user_ids, number) for number in range(RECORDS)]
    bench.fill(documents)
    asked = list(product(actors, ACTIONS))
    conditions = [permitted(actor, action, schema, user_ids) for actor, action in asked]
    filters = [compile_filter(each) for each in conditions]
    rights = b"".join(map(encode, documents))
    malformed = sum(map(odd, documents))
    for (actor, action), condition, filter, stored in zip(asked, conditions, filters, bench.selected(filters), strict=True):
        answers = {
            "the server": set(stored),
            "memory": {each["_id"] for each in selector(condition)(documents)},
            "plain words": {each["_id"] for each in documents if may(actor, action, schema, each)},
        }
        shown = random.sample(documents, VERDICTS)
        said = {each["_id"]: bool(cq.verdict(actor, action, schema, each, settings=SETTINGS[user_ids])) for each in shown}
        if len(set(map(frozenset, answers.values()))) > 1 or any(allowed != (own in answers["memory"]) for own, allowed in said.items()):
            tally.differ(_told(schema, actor, action, filter, documents, {**answers, "verdict": {own for own in said if said[own]}}))
        tally.case(encode(filter), rights)
        tally.cells[_cell(schema, actor, action)] += RECORDS
        tally.counts.update(decisions=RECORDS, granted=len(stored), malformed=malformed, verdicts=VERDICTS)
    return tally


def rights_class(random: Random, user_ids: str, number: int) -> cq.ClassSchema:
    """A class with hardly anything but rights: every other number takes its turn through strategies and levels, the others draw them."""
    strategy = STRATEGIES[number // 2 % len(STRATEGIES)]
    users = [1, 2, 3, 7] if user_ids == "Integer" else ["ann", "1", "a", "bob"]
    fields: dict[str, Any] = {"n": cq.Integer}
    acl: Any = strategy
    if strategy == "owner":
        kind = cq.Integer if user_ids == "Integer" else cq.String
        fields |= {"who": kind(), "guests": cq.Array(kind), "friends": cq.Array(kind, stored="f")}
        acl = {"owner": random.choice(["who", "user_id"]), "shared": random.choice([[], ["guests"], ["guests", "friends"]])}
    levels = [each for each in (None, *PRIMARY) if strategy != "class" or each not in (None, "owner")]
    permissions: dict[str, Any] = {}
    for place, action in enumerate(ACTIONS):
        drawn = levels[(number // 6 + 2 * place) % len(levels)] if number % 2 else random.choice([None, *levels])
        listed: dict[str, Any] = {
            "open_for_groups": {"groups": random.sample(GROUPS, 2)},
            "open_for_users_ids": {"ids": random.sample(users, 2)},
        }
        if drawn is not None:
            permissions[action] = {"access": drawn, "primary": True, **listed.get(drawn, {})}
    return cq.ClassSchema("thing", fields, acl=acl, permissions=permissions, id_type="Integer")


def _user(random: Random, user_ids: str) -> Any:
    return random.choice([1, 2, 7, 2**31, 2**63 - 1] if user_ids == "Integer" else ["ann", "1", "a", "é", "u1", "*", "x y"])


def _record(random: Random, schema: cq.ClassSchema, actor: cq.Actor, user_ids: str, number: int) -> Document:
    """Rights for one of the actors, or for nobody, a third of them of a shape that the engine would not write."""
    keys = Keys(schema, actor, random, user_ids)
    document = keys.put({"_id": number}, **{action: random.random() < 0.5 for action in ACTIONS})
    if random.random() < 0.35:
        return document
    own = list(actor.tokens)
    for action in ACTIONS:
        listed = random.sample([*own, *own, "u9", "ga", "gb", "*", "u", "g", "", "U1", "u01", "u1 "], random.randint(0, 4))
        document[f"_{action}"] = _odd(random, listed) if random.random() < 0.12 else listed
    if schema.strategy.kind == "owner":
        owner, shared = rights_paths(schema)
        for path in (owner, *shared):
            put(document, path, random.choice([_odd(random, [actor.user_id]), actor.user_id, _user(random, user_ids), [actor.user_id, 5]]))
    return document


def _odd(random: Random, listed: Sequence[Any]) -> Any:
    """What stands in place of a list of tokens or of an id: the same things otherwise wrapped, or something else."""
    one = random.choice(list(listed)) if listed else "*"
    number = one if type(one) is int else 1
    wrapped = [one, [list(listed)], {"0": one}, {str(one).replace("\0", ""): True}, [{"token": one}], [None, *listed], [*listed, [one]]]
    return random.choice([*wrapped, None, "", [], Int64(number), float(number), str(one), [str(one)], True, *random.sample(FOREIGN, 3)])


def odd(document: Document) -> bool:
    """Whether some array of tokens is none that the engine would write: a list of texts."""
    arrays = [document.get(f"_{action}", ABSENT) for action in ACTIONS]
    return any(type(each) is not list or not each or any(type(token) is not str for token in each) for each in arrays)


def _cell(schema: cq.ClassSchema, actor: cq.Actor, action: str) -> Cell:
    level = schema.permissions[action]
    who = "admin" if actor.admin else "anonymous" if actor.user_id is None else "user with groups" if actor.groups else "user"
    return who, schema.strategy.kind, level.access if level.primary else "record", action


def expected() -> set[Cell]:
    """Every kind of actor under every strategy, by the record or a primary level, for every action; some levels no class can have."""
    levels = [(strategy, access) for strategy in STRATEGIES for access in ("record", *PRIMARY)]
    real = [each for each in levels if each not in (("class", "record"), ("class", "owner"))]
    return {(actor, strategy, access, action) for actor in ACTORS for strategy, access in real for action in ACTIONS}


def _told(
    schema: cq.ClassSchema, actor: cq.Actor, action: str, filter: Mapping[str, Any], documents: list[Document], answers: dict[str, set[Any]]
) -> str:
    """The decision and the records about which they differ."""
    lines = [f"{action} as {actor!r}", f"class {schema.to_json()}", f"filter {filter}"]
    for each in documents:
        by = [name for name, ids in answers.items() if each["_id"] in ids]
        if len([name for name in by if name != "verdict"]) not in (0, 3) or ("verdict" in by) > ("memory" in by):
            lines.append(f"{each!r} is allowed by {', '.join(by)} alone")
    return "\n".join(lines[:8])
