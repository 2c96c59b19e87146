"""Names with a meaning of their own, and near misses: the known name within edit distance 2 of a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = frozenset({"_read", "_update", "_delete", "_acl", "_op", "_parent_class", "_v"})
"""Stored names that no request can name and no answer shows."""
SYSTEM = ("_id", "_parent_id", "user_id", "created_at", "updated_at")
"""Fields of every class."""
CONTROL = frozenset(
    [
        "id",
        "permissions",
        "sort_asc",
        "sort_desc",
        "skip",
        "limit",
        "count",
        "output",
        "group_by",
        "search_criteria",
        "record",
        "inc",
        "pull",
        "pull_with_filter",
        "pull_all",
        "pop",
        "push",
        "add_to_set",
        "update_by_index",
        "base",
    ]
)
"""Words of the request language that no field can be called (Custom Objects API, names)."""

REACH = 2
LONGEST = 64
"""Longer names get no suggestion, so that the work stays bounded whatever is sent."""


class KnownNames:
    """What may be offered in place of an unknown name: the names in code-point order, and all of them as one text.

    Made once for each class; what one search for the nearest name costs depends on the names of about the same length only.
    """

    __slots__ = ("_near", "names", "text")

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        self.text = ", ".join(self.names)
        self._near: dict[int, list[tuple[str, tuple[str, str, str], int]]] = {}
        for name in self.names:
            entry = name, _thirds(name), _letters(name)
            for length in range(len(name) - REACH, len(name) + REACH + 1):
                self._near.setdefault(length, []).append(entry)

    def closest(self, name: str) -> str | None:
        """The known name nearest to ``name`` within distance 2 (ties: first in code-point order), or None."""
        near = self._near.get(len(name)) if len(name) <= LONGEST else None
        if near is None:
            return None
        best, found, letters = REACH + 1, None, -1
        for candidate, (first, second, third), its_letters in near:
            # Two edits leave one third of a name as it was, and change two letters each at most: most names are told to be far away
            # without being compared, long ones by the one and short ones by the other.
            if first in name or second in name or third in name:
                letters = _letters(name) if letters < 0 else letters
                if (letters ^ its_letters).bit_count() <= 2 * REACH:
                    distance = _distance(name, candidate)
                    if distance < best:
                        best, found = distance, candidate
        return found


def _letters(name: str) -> int:
    """Which letters a name has, as bits; several letters may share one."""
    bits = 0
    for char in name:
        bits |= 1 << (ord(char) & 63)
    return bits


def _thirds(name: str) -> tuple[str, str, str]:
    third = len(name) // (REACH + 1)
    return name[:third], name[third : 2 * third], name[2 * third :]


def _distance(left: str, right: str) -> int:
    """Levenshtein distance, given up as soon as it must pass REACH."""
    row = list(range(len(right) + 1))
    for i, char in enumerate(left, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (char != other))
        if min(row) > REACH:
            return REACH + 1
    return row[-1]


def split_brackets(text: str) -> list[str] | None:
    """``address[city]`` as ``["address", "city"]``: how a value spells a field; None where it is no such spelling."""
    head, *rest = text.split("[")
    if not head or "]" in head or any(not part.endswith("]") or "]" in part[:-1] or len(part) < 2 for part in rest):
        return None
    return [head, *(part[:-1] for part in rest)]
