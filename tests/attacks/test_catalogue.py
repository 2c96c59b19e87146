"""Every row of the catalogue's tables, in every place and by every carrier that can hold it: exactly this status, code and key."""

from __future__ import annotations

import re
from typing import Any

import pytest

import cubequery as cq
from cubequery.parse import reader_for, sources
from cubequery.testing.carriers import as_json
from tests.attacks import carriers
from tests.attacks.fixture import ACTORS, ATTACKER, HIDDEN, RECORDS
from tests.attacks.table import Sent, rows

_HINT = re.compile(r' Did you mean "([^"]*)"\?')

REFUSED = [sent for sent in rows() if sent.answer not in ("ignored", "nothing")]
UPDATES = [sent for sent in REFUSED if carriers.PLACES[sent.place] in ("update", "by_criteria") and sent.users == "Integer"]
IGNORED = [sent for sent in rows() if sent.answer == "ignored"]
NOTHING = [sent for sent in rows() if sent.answer == "nothing"]


def each(given: list[Sent]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("sent", given, ids=[ascii(sent.where) for sent in given])


def parts(sent: Sent) -> dict[str, Any]:
    """The request as the arguments of a search."""
    if sent.carrier == "J":
        body = sent.request if isinstance(sent.request, dict) else cq.read_json(sent.request)
        return {"query": None} if body is None else {"query": "", "json": body}
    return {"query": sent.request} if sent.carrier == "Q" else {"query": "", "form": sent.request}


def searched(sent: Sent, actor: cq.Actor) -> cq.Plan:
    given = parts(sent)
    return cq.translate(given.pop("query"), sent.schema, actor=actor, settings=sent.settings, **given)


def updated(sent: Sent, actor: cq.Actor, *, by_criteria: bool) -> cq.Change:
    given = parts(sent)
    body = given.get("json", given.get("form", given["query"]))
    return cq.translate_update(body, sent.schema, actor=actor, by_criteria=by_criteria, settings=sent.settings)


@each(REFUSED)
def test_refused(sent: Sent) -> None:
    with pytest.raises(cq.RequestError) as caught:
        carriers.send(sent.carrier, sent.request, sent.schema, sent.place, sent.settings)
    agrees(sent, caught.value)
    says_nothing_hidden(sent, caught.value)


@each([sent for sent in REFUSED if sent.place == "list"])
def test_refused_for_everybody(sent: Sent) -> None:
    """A search is refused before it matters who asks, admin included."""
    for actor in ACTORS.values() if sent.users == "Integer" else (cq.ANONYMOUS, cq.ADMIN, cq.Actor("u47592")):
        with pytest.raises(cq.RequestError) as caught:
            searched(sent, actor)
        agrees(sent, caught.value)


# A body that is a text is read as a form: that a JSON body is no object, a text for one, is for its reader to say.
@each([sent for sent in UPDATES if not (sent.carrier == "J" and str(sent.request).startswith('"'))])
def test_refused_as_an_update(sent: Sent) -> None:
    """No command is made; who has no user id is told that and no more, unless the request cannot even be read."""
    criteria = carriers.PLACES[sent.place] == "by_criteria"
    for actor in (ATTACKER, cq.ANONYMOUS):
        with pytest.raises(cq.RequestError) as caught:
            updated(sent, actor, by_criteria=criteria)
        if actor is ATTACKER or caught.value.status == 400:
            agrees(sent, caught.value)
        else:
            assert (caught.value.status, caught.value.code, caught.value.key) == (403, "need_user", "base")


@each(IGNORED)
def test_ignored(sent: Sent) -> None:
    """What a body may say without any effect: the tree is that of the request without it."""
    tree = carriers.send(sent.carrier, sent.request, sent.schema, sent.place, sent.settings)
    beside = {"record": {"1": {}}} if sent.place == "created" else as_json(carriers.BESIDE.get(sent.place, ""))
    assert tree == carriers.send("J", beside, sent.schema, sent.place, sent.settings)


@each(NOTHING)
def test_nothing_is_found(sent: Sent) -> None:
    for actor in ACTORS.values():
        plan = searched(sent, actor)
        assert plan.filter != {}
        assert plan.run(RECORDS) in ([], 0)


@each([sent for sent in REFUSED if sent.carrier != "J"])
def test_refused_by_the_grammar_alike(sent: Sent) -> None:
    """The reference parser refuses the same, at the same places."""
    place = carriers.PLACES[sent.place]
    text = {"query": sent.request} if sent.carrier == "Q" else {"query": "", "form": sent.request}
    with pytest.raises(cq.RequestError) as reference:
        cq.reference_parse(**text, schema=sent.schema, place=place, settings=sent.settings)
    with pytest.raises(cq.RequestError) as fast:
        reader_for(sent.schema, sent.settings, place).read(sources(**text))
    assert fast.value.faults == reference.value.faults


def agrees(sent: Sent, error: cq.RequestError) -> None:
    found = {(str(fault.status), fault.code, fault.key) for fault in error.faults}
    expected = {(status, code if code != "*" else next(iter(found))[1], key) for status, code, key in sent.faults}
    assert found == expected, sent.where


def says_nothing_hidden(sent: Sent, error: cq.RequestError) -> None:
    """A hidden name gets the text of any name that was never heard of, and only visible names are offered."""
    names = set(sent.schema.names(sent.settings.user_id_type))
    names |= {leaf.name for field in sent.schema.fields.values() for leaf in field.leaves}
    for fault in error.faults:
        if fault.code != "unknown_field":
            continue
        near = _HINT.search(fault.text)
        assert near is None or near[1] in names
        known = _HINT.sub("", fault.text).removeprefix("Unknown field. Known fields: ").split(", ")
        assert set(known) <= names
        assert not set(known) & set(HIDDEN)
