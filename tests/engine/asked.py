"""Requests as one line of text, put to an engine: `O: PUT item/<A> {"n":1}`, and answers as one line."""

from __future__ import annotations

import json
import re
from typing import Any

import cubequery as cq
from tests.engine.stores import NEW
from tests.support.fixture import ACTORS, IDS, LETTERS

SECONDS = 1704164645
"""The clock of the tests as answers show it."""
_NAMES = {**{name: str(own) for name, own in {**IDS, **NEW}.items()}, "now": str(SECONDS)}
_LETTERS = {str(own): letter for own, letter in {**LETTERS, **{own: name for name, own in NEW.items()}}.items()}


def expand(text: str) -> str:
    """`<A>` is the id of record A, `<now>` the clock."""
    return re.sub(r"<(\w+)>", lambda found: _NAMES[found[1]], text)


def ask(engine: Any, line: str, actors: Any = ACTORS) -> Any:
    """The answer to a request. `#k` behind the method gives an operation id; without a name the actor is O. Raises RequestError."""
    who, line = line.split(": ", 1) if re.match(r"\w+: ", line) else ("O", line)
    head, _, rest = expand(line).partition(" ")
    method, _, key = head.partition("#")
    path, _, given = rest.partition(" ")
    name, _, place = path.partition("/")
    actor, named = actors[who], {"request_id": key} if key else {}
    body: Any = cq.read_json(given) if given.startswith("{") else given
    if method == "GET":
        return engine.get(name, place, actor, given) if place else engine.list(name, body, actor)
    if method == "DELETE":
        return engine.delete_by_criteria(name, body, actor) if place == "by_criteria" else engine.delete(name, place, actor, body)
    if method == "POST":
        return engine.create_many(name, body, actor, **named) if place == "multi" else engine.create(name, body, actor)
    if place == "by_criteria":
        return engine.update_by_criteria(name, body, actor, **named)
    return engine.update_many(name, body, actor, **named) if place == "multi" else engine.update(name, place, body, actor)


def check(engine: Any, line: str, expected: str, actors: Any = ACTORS) -> Any:
    """Ask, and compare with what a cell tells.

    `403 forbidden base` is a refusal; `-> A B` a page of records in order, `many A B` the answer to many ids; `= {..}` the whole answer;
    `has {..}` what the answer holds among others, lists item by item; `-` no body.
    """
    try:
        answer = ask(engine, line, actors)
    except cq.RequestError as error:
        text = ": " in expected
        told = " ; ".join(f"{each.status} {each.code} {each.key}" + f": {each.text}" * text for each in error.faults)
        assert told == expected
        return error.body()
    kind, _, rest = expected.partition(" ")
    if kind == "-":
        assert answer is None
    elif kind in ("->", "many"):
        assert set(answer) == {"class_name", "items"} | ({"skip", "limit"} if kind == "->" else set())
        assert letters(answer["items"]) == ("" if rest == "-" else rest)
    else:
        assert kind in ("=", "has"), f"answered {answer}"
        wanted = json.loads(expand(rest))
        if kind == "has":
            assert holds(answer, wanted), f"{answer} has not {wanted}"
        else:
            assert same(answer, wanted), answer
    return answer


def letters(items: Any) -> str:
    """Records of an answer by the letters of their ids, in order."""
    return " ".join(_LETTERS[str(each["_id"])] for each in items)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON, so that 1, 1.0 and true are three values; the order of keys does not count."""
    return json.dumps(left, sort_keys=True, default=str) == json.dumps(right, sort_keys=True, default=str)


def holds(answer: Any, wanted: Any) -> bool:
    """Whether an answer has what is wanted, and lists of the same length."""
    if isinstance(wanted, dict):
        return isinstance(answer, dict) and all(name in answer and holds(answer[name], value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(answer, list) and len(answer) == len(wanted) and all(map(holds, answer, wanted))
    return same(answer, wanted)
