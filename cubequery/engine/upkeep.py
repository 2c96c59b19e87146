"""Upkeep of whole collections, sync and async: adopting, auditing and importing records. For the host, not for requests."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cubequery import operations
from cubequery.acl import ADMIN, Actor, known
from cubequery.engine.base import BaseEngine
from cubequery.engine.classed import each_at_its_start
from cubequery.errors import DefinitionError
from cubequery.operations import Progress, Steps

R = TypeVar("R")
READ = ("read",)
Lines = Iterable[Mapping[str, Any] | str | bytes]


class BaseUpkeep(BaseEngine):
    """From the host's call to its operation, for both engines."""

    def _adopt(
        self, name: str, owner: str, shared: Sequence[str], shared_actions: Sequence[str], dry_run: bool, progress: Progress | None
    ) -> Steps[dict[str, Any]]:
        work = self._work(name, ADMIN, progress=progress)
        origin = operations.read_origin(work.schema, self.settings, owner, shared, shared_actions)
        return operations.adopt(work, origin, dry_run=dry_run)

    def _audit(self, name: str, progress: Progress | None) -> Steps[dict[str, Any]]:
        return operations.audit(self._work(name, ADMIN, progress=progress))

    def _import(
        self, name: str, lines: Lines, owner: int | str | None, keep: bool, strict: bool, request_id: str | None, progress: Progress | None
    ) -> Steps[dict[str, Any]]:
        operation_id = "" if request_id is None else operations.check_operation_id(request_id, self.settings)
        actor = known(Actor(owner, admin=True), self.settings.user_id_type)
        work = replace(self._work(name, actor, progress=progress), operation_id=operation_id)
        self._may_create(work)
        if owner is None and not keep and work.schema.strategy.kind != "class":
            raise DefinitionError([f"class {name}: new records need an owner"])
        if isinstance(lines, str | bytes | Mapping):
            raise DefinitionError(["lines: must be an iterable of JSON objects or of their texts"])
        return operations.import_records(work, lines, keep=keep, strict=strict, draw=lambda: self.ids(work.schema))


@each_at_its_start
class Upkeep(BaseUpkeep):
    """The upkeep of :class:`~cubequery.engine.sync.Engine`. ``progress`` is called with what is done and, where it is known, the whole."""

    @abstractmethod
    def _run(self, steps: Steps[R], session: Any) -> R:
        """Carry an operation out over the store."""

    def adopt(
        self, name: str, *, owner: str = "user_id", shared: Sequence[str] = (), shared_actions: Sequence[str] = READ,
        dry_run: bool = False, progress: Progress | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Give the records of a class that lack them their token arrays, `_acl` and ``user_id``; ``updated_at`` stays as it is.

        ``owner`` names the field that holds the owner, ``shared`` fields that hold one user id or a list: public names or stored paths.
        The actions of ``shared_actions`` are then the owner's and the shared users' alone; every other action has the class's default
        level, as a create gives it. A stored ``user_id`` stays; a record without owner gets the same levels, for nobody as its owner.

        The report counts records, all ``seen`` being ``adopted`` (with ``dry_run``: would be), ``had_tokens``, ``changed_meanwhile`` or
        ``refused``, by reason: ``malformed`` (what stands in the place of an array or of `_acl` is something else), ``too_big``,
        ``conflict``. Of those adopted ``user_id_set``, ``no_owner``, ``other_owner`` (``user_id`` is not whom the field names) and,
        by stored type, ``foreign_owner``; ``foreign_shared`` counts values. Raises DefinitionError for another strategy or wrong names.
        A repeat goes on where a run was cut."""
        return self._run(self._adopt(name, owner, shared, shared_actions, dry_run, progress), None)

    def audit(self, name: str, *, progress: Progress | None = None) -> dict[str, Any]:
        """Count the records of a class that do not fit it; nothing is written.

        ``records`` is how many there are. By public name and stored type: ``foreign`` values, and ``elements`` of arrays that are foreign
        or null. By public name: stored ``nulls``, ``fractions`` (dates of whole seconds that hold one), ``files`` (their bytes are not
        in the store). By stored path: ``undeclared`` fields, of the first thousand names; ``undeclared_more`` counts those beyond.
        ``tokens`` counts each record once: an array is ``missing``, is ``malformed``, or is ``drift`` from `_acl` and the owner.
        ``no_owner``: records whose owner is unset or foreign."""
        return self._run(self._audit(name, progress), None)

    def import_records(
        self, name: str, lines: Lines, *, owner: int | str | None = None, keep: bool = False, strict: bool = False,
        request_id: str | None = None, progress: Progress | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Create a record for each line: a JSON object in the form of the API's answers, decoded or as text, checked as a create's body.

        ``keep`` stores ids, owners, times, permissions and parents as they are given; a parent may stand on a later line. Without it
        the records are new ones of ``owner``, with the class's default rights. A line that is refused stops no other, unless
        ``strict``: then the run ends there, and no later batch is stored. Bytes of files are not imported.

        The report counts ``lines``, ``created``, ``already`` (stored by an earlier run), ``refused``, ``files`` (lines that name one), and
        has the first faults under ``errors``: ``{line, code, errors}``. ``stopped``: lines were left. A line is known again by its place
        and text under one ``request_id``, so a repeat of the same lines, refused ones corrected, creates nothing twice; another
        ``request_id`` makes it another import. Call ``ensure_indexes`` first: each batch looks for its stamps. Raises DefinitionError
        where an owner is missing or no user id."""
        return self._run(self._import(name, lines, owner, keep, strict, request_id, progress), None)


@each_at_its_start
class AsyncUpkeep(BaseUpkeep):
    """The same, awaited."""

    @abstractmethod
    async def _run(self, steps: Steps[R], session: Any) -> R:
        """Carry an operation out over the store."""

    async def adopt(
        self, name: str, *, owner: str = "user_id", shared: Sequence[str] = (), shared_actions: Sequence[str] = READ,
        dry_run: bool = False, progress: Progress | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """As :meth:`Upkeep.adopt`."""
        return await self._run(self._adopt(name, owner, shared, shared_actions, dry_run, progress), None)

    async def audit(self, name: str, *, progress: Progress | None = None) -> dict[str, Any]:
        """As :meth:`Upkeep.audit`."""
        return await self._run(self._audit(name, progress), None)

    async def import_records(
        self, name: str, lines: Lines, *, owner: int | str | None = None, keep: bool = False, strict: bool = False,
        request_id: str | None = None, progress: Progress | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """As :meth:`Upkeep.import_records`."""
        return await self._run(self._import(name, lines, owner, keep, strict, request_id, progress), None)
