"""Parameters put together by what they mean: repetitions united, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cubequery import errors
from cubequery.ast import Field
from cubequery.check.faults import Entry, Faults
from cubequery.check.search import find_field
from cubequery.check.settings import Settings
from cubequery.check.slots import BadName, Slot
from cubequery.names import split_brackets
from cubequery.schema import ClassSchema


class Merged:
    """Parameters of one identity: the slot, the value (united where the slot unites), and where each value came from."""

    __slots__ = ("entry", "origin", "slot", "value")

    def __init__(self, slot: Slot, value: Any, entry: int) -> None:
        self.slot, self.entry = slot, entry
        self.value: Any = list(value) if slot.union else value
        self.origin = [(entry, item) for item in range(len(value))] if slot.union else []


def merge(entries: Sequence[Entry], settings: Settings, faults: Faults, first: int = 0) -> list[Merged]:
    """Parameters in order of appearance, repetitions united or reported as ``repeated`` at the second occurrence."""
    merged: dict[Any, Merged] = {}
    for number, (slot, value) in enumerate(entries, first):
        seen = merged.get(slot.identity)
        if seen is None:
            merged[slot.identity] = Merged(slot, value, number)
        elif not (slot.union and seen.slot.union):
            faults.add(number, errors.plain("repeated", slot.key))
        else:
            seen.value += value
            seen.origin += [(number, item) for item in range(len(value))]
            if len(seen.value) > settings.limits.max_list_items:
                faults.add(number, errors.too_large("values in a list"))
    return list(merged.values())


def named(text: str, key: str, schema: ClassSchema, settings: Settings) -> Field:
    """The field that a value names (``age``, ``address[city]``). Raises BadName ``unknown_field`` under the parameter."""
    parts = split_brackets(text)
    known = schema.offer(settings.user_id_type)
    if parts is None:
        raise BadName(0, errors.unknown_field(text, known, key))
    try:
        field, end = find_field(schema, settings, parts, key=key)
    except BadName as bad:
        raise BadName(0, errors.unknown_field(text, known, key) if bad.part == 0 else bad.fault) from None
    if end < len(parts):
        raise BadName(0, errors.unknown_field(text, known, key))
    return field
