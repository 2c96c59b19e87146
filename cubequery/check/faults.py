"""Faults of one request while it is put together: each knows which parameter, and which element of its list, it is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery.check.slots import Slot
from cubequery.errors import STATUS, Fault

Entry = tuple[Slot, Any]
"""A parameter that was read: its slot and its value."""


class Faults:
    """What is wrong so far; the reader turns entries and elements into places of the original text."""

    __slots__ = ("found",)

    def __init__(self) -> None:
        self.found: list[tuple[int | None, int | None, Fault]] = []

    def add(self, entry: int | None, fault: Fault, item: int | None = None) -> None:
        """Report ``fault`` of parameter ``entry`` (None: of the request as a whole), at element ``item`` of its list."""
        self.found.append((entry, item, fault))

    def __bool__(self) -> bool:
        return bool(self.found)


def first_stage(faults: Sequence[Fault], most: int) -> list[Fault]:
    """Faults of the first stage that failed, in order of appearance.

    Size and syntax (400) come before everything that asks the schema (422).
    """
    chosen = [fault for fault in faults if STATUS.get(fault.code) == 400] or faults
    offsets = [fault.offset or 0 for fault in chosen if fault.source == "query"]
    if len(offsets) == len(chosen) and sorted({*offsets}) == offsets:
        return [*chosen[:most]]  # as they mostly come: each has a place of its own, behind the one before
    return sorted(dict(zip(map(Fault._key, chosen), chosen, strict=True)).values(), key=_appearance)[:most]


def _appearance(fault: Fault) -> tuple[int, int]:
    """Query string, form, JSON body, nowhere; in a text by place, else as they were found."""
    if fault.source is None:
        return (3 if fault.path is None else 2, 0)
    return (int(fault.source == "form"), fault.offset or 0)
