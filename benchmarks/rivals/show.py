"""Both tables in Markdown, which is kept, and reads as well on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmarks.judge import ALL, NONE, PART
from benchmarks.rivals import deciding, translating
from benchmarks.rivals.install import Outcome


def report(
    translated: Sequence[translating.Line], decided: Sequence[deciding.Line], outcomes: Sequence[Outcome], facts: Mapping[str, Any]
) -> str:
    """The whole text."""
    return "\n".join([*_head(facts), *_translated(translated, facts), *_decided(decided, facts), *_missing(outcomes)]) + "\n"


def _head(facts: Mapping[str, Any]) -> Iterator[str]:
    yield "# The peers, each doing the work it can"
    yield ""
    yield f"{facts['date']}, {facts['python']}, Node.js {facts['node']}, {facts['cores']} cores, load {facts['load']}."
    yield f"CPU time of all threads, interleaved, medians of {facts['rounds']} rounds; a mean is geometric. Printed by `make bench-peers`."


def _translated(lines: Sequence[translating.Line], facts: Mapping[str, Any]) -> Iterator[str]:
    count = max(len(line.says) for line in lines)
    yield ""
    yield f"## Translating the {count} requests of the corpus"
    yield ""
    yield "whole: it says the request; condition: its filter only, right on records of the request's own values. The mean is over these,"
    yield "and ours is measured for the same requests: typed, validated, joined with the actor's rights (which no peer has); filter, sort,"
    yield "skip and limit. Peers of Node.js have read the same texts once before they are timed."
    yield ""
    yield "| peer | does | whole | condition | wrong or refused | not said | a request | ours, the same | by ours | by `parse_qsl` |"
    yield "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: |"
    for line in lines:
        wrong = len(line.says) - sum(map(line.counted, (ALL, PART, NONE)))
        says = [str(line.counted(word)) for word in (ALL, PART)] + [str(wrong), str(line.counted(NONE))] if line.says else ["-"] * 4
        yield f"| {_name(line.name, facts)} | {line.does} | {' | '.join(says)} | {' | '.join(_means(line.mean, 1e-6, 'µs'))} |"
    yield ""
    yield from (f"- {line.name}: {text}" for line in lines if (text := translating.said(line)))


def _decided(lines: Sequence[deciding.Line], facts: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield f"## Deciding {len(lines[0].faults)} conditions in memory"
    yield ""
    yield f"Timed over {deciding.RECORDS:,} records. The lambda is written by hand and right for values of any type. Right:"
    yield f"decided as ours, which the tests hold to MongoDB, on each of {deciding.CHECKED:,} records with many foreign values."
    yield ""
    yield "| peer | right | a record | ours | by ours | by a lambda |"
    yield "| --- | --: | --: | --: | --: | --: |"
    for line in lines:
        yield f"| {_name(line.name, facts)} | {line.right} of {len(line.faults)} | {' | '.join(_means(line.mean, 1e-9, 'ns'))} |"
    yield ""
    for line in lines:
        faults = ", ".join(f"{name} ({fault})" for name, fault in line.faults.items() if fault)
        if faults:
            yield f"- {line.name}: {faults}"


def _means(mean: Any, unit: float, name: str) -> list[str]:
    own, ours, base = (mean(place) for place in range(3))
    if not own:
        return ["-"] * 4
    return [f"{own / unit:.3g} {name}", f"{ours / unit:.3g} {name}", f"{own / ours:.3g}", f"{own / base:.3g}"]


def _name(name: str, facts: Mapping[str, Any]) -> str:
    version = facts["versions"].get(name)
    return f"{name} {version}" if version else name


def _missing(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for each in outcomes:
        if not each.there or each.note:
            yield f"- {each.name}{'' if each.there else ' is not there'}: {each.note}"
