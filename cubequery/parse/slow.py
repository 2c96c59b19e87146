"""The slow reader: every place kept, every fault collected; asked only where the fast path met something it does not accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cubequery import errors
from cubequery.ast import Request
from cubequery.check import CREATE, CREATE_MANY, CRITERIA, UPDATE, UPDATE_MANY, BadName, Entry, Faults, Slot, first_stage, merge
from cubequery.errors import Fault, Refused, RequestError
from cubequery.limits import Limits
from cubequery.parse import body as json_body
from cubequery.parse.received import Received
from cubequery.parse.sources import Sources
from cubequery.syntax import too_large
from cubequery.values import UNSET

if TYPE_CHECKING:
    from cubequery.parse.reader import Reader

Split = Callable[[str, str, Limits], tuple[list[Received], list[Fault]]]
Place = Callable[[Fault, int | None], Fault]
"""Puts a fault of one parameter, or of one element of its list, at its place."""
_DART_ROLES = frozenset({"compare", "sort", "include", "exclude", "calc"})
_WRITES = frozenset({CREATE, CREATE_MANY, CRITERIA, UPDATE, UPDATE_MANY})


class LateError(RequestError):
    """A request that is certainly refused; what is wrong with it is looked for once somebody asks."""

    def __init__(self, find: Callable[[str], RequestError], text: str) -> None:
        Exception.__init__(self)
        self._find, self._text = find, text

    def __getattr__(self, name: str) -> object:
        """Facts that are not there yet; all of them are from here on."""
        if name.startswith("_") or "faults" in self.__dict__:
            raise AttributeError(name)
        self.__dict__.update(self._find(self._text).__dict__)
        return getattr(self, name)


class SlowReader:
    """One request read with all places kept, every fault collected."""

    __slots__ = ("entries", "faults", "given", "limits", "names", "places", "reader", "sources", "split", "texts")

    def __init__(self, reader: Reader, sources: Sources, split: Split) -> None:
        self.reader, self.sources, self.split = reader, sources, split
        self.texts = sources.texts()
        self.limits = reader.settings.limits
        self.faults: list[Fault] = []
        self.names: set[tuple[str, ...]] = set()
        self.entries: list[Entry] = []
        self.places: list[Place] = []
        self.given: list[tuple[Entry, Place]] = []

    def read(self, *, admin: bool) -> Request:
        self._sizes()
        for source, text in self.texts:
            found, malformed = self.split(text, source, self.limits)
            self.faults += malformed
            for each in found:
                self._count(each.names)
                self._text(each)
        if self.sources.json is not UNSET:
            self._json()
        if len(self.given) > len(self.entries):
            self._repeated()
        if self.faults and not self.entries and self.reader.may_be_empty:
            raise self._refusal()
        faults = Faults()
        tree = self.reader.build(self.entries, faults, admin=admin)
        late = [fault if entry is None else self.places[entry](fault, item) for entry, item, fault in faults.found]
        self.faults += [fault for fault in late if self._is_certain(fault)]
        if self.faults:
            raise self._refusal()
        return tree

    def _refusal(self) -> RequestError:
        return RequestError(first_stage(self.faults, self.limits.max_faults), dict(self.texts))

    def _is_certain(self, fault: Fault) -> bool:
        """Whether something is missing for sure: what was given and could not be read may be just that."""
        if fault.code == "empty_criteria":
            return all(other.code == "not_here" for other in self.faults)
        if fault.code != "missing" or not self.faults:
            return True
        hidden = any(other.key == "base" or f"{other.key}[".startswith(f"{fault.key}[") for other in self.faults)
        return self.reader.place in _WRITES and not hidden

    def _sizes(self) -> None:
        for source, text in self.texts:
            fault = too_large(text, source, self.limits)
            if fault is not None:
                raise RequestError([fault], dict(self.texts))
        if len(self.texts) > 1 and sum(text.count("&") + 1 for _, text in self.texts) > self.limits.max_pairs:
            raise RequestError([errors.too_large("parameters")], dict(self.texts))

    def _count(self, names: tuple[str, ...]) -> None:
        """Distinct names over all sources, before any is looked at."""
        self.names.add(json_body.without_number(names))
        if len(self.names) > self.limits.max_names:
            raise RequestError([errors.too_large("names")], dict(self.texts))

    def _text(self, each: Received) -> None:
        try:
            slot = self.reader.resolve(each.names, listed=each.listed)
        except BadName as bad:
            offsets = each.offsets
            self.faults.append(bad.fault.at(each.source, offsets[bad.part] if bad.part < len(offsets) else offsets[-1]))
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
        return fault.at(each.source, each.offsets[0] if about_name else each.place(whole, dart=slot.role in _DART_ROLES))

    return place


def _json_place(path: json_body.Path, value: Any) -> Place:
    return lambda fault, item: fault.under((*path, item) if item is not None and isinstance(value, list) else path)
