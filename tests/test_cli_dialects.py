"""`cubequery translate --dialect`: the same class, asked in another language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cubequery.cli.program import main

CLASSES = {
    "classes": [
        {
            "name": "Company", "fields": {"name": "String", "open": "Boolean"}, "scopes": {"open": "open=true"},
            "relations": {"users": {"kind": "has_many", "class": "User", "field": "company"}},
        },
        {"name": "User", "fields": {"company": "String"}},
    ]
}  # fmt: skip
READ = {"_read": {"$in": ["*", "u1"]}}


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    (tmp_path / "classes.json").write_text(json.dumps(CLASSES))
    return ["translate", "--classes", str(tmp_path / "classes.json"), "--class", "Company", "--actor", '{"user_id": 1}']


def test_a_list_of_connectnow(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*given, "--dialect", "connectnow", "scopes[]=open&page=2&per_page=5&with[]=users&withCount[]=users"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["filter"] == {"$and": [{"open": {"$eq": True}}, READ]}
    assert {name: told[name] for name in ("skip", "limit", "page", "more", "with", "withCount")} == {
        "skip": 5, "limit": 5, "page": 2, "more": 1, "with": ["users"], "withCount": ["users"],
    }  # fmt: skip


def test_a_list_of_cubicl(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*given, "--dialect", "cubicl", "open=false&name=a&limit=7"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["filter"] == {"$and": [{"name": {"$eq": "a"}}, {"open": {"$ne": True}}, READ]}
    assert told["limit"] == 7


@pytest.mark.parametrize(
    ("dialect", "request_"), [("connectnow", "befor=1"), ("connectnow", "per_page=250"), ("cubicl", "limit=abc"), ("cubicl", "x=1")]
)
def test_what_is_refused(dialect: str, request_: str, given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*given, "--dialect", dialect, request_]) != 0
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("rest", [[], ["", "--update", "{}"], ["", "--id", "5"]])
def test_what_a_dialect_does_not_translate(rest: list[str], given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*given, "--dialect", "cubicl", *rest]) == 2
    assert capsys.readouterr().err
