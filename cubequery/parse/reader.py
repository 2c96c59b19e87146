"""From query string, form text and JSON body to a tree: each distinct name of a class is resolved once and remembered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cubequery import errors
from cubequery.ast import Request
from cubequery.check import (
    BadName,
    Entry,
    Faults,
    Settings,
    Slot,
    build_query,
    build_record_query,
    build_write,
    first_stage,
    merge,
    record_slot,
    search_slot,
    write_slot,
)
from cubequery.errors import Fault, Refused, RequestError
from cubequery.limits import Limits
from cubequery.parse import body as json_body
from cubequery.parse import grammar, received
from cubequery.parse.received import Received
from cubequery.schema import ClassSchema
from cubequery.values import UNSET

LIST, RECORD, DELETE = "list", "record", "delete_by_criteria"
Split = Callable[..., tuple[list[Received], list[Fault]]]
Place = Callable[[Fault, int | None], Fault]
"""Puts a fault of one parameter, or of one element of its list, at its place."""
_DART_ROLES = frozenset({"compare", "sort", "include", "exclude", "calc"})
_ABSENCE = frozenset({"missing", "empty_criteria"})


class Unreadable(Exception):
    """The fast path met something it does not accept."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What one request came in: texts as received, and the decoded JSON body (UNSET: there is none)."""

    query: str = ""
    form: str = ""
    json: Any = UNSET

    def texts(self) -> tuple[tuple[str, str], ...]:
        """The texts that hold something, query string first."""
        return tuple((name, text) for name, text in (("query", self.query), ("form", self.form)) if text)

    def check_syntax(self, limits: Limits) -> None:
        """Size and grammar alone, for requests that are refused before any class is asked. Raises RequestError 400."""
        faults: list[Fault] = []
        for source, text in self.texts():
            large = received.too_large(text, source, limits)
            faults += [large] if large is not None else received.split(text, source, limits)[1]
        if faults:
            raise RequestError(first_stage(faults, limits.max_faults), dict(self.texts()))


class Reader:
    """Reads requests of one class in one place (``list``, ``update``, ..). Safe to share between threads.

    Memory is bounded: at most ``name_cache`` names each of text and of JSON are remembered, the oldest leave. Nothing of a value,
    an actor or an error is ever remembered.
    """

    def __init__(self, schema: ClassSchema, settings: Settings, place: str) -> None:
        self.schema, self.settings, self.place = schema, settings, place
        self._texts: dict[str, Slot] = {}
        self._paths: dict[tuple[tuple[str, ...], bool], Slot] = {}

    def read(self, sources: Sources, *, admin: bool = False) -> Request:
        """The tree of a request. Raises RequestError with every fault of the first stage that failed."""
        try:
            entries = self._fast(sources)
            faults = Faults()
            tree = self._build(entries, faults, admin=admin)
            if not faults:
                return tree
        except (Unreadable, BadName, Refused, RequestError, UnicodeError):
            pass
        return self.read_slowly(sources, admin=admin)

    def read_slowly(self, sources: Sources, *, admin: bool = False, split: Split = received.split) -> Request:
        """The same with every place kept: how faults are found, and how the reference reader is joined in."""
        return _Slow(self, sources, split).read(admin=admin)

    def resolve(self, names: tuple[str, ...], *, listed: bool) -> Slot:
        """What a name means here. Raises BadName."""
        if self.place == RECORD:
            return record_slot(self.schema, self.settings, names, listed=listed)
        if self.place in (LIST, DELETE):
            return search_slot(self.schema, self.settings, names, listed=listed, full=self.place == LIST)
        return write_slot(self.schema, self.settings, self.place, names, listed=listed)

    def path_slot(self, names: tuple[str, ...], *, listed: bool) -> Slot:
        """The remembered slot of a key path of a JSON body."""
        slot = self._paths.get((names, listed))
        if slot is None:
            slot = self.resolve(names, listed=listed)
            _remember(self._paths, (names, listed), slot, self.settings.limits.name_cache)
        return slot

    def _fast(self, sources: Sources) -> list[Entry]:
        entries: list[Entry] = []
        pairs = 0
        for source, text in sources.texts():
            if received.too_large(text, source, self.settings.limits) is not None:
                raise Unreadable
            pairs += text.count("&") + 1
            self._fast_text(text, entries)
        if pairs > self.settings.limits.max_pairs:
            raise Unreadable
        if sources.json is not UNSET:
            self._fast_json(sources.json, entries)
        if pairs and len(entries) > self.settings.limits.max_names:
            raise Unreadable  # too many, or many of one name: counted in the slow way
        return entries

    def _fast_text(self, text: str, entries: list[Entry]) -> None:
        """Split once; a name seen before costs one look-up, a value without escapes no decoding."""
        if not text.isascii():
            text.encode()
        slots = self._texts
        for pair in text.split("&"):
            if not pair:
                continue
            name, _, value = pair.partition("=")
            slot = slots.get(name)
            if slot is None:
                slot = self._new_text(name)
            if "%" in value or "+" in value:
                value = _decode(value)
            entries.append((slot, slot.text(value)))

    def _new_text(self, name: str) -> Slot:
        """A name not seen before: unknown first words are refused by a look-up, others are split by the grammar's own terminals."""
        found, faults = received.split(name, "query", self.settings.limits)
        if faults or len(found) != 1:
            raise Unreadable
        slot = self.resolve(found[0].names, listed=found[0].listed)
        _remember(self._texts, name, slot, self.settings.limits.name_cache)
        return slot

    def _fast_json(self, body: Any, entries: list[Entry]) -> None:
        if not isinstance(body, Mapping):
            raise Unreadable
        for names, _, value in json_body.leaves(body, self.settings.limits):
            slot = self.path_slot(names, listed=isinstance(value, list))
            entries.append((slot, slot.json(value)))

    def _build(self, entries: Sequence[Entry], faults: Faults, *, admin: bool) -> Request:
        if self.place == LIST:
            return build_query(entries, self.schema, self.settings, faults)
        if self.place == RECORD:
            return build_record_query(entries, self.schema, self.settings, faults)
        if self.place == DELETE:
            return self._criteria(entries, faults)
        return build_write(entries, self.schema, self.settings, self.place, faults, admin=admin)

    def _criteria(self, entries: Sequence[Entry], faults: Faults) -> Request:
        """Delete by criteria: what would match everything is refused under ``base``."""
        given = merge(entries, self.settings, Faults())
        if all(each.slot.role == "compare" and each.slot.row.name == "nin" and not each.value for each in given):
            faults.add(None, errors.plain("empty_criteria"))
        return build_query(entries, self.schema, self.settings, faults)


def _remember(memory: dict[Any, Slot], key: Any, slot: Slot, most: int) -> None:
    if len(memory) >= most:
        for oldest in list(memory)[: max(1, most // 8)]:
            memory.pop(oldest, None)
    memory[key] = slot


def _decode(value: str) -> str:
    if grammar.value_pattern().fullmatch(value) is None:
        raise Unreadable
    return received.decode(value)


class _Slow:
    """One request read with all places kept, every fault collected."""

    def __init__(self, reader: Reader, sources: Sources, split: Split) -> None:
        self.reader, self.sources, self.split = reader, sources, split
        self.limits = reader.settings.limits
        self.faults: list[Fault] = []
        self.names: set[tuple[str, ...]] = set()
        self.entries: list[Entry] = []
        self.places: list[Place] = []
        self.given: list[tuple[Entry, Place]] = []

    def read(self, *, admin: bool) -> Request:
        self._sizes()
        for source, text in self.sources.texts():
            found, malformed = self.split(text, source, self.limits)
            self.faults += malformed
            for each in found:
                self._count(each.names)
                self._text(each)
        if self.sources.json is not UNSET:
            self._json()
        self._repeated()
        faults = Faults()
        tree = self.reader._build(self.entries, faults, admin=admin)
        late = [fault if entry is None else self.places[entry](fault, item) for entry, item, fault in faults.found]
        # What is missing cannot be told until all that was given could be read.
        self.faults += [fault for fault in late if not (self.faults and fault.code in _ABSENCE)]
        if self.faults:
            raise RequestError(first_stage(self.faults, self.limits.max_faults), dict(self.sources.texts()))
        return tree

    def _sizes(self) -> None:
        found = [received.too_large(text, source, self.limits) for source, text in self.sources.texts()]
        if sum(text.count("&") + 1 for _, text in self.sources.texts()) > self.limits.max_pairs:
            found.append(errors.too_large("parameters"))
        too_large = [fault for fault in found if fault is not None]
        if too_large:
            raise RequestError(too_large[:1], dict(self.sources.texts()))

    def _count(self, names: tuple[str, ...]) -> None:
        """Distinct names over all sources, before any is looked at."""
        self.names.add(json_body.without_number(names))
        if len(self.names) > self.limits.max_names:
            raise RequestError([errors.too_large("names")], dict(self.sources.texts()))

    def _text(self, each: Received) -> None:
        try:
            slot = self.reader.resolve(each.names, listed=each.listed)
        except BadName as bad:
            self.faults.append(bad.fault.at(each.source, each.parts[min(bad.part, len(each.parts) - 1)][1]))
            return

        self._value(slot, slot.text, each.value, _text_place(each, slot))

    def _json(self) -> None:
        if not isinstance(self.sources.json, Mapping):
            self.faults.append(json_body.not_an_object())
            return
        for names, path, value in json_body.leaves(self.sources.json, self.limits):
            self._count(names)
            try:
                slot = self.reader.path_slot(names, listed=isinstance(value, list))
            except BadName as bad:
                self.faults.append(bad.fault.under(path[: bad.part + 1]))
                continue
            self._value(slot, slot.json, value, _json_place(path, value))

    def _value(self, slot: Slot, read: Callable[[Any], Any], value: Any, place: Place) -> None:
        try:
            self.entries.append((slot, read(value)))
            self.places.append(place)
            self.given.append((self.entries[-1], place))
        except Refused as refused:
            self.faults.append(place(_value_fault(slot, refused), refused.item))
            self.given.append(((slot, []), place))

    def _repeated(self) -> None:
        """Repetitions count even where one of the values cannot be read."""
        if len(self.given) > len(self.entries):
            faults = Faults()
            merge([entry for entry, _ in self.given], self.reader.settings, faults)
            self.faults += [self.given[entry][1](fault, item) for entry, item, fault in faults.found if entry is not None]


def _value_fault(slot: Slot, refused: Refused) -> Fault:
    if refused.code == "too_large":
        return errors.too_large("values in a list")
    element = slot.field.type.element.name if slot.field is not None and refused.item is not None else slot.type_name
    return errors.refused(refused.code, element, slot.key)


def _text_place(each: Received, slot: Slot) -> Place:
    """Faults about the parameter as such point at its name, others at its value or the element of it."""

    def place(fault: Fault, item: int | None) -> Fault:
        about_name = fault.code in ("repeated", "not_here") or (fault.code == "conflict" and item is None) or slot.role == "permissions"
        whole = None if slot.listed else item
        return fault.at(each.source, each.parts[0][1] if about_name else each.place(whole, dart=slot.role in _DART_ROLES))

    return place


def _json_place(path: json_body.Path, value: Any) -> Place:
    return lambda fault, item: fault.under((*path, item) if item is not None and isinstance(value, list) else path)
