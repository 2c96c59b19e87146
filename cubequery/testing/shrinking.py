"""A failing case cut down to what it needs: whatever can be left out while it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from cubequery.testing.case import Case
from cubequery.testing.pairs import Records

SECONDS = 20.0
"""After which the case is told as small as it is by then."""


def smallest(case: Case, fails: Callable[[Case], bool], seconds: float = SECONDS) -> Case:
    """A case that fails and of which nothing can be left out, or the smallest found in time."""
    end = monotonic() + seconds
    while True:
        less = next((one for one in smaller(case) if monotonic() > end or fails(one)), None)
        if less is None or monotonic() > end:
            return case
        case = less


def smaller(case: Case) -> Iterator[Case]:
    """Cases with one thing less: a request, a record, a criterion, a field, a class; sound ones only."""
    for one in (*_fewer_calls(case), *_fewer_records(case), *_shorter_texts(case), *_fewer_fields(case), *_fewer_classes(case)):
        if one.sound():
            yield one


def _without(items: Sequence[Any]) -> Iterator[list[Any]]:
    return ([*items[:place], *items[place + 1 :]] for place in range(len(items)))


def _fewer_calls(case: Case) -> Iterator[Case]:
    return (replace(case, calls=calls) for calls in _without(case.calls) if calls)


def with_side(case: Case, name: str, records: Records) -> Case:
    """The case with other records in ``both``, ``left`` or ``right``."""
    changed: dict[str, Any] = {name: records}
    return replace(case, **changed)


def _fewer_records(case: Case) -> Iterator[Case]:
    for name in ("both", "left", "right"):
        side: Records = getattr(case, name)
        for own, documents in side.items():
            yield from (with_side(case, name, {**side, own: fewer}) for fewer in _without(documents))


def _shorter_texts(case: Case) -> Iterator[Case]:
    """Query strings, forms and bodies, without one of their parts."""
    for place, (method, args, named) in enumerate(case.calls):
        for position, given in enumerate(args):
            if position and isinstance(given, str | dict):
                for less in _less(given):
                    call = (method, (*args[:position], less, *args[position + 1 :]), named)
                    yield replace(case, calls=[*case.calls[:place], call, *case.calls[place + 1 :]])


def _less(given: Any) -> Iterable[Any]:
    if isinstance(given, dict):
        return ({name: value for name, value in given.items() if name != less} for less in given)
    return ("&".join(parts) for parts in _without(given.split("&"))) if "=" in given else ()


def _fewer_fields(case: Case) -> Iterator[Case]:
    for name in ("both", "left", "right"):
        side: Records = getattr(case, name)
        for own, documents in side.items():
            for place, document in enumerate(documents):
                for path in (path for path in document if path != "_id"):
                    less = {each: value for each, value in document.items() if each != path}
                    yield with_side(case, name, {**side, own: [*documents[:place], less, *documents[place + 1 :]]})


def _fewer_classes(case: Case) -> Iterator[Case]:
    named = {args[0] for _, args, _ in case.calls}
    for fewer in _without(case.classes):
        gone = next(each for each in case.classes if each not in fewer)
        empty = not any(side.get(gone.name) for side in (case.both, case.left, case.right))
        if empty and gone.name not in named and fewer:
            yield replace(case, classes=fewer)
