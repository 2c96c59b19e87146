"""The README does what it says: its Python runs with the outputs shown, its commands are there, its console prints what it prints."""

from __future__ import annotations

import asyncio
import doctest
import json
import re
import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from cubequery.cli import main
from tests.server.live import serve
from tests.support.mongod import Document

CHECKOUT = Path(__file__).resolve().parents[1]
README = CHECKOUT / "README.md"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language, with the line each begins on."""
    text = README.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start()) + 1, found[2]) for found in FENCE.finditer(text) if found[1] == language]


def run(source: str, line: int, names: dict[str, Any]) -> list[str]:
    """Run one block in a namespace; what came out otherwise than shown."""
    if ">>>" not in source:
        exec(compile(source, f"{README}:{line}", "exec"), names)
        return []
    test = doctest.DocTestParser().get_doctest(source, {}, f"README.md line {line}", str(README), line)
    test.globs = names
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(test, out=said.append, clear_globs=False)
    return said


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """The namespace after the whole tour."""
    found: dict[str, Any] = {}
    said = [text for line, source in blocks("python") for text in run(source, line, found)]
    assert not said, "".join(said)
    return found


def test_python_gives_the_outputs_shown(names: dict[str, Any]) -> None:
    assert {"plan", "change", "save", "answer"} <= names.keys()


def test_a_wrong_output_would_be_seen() -> None:
    assert run(">>> 1 + 1\n3\n", 1, {})


def test_two_commands_on_one_line_each() -> None:
    commands = [source for _, source in blocks("sh") if source.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert all(command.count("\n") == 1 for command in commands)
    assert ".[server]" in commands[0]
    assert "serve --demo" in commands[0]
    assert ".[test]" in commands[1]
    assert "pytest -n 2 -q" in commands[1]


def test_the_first_command_serves_what_its_line_for_curl_asks() -> None:
    (line,) = [source for _, source in blocks("sh") if "serve --demo" in source]
    words = shlex.split(line)
    with serve(*words[words.index("serve") + 1 :]) as served:
        done = subprocess.run(f"{served.told[-1].removeprefix('try: ')} --silent --fail", shell=True, capture_output=True, check=True)
        assert json.loads(done.stdout)["items"]
        assert served.stop(signal.SIGINT) == 0


def test_console_prints_what_is_shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    for _, source in blocks("console"):
        command, _, shown = source.partition("\n")
        assert main(shlex.split(command.removeprefix("$ cubequery "))) == 0
        assert json.loads(capsys.readouterr().out) == json.loads(shown)


def test_links_lead_somewhere() -> None:
    text = README.read_text(encoding="utf-8")
    assert all((CHECKOUT / target).exists() for target in re.findall(r"\]\((?!http)([^)]+)\)", text))


def test_the_two_functions_work_on_a_server(names: dict[str, Any], collection: Collection[Document]) -> None:
    collection.insert_many(names["documents"])
    assert [row["age"] for row in names["answer"](collection, names["plan"])] == [41]
    record = ObjectId("650000000000000000000001")
    names["save"](collection, names["change"], record)
    assert [row["age"] for row in names["answer"](collection, names["plan"])] == [42]
    assert [row["age"] for row in names["answer"](collection, names["ending"])] == [42]


async def visit(app: Any, record: ObjectId) -> list[httpx.Response]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://host", headers={"Authorization": "Bearer 7c0e"}
    ) as client:
        return [
            await client.get("/profiles?age[gt]=28"),
            await client.put(f"/profiles/{record}", json={"inc": {"age": 1}}),
            await client.get("/profiles", params={"age[gt]": "x"}),
            await client.get("/profiles", headers={"Authorization": ""}),
            await client.get("/api/data/profile?count=1"),
        ]


def test_the_servers_of_ones_own_answer(names: dict[str, Any], collection: Collection[Document]) -> None:
    record = ObjectId("650000000000000000000001")
    collection.insert_many(names["documents"])
    names["collection"] = collection
    listed, changed, wrong, nobody, mounted = asyncio.run(visit(names["app"], record))
    assert [row["full_name"] for row in listed.json()] == ["Nadine Collier"]
    found = collection.find_one(record)
    assert (changed.status_code, found and found["age"]) == (204, 42)
    assert [(each.status_code, each.json()["code"]) for each in (wrong, nobody)] == [(422, "wrong_type"), (401, "no_session")]
    over_wsgi = names["site"].test_client().get("/api/data/profile?count=1", headers={"Authorization": "Bearer 7c0e"})
    assert mounted.json() == over_wsgi.json == {"items": {"count": 0}}


async def visit_office(app: Any) -> list[httpx.Response]:
    head = {"Authorization": "Bearer a-token"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://host", headers=head) as client:
        await client.post("/now/api/companies", json={"name": "Acme", "open": True})
        return [
            await client.get(path) for path in ("/now/api/companies?scopes[]=open&with[]=staff", "/cubicl/api/v1/Company", "/data/Company")
        ]


def test_dialects_are_mounted_beside_one_another(names: dict[str, Any]) -> None:
    now, cubicl, core = asyncio.run(visit_office(names["office"]))
    assert (now.json()["path"], now.json()["data"][0]["staff"]) == ("http://host/now/api/companies", [])
    assert (cubicl.json()[0]["name"], core.json()["items"][0]["name"]) == ("Acme", "Acme")


def test_a_refused_save_says_why(names: dict[str, Any], collection: Collection[Document]) -> None:
    collection.insert_many(names["documents"])
    profile, save = names["profile"], names["save"]
    first, second, third = (ObjectId(f"65000000000000000000000{number}") for number in (1, 2, 3))
    cases: list[tuple[ObjectId, cq.Actor, dict[str, Any], str]] = [
        (first, cq.Actor(5), {"age": 1}, "forbidden"),
        (second, cq.Actor(5), {"age": 1}, "not_found"),
        (third, cq.Actor(5), {"age": 1}, "not_found"),
        (second, names["officer"], {"inc": {"age": 1}}, "needs_read"),
        (first, names["officer"], {"inc": {"age": -50}}, "out_of_range"),
    ]
    for record, actor, body, code in cases:
        with pytest.raises(cq.RequestError) as refused:
            save(collection, cq.translate_update(body, profile, actor=actor, id=record), record)
        assert refused.value.code == code
    assert list(collection.find(sort=[("_id", 1)])) == names["documents"]
