"""Skip and limit, page and per_page: two spellings of one page that exclude one another."""

from __future__ import annotations

from collections.abc import Sequence

from cubequery import errors
from cubequery.ast import Page
from cubequery.check.faults import Faults
from cubequery.check.merge import Merged
from cubequery.check.settings import Settings


def build_page(merged: Sequence[Merged], settings: Settings, faults: Faults) -> Page:
    """The page of a request: limits clamped, the one last record for ``limit=-1``."""
    given = {each.slot.role: each for each in merged if each.slot.role in ("skip", "limit", "page", "per_page")}
    for role, least in (("skip", 0), ("page", 1), ("per_page", 1), ("limit", 1)):
        each = given.get(role)
        if each is not None and each.value < least and not (role == "limit" and each.value == -1):
            faults.add(each.entry, errors.plain("out_of_range", role))
            return Page()
    limits = settings.limits
    value = {role: each.value for role, each in given.items()}
    _exclude(given, faults)
    size = value.get("limit", value.get("per_page", limits.default_limit))
    limit = min(size, limits.max_limit)
    skip = value.get("skip", (value.get("page", 1) - 1) * limit)
    if skip > limits.max_skip:
        wrong = given.get("skip") or given["page"]
        faults.add(wrong.entry, errors.plain("out_of_range", wrong.slot.key))
    return Page(0, 1, last=True) if size == -1 else Page(skip, limit)


def _exclude(given: dict[str, Merged], faults: Faults) -> None:
    """The two spellings of paging exclude one another, and the last record cannot be skipped."""
    for numbered in ("page", "per_page"):
        for plain in ("skip", "limit"):
            if numbered in given and plain in given:
                second = max(given[numbered].entry, given[plain].entry)
                faults.add(second, errors.conflict(numbered, plain))
    if "limit" in given and given["limit"].value == -1 and "skip" in given and given["skip"].value > 0:
        clash(given["limit"], given["skip"], faults)


def clash(one: Merged, other: Merged, faults: Faults) -> None:
    """Two parameters that exclude one another: the second one is at fault."""
    first, second = sorted((one, other), key=lambda each: each.entry)
    faults.add(second.entry, errors.conflict(second.slot.key, first.slot.key))
