"""The command line in this process: how a command ended, what it wrote."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bson import json_util

import cubequery as cq
from cubequery import demo
from cubequery.cli import main
from tests.support.mongod import Document

CLASS = ("--classes", str(demo.CLASSES), "--class", "profile")
ONE = ("--actor", '{"user_id": 1}')
REQUESTS = (
    "",
    "age[gt]=28&sort_desc=full_name",
    "sort_asc=rating,age&skip=3&limit=7",
    "limit=-1",
    "count=1",
    "count=1&active=true",
    "tags[all]=jazz,ski",
    "rating[calc]=avg&group_by=job",
    "age[calc]=min,max&group_by=address[city]&sort_desc=max_age",
    "spot[near]=7.44,46.94;1500&limit=100",
    "full_name[ctn]=o&output[include]=full_name,address[city]",
    "age[or]=20,30&job[or]=cook",
    '{"age": {"in": [20, 21, 22]}, "limit": 3}',
)
"""Requests of the demo that meet every kind of answer."""


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str) -> Done:
    """One command."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    assert "Traceback" not in err.getvalue()
    return Done(code, out.getvalue(), err.getvalue())


def good(*arguments: str) -> Done:
    """One command that must succeed."""
    done = run(*arguments)
    assert done.code == 0, done.err
    return done


def actor_json(actor: cq.Actor) -> str:
    """The actor as ``--actor`` takes it."""
    return json.dumps({"user_id": actor.user_id, "groups": list(actor.groups), "admin": actor.admin})


def stored(folder: Path, documents: list[Document]) -> str:
    """The documents as a file of Extended JSON lines; its path."""
    path = folder / "records.jsonl"
    path.write_text("".join(f"{json_util.dumps(document)}\n" for document in documents), encoding="utf-8")
    return str(path)
