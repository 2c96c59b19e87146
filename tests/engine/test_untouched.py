"""Refused means untouched: on every write route, by every kind of refusal, no record and no file is another one afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from bson import encode
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient

import cubequery as cq
from cubequery.errors import STATUS
from cubequery.stores import MemoryStore, MongoStore
from cubequery.stores.commands import Insert
from cubequery.stores.files import FileFacts, PutFile
from tests.attacks import carriers
from tests.attacks.fixture import ATTACKER, RECORDS, M
from tests.attacks.table import Sent, rows
from tests.engine.asked import ask
from tests.engine.stores import drawn
from tests.support.fixture import ACTORS, IDS, NOW, SCHEMAS, documents
from tests.support.mongod import Document, own_name

SMALL = cq.Settings(limits=cq.Limits(max_record_bytes=2_000, max_file_bytes=1_000, max_ids=5))
WORDS = {"<big>": "x" * 2_000, "<many>": "&".join(f"x{place}=1" for place in range(300)), "<long>": "k" * 256}
Case = tuple[str, str, str]
_names = count(1)


def cases() -> Iterator[Case]:
    """Request, code, the most that is sent."""
    for line in Path(__file__).with_name("refused.txt").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("#"):
            request, code, sent = line.split(" | ")
            for word, text in WORDS.items():
                request = request.replace(word, text)
            yield request, code, sent


CASES = list(cases())
UPLOADS = [
    ("anonymous", "A", "pic", b"x", "need_user", "-"),
    ("O", "A", None, b"x", "missing", "-"),
    ("O", "A", "s", b"x", "wrong_type", "-"),
    ("S", "A", "pic", b"x", "forbidden", "read"),
    ("O", "H", "pic", b"x", "not_found", "read"),
    ("O", "A", "pic", b"x" * 1_001, "too_large", "try"),
]
ELSEWHERE = frozenset({"no_session", "too_many_requests", "file_not_found", "internal", "unavailable", "outcome_unknown"})
"""Codes of the server around the engine, of downloads, and of stores that fail."""


class InMemory(MemoryStore):
    """A store that keeps what it was sent, and what it answered; None where it refused."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[Any, Any]] = []

    def execute(self, command: Any) -> Any:
        self.sent.append((command, None))
        answer = super().execute(command)
        self.sent[-1] = (command, answer)
        return answer

    def contents(self) -> Any:
        records = {name: [encode(each) for each in its.values()] for name, its in self._classes.items()}
        return records, {name: dict(files) for name, files in self.files.classes.items()}


class OnServer(MongoStore):
    """The same on a server, within transactions as well."""

    def __init__(self, database: Any, **named: Any) -> None:
        super().__init__(database, **named)
        self.database = database
        self.sent: list[tuple[Any, Any]] = []

    def carry_out(self, command: Any, dialect: Any, session: Any) -> Any:
        self.sent.append((command, None))
        answer = super().carry_out(command, dialect, session)
        self.sent[-1] = (command, answer)
        return answer

    def contents(self) -> Any:
        raw: Any = self.database.with_options(self.database.codec_options.with_options(document_class=RawBSONDocument))
        return {name: [each.raw for each in raw[name].find(sort=[("_id", 1)])] for name in sorted(raw.list_collection_names())}


Recording = InMemory | OnServer


@pytest.fixture(scope="module", params=["memory", pytest.param("mongod", marks=pytest.mark.mongod)])
def store(request: pytest.FixtureRequest) -> Iterator[Recording]:
    """The records of the shared fixture, and a file of A; whatever is refused, all of them stay."""
    file = PutFile(SCHEMAS["item"], "there", b"bytes", FileFacts(IDS["A"], "pic", NOW), 10)
    if request.param == "memory":
        memory = InMemory()
        for name in SCHEMAS:
            memory.insert(name, documents(name))
        memory.execute(file)
        yield memory
        return
    client: MongoClient[Document] = request.getfixturevalue("mongo_client")
    server = OnServer(client[f"{own_name()}_untouched_{next(_names)}"])
    for name in SCHEMAS:
        if each := documents(name):
            server.database[name].insert_many(each)
    server.execute(file)
    yield server
    client.drop_database(server.database)


def refused(store: Recording, call: Callable[[], object]) -> tuple[str, str]:
    """The code of the refusal and the most that was sent for it; the store holds the same bytes before and after."""
    before = store.contents()
    store.sent.clear()
    with pytest.raises(cq.RequestError) as error:
        call()
    sent = list(store.sent)
    assert store.contents() == before
    assert all(is_idle(*each) for each in sent)
    return error.value.code, "try" if any(command.writes for command, _ in sent) else "read" if sent else "-"


def is_idle(command: Any, answer: Any) -> bool:
    """Whether nothing has come of a command. An insert answers what it could not store; None is no answer."""
    inserts = isinstance(command, Insert) and answer is not None
    return not command.writes or (len(answer) == len(command.documents) if inserts else not answer)


@pytest.mark.parametrize(("request_", "code", "sent"), CASES, ids=lambda each: str(each)[:60])
def test_a_refused_request_changes_nothing(store: Recording, request_: str, code: str, sent: str) -> None:
    engine = cq.Engine(store, SCHEMAS.values(), settings=SMALL, **drawn())
    assert refused(store, lambda: ask(engine, request_)) == (code, sent)


@pytest.mark.parametrize(("who", "record", "field", "data", "code", "sent"), UPLOADS)
def test_a_refused_file_changes_nothing(store: Recording, who: str, record: str, field: Any, data: bytes, code: str, sent: str) -> None:
    engine = cq.Engine(store, SCHEMAS.values(), settings=SMALL, **drawn())
    place = ("item", str(IDS[record]), field)
    assert refused(store, lambda: engine.upload(*place, data, ACTORS[who], filename="x")) == (code, sent)
    if sent != "try":
        assert refused(store, lambda: engine.delete_file(*place, ACTORS[who])) == (code, sent)


def test_every_kind_of_refusal_is_tried() -> None:
    codes = {code for _, code, _ in CASES} | {code for *_, code, _ in UPLOADS}
    texts = {
        *cq.errors.FIXED,
        *STATUS,
        "unknown_field",
        "unknown_operator",
        "operator_type",
        "wrong_type",
        "missing",
        "conflict",
        "permissions",
    }
    assert codes == texts - ELSEWHERE


WRITES = {
    "create": "create",
    "create_many": "create_many",
    "update": "update",
    "update_many": "update_many",
    "by_criteria": "update_by_criteria",
}


def write_rows() -> Iterator[Sent]:
    """The rows of the attack catalogue that are refused on a write route."""
    for sent in rows():
        if carriers.PLACES.get(sent.place, sent.place) in {*WRITES, "delete_by_criteria"} and sent.answer not in ("ignored", "nothing"):
            yield sent


def test_no_attack_that_is_refused_asks_the_store() -> None:
    store, tried = InMemory(), 0
    for sent in write_rows():
        store.records(sent.schema.name).clear()
        store.insert(sent.schema.name, RECORDS)
        engine = cq.Engine(store, [sent.schema], settings=sent.settings, **drawn())
        actor = ATTACKER if sent.users == "Integer" else cq.Actor("ann")
        assert refused(store, lambda: attack(engine, sent, actor))[1] == "-", sent.where  # noqa: B023 -- called at once
        tried += 1
    print(f"{tried} refused attacks on write routes, no command of any")
    assert tried > 500


def attack(engine: Any, sent: Sent, actor: cq.Actor) -> object:
    """The row's request, by its carrier."""
    place, name = carriers.PLACES.get(sent.place, sent.place), sent.schema.name
    body = sent.request if sent.carrier != "J" or not isinstance(sent.request, str) else cq.read_json(sent.request)
    if place == "delete_by_criteria":
        return engine.delete_by_criteria(name, body if sent.carrier != "F" else "", actor, form=body if sent.carrier == "F" else "")
    given = {"query": body} if sent.carrier == "Q" else {}
    args = (str(M),) if place == "update" else ()
    return getattr(engine, WRITES[place])(name, *args, "" if given else body, actor, **given)
