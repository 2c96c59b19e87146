"""How much larger a change may make a record, from the request alone."""

from __future__ import annotations

from bson import encode

from cubequery.ast import Update


def growth(update: Update) -> int:
    """Bytes that no record grows by more than: values with room for their keys, rights, and what is written beside a change."""
    given = [change for change in (*update.changes, *update.system) if change.operator.name not in ("pull", "pull_all", "pop")]
    items = sum(len(change.operand) if isinstance(change.operand, list | tuple) else 1 for change in given)
    values = {"v": [change.operand for change in given], "l": [level.document() for _, level in update.permissions]}
    listed = sum(len(level.users) + len(level.groups) for _, level in update.permissions)
    paths = sum(2 * len(change.field.path.encode()) + 64 for change in given)
    return 2048 + 2 * len(encode(values)) + 16 * (items + listed) + paths
