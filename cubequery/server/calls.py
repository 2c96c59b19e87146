"""What each route asks of the engine, and the status of a good answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cubequery.acl import Actor
from cubequery.parse import Sources
from cubequery.server.routes import Route


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of the engine: the status of its answer, whether it works on records named in the path, and in several steps."""

    method: str
    status: int = 200
    by_id: bool = False
    steps: bool = False

    def arguments(
        self, route: Route, given: Sources, actor: Actor, operation_id: Callable[[], str | None]
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments of the method; the operation id is asked for only where it counts."""
        args: list[Any] = [route.class_name, route.id] if self.by_id else [route.class_name]
        args += [actor, given] if self.method in ("get", "delete") else [given, actor]
        return args, {"request_id": operation_id()} if self.steps else {}


OPERATIONS: Mapping[str, Operation] = {
    operation.method: operation
    for operation in (
        Operation("list"),
        Operation("get", by_id=True),
        Operation("create", 201),
        Operation("create_many", 201, steps=True),
        Operation("update", by_id=True),
        Operation("update_many", steps=True),
        Operation("update_by_criteria", steps=True),
        Operation("delete", by_id=True, steps=True),
        Operation("delete_by_criteria", steps=True),
    )
}
"""Operations whose answer is JSON; those about files stream."""
