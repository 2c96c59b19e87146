"""What is remembered of requests, with a bound."""

from __future__ import annotations

from typing import Any


def remember(memory: dict[Any, Any], key: Any, slot: object, most: int) -> None:
    """Keep ``slot``; where there are ``most`` already, an eighth of them leaves, the oldest first."""
    if len(memory) >= most:
        for oldest in list(memory)[: max(1, most // 8)]:
            memory.pop(oldest, None)
    memory[key] = slot
