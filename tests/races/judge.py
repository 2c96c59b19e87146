"""What may land: the rules of access control written down once more, over records as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import cubequery as cq
from tests.races.requests import Document, Key, Operation, Records

RIGHTS = ("read", "update", "delete")


def may(actor: cq.Actor, action: str, record: Document) -> bool:
    """Whether a record's own rights let an actor pass; in these classes nothing else decides."""
    return actor.admin or not set(record[f"_{action}"]).isdisjoint({"*", f"u{actor.user_id}"})


def parent_of(record: Document) -> Key | None:
    return (record["_parent_class"], record["_parent_id"]) if "_parent_id" in record else None


def below(records: Records, roots: Iterable[Key]) -> set[Key]:
    """The roots and every record that hangs below one of them."""
    found: set[Key] = set()
    more = set(roots)
    while more:
        found |= more
        more = {key for key, record in records.items() if parent_of(record) in more} - found
    return found


class Judge:
    """Watches one operation. ``faults`` are the writes that were not permitted when they landed.

    ``strict`` is for transactions: all that is deleted is judged by what stands at that very moment. Without them children go before
    their parent, one command after the other, so that a child counts as permitted which hung below a deletable record at some moment
    since the operation began; but its own tie to its parent must still be there.
    """

    def __init__(self, name: str, operation: Operation, *, strict: bool) -> None:
        self.name, self.operation, self.strict = name, operation, strict
        self.faults: list[str] = []
        self.created: set[Key] = set()
        self._taken: set[Key] = set()
        self._removed: set[Key] = set()

    def look(self, records: Records) -> None:
        """Told what is stored before each command of the operation."""
        if self.operation.action == "delete":
            roots = {key for key, record in records.items() if self._may_take(key, record)}
            self._taken = below(records, roots | self._removed) | (set() if self.strict else self._taken)

    def see(self, before: Records, after: Records) -> None:
        """Told what a write of the operation has changed."""
        if self.strict:
            self.look(before)
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if old != new and (fault := self._fault(key, old, new)):
                self.faults.append(f"{self.name}: {fault} of {key}: {old} -> {new}")
        self._removed |= before.keys() - after.keys()

    def end(self, records: Records, word: str) -> None:
        """Told what is stored when the operation has answered."""
        for key in self.created & records.keys():
            parent = parent_of(records[key])
            if word != "done":
                self.faults.append(f"{self.name}: refused with {word}, and {key} is there")
            elif parent is not None and not (parent in records and may(self.operation.actor, "read", records[parent])):
                self.faults.append(f"{self.name}: {key} was created below {parent}, which is not to be seen")

    def _may_take(self, key: Key, record: Document) -> bool:
        about = self.operation.is_about(key, record) and may(self.operation.actor, "delete", record)
        return about and (not self.operation.reads or may(self.operation.actor, "read", record))

    def _fault(self, key: Key, old: Document | None, new: Document | None) -> str:
        if old is None:
            self.created.add(key)
            return "" if self.operation.action == "create" else "creation"
        if new is None:
            return self._removal(key, old)
        return self._change(key, old, new)

    def _removal(self, key: Key, old: Document) -> str:
        if self.operation.action == "create":
            return "" if key in self.created else "removal of another's record"
        tied = self.operation.action == "delete" and parent_of(old) in self._taken
        return "" if tied or self._may_take(key, old) else "removal"

    def _change(self, key: Key, old: Document, new: Document) -> str:
        operation, actor = self.operation, self.operation.actor
        changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        if operation.action != "update" or not may(actor, "update", old) or not operation.is_about(key, old):
            return "change"
        if operation.reads and not may(actor, "read", old):
            return "change of a hidden record"
        if "user_id" in changed and not actor.admin:
            return "change of the owner"
        if changed & {"_acl", *(f"_{action}" for action in RIGHTS)} and not (actor.admin or old["user_id"] == actor.user_id):
            return "change of the rights"
        return "move" if "_parent_id" in changed and not may(actor, "delete", old) else ""


def orphans(records: Records) -> Iterator[str]:
    """Records whose parent is not there, whoever is to blame."""
    for key, record in records.items():
        parent = parent_of(record)
        if parent is not None and parent not in records:
            yield f"{key} has lost its parent {parent}"


def drift(records: Records) -> Iterator[str]:
    """Token arrays that differ from what ``_acl`` says."""
    for key, record in records.items():
        for action in RIGHTS:
            level = record.get("_acl", {}).get(action, {"access": "open" if action == "read" else "owner"})
            if record[f"_{action}"] != _tokens(level, record["user_id"]):
                yield f"{key}: {action} is {record[f'_{action}']}, and {level} for user {record['user_id']}"


def _tokens(level: Mapping[str, Any], owner: int) -> list[str]:
    if level["access"] == "open":
        return ["*"]
    listed = [*(f"u{user}" for user in level.get("users_ids", ())), *(f"g{tag}" for tag in level.get("users_groups", ()))]
    return [*(token for token in listed if token != f"u{owner}"), f"u{owner}"]
