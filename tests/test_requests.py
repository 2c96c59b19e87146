"""Requests of the API documentation and of real clients: each translates and runs, or is refused as the project says, or is listed."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection

import cubequery as cq
from cubequery.ast import Create, Many
from cubequery.values import FieldType
from tests.support import shared
from tests.support.ends import exact, fill, found, sent
from tests.support.fixture import NOW, Fields, O, S, default_rights
from tests.support.mongod import Document

LINES: Mapping[int, dict[str, Any]] = {line["n"]: line for line in shared.requests()}

# Lines that no text of this library reads: a route, an id list, a file or a session decides them.
ELSEWHERE: Mapping[int, str] = {
    **dict.fromkeys((4, 68, 93, 121), "route: reading many ids"),
    **dict.fromkeys((9, 138), "route: `permissions=1` of one record"),
    **dict.fromkeys((13, 145), "route: deleting one record"),
    **dict.fromkeys((14, 69, 146), "route: deleting many ids"),
    **dict.fromkeys((29, 30, 31, 32), "route: files"),
    120: "route: reading one id",
    78: "route: not served",
    88: "route: the class is unknown",
    91: "session: the embedding server refuses it",
}
# Searches and updates that are refused, with what they are refused for.
REFUSED: Mapping[int, tuple[int, str, str]] = {
    41: (422, "operator_type", "game_mode_name"),
    53: (422, "missing", "calc"),
    54: (422, "missing", "group_by"),
    79: (422, "unknown_field", "permissions.read.access"),
    80: (422, "unknown_field", "permissions.read.access"),
    81: (422, "unknown_field", "permissions.update.access"),
    82: (422, "unknown_field", "permissions.delete.access"),
    129: (422, "wrong_type", "c"),
    133: (422, "wrong_type", "loc"),
    135: (422, "wrong_type", "created_at"),
    136: (422, "unknown_field", "or"),
    137: (422, "not_here", "search_criteria"),
    150: (422, "wrong_type", "loc"),
    151: (422, "wrong_type", "loc"),
}

ID = "5c0d5b7fca8bf40c948cf416"
PLACEHOLDERS: Mapping[str, str] = {
    "{class_name}": "Thing",
    "{class}": "Thing",
    "{record_id}": ID,
    "{id_of_parent_class_record}": ID,
    "{last id}": "ffffffffffffffffffffffff",
    "{lng,lat;radius}": "25.32,44.551;1000",
    "{ISO time}": "2019-09-21T21:21:00Z",
    "{ISO}": "2019-09-21T21:21:00Z",
    "{id}": ID,
    "{id1}": ID,
    "{id2}": "5c0d5b7fca8bf40c948cf417",
    "522457b..8d3d01be": ID,
}
WORDS = cq.Array(cq.String)
NUMBERS = cq.Array(cq.Integer)
CLASSES: Mapping[str, Fields] = {
    "profile": {
        "full_name": cq.String, "age": cq.Integer, "job": cq.String, "country_of_birth": cq.String, "avatar": cq.File, "tags": WORDS,
        "name": cq.String, "lastname": cq.String, "loc": cq.Location, "score": cq.Integer, "n": NUMBERS, "country": cq.String,
        "a": cq.Boolean, "b": cq.Integer, "c": cq.Integer, "d": cq.String, "x": cq.Integer, "z": cq.String,
    },
    "Thing": {
        "field_name": cq.String, "score": cq.Integer, "age": cq.Integer, "name": cq.String, "groups": WORDS, "tags": WORDS,
        "location": cq.Location,
    },
    "MyScoreTable": {
        "rating": cq.Integer, "game_mode_name": cq.String, "name": cq.String, "lastname": cq.String, "username": cq.String,
        "field_name": cq.String, "field_name1": cq.String, "field_name2": cq.Integer, "user_location": cq.Location, "tags": WORDS,
        "field1": WORDS,
    },
    "ScoreTable": {
        "score_value": cq.Integer, "user_location": cq.Location, "game_mode_name": cq.String, "bonus_count": cq.Float, "game_modes": WORDS,
    },
    "Reviews": {"rating": cq.Float},
    "Test": {"users": NUMBERS},
    "Admission": {},
    "TestClass": {"stringField": cq.String, "floatField": cq.Float, "arrayStrings": WORDS, "arrayIntegers": NUMBERS},
    "call_history_item": {
        "call_id": cq.String, "call_name": cq.String, "call_state": cq.String, "call_participants": NUMBERS, "is_group_call": cq.Boolean,
        "call_start_time": cq.Integer, "call_end_time": cq.Integer, "call_duration": cq.Integer, "caller_location": cq.Location,
    },
    "Appointment": {"client_id": cq.String, "provider_id": cq.String, "date_end": cq.Date},
    "Record": {"appointment_id": cq.String},
    "Movie": {"documentary": cq.Boolean, "rating": cq.Float, "tags": WORDS, "user_ids": NUMBERS},
    "Comment": {"text": cq.String},
}  # fmt: skip
# Templates speak of one field as if it were of several types.
OWN_FIELDS: Mapping[int, Fields] = {
    16: {"field_name": cq.Integer},
    **{number: {"field_name": WORDS} for number in (17, 18, 19, 21, 22, 23)},
    56: {"field1": cq.Integer},
    58: {"field1": NUMBERS},
}
OWN_PLACEHOLDERS: Mapping[int, Mapping[str, str]] = {
    16: {'"value"': '"5"'},
    18: {'"operator"': '"ne"'},
    23: {'"index_1"': '"0"', '"index_2"': '"1"'},
}
SAMPLES: Mapping[str, Any] = {
    "Integer": 41, "Float": 5.5, "String": "sam", "Boolean": False, "Date": dt.datetime(2019, 9, 21, 21, 21), "Location": [25.32, 44.551],
    "File": {"file_id": ID, "size": 1, "name": "a", "content_type": "b"}, "String_a": ["one", "man", "survivor", "crazy"],
    "Integer_a": [4, 10, 11, 12],
}  # fmt: skip


def filled(number: int, text: str) -> str:
    for placeholder, value in {**PLACEHOLDERS, **OWN_PLACEHOLDERS.get(number, {})}.items():
        text = text.replace(placeholder, value)
    return re.sub(r"\b5c09\b", ID, text)


def segments(number: int) -> list[str]:
    """Class and what follows it in the path."""
    return filled(number, LINES[number]["path"]).removesuffix(".json").removeprefix("/data/").split("/")


def schema_of(number: int, **own: type[FieldType]) -> cq.ClassSchema:
    name = segments(number)[0]
    return cq.ClassSchema(name, {**CLASSES[name], **OWN_FIELDS.get(number, {}), **own})


def request_of(number: int) -> tuple[str, str, Any]:
    """Query string, form text and JSON body, placeholders filled in."""
    query, body = filled(number, LINES[number]["query"] or ""), LINES[number]["body"]
    if isinstance(body, str):
        return query, filled(number, body), None
    return query, "", None if body is None else cq.read_json(filled(number, json.dumps(body)))


def place_of(number: int) -> str:
    """Which request a line is, from its method and path."""
    method, rest = LINES[number]["method"], segments(number)[1:]
    if rest == ["by_criteria"]:
        return "delete_by_criteria" if method == "DELETE" else "by_criteria"
    if rest == ["multi"]:
        return "create_many" if method == "POST" else "update_many"
    if not rest:
        return {"GET": "list", "POST": "create"}[method]
    assert (method, len(rest)) == ("PUT", 1), LINES[number]
    return "update"


PLACES = {number: place_of(number) for number in LINES if number not in ELSEWHERE}


def lines(*places: str) -> pytest.MarkDecorator:
    """The answered lines of these places."""
    chosen = [number for number, place in PLACES.items() if place in places and number not in REFUSED]
    return pytest.mark.parametrize(
        "number", chosen, ids=[f"{number} {LINES[number]['path']}?{LINES[number]['query']}" for number in chosen]
    )


def record(schema: cq.ClassSchema, own_id: ObjectId, share: int = 1) -> Document:
    """A record of user 47592 that holds every ``share``-th field."""
    values = {field.path: SAMPLES[field.type.kind] for number, field in enumerate(schema.fields.values()) if number % share == 0}
    return {"_id": own_id, "user_id": 47592, "created_at": NOW, "updated_at": NOW, **values, **default_rights(47592)}


def records(schema: cq.ClassSchema) -> list[Document]:
    """Records with all fields, with some, and with none, one of them hidden from others."""
    made = [record(schema, ObjectId(f"5c0d5b7fca8bf40c948cf41{6 + share}"), share + 1) for share in range(3)]
    return [*made, {"_id": ObjectId(), **default_rights(51941), "_read": ["u51941"]}]


@lines("list")
def test_search_runs(number: int, scratch: Collection[Document]) -> None:
    schema = schema_of(number)
    query, form, body = request_of(number)
    plan = cq.translate(query, schema, actor=O, form=form, json=body)
    stored = records(schema)
    fill(scratch, stored)
    assert exact(plan.run(stored)) == exact(found(plan, scratch))


@lines("delete_by_criteria")
def test_criteria_run(number: int, scratch: Collection[Document]) -> None:
    schema = schema_of(number)
    query, form, body = request_of(number)
    criteria = cq.parse(query, schema, form=form, json=body, place="delete_by_criteria")
    plan = cq.translate(query, schema, actor=O, form=form, json=body)
    assert plan.query.condition == criteria.condition
    fill(scratch, records(schema))
    assert exact(plan.run(records(schema))) == exact(found(plan, scratch))


@lines("update")
def test_update_runs(number: int, scratch: Collection[Document]) -> None:
    schema = schema_of(number)
    query, form, body = request_of(number)
    start = record(schema, ObjectId(segments(number)[1]))
    change = cq.translate_update(form if body is None else body, schema, actor=O, query=query, id=segments(number)[1], now=NOW)
    assert exact(change.apply(start)) == exact(sent(change, scratch, start))


@lines("by_criteria")
def test_update_by_criteria_runs(number: int, scratch: Collection[Document]) -> None:
    schema = schema_of(number)
    query, form, body = request_of(number)
    change = cq.translate_update(form if body is None else body, schema, actor=O, query=query, now=NOW)
    assert change.criteria is not None
    stored = records(schema)
    fill(scratch, stored)
    about = [each for each in stored if _is_about(change, each)]
    assert exact(list(scratch.find(change.criteria))) == exact(about)
    for filter, update in change.commands:
        scratch.update_many(filter, update)
    assert exact(list(scratch.find())) == exact([change.apply(each) if each in about else each for each in stored])


def _is_about(change: cq.Change, document: Document) -> bool:
    try:
        change.apply(document)
    except cq.RequestError as error:
        return error.code != "not_found"
    return True


@lines("create", "create_many", "update_many")
def test_write_is_read(number: int) -> None:
    """What these come to needs the engine; that they are read, and how many records they hold, does not."""
    query, form, body = request_of(number)
    tree = cq.parse(query, schema_of(number), form=form, json=body, place=PLACES[number])
    if PLACES[number] == "create":
        assert isinstance(tree, Create)
    else:
        assert isinstance(tree, Many)
        assert len(tree.records) == (len(body["record"]) if body else 1)


@pytest.mark.parametrize("number", REFUSED)
def test_refused(number: int) -> None:
    query, form, body = request_of(number)
    with pytest.raises(cq.RequestError) as caught:
        cq.parse(query, schema_of(number), form=form, json=body, place=PLACES[number])
    assert (caught.value.status, caught.value.code, caught.value.key) == REFUSED[number]
    said = LINES[number]["project"]
    assert said.startswith("422") or ": 422 " in said
    assert caught.value.code in said or not any(word in said for word in ("unknown_field", "wrong_type", "not_here"))


# --- what the project says beside a status ------------------------------------------------------------------------------------------


def test_all_on_an_array_is_answered() -> None:
    """Line 41 refuses only what is no Array."""
    query, _, _ = request_of(41)
    schema = cq.ClassSchema("MyScoreTable", {"game_mode_name": WORDS})
    assert cq.translate(query, schema, actor=cq.ADMIN).filter == {"game_mode_name": {"$all": ["survivor", "crazy"]}}


def test_undefined_is_text_of_a_string() -> None:
    """Line 129: `undefined` is refused only where the field is no String."""
    query, _, _ = request_of(129)
    plan = cq.translate(query, schema_of(129, c=cq.String), actor=cq.ADMIN)
    assert plan.filter == {"$and": [{"a": {"$eq": True}}, {"b": {"$eq": None}}, {"c": {"$eq": "undefined"}}, {"d": {"$eq": ""}}]}


def test_pages_and_counts() -> None:
    """Lines 83, 85, 86, 87: groups are skipped, the cursor's filter applies, the limit is clamped, a count ignores it."""
    plans = {number: cq.translate(request_of(number)[0], schema_of(number), actor=cq.ADMIN) for number in (83, 85, 86, 87)}
    assert plans[83].pipeline is not None
    assert {"$skip": 2} in plans[83].pipeline
    assert plans[85].filter == {"_id": {"$lt": ObjectId("f" * 24)}}
    assert (plans[86].limit, plans[86].skip) == (100, 0)
    assert plans[87].kind == "count"


def test_null_array_counts_as_empty(scratch: Collection[Document]) -> None:
    """Line 84: the real server is said to refuse it."""
    query, _, _ = request_of(84)
    start = {**record(schema_of(84), ObjectId(segments(84)[1])), "users": None}
    change = cq.translate_update("", schema_of(84), actor=O, query=query, id=segments(84)[1], now=NOW)
    assert exact(change.apply(start)) == exact(sent(change, scratch, start)) == exact(start)


def test_both_spellings_of_the_list() -> None:
    """Lines 89 and 97: `users_ids` and `ids` are one list."""
    for number, tokens in ((89, ["u1", "u47592"]), (97, ["u1253162", "u563541", "u563543", "u47592"])):
        _, _, body = request_of(number)
        change = cq.translate_update(body, schema_of(number), actor=O, id=ID, now=NOW)
        assert change.apply(record(schema_of(number), ObjectId(ID)))["_update"] == tokens


def test_text_of_a_refused_action() -> None:
    """Line 90: a readable record of somebody else."""
    with pytest.raises(cq.RequestError) as caught:
        cq.translate_update("", schema_of(90), actor=S, id=ID, now=NOW).apply(record(schema_of(90), ObjectId(ID)))
    assert caught.value.body() == {
        "errors": {"base": ["You don't have appropriate permissions to do this operation"]},
        "code": "forbidden",
    }


def test_empty_update_asks_for_the_record(scratch: Collection[Document]) -> None:
    """Line 106: nothing moves, not even the time."""
    _, _, body = request_of(106)
    start = {**record(schema_of(106), ObjectId(ID)), "updated_at": dt.datetime(2001, 1, 1)}
    change = cq.translate_update(body, schema_of(106), actor=O, id=ID, now=NOW)
    assert exact(change.apply(start)) == exact(sent(change, scratch, start)) == exact(start)


def test_nothing_is_shown_of_a_missing_parent() -> None:
    """Lines 8 and 12: no parent is null, never an empty text."""
    plan = cq.translate(request_of(8)[1], schema_of(8), actor=O)
    assert plan.render(record(schema_of(8), ObjectId(ID)))["_parent_id"] is None


def test_every_line_is_held_or_listed() -> None:
    assert len(LINES) == 155
    assert set(PLACES) | set(ELSEWHERE) == set(LINES)
    assert not set(PLACES) & set(ELSEWHERE)
    assert set(REFUSED) <= set(PLACES)
    tested = {"list", "delete_by_criteria", "update", "by_criteria", "create", "create_many", "update_many"}
    assert set(PLACES.values()) == tested
    said = {number for number in PLACES if "422" in (LINES[number].get("project") or "")}
    assert said == set(REFUSED)


@pytest.mark.parametrize("body", [{5: 1}, {"n": {5: 1}}, {None: 1}], ids=str)
@pytest.mark.parametrize("place", ["list", "update", "by_criteria", "create"])
def test_a_decoded_body_has_texts_as_keys(body: Any, place: str) -> None:
    with pytest.raises(cq.RequestError) as refused:
        cq.parse(body, cq.ClassSchema("item", {"n": cq.Integer}), place=place)
    assert (refused.value.status, refused.value.code, refused.value.key) == (422, "wrong_type", "base")
