"""Calls of the official client: what stands on the wire, the status, and what the client makes of the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.client.live import Client, Stage
from tests.engine.asked import expand
from tests.server.table import check
from tests.server.wire import Reply

# A paragraph is one test over fresh records, its calls one after another: `> O data.list("item", {n: 1})` says who asks (the token;
# `gone>O`: a token of nobody's that the client, told so, replaces by O's) and the call in JavaScript, `~ ` what must stand on the
# wire, `< ` the answer as in tests/server/table.py. `<A>` is the id of record A.
FOLDER = Path(__file__).parent / "calls"
JSON = (("content-type", "application/json"),)
TYPES = {"GET": "application/x-www-form-urlencoded; charset=UTF-8", "POST": "application/json;charset=utf-8"}
TYPES |= {"DELETE": TYPES["GET"], "PUT": TYPES["POST"]}


@dataclass
class Call:
    """One call and its answer."""

    actor: str
    text: str
    wire: list[str] = field(default_factory=list)
    answer: str = ""


def paragraphs() -> Iterator[Any]:
    """The calls of each test."""
    for path in sorted(FOLDER.glob("*.txt")):
        for block in re.split(r"\n\n+", re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).strip("\n")):
            calls = list[Call]()
            for line in expand(block).split("\n"):
                mark, _, rest = line.partition(" ")
                if mark == ">":
                    actor, text = rest.split(" ", 1)
                    calls.append(Call(actor, text))
                elif mark == "~":
                    calls[-1].wire.append(rest)
                else:
                    assert mark == "<", line
                    calls[-1].answer = rest
            yield pytest.param(calls, id=f"{path.stem} {calls[0].actor} {calls[0].text}"[:100])


@pytest.mark.parametrize("calls", list(paragraphs()))
def test_calls(calls: list[Call], client: Client, fresh: Stage) -> None:
    for call in calls:
        fresh.seen.clear()
        token, _, renew = call.actor.partition(">")
        told = client.ask(call.text, token, renew or None)
        assert [seen.line for seen in fresh.seen][-len(call.wire) :] == call.wire or not call.wire
        check(reply(told, fresh.seen[-1].status), call.answer)
        assert told["expired"] == sum(seen.status == 401 for seen in fresh.seen)


def reply(told: dict[str, Any], status: int) -> Reply:
    """What the client gives, as the answer that it must have been."""
    if "error" in told:
        assert set(told["error"]) == {"code", "info"}, told
        assert told["error"]["code"] == status
    value = told["error"]["info"] if "error" in told else told["value"]
    body = value if isinstance(value, str) else json.dumps(value)
    return Reply(status, JSON if body else (), body.encode(), complete=True)


def test_what_every_request_says_of_itself(client: Client, fresh: Stage) -> None:
    for call in ('data.list("item")', 'data.delete("note", {_parent_id: "null"})', 'data.create("note")', 'data.update("item", [])'):
        client.ask(call, "O")
    assert [seen.method for seen in fresh.seen] == ["GET", "DELETE", "POST", "PUT"]
    for seen in fresh.seen:
        assert seen.headers["content-type"] == TYPES[seen.method]
        assert seen.headers["cb-sdk"] == "JS 6.1.2 - Client"
        assert seen.headers["cb-token"] == "O"
