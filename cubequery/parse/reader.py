"""From query string, form text and JSON body to a tree: each distinct name of a class is resolved once and remembered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
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
    merge,
    record_slot,
    search_slot,
    write_slot,
)
from cubequery.check.search import ELSEWHERE
from cubequery.errors import Refused, RequestError
from cubequery.parse import body as json_body
from cubequery.parse import received
from cubequery.parse.escapes import Unreadable, decode
from cubequery.parse.known import Known
from cubequery.parse.memory import remember
from cubequery.parse.shapes import Draft, Shape, shape_of
from cubequery.parse.slow import SlowReader, Split
from cubequery.parse.sources import Sources
from cubequery.schema import ClassSchema
from cubequery.syntax import too_large
from cubequery.values import UNSET

LIST, RECORD, DELETE = "list", "record", "delete_by_criteria"
DELETE_IDS, FILE = "delete", "file"
TAKES = {RECORD: frozenset({"output", "permissions"}), DELETE_IDS: frozenset[str](), FILE: frozenset({"field_name"})}
"""Requests about one record by its id, and the parameters that each of them takes."""


NOT_PLAIN = (Refused, Unreadable, ValueError, KeyError)
"""What readers of plain values raise for others; a UnicodeError is a ValueError."""
_NO_STRUCTURE = bytes(byte for byte in range(1, 128) if byte not in b"=&")
_MOST_PLAIN = 200
_ALTERNATIONS = frozenset(b"=&" * count + b"=" for count in range(_MOST_PLAIN))
"""What is left of so many pairs without it."""


class Reader:
    """Reads requests of one class in one place (``list``, ``update``, ..). Safe to share between threads.

    Memory is bounded: at most ``name_cache`` names each of text and of JSON are remembered, the oldest leave. Nothing of a value,
    an actor or an error is ever remembered.
    """

    def __init__(self, schema: ClassSchema, settings: Settings, place: str) -> None:
        self.schema, self.settings, self.place = schema, settings, place
        self.may_be_empty = place == LIST
        limits = settings.limits
        self._most, self._most_pairs, self._most_shapes = limits.max_query_bytes, limits.max_pairs, limits.plan_cache
        self._most_plain = min(limits.max_pairs, limits.max_names, limits.max_conditions, _MOST_PLAIN)
        self._heads = frozenset(schema.names(settings.user_id_type)) | ELSEWHERE
        self._texts: dict[str, Known] = {}
        self._identities: dict[Hashable, int] = {}
        self._paths: dict[tuple[tuple[str, ...], bool], Slot] = {}
        self._once: set[int] = set()
        self.shapes: dict[str, Shape] = {}

    def read(self, sources: Sources, *, admin: bool = False) -> Request:
        """The tree of a request. Raises RequestError with every fault of the first stage that failed."""
        try:
            entries = self._fast(sources)
            faults = Faults()
            tree = self.build(entries, faults, admin=admin)
            if not faults:
                return tree
        except (Unreadable, BadName, Refused, RequestError, UnicodeError):
            pass
        return self.read_slowly(sources, admin=admin)

    def draft(self, text: str, parts: Sequence[str], names: str, shape: Shape | None) -> Draft | None:
        """A list request of known names that says plain things, with its values read; None for everything else, faults included.

        ``parts`` are the text between ``=`` and ``&``, ``names`` every other one of them with ``&`` between them, ``shape`` that of
        ``shapes``, if it is there. Raises what ``NOT_PLAIN`` holds for values that must be read in another way.
        """
        if shape is None:
            if parts[0] not in self._texts and parts[0].partition("[")[0] not in self._heads and "%" not in parts[0]:
                return None
            if (shape := self._new_shape(names, parts[::2])) is None:
                return self._draft_of_pairs(text)
        # What is left of the text tells that it was split rightly, and that it is ASCII without NUL.
        if text.encode().translate(None, _NO_STRUCTURE) not in _ALTERNATIONS:
            return self._draft_of_pairs(text)
        return shape.draft(parts)

    def refuses(self, text: str) -> bool:
        """Whether it is certain to be refused: some name begins with a word that means nothing here, or there is too much of it."""
        if len(text) > self._most or text.count("&") >= self._most_pairs:
            return True
        for pair in text.split("&"):
            head = pair.partition("=")[0].partition("[")[0]
            if head not in self._heads and pair and "%" not in head and "+" not in head:
                return True
        return False

    def why(self, text: str) -> RequestError:
        """What is wrong with a request that :meth:`refuses` is true of."""
        try:
            SlowReader(self, Sources(text), received.split).read(admin=False)
        except RequestError as error:
            return error
        raise AssertionError("a request was refused that nothing is wrong with")

    def _draft_of_pairs(self, text: str) -> Draft | None:
        """The same where some pair has no ``=``, or more than one."""
        if text.count("&") >= self._most_plain or not text.isascii() or "\0" in text:
            return None
        parts = [part for pair in text.split("&") for part in pair.partition("=")[::2]]
        names = "&".join(parts[::2])
        shape = self.shapes.get(names) or self._new_shape(names, parts[::2])
        return None if shape is None else shape.draft(parts)

    def _new_shape(self, names: str, received: Sequence[str]) -> Shape | None:
        """The shape of a combination that is not remembered. It is from its second time on: new ones cannot drive out those in use."""
        if len(received) > self._most_plain:
            return None
        try:
            known = (*map(self._texts.__getitem__, received),)
        except KeyError:
            return None  # the usual way learns the names first
        shape = shape_of(names, known, self.schema, self.settings)
        if shape is not None:
            once, sign = self._once, hash(names)
            if sign in once:
                remember(self.shapes, names, shape, self._most_shapes)
            else:
                if len(once) >= self._most_shapes:
                    once.clear()
                once.add(sign)
        return shape

    def read_slowly(self, sources: Sources, *, admin: bool = False, split: Split = received.split) -> Request:
        """The same with every place kept: how faults are found, and how the reference reader is joined in."""
        return SlowReader(self, sources, split).read(admin=admin)

    def resolve(self, names: tuple[str, ...], *, listed: bool) -> Slot:
        """What a name means here. Raises BadName."""
        if self.place in TAKES:
            return record_slot(self.schema, self.settings, names, listed=listed, takes=TAKES[self.place])
        if self.place in (LIST, DELETE):
            return search_slot(self.schema, self.settings, names, listed=listed, full=self.place == LIST)
        return write_slot(self.schema, self.settings, self.place, names, listed=listed)

    def path_slot(self, names: tuple[str, ...], *, listed: bool) -> Slot:
        """The remembered slot of a key path of a JSON body."""
        slot = self._paths.get((names, listed))
        if slot is None:
            slot = self.resolve(names, listed=listed)
            remember(self._paths, (names, listed), slot, self.settings.limits.name_cache)
        return slot

    def _fast(self, sources: Sources) -> list[Entry]:
        entries: list[Entry] = []
        pairs = 0
        for source, text in sources.texts():
            if too_large(text, source, self.settings.limits) is not None:
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
            known = slots.get(name)
            slot = self._new_text(name) if known is None else known.slot
            if "%" in value or "+" in value:
                value = decode(value)
            entries.append((slot, slot.text(value)))

    def _new_text(self, name: str) -> Slot:
        """A name not seen before: unknown first words are refused by a look-up, others are split by the grammar's own terminals."""
        head = name.partition("[")[0]
        if "%" not in head and "+" not in head and head not in self._heads:
            raise Unreadable
        found, faults = received.split(name, "query", self.settings.limits)
        if faults or len(found) != 1:
            raise Unreadable
        slot = self.resolve(found[0].names, listed=found[0].listed)
        # Names of other places hold record numbers, of which there is no end; combinations are remembered for lists only.
        identity = self._identities.setdefault(slot.identity, len(self._identities)) if self.place == LIST else 0
        remember(self._texts, name, Known(slot, identity, self.schema, self.settings), self.settings.limits.name_cache)
        return slot

    def _fast_json(self, body: Any, entries: list[Entry]) -> None:
        if not isinstance(body, Mapping):
            raise Unreadable
        for names, _, value in json_body.leaves(body, self.settings.limits):
            slot = self.path_slot(names, listed=isinstance(value, list))
            entries.append((slot, slot.json(value)))

    def build(self, entries: Sequence[Entry], faults: Faults, *, admin: bool) -> Request:
        """The tree of parameters that were read; faults are added, and the tree is only good without any."""
        if self.place == LIST:
            return build_query(entries, self.schema, self.settings, faults)
        if self.place in TAKES:
            return build_record_query(entries, self.schema, self.settings, faults, needs_file=self.place == FILE)
        if self.place == DELETE:
            return self._criteria(entries, faults)
        return build_write(entries, self.schema, self.settings, self.place, faults, admin=admin)

    def _criteria(self, entries: Sequence[Entry], faults: Faults) -> Request:
        """Delete by criteria: what would match everything is refused under ``base``."""
        given = merge(entries, self.settings, Faults())
        if all(each.slot.role == "compare" and each.slot.row.name == "nin" and not each.value for each in given):
            faults.add(None, errors.plain("empty_criteria"))
        return build_query(entries, self.schema, self.settings, faults)
