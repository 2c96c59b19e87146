"""`cubequery serve`: what it tells, what it keeps, how it stops, and what it refuses to be told."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from pymongo import MongoClient
from pymongo.database import Database

import cubequery as cq
from cubequery import demo
from tests.server.live import CHECKOUT, Served, serve
from tests.support.command import run
from tests.support.mongod import Document

JSON = {"Content-Type": "application/json"}
OWNER, OTHER = {"CB-Token": "owner-1"}, {"CB-Token": "other-2"}
ACTORS = {"owner-1": {"user_id": 1}, "other-2": {"user_id": 2}}
CLASSES = {"classes": [{"name": "thing", "fields": {"n": "Integer", "pic": "File"}}]}


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "classes.json").write_text(json.dumps(CLASSES), encoding="utf-8")
    (tmp_path / "actors.json").write_text(json.dumps(ACTORS), encoding="utf-8")
    return ["--classes", str(tmp_path / "classes.json"), "--actors", str(tmp_path / "actors.json")]


def test_the_demo_answers_the_line_that_it_prints() -> None:
    with serve("--demo") as served:
        assert served.told[1] == "tokens: demo-officer, demo-stranger, demo-admin, demo-anonymous"
        line = served.told[2].removeprefix("try: ")
        done = subprocess.run(f"{line} --silent --fail", shell=True, capture_output=True, text=True, check=True)
        names = [each["full_name"] for each in json.loads(done.stdout)["items"]]
        assert len(names) == 2
        assert names == sorted(names, reverse=True)
        counts = [served.ask("GET", "/data/profile?count=1", headers={"CB-Token": token})[1]["items"]["count"] for token in demo.TOKENS]
        assert counts[2] == 1000 > counts[0] > counts[1] == counts[3] > 0
        assert served.ask("GET", "/data/profile") == (401, {"errors": {"base": ["Required session does not exist"]}, "code": "no_session"})
        assert served.ask("GET", "/data/notice", headers={"Authorization": "Bearer demo-anonymous"})[0] == 200
        assert served.stop(signal.SIGINT) == 0
        assert served.log().count("GET list profile 200") == 5


@pytest.mark.parametrize(("dialect", "path"), [("connectnow", "/api/profile?per_page=3"), ("cubicl", "/api/v1/profile?limit=3")])
def test_a_dialect_answers_the_line_that_it_prints(dialect: str, path: str) -> None:
    with serve("--demo", "--dialect", dialect) as served:
        line = served.told[2].removeprefix("try: ")
        done = subprocess.run(f"{line} --silent --fail", shell=True, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        assert len(found["data"] if dialect == "connectnow" else found) == 2
        assert served.ask("GET", path, headers={"Authorization": "Bearer demo-stranger"})[0] == 200
        assert served.ask("GET", path, headers={"CB-Token": "demo-stranger"})[0] == 401
        assert {served.ask("GET", each)[0] for each in ("/openapi.json", "/docs", "/data/profile")} == {404}
        assert served.ask("GET", "/healthz") == (200, {"status": "ok"})
        assert served.stop(signal.SIGINT) == 0
        assert "GET list profile 200" in served.log()


def test_records_and_files_are_kept_and_a_token_that_is_taken_out_is_gone(files: list[str], tmp_path: Path) -> None:
    data = tmp_path / "records.jsonl"
    with serve(*files, "--data", str(data), "--logs", "json") as served:
        assert served.told[1] == f"try: curl http://127.0.0.1:{served.port}/healthz"
        assert served.ask("GET", "/healthz") == (200, {"status": "ok"})
        _, made = served.ask("POST", "/data/thing", b'{"n": 5}', {**OWNER, **JSON})
        assert served.ask("GET", f"/data/thing/{made['_id']}", headers=OTHER)[0] == 200
        (tmp_path / "actors.json").write_text(json.dumps({"owner-1": {"user_id": 1}}), encoding="utf-8")
        assert served.ask("GET", f"/data/thing/{made['_id']}", headers=OTHER)[0] == 401
        assert served.stop() == 0
        lines = [json.loads(line) for line in served.log().splitlines()]
        assert [line["operation"] for line in lines] == ["health", "create", "get", "-"]
        assert "owner-1" not in json.dumps(lines)
    with serve(*files, "--data", str(data)) as served:
        assert served.ask("GET", "/data/thing", headers=OWNER)[1]["items"][0]["_id"] == made["_id"]


def await_refusal(served: Served) -> None:
    """Once it is stopping, no new connection is taken."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            served.connect().close()
        except OSError:
            return
    raise AssertionError("it goes on taking connections")


def test_a_request_under_way_is_finished_and_kept(files: list[str], tmp_path: Path) -> None:
    data = tmp_path / "records.jsonl"
    with serve(*files, "--data", str(data)) as served:
        with served.connect() as connection:
            head = (
                "POST /data/thing HTTP/1.1\r\nHost: x\r\nCB-Token: owner-1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
            )
            connection.sendall(head.encode() + b'{"n":')
            assert served.ask("GET", "/data/thing?count=1", headers=OWNER) == (200, {"items": {"count": 0}})
            served.process.send_signal(signal.SIGTERM)
            await_refusal(served)
            connection.sendall(b" 42}")
            received = b""
            while piece := connection.recv(65_536):
                received += piece
        assert received.startswith(b"HTTP/1.1 201 Created\r\n")
        assert served.process.wait(60) == 0
    assert cq.MemoryStore(data).records("thing").popitem()[1]["n"] == 42


def test_what_is_described_and_counted_to_everybody(files: list[str]) -> None:
    with serve(*files, "--metrics", "--no-docs") as served:
        asked = [served.fetch("GET", path, headers=OWNER)[0] for path in ("/openapi.json", "/docs", "/metrics")]
        assert asked == [404, 404, 200]
        assert served.stop() == 0
    with serve(*files) as served:
        asked = [served.fetch("GET", path, headers=OWNER)[0] for path in ("/openapi.json", "/docs", "/metrics")]
        assert asked == [200, 200, 404]
        assert served.stop() == 0


@pytest.mark.mongod
def test_several_workers_over_a_database(files: list[str], mongod_uri: str, database: Database[Document]) -> None:
    name = f"{database.name}_served"
    client: MongoClient[Any] = database.client
    try:
        with serve(*files, "--mongodb", mongod_uri, "--database", name, "--workers", "2") as served:
            ids = [served.ask("POST", "/data/thing", b'{"n": 1}', {**OWNER, **JSON})[1]["_id"] for _ in range(10)]
            assert len(set(ids)) == 10
            assert all(served.ask("GET", "/data/thing?count=1", headers=OTHER)[1]["items"] == {"count": 10} for _ in range(10))
            assert served.stop() == 0
            assert served.log().count("GET list thing 200") == 10
        assert client[name]["thing"].count_documents({}) == 10
    finally:
        client.drop_database(name)


@pytest.mark.mongod
def test_one_process_over_a_database(files: list[str], mongod_uri: str, database: Database[Document]) -> None:
    name = f"{database.name}_served"
    try:
        with serve(*files, "--mongodb", mongod_uri, "--database", name) as served:
            assert served.ask("GET", "/healthz") == (200, {"status": "ok"})
            assert served.ask("POST", "/data/thing", b'{"n": 1}', {**OWNER, **JSON})[0] == 201
            assert served.stop() == 0
    finally:
        database.client.drop_database(name)


def test_a_database_that_is_away_is_told_by_health(files: list[str]) -> None:
    with serve(*files, "--mongodb", "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=100", "--database", "x") as served:
        assert served.ask("GET", "/healthz")[0] == 503
        assert served.stop() == 0


# --- what it refuses ----------------------------------------------------------------------------------------------------------------

GOOD = ("--classes", str(demo.CLASSES), "--actors", "{actors}")
WRONG: list[tuple[tuple[str, ...], str]] = [
    ((), "--classes is missing"),
    (("--classes", str(demo.CLASSES)), "--actors is missing"),
    (("--demo", "--classes", "x", "--actors", "y"), "leave out --classes, --actors"),
    (("--demo", "--mongodb", "mongodb://x", "--database", "y"), "leave out --mongodb"),
    ((*GOOD, "--mongodb", "mongodb://x"), "belong together"),
    ((*GOOD, "--database", "x"), "belong together"),
    ((*GOOD, "--mongodb", "mongodb://x", "--database", "y", "--data", "z"), "--data is the file of records in memory"),
    ((*GOOD, "--workers", "2"), "--workers above 1 needs --mongodb: records in memory are each process's own"),
    ((*GOOD, "--workers", "0"), "--workers is 1 or more"),
    ((*GOOD, "--port", "65536"), "--port is 0 to 65535"),
    ((*GOOD, "--port", "http"), "invalid int"),
    ((*GOOD, "--mongodb", "localhost", "--database", "x"), "--mongodb is no URI"),
    ((*GOOD, "--mongodb", "mongodb://x", "--database", "a b"), "--database is no name"),
    ((*GOOD, "--rate-limit", "often"), "no rate"),
    ((*GOOD, "--dialect", "cubical"), "invalid choice"),
    ((*GOOD, "--mongodb", "mongodb://x", "--database", "y", "--workers", "2", "--dialect", "cubicl"), "each would count for itself"),
    ((*GOOD, "--rate-limit-storage", "mongodb://x"), "belongs to --rate-limit"),
    (
        (*GOOD, "--mongodb", "mongodb://x", "--database", "y", "--workers", "2", "--rate-limit", "1/second"),
        "each would count for itself",
    ),
    ((*GOOD, "--mongodb", "mongodb://x", "--database", "y", "--workers", "2", "--metrics"), "whichever process answers"),
    ((*GOOD, "--cors", "https://app.example/"), "--cors is an origin"),
    ((*GOOD, "--cors", "app.example"), "--cors is an origin"),
    (("--classes", "nowhere.json", "--actors", "{actors}"), "--classes: nowhere.json: No such file"),
    (("--classes", "{actors}", "--actors", "{actors}"), "--classes: "),
    (("--classes", str(demo.CLASSES), "--actors", "nowhere.json"), "--actors: nowhere.json: No such file"),
    (("--classes", str(demo.CLASSES), "--actors", str(demo.CLASSES)), "--actors: token 1: "),
    (("--classes", str(demo.CLASSES), "--actors", "{actors}", "--user-id-type", "String"), "of type String"),
    ((*GOOD, "--data", str(demo.CLASSES)), "line 1 is no record"),
]


@pytest.mark.parametrize(("arguments", "reason"), WRONG)
def test_wrong_arguments(arguments: tuple[str, ...], reason: str, files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", None)  # none of them gets as far as that
    done = run("serve", *(argument.format(actors=files[3]) for argument in arguments))
    assert (done.code, done.out) == (2, "")
    assert reason in done.err


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--demo", "--port", str(taken.getsockname()[1]))
    assert (done.code, done.out) == (3, "")
    assert "cannot listen on 127.0.0.1 port" in done.err
    assert run("serve", "--demo", "--host", "no.such.host.invalid").code == 3


@pytest.mark.parametrize("missing", ["uvicorn", "limits"])
def test_without_the_packages_of_a_server(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from cubequery.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", program, "serve", "--demo"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "cubequery: serve needs the server's packages: pip install 'cubequery[server]'\n"
