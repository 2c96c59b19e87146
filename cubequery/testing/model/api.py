"""The operations of the model, under the names that an engine gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cubequery import RequestError, errors
from cubequery.testing.model.change import Change, operate, read_change
from cubequery.testing.model.records import ACTIONS, Actor, Body, Fields, Record, class_level, leaves, may, owns, passes, render, shown
from cubequery.testing.model.search import conditions, groups, matches, page

Numbered = list[tuple[int | None, Any]]
"""Numbered, or what they ask for, with the numbers of their records; a single one has none."""


class Model:
    """Records by class and id. ``clock`` gives Unix seconds, ``ids`` the next id. Refusals are RequestErrors."""

    def __init__(self, classes: Iterable[Body], *, clock: Callable[[], int], ids: Callable[[], str]) -> None:
        self.classes = {each["name"]: each for each in classes}
        self.records: dict[str, dict[str, Record]] = {name: {} for name in self.classes}
        self.clock, self.ids = clock, ids

    def list(self, name: str, query: Body, actor: Actor) -> Record:
        """Records, a count, or groups."""
        rows, fields = self._found(name, query, actor, "read"), self._fields(name)
        if query.get("count"):
            return {"items": {"count": len(rows)}}
        if "group_by" in query:
            return {"class_name": name, **groups(rows, query, fields)}
        include, exclude = (query.get("output", {}).get(word, []) for word in ("include", "exclude"))
        heads = [(field, field.partition("[")[0]) for field in fields]
        names = [field for field, head in heads if head not in exclude and (not include or head in ("_id", *include))]
        found = page(rows, query)
        return {"class_name": name, **found, "items": [render(row, names) for row in found["items"]]}

    def get(self, name: str, id: str, actor: Actor, query: str = "") -> Record:
        """One record, several by ids with commas, or the permissions of one."""
        found = [row for _, row in self._by_id(name, id) if row and self.may("read", name, row, actor)]
        items = [self._answer(name, row, actor) for row in found]
        if "," in id:
            return {"class_name": name, "items": items}
        if not items or (query == "permissions=1" and "permissions" not in items[0]):
            raise refusal("forbidden" if items else "not_found")
        return {"permissions": items[0]["permissions"], "record_id": items[0]["_id"]} if query == "permissions=1" else items[0]

    def _fields(self, name: str) -> Fields:
        if name not in self.classes:
            raise refusal("undefined_class")
        return leaves(self.classes[name]["fields"])

    def may(self, action: str, name: str, row: Record, actor: Actor) -> bool:
        """Whether an actor may read, update or delete a record."""
        return may(action, row, actor, self.classes[name])

    def _refused(self, action: str, name: str, row: Record | None, actor: Actor) -> str:
        """Code of the refusal; none is empty. Hidden is answered as missing."""
        readable = row is not None and self.may("read", name, row, actor)
        return "" if row and self.may(action, name, row, actor) else "forbidden" if readable else "not_found"

    def _by_id(self, name: str, id: str) -> Sequence[tuple[str, Record | None]]:
        self._fields(name)
        return [(each, self.records[name].get(each)) for each in dict.fromkeys(id.split(",")) if each]

    def _found(self, name: str, query: Body, actor: Actor, *actions: str) -> Sequence[Record]:
        """The records that meet a condition and with which the actor may do all this, by id."""
        asked = conditions(query, self._fields(name))
        rows = [row for _, row in sorted(self.records[name].items()) if matches(row, asked)]
        return [row for row in rows if all(self.may(action, name, row, actor) for action in actions)]

    def _answer(self, name: str, row: Record, actor: Actor) -> Record:
        """What a write, or a read by id, answers of a record."""
        if not self.may("read", name, row, actor):
            return {"_id": row["_id"], "updated_at": row["updated_at"]}
        whole = render(row, self._fields(name))
        told = self.classes[name].get("acl") != "class" and (actor.admin or owns(row, actor))
        return {**whole, "permissions": row["permissions"]} if told else whole

    def create(self, name: str, body: Body, actor: Actor) -> Record:
        """One record."""
        return self._create(name, [(None, body)], actor)[0]

    def create_many(self, name: str, body: Body, actor: Actor) -> Record:
        """All records of `record` or none."""
        return {"class_name": name, "items": self._create(name, numbered(body), actor)}

    def _create(self, name: str, bodies: Numbered, actor: Actor) -> Sequence[Record]:
        changes = self._read(name, bodies, actor, create=True)
        if not passes(class_level(self.classes[name], "create"), actor):
            raise refusal("forbidden")
        made = together(changes, lambda change: self._new(name, change, actor))
        self.records[name] |= {row["_id"]: row for row in made}
        return [self._answer(name, row, actor) for row in made]

    def _new(self, name: str, change: Change, actor: Actor) -> Record:
        if actor.admin and "user_id" not in change.system:
            raise RequestError([errors.missing("user_id")])
        given = {action: change.levels.get(action) or shown(class_level(self.classes[name], action)) for action in ACTIONS}
        levels = {action: {"access": "owner"} if level["access"] == "not_allowed" else level for action, level in given.items()}
        times = {"created_at": self.clock(), "updated_at": self.clock()}
        row = {"_id": self.ids(), "_parent_id": None, "user_id": actor.user_id, **times, **change.system, "permissions": levels}
        return self._below(operate(row, change.operations, self._fields(name)), name, change.parent, actor)

    def update(self, name: str, id: str, body: Body, actor: Actor) -> Record:
        """The record afterwards."""
        ((_, change),), ((_, row),) = self._read(name, [(None, body)], actor), self._by_id(name, id)
        if (code := self._refused("update", name, row, actor)) or row is None:
            raise refusal(code)
        row = self.records[name][id] = self._changed(name, row, change, actor)
        return self._answer(name, row, actor)

    def update_many(self, name: str, body: Body, actor: Actor) -> Record:
        """Records of `record` in numeric order, all or none; apart from them the ids that cannot be updated."""
        ids = {number: each["id"] for number, each in numbered(body)}
        changes = [(number, (ids[number], change)) for number, change in self._read(name, numbered(body), actor)]
        rows = dict(self.records[name])
        apart: dict[str, dict[str, None]] = {"not_found": {}, "forbidden": {}}

        def change_one(given: tuple[str, Change]) -> Record | None:
            id, change = given
            if code := self._refused("update", name, rows.get(id), actor):
                return apart[code].update({id: None})
            rows[id] = self._changed(name, rows[id], change, actor)
            return self._answer(name, rows[id], actor)

        items = [item for item in together(changes, change_one) if item]
        self.records[name] = rows
        answer = {"class_name": name, "not_found": {"ids": list(apart["not_found"])}, "items": items}
        return {**answer, "wrong_permissions": {"ids": list(apart["forbidden"])}} if apart["forbidden"] else answer

    def update_by_criteria(self, name: str, body: Body, actor: Actor) -> Record:
        """How many records met `search_criteria`, and the first hundred of them afterwards."""
        self._read(name, [], actor)
        rest = {word: value for word, value in body.items() if word != "search_criteria"}
        both = (lambda: some(body.get("search_criteria"), "search_criteria")), (lambda: self._read(name, [(None, rest)], actor)[0][1])
        criteria, change = together([(None, each) for each in both], lambda each: each())
        rows = self._found(name, criteria, actor, "read", "update")
        after = together([(None, row) for row in rows], lambda row: self._changed(name, row, change, actor))
        self.records[name] |= {row["_id"]: row for row in after}
        items = [self._answer(name, row, actor) for row in after[:100]]
        return {"class_name": name, "skip": 0, "limit": 100, "total_found": len(after), "items": items}

    def _changed(self, name: str, row: Record, change: Change, actor: Actor) -> Record:
        """The record after a change that the actor has the right to make. Raises RequestError."""
        operations, parent, levels, system = change
        if not self.may("read", name, row, actor):
            if blind := [errors.plain("needs_read", field) for field, (word, _) in operations.items() if word != "set"]:
                raise RequestError(blind)
            parent, levels = (), {}
        levels = levels if actor.admin or owns(row, actor) else {}
        if not (operations or parent or levels or system):
            return row
        if parent not in ((), (row["_parent_id"],)) and not self.may("delete", name, row, actor):
            raise refusal("forbidden")
        after = operate(row, operations, self._fields(name))
        after |= {"permissions": {**row["permissions"], **levels}, "updated_at": max(row["updated_at"], self.clock()), **system}
        return self._below(after, name, parent, actor)

    def _below(self, row: Record, name: str, parent: tuple[str | None, ...], actor: Actor) -> Record:
        """The record below a new parent, which the actor must be able to read; an unchanged one is not looked at."""
        if parent in ((), (None,), (row["_parent_id"],)):
            return {**row, "_parent_id": None} if parent == (None,) else row
        for each in self.classes[name].get("parents", sorted(self.classes)):
            above = self.records[each].get(parent[0] or "")
            if above and above["_id"] != row["_id"] and self.may("read", each, above, actor):
                return {**row, "_parent_id": parent[0], "_parent_class": each}
        raise refusal("parent", "_parent_id")

    def delete(self, name: str, id: str, actor: Actor) -> Record | None:
        """Nothing for one id; for several what became of each."""
        self._read(name, [], actor)
        buckets: dict[str, list[str]] = {"": [], "forbidden": [], "not_found": []}
        for each, row in self._by_id(name, id):
            buckets[self._refused("delete", name, row, actor)].append(each)
        if "," not in id and not buckets[""]:
            raise refusal("forbidden" if buckets["forbidden"] else "not_found")
        self._remove(name, buckets[""])
        words = zip(("SuccessfullyDeleted", "WrongPermissions", "NotFound"), buckets.values(), strict=True)
        return {word: {"ids": ids} for word, ids in words} if "," in id else None

    def delete_by_criteria(self, name: str, query: Body, actor: Actor) -> Record:
        """How many records met the criteria, and are gone with all below them."""
        self._read(name, [], actor)
        ids = [row["_id"] for row in self._found(name, some(query, "base"), actor, "read", "delete")]
        self._remove(name, ids)
        return {"total_deleted": len(ids)}

    def _remove(self, name: str, ids: Iterable[str]) -> None:
        for above in ids:
            self.records[name].pop(above, None)
            for child, rows in self.records.items():
                self._remove(child, [id for id, row in rows.items() if (row["_parent_id"], row.get("_parent_class")) == (above, name)])

    def _read(self, name: str, bodies: Numbered, actor: Actor, *, create: bool = False) -> Numbered:
        """What the bodies of a write ask for, by number."""
        if actor == Actor():
            raise refusal("need_user")
        fields = self._fields(name)
        changes = together(bodies, lambda body: read_change(body, fields, admin=actor.admin, create=create))
        return [(number, change) for (number, _), change in zip(bodies, changes, strict=True)]


def some(criteria: Any, key: str) -> Body:
    """Criteria that constrain something."""
    if not isinstance(criteria, Mapping) or all(value == {"nin": []} for value in criteria.values()):
        raise refusal("empty_criteria", key)
    return criteria


def refusal(code: str, key: str = "base") -> RequestError:
    """One fault."""
    return RequestError([errors.plain(code, key)])


def together(given: Numbered, run: Callable[[Any], Any]) -> list[Any]:
    """What comes of each; all refusals are one, under the number of their record where it has one."""
    done, faults = [], []
    for number, each in given:
        try:
            done.append(run(each))
        except RequestError as error:
            alone = number is None or error.key == "base"
            faults += [fault if alone else replace(fault, key=f"record[{number}][{fault.key}]") for fault in error.faults]
    if faults:
        raise RequestError(faults)
    return done


def numbered(body: Body) -> Numbered:
    """The records of a multi request in numeric order."""
    return [(int(number), body["record"][number]) for number in sorted(body["record"], key=int)]
