"""Query strings and forms of the ConnectNow dialect: the table, the grammar that the splitter equals, a plain model of the tree, bounds."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cubequery as cq
from cubequery.dialects.connectnow import Parameter, Tree, split, tree, trimmed
from cubequery.dialects.connectnow.reference import reference_split
from tests.dialects.tables import Row, read
from tests.support.strategies import mutated

ROOMY = cq.Limits(max_pairs=10_000, max_name_bytes=1_000_000, max_path_parts=100_000, max_query_bytes=1_000_000)
ROWS = read("query_strings.txt")
PIECES = st.sampled_from(
    ["a", "b", "0", "1", "[", "]", "[]", "[a]", "%5B", "%5d", "%00", "\0", " ", "+", "%20", ".", "=", "&",
     "%", "%5", "B", "é", "%C3", "%A9", "\udcc3", "\ud800", "\n", ";", ","]
)  # fmt: skip
NAMELESS = st.text(st.sampled_from("&=[\0"), max_size=6)
TEXTS = st.lists(PIECES, max_size=20).map("".join) | mutated() | st.text(max_size=12) | NAMELESS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_texts_become_trees(row: Row) -> None:
    found = tree(split(row.text))
    assert json.dumps(found, ensure_ascii=False) == json.dumps(json.loads(row.cells[1]), ensure_ascii=False)
    assert split(row.text, "form") == split(row.text) == reference_split(row.text)


def test_the_splitter_equals_the_grammar() -> None:
    shares: Counter[str] = Counter()

    @settings(max_examples=1_500)
    @given(TEXTS | st.sampled_from(ROWS).map(lambda row: row.text))
    def check(text: str) -> None:
        found = split(text, limits=ROOMY)
        assert found == reference_split(text)
        shares["keys" if any(each.keys for each in found) else "names" if found else "nothing"] += 1

    check()
    assert all(shares[kind] >= 0.1 * shares.total() for kind in ("keys", "names", "nothing")), shares


@given(TEXTS)
def test_offsets_are_those_of_the_text_as_received(text: str) -> None:
    for each in split(text, limits=ROOMY):
        assert each.offset == 0 or text[each.offset - 1] == "&"
        (alone,) = split(text[each.offset :].partition("&")[0], limits=ROOMY)
        assert (alone.name, alone.keys, alone.value) == (each.name, each.keys, each.value)


# --- the tree


def plain_tree(parameters: list[Parameter]) -> dict[str, Tree]:
    """The same by recursion over PHP's own rules: one ordered array in another, integers and texts as keys."""
    top: dict[Any, Any] = {}
    for each in parameters:
        _put(top, (each.name, *each.keys), each.value)
    return {str(key): _shown(value) for key, value in top.items()}


def _put(level: dict[Any, Any], keys: tuple[str | None, ...], value: str) -> None:
    key: Any = keys[0]
    if key is None:
        key = max([-1, *(known for known in level if isinstance(known, int))]) + 1
    elif key.isascii() and key.isdigit() and str(int(key)) == key:
        key = int(key)
    if len(keys) == 1:
        level[key] = value
    else:
        if not isinstance(level.get(key), dict):
            level[key] = {}
        _put(level[key], keys[1:], value)


def _shown(value: Any) -> Tree:
    if not isinstance(value, dict):
        return str(value)
    if list(value) == list(range(len(value))):
        return [_shown(each) for each in value.values()]
    return {str(key): _shown(each) for key, each in value.items()}


KEYS = st.sampled_from([None, None, "0", "1", "2", "01", "x", "-1", "y z"])


@given(st.lists(st.builds(Parameter, st.sampled_from("ab"), st.lists(KEYS, max_size=3).map(tuple), st.sampled_from("vw"), st.just(0))))
def test_trees_are_those_of_a_plain_model(parameters: list[Parameter]) -> None:
    assert json.dumps(tree(parameters)) == json.dumps(plain_tree(parameters))


# --- bounds: each limit passes n and refuses n + 1, before the work that it bounds


@pytest.mark.parametrize(
    ("setting", "text", "source"),
    [
        ("max_query_bytes", "a=é34", "query"),
        ("max_body_bytes", "a=é34", "form"),
        ("max_pairs", "a=1&b&&=x&&c", "query"),
        ("max_name_bytes", "b=1&%C3%A9=1", "query"),
        ("max_path_parts", "x=1&a[b][][c]d[e][f]=1", "query"),
    ],
)
def test_limits(setting: str, text: str, source: str) -> None:
    size = {"max_pairs": 6, "max_path_parts": 4}.get(setting, 6)
    assert split(text, source, cq.Limits(**{setting: size}))
    with pytest.raises(cq.RequestError) as caught:
        split(text, source, cq.Limits(**{setting: size - 1}))
    assert (caught.value.code, caught.value.key) == ("too_large", "base")


@pytest.mark.parametrize("piece", ["[", "]", "[]", "[a]", "[ ", "a[", "%5B", "%5B%5D", "%00", "%", "+", " ", ".", "é", "\0"])
def test_names_of_a_hundred_thousand_characters_are_refused_unread(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cubequery.dialects.connectnow.splitting.decoded", None)
    with pytest.raises(cq.RequestError, match="too large"):
        split(f"a{piece * 100_000}=1", "form")


@pytest.mark.parametrize("piece", ["[", "]", "[]", "[a]", "[ ", "a[", "[a", "%5B", "%5B%5D", "%00", "%", "+", "é", "&a[]=", "&a[0][]="])
def test_no_name_is_too_deep(piece: str) -> None:
    """A host may lift the limits: nothing is recursive, and no bracket is looked for twice."""
    wide = cq.Limits(max_pairs=10**6, max_name_bytes=10**6, max_path_parts=10**6, max_body_bytes=10**7)
    found: Any = tree(split(f"a{piece * 20_000}=1", "form", wide))
    assert list(found) != []
    while isinstance(found, list | dict):  # taken apart level by level: even comparing would recurse
        found = next(iter(found if isinstance(found, list) else found.values()), None)


def test_values_are_trimmed_of_six_characters() -> None:
    assert trimmed(" \t\n\r\v\0a b\0\v\r\n\t ") == "a b"
    assert trimmed("\f\u00a0a\u3000") == "\f\u00a0a\u3000"
    assert trimmed(" \0") == ""
