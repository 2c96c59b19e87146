"""One tree said in three languages is one filter; requests drawn from the declarations learn nothing of what is hidden."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database

import cubequery as cq
from cubequery.dialects import connectnow, cubicl
from cubequery.testing.dialects import Requests, printed
from tests.dialects.connectnow import service
from tests.dialects.cubicl import office
from tests.support.mongod import Document

PERSON = cq.ClassSchema("Person", {"name": cq.String, "age": cq.Integer, "part": cq.Float, "on": cq.Boolean})
KINDS = {"name": "any_of", "age": "equals", "part": "equals", "on": "equals"}
NOW = connectnow.ConnectNow(
    [PERSON], [connectnow.Endpoint("people", "Person", filters=tuple(connectnow.Filter(name, kind, name) for name, kind in KINDS.items()))]
)
PARAMETERS = (
    *(cubicl.Parameter(name, kind, name) for name, kind in KINDS.items()),
    cubicl.Parameter("skip", "skip"),
    cubicl.Parameter("limit", "limit"),
)
CUB = cubicl.Cubicl(
    [PERSON],
    [
        cubicl.Endpoint(
            "people",
            "Person",
            (
                *(cubicl.Parameter(name, kind, name) for name, kind in KINDS.items()),
                cubicl.Parameter("skip", "skip"),
                cubicl.Parameter("limit", "limit"),
            ),
        )
    ],
)
WORDS = st.sampled_from(["a", "é b", "100%", "a&b", "[x]", "$ne", "x;y", "+"])
# What all three can say: equality, one of several, pages. An element of an
# array is `$in` in the one language and equality in the others, and `false` in Cubicl is "not true".
TREES = st.fixed_dictionaries(
    {"limit": st.integers(1, 100)},
    optional={
        "name": st.lists(WORDS, min_size=2, max_size=3, unique=True), "age": st.integers(-5, 10**12),
        "part": st.sampled_from([0.5, -2.0, 1e3]),
        "on": st.just("true"),
    },
)  # fmt: skip


@given(TREES, st.integers(0, 3), st.sampled_from([cq.Actor(1), cq.Actor(2, ["g"]), cq.ANONYMOUS, cq.ADMIN]))
def test_one_tree_in_three_languages_is_one_filter(tree: dict[str, Any], page: int, actor: cq.Actor) -> None:
    asked = {name: tree[name] for name in KINDS if name in tree} | {"limit": tree["limit"], "skip": page * tree["limit"]}
    plans: list[Any] = [
        cq.translate(printed(asked, "connectycube"), PERSON, actor=actor),
        NOW.list("people", connectnow.received(printed(asked, "connectnow"), limits=cq.Limits())[0], actor),
        CUB.list("people", printed(asked, "cubicl"), actor),
    ]
    assert plans[0].filter == plans[1].filter == plans[2].filter
    assert len({(plan.skip, plan.limit, tuple(map(tuple, plan.sort))) for plan in plans}) == 1


def answers(dialect: Any, path: str, query: str, engine: cq.Engine, actor: cq.Actor) -> Any:
    """The answer to a list, or the refusal."""
    try:
        if isinstance(dialect, cubicl.Cubicl):
            below = cubicl.descendants_of(dialect.tree_of(path) or office.TASK, actor, engine.rows, where=engine.where)
            cub = dialect.list(path, query, actor, descendants=below)
            return cub.answer(engine.rows(cub))
        now = dialect.list(path, connectnow.received(query, limits=cq.Limits())[0], actor)
        rows = [] if now.beyond else engine.rows(now, more=now.more)
        expanded = engine.expand(now.schema.name, rows[: now.limit], now.paths, actor, counts=now.counts)
        return now.answer(rows, "http://x/y", expanded)
    except cq.RequestError as error:
        return dialect.answer(error)


ENTRIES = [
    *((service.SERVICE, path, service.CLASSES) for path in ("companies", "users", "pets", "issues", "queues")),
    *((office.OFFICE, path, office.CLASSES) for path in ("tasks", "crm/customers", "groups", "users", "file-system-nodes")),
]


def records(random: Random, classes: Any, *, hidden: bool) -> dict[str, list[Document]]:
    """Records of every class, those that only user 1 may read among them or not."""
    from cubequery.testing.values import Values

    found = {}
    for schema in classes:
        values = Values(random, schema)
        rows = []
        for number in range(8):
            read = random.choice(["*", "*", "u1"])
            made = {**(values.awkward(number) if random.random() < 0.3 else values.valid(number))}
            made.pop("_parent_id", None)
            rows.append({**made, "user_id": 1, "_read": [read], "_update": ["u1"], "_delete": ["u1"]})
        found[schema.name] = [row for row in rows if hidden or row["_read"] == ["*"]]
    return found


@pytest.mark.parametrize(("dialect", "path", "classes"), ENTRIES, ids=lambda each: each if isinstance(each, str) else "")
@pytest.mark.parametrize("kind", ["memory", "mongod"])
def test_drawn_requests_learn_nothing_of_what_is_hidden(
    kind: str, dialect: Any, path: str, classes: Any, database: Database[Document]
) -> None:
    answered = 0
    schema = next(each for each in classes if each.name == dialect.endpoint(path).schema)
    for seed in range(12 if kind == "memory" else 2):
        found = []
        for hidden in (True, False):
            store: Any = cq.MemoryStore() if kind == "memory" else cq.MongoStore(database)
            for name, rows in records(Random(seed), classes, hidden=hidden).items():
                if kind == "mongod":
                    database[name].delete_many({})
                    if rows:
                        database[name].insert_many(rows)
                else:
                    store.insert(name, rows)
            engine = cq.Engine(store, classes)
            requests = Requests(Random(seed), dialect, path, schema)
            asked = [requests.query() for _ in range(25)]
            found.append([(query, answers(dialect, path, query, engine, cq.Actor(2))) for query in asked])
        assert found[0] == found[1]
        answered += sum(not (isinstance(answer, tuple)) for _, answer in found[0])
    assert answered > 5
