"""How the command line ends when something is wrong: never with a traceback, always with the reason and the right code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cubequery as cq
from cubequery import demo
from tests.support.command import CLASS, ONE, run

BROKEN = [
    b"{", b"[]", b"3", b"null", b'"x"', b"{} {}", b"\xff", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1, "a": 2}',
    b'{"a": 99999999999999999999}', b'{"a": "\\ud800"}', b'{"a\\u0000b": 1}', b'{"_id": {"$oid": "x"}}',
    b'{"a": {"$date": "x"}}', b'{"a": {"$numberLong": "x"}}', b'{"a": {"$binary": 3}}',
]  # fmt: skip


@pytest.mark.parametrize("line", BROKEN, ids=lambda line: repr(line[:24]))
def test_malformed_lines_are_told_by_number(line: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(b"{}\n\n" + line + b"\n{}\n" + line)
    done = run("query", *CLASS, *ONE, "--records", str(path), "")
    assert (done.code, done.out) == (2, "")
    assert re.findall(r"line (\d+)", done.err) == ["3", "5"]
    assert line[:24].decode("latin-1") not in done.err or len(line) < 5


def test_many_malformed_lines_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text("x\n" * 25, encoding="utf-8")
    err = run("query", *CLASS, *ONE, "--records", str(path), "").err
    assert len(err.splitlines()) == 11
    assert "15 more" in err


REFUSED = [
    ("agee=1&age[gtt]=2", 422, "unknown_field", "agee=1&age[gtt]=2\n^\n"),
    ("age[gt", 400, "malformed", "age[gt\n^\n"),
    ("age=x", 422, "wrong_type", "age=x\n    ^\n"),
    ('{"age": "x"}', 422, "wrong_type", "at ['age']"),
    ('{"age": 1', 400, "malformed", "not JSON"),
    ("_read=x", 422, "unknown_field", "_read=x\n^\n"),
]


@pytest.mark.parametrize(("text", "status", "code", "shown"), REFUSED)
@pytest.mark.parametrize(
    "command", [("translate", *CLASS), ("explain", *CLASS, "--format", "json"), ("query", "--demo")], ids=lambda command: command[0]
)
def test_a_refused_request_ends_with_1(command: tuple[str, ...], text: str, status: int, code: str, shown: str) -> None:
    done = run(*command, *ONE, text)
    assert done.code == 1
    assert shown in done.err
    assert f"{status} {code}" in done.err
    assert done.json["code"] == code
    assert "_read" not in done.json["errors"].get("_read", [""])[0]


def test_a_refusal_without_json_leaves_the_output_empty() -> None:
    for arguments in (("explain", *CLASS, *ONE), ("query", "--demo", "--format", "table")):
        done = run(*arguments, "agee=1")
        assert (done.code, done.out) == (1, "")
        assert "Did you mean" in done.err


WRONG = [
    ((), "COMMAND"),
    (("nothing",), "invalid choice"),
    (("translate", *CLASS, "age=1"), "--actor is missing"),
    (("explain", *CLASS, "age=1"), """'{"admin": true}'"""),
    (("query", *CLASS, "--records", "x", "age=1"), "--actor is missing"),
    (("translate", *CLASS, "--actor", "{}", ""), "user_id is missing"),
    (("translate", *CLASS, "--actor", '{"admin": false}', ""), "user_id is missing"),
    (("translate", *CLASS, "--actor", '{"admin": 1}', ""), "user_id is missing"),
    (("translate", *CLASS, "--actor", '{"user_id": 1, "admin": "true"}', ""), "admin must be"),
    (("translate", *CLASS, "--actor", '{"user_id": true}', ""), "user id"),
    (("translate", *CLASS, "--actor", '{"user_id": 0}', ""), "user id"),
    (("translate", *CLASS, "--actor", '{"user_id": 1, "group": ["a"]}', ""), "unknown key group"),
    (("translate", *CLASS, "--actor", '{"user_id": 1, "groups": "a"}', ""), "groups must be"),
    (("translate", *CLASS, "--actor", '{"user_id": 1, "groups": 5}', ""), "groups must be"),
    (("translate", *CLASS, "--actor", '{"user_id": 1, "user_id": 2}', ""), "no JSON object"),
    (("translate", *CLASS, "--actor", "1", ""), "no JSON object"),
    (("translate", *CLASS, "--actor", '{"user_id": "x"}', ""), "of type Integer"),
    (("translate", *CLASS, *ONE, "--user-id-type", "String", ""), "of type String"),
    (("translate", *CLASS, *ONE), "REQUEST is missing"),
    (("translate", *CLASS, *ONE, "--where", "x", ""), "--where is no JSON"),
    (("translate", *CLASS, *ONE, "--where", "[]", ""), "--where: "),
    (("translate", *CLASS, *ONE, "--where", '{"$where": "1"}', ""), '"$where"'),
    (("translate", *CLASS, *ONE, "--where", '{"_read": "*"}', ""), "hidden"),
    (("translate", *CLASS, *ONE, "--id", "x", ""), "--id belongs"),
    (("explain", *CLASS, *ONE, "--place", "create", "--id", "x", "age=1"), "--id belongs"),
    (("translate", *CLASS, *ONE, "--place", "create", "age=1"), "invalid choice"),
    (("translate", *CLASS, *ONE, "--place", "list", "--update", "age=1"), "no place for --update"),
    (("explain", *CLASS, *ONE, "--place", "create", "--update", "age=1"), "no place for --update"),
    (("translate", "--classes", str(demo.CLASSES), *ONE, ""), "--class is missing"),
    (("translate", "--classes", str(demo.CLASSES), "--class", "x", *ONE, ""), "holds notice, profile"),
    (("translate", "--classes", "/no/such/file", *ONE, ""), "No such file"),
    (("translate", *ONE, ""), "--classes is missing"),
    (("query", *ONE, *CLASS, ""), "one of --records"),
    (("query", *ONE, "--demo", "--records", "x", ""), "one of --records"),
    (("query", *ONE, "--demo", *CLASS, ""), "leave out --classes"),
    (("query", *ONE, "--demo", "--database", "x", ""), "belong to --mongodb"),
    (("query", *ONE, *CLASS, "--mongodb", "mongodb://x", ""), "needs --database"),
    (("query", *ONE, *CLASS, "--mongodb", "mongodb://", "--database", "d", ""), "no URI"),
    (("query", *ONE, *CLASS, "--mongodb", "mongodb://h:notaport", "--database", "d", ""), "no URI"),
    (("query", *ONE, *CLASS, "--mongodb", "mongodb://h", "--database", "a b", ""), "no name"),
    (("query", *ONE, *CLASS, "--records", "/no/such/file", ""), "No such file"),
    (("query", *ONE, *CLASS, "--records", "/", ""), "directory"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "why"), WRONG, ids=lambda value: value[:40] if isinstance(value, str) else "")
def test_wrong_arguments_end_with_2(arguments: tuple[str, ...], why: str) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert why in done.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"classes": 1}',
        '{"classes": [1]}',
        '{"name": "x"}',
        '{"name": "x", "fields": {"a": "Int", "b": 5}, "acl": []}',
        "[" * 100_000,
    ],
)
def test_wrong_class_files_end_with_2(text: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.json"
    path.write_text(text, encoding="utf-8")
    done = run("translate", "--classes", str(path), *ONE, "")
    assert (done.code, done.out) == (2, "")


def test_a_fault_of_our_own_is_told_by_kind_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise LookupError("secret")

    monkeypatch.setattr(cq, "translate", fail)
    done = run("translate", *CLASS, *ONE, "age=1")
    assert (done.code, done.out, done.err) == (3, "", "cubequery: internal error (LookupError)\n")


WORDS = ["user_id", "groups", "admin", "$or", "$oid", "$date", "$regex", "$options", "age", "inc", "permissions"]
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
).map(json.dumps)
ANYTHING = JSONISH | st.text(max_size=20) | st.text('age[]=&%5Bgt1{}":,', max_size=20)


@given(request=ANYTHING, actor=st.just('{"user_id": 1}') | ANYTHING, where=st.none() | ANYTHING, update=st.none() | ANYTHING)
def test_whatever_is_given_ends_in_order(request: str, actor: str, where: str | None, update: str | None) -> None:
    arguments = [*CLASS, "--actor", actor, *(["--where", where] if where is not None else [])]
    for command in ("translate", "explain"):
        body = ["--update", update] if update is not None else []
        assert run(command, *arguments, *body, "--", request).code in (0, 1, 2)
    assert run("query", "--demo", *arguments[4:], "--format", "table", "--", request).code in (0, 1, 2)
