"""The command line: what each command prints of a good request."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import cubequery as cq
from cubequery import demo
from tests.support.command import CLASS, ONE, good, run, stored


def test_translate_prints_the_parts_of_a_plan() -> None:
    done = good("translate", *CLASS, "--actor", '{"user_id": 1, "groups": ["a"]}', "age[gt]=28&sort_desc=full_name&output[include]=age")
    assert done.json == {
        "kind": "list", "filter": {"$and": [{"age": {"$gt": 28}}, {"_read": {"$in": ["*", "u1", "ga"]}}]},
        "sort": [["full_name", -1], ["_id", 1]], "skip": 0, "limit": 100, "projection": {"_id": 1, "age": 1}, "pipeline": None,
    }  # fmt: skip
    assert done.out.count("\n") == 1
    assert done.err == ""


def test_translate_of_groups_has_a_pipeline() -> None:
    found = good("translate", *CLASS, "--actor", '{"admin": true}', "age[calc]=sum&group_by=job").json
    assert found["kind"] == "groups"
    assert [next(iter(stage)) for stage in found["pipeline"]] == ["$match", "$group", "$sort", "$limit"]


@pytest.mark.parametrize("request_text", ["age=41", '{"age": 41}', ' {"age": "41"}'])
def test_a_request_may_be_json(request_text: str) -> None:
    assert good("translate", *CLASS, "--actor", '{"admin": true}', request_text).json["filter"] == {"age": {"$eq": 41}}


def test_values_are_extended_json() -> None:
    where = '{"made": {"$lt": {"$date": "2020-01-01T00:00:00Z"}}}'
    found = good("translate", *CLASS, "--actor", '{"admin": true}', "--where", where, "_id=5c0d7458ca8bf43a5b8cf487").json
    assert found["filter"] == {"$and": [{"_id": {"$eq": {"$oid": "5c0d7458ca8bf43a5b8cf487"}}}, json.loads(where)]}


def test_anonymous_is_said_and_holds_one_token() -> None:
    assert good("translate", *CLASS, "--actor", '{"user_id": null}', "").json["filter"] == {"_read": {"$in": ["*"]}}


@pytest.mark.parametrize("body", ['{"inc": {"age": 1}}', "inc[age]=1"])
def test_update_prints_its_commands(body: str) -> None:
    found = good("translate", *CLASS, *ONE, "--update", body, "--id", "5c0d7458ca8bf43a5b8cf487").json
    (first, update), (second, _) = found["commands"]
    assert found["criteria"] is None
    assert update["$inc"] == {"age": 1}
    for each in (first, second):
        assert {"_update": {"$in": ["*", "u1"]}} in each["$and"]
        assert {"_id": {"$eq": {"$oid": "5c0d7458ca8bf43a5b8cf487"}}} in each["$and"]


@pytest.mark.parametrize(
    "arguments", [("--update", "search_criteria[age][lt]=30&job=cook"), ("--place", "by_criteria", "search_criteria[age][lt]=30&job=cook")]
)
def test_update_by_criteria_prints_them(arguments: tuple[str, ...]) -> None:
    found = good("translate", *CLASS, *ONE, *arguments).json
    assert found["criteria"] == {"$and": [{"age": {"$lt": 30}}, {"_update": {"$in": ["*", "u1"]}}, {"_read": {"$in": ["*", "u1"]}}]}


def test_the_place_decides_whether_criteria_are_legal() -> None:
    body = ("--update", '{"search_criteria": {"age": 1}, "job": "cook"}')
    assert run("translate", *CLASS, *ONE, *body, "--place", "update").json["code"] == "not_here"
    assert run("translate", *CLASS, *ONE, "--update", "job=cook", "--place", "by_criteria").json["code"] == "empty_criteria"


def test_explain_shows_tree_rights_words_and_filter() -> None:
    text = good("explain", *CLASS, *ONE, "--where", '{"app": 7}', "age[gt]=28&address[city]=Bern&sort_desc=full_name").out
    shown = [
        "age gt 28", "address[city] (stored at address.city) eq 'Bern'", "sort by full_name descending",
        "right to read", "_read in ['*', 'u1']", "host condition joined", "app eq 7",
        "records where age is greater than 28", "MongoDB filter", '{"age": {"$gt": 28}}',
    ]  # fmt: skip
    assert [part for part in shown if part not in text] == []
    assert sorted(shown, key=text.index) == shown


def test_explain_of_an_update_shows_both_rights() -> None:
    found = good("explain", *CLASS, *ONE, "--format", "json", "--update", "search_criteria[age]=3&inc[age]=1&_parent_id=null").json
    assert found["tree"] == ["update by criteria", "  criteria", "    age eq 3", "  inc age 1", "  unset _parent_id"]
    assert found["acl"] == {action: [f"_{action} in ['*', 'u1']"] for action in ("update", "read", "delete")}
    assert found["compiled"].keys() == {"criteria", "commands"}


@pytest.mark.parametrize(
    ("place", "body", "line"),
    [
        ("create", "full_name=Ann&age=3", "  age 3"),
        ("create_many", '{"record": [{"full_name": "Ann"}]}', "    full_name 'Ann'"),
        ("update_many", "record[1][id]=x&record[1][push][tags]=a,b", "    push tags ['a', 'b']"),
        ("delete_by_criteria", "age=3", "    age eq 3"),
    ],
)
def test_explain_reads_every_place(place: str, body: str, line: str) -> None:
    found = good("explain", *CLASS, *ONE, "--format", "json", "--place", place, body).json
    assert line in found["tree"]
    assert found["acl"] == {}


def test_query_answers_as_the_api_does() -> None:
    found = good("query", "--demo", "--actor", '{"admin": true}', "age[gt]=28&sort_desc=full_name&limit=2&skip=1").json
    assert (found["class_name"], found["skip"], found["limit"], len(found["items"])) == ("profile", 1, 2, 2)
    assert good("query", "--demo", "--actor", '{"admin": true}', "count=1").json == {"items": {"count": 1000}}
    groups = good("query", "--demo", "--actor", '{"admin": true}', "rating[calc]=avg&group_by=job&limit=3").json
    assert (groups["class_name"], groups["limit"]) == ("profile", 3)
    assert groups["items"][0].keys() == {"job", "avg"}


def test_demo_says_who_asks_unless_told() -> None:
    assumed = good("query", "--demo", "count=1")
    assert "officer" in assumed.err
    assert "47592" in assumed.err
    told = good("query", "--demo", "--actor", '{"user_id": 47592, "groups": ["officers"]}', "count=1")
    assert told.err == ""
    assert told.out == assumed.out


def test_demo_has_a_class_that_only_an_admin_changes() -> None:
    assert len(good("query", "--demo", "--class", "notice", "--actor", '{"user_id": null}').json["items"]) == len(demo.notices())
    refused = good("explain", "--classes", str(demo.CLASSES), "--class", "notice", *ONE, "--format", "json", "--update", "title=x")
    assert refused.json["acl"] == {"update": ["nothing"]}
    assert refused.json["compiled"]["commands"][0][0] == {"_id": {"$in": []}}


def test_table_is_for_people() -> None:
    lines = good("query", "--demo", "--format", "table", "age=41&sort_asc=full_name&limit=2&output[include]=full_name,age").out.splitlines()
    assert lines[0].split() == ["_id", "full_name", "age"]
    assert re.fullmatch(r"-+  -+  -+", lines[1])
    assert lines[-1] == "2 records (skip 0, limit 2)"
    assert good("query", "--demo", "--format", "table", "--actor", '{"admin": true}', "count=1").out == "1000\n"
    assert good("query", "--demo", "--format", "table", "age[calc]=max&group_by=job").out.splitlines()[0].split() == ["job", "max"]
    assert good("query", "--demo", "--format", "table", "age=1").out == "0 records (skip 0, limit 100)\n"


def test_table_names_what_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = good("query", "--demo", "--format", "table", "sort_desc=job&limit=3").out.splitlines()
    assert lines[0].split()[:2] == ["_id", "job"]
    assert max(map(len, lines[:5])) <= 60
    assert lines[-2].startswith("not shown for want of room: ")


def test_table_shows_nothing_that_steers_a_terminal(tmp_path: Path) -> None:
    record = {**demo.records(1)[0], "full_name": "\x1b[2J[bold]x", "_read": ["*"]}
    done = good("query", *CLASS, *ONE, "--records", stored(tmp_path, [record]), "--format", "table", "")
    assert "\x1b" not in done.out
    assert "[2J[bold]x" in done.out


def test_the_only_class_of_a_file_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"name": "item", "fields": {"n": "Integer"}}', encoding="utf-8")
    assert good("translate", "--classes", str(path), "--actor", '{"user_id": "u"}', "--user-id-type", "String", "n=1").json["filter"] == {
        "$and": [{"n": {"$eq": 1}}, {"_read": {"$in": ["*", "uu"]}}]
    }


def test_help_has_an_example_for_each_command() -> None:
    for command in ("translate", "explain", "query", "adopt", "audit", "import"):
        assert f"\n  cubequery {command} " in good(command, "--help").out
    assert good("--version").out == f"cubequery {cq.__version__}\n"
