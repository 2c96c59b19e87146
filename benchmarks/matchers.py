"""Libraries of Python that decide a MongoDB filter over documents in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Filter = Mapping[str, Any]
Select = Callable[[Sequence[Mapping[str, Any]]], list[Any]]
"""The documents that match, of many."""


def _mgqpy(filter_: Filter) -> Select:
    from mgqpy import Query

    test = Query(filter_).test
    return lambda given: [d for d in given if test(d)]


def _mongomock(filter_: Filter) -> Select:
    from mongomock.filtering import filter_applies

    applies: Callable[[Any, Any], bool] = filter_applies
    return lambda given: [d for d in given if applies(filter_, d)]


def _montydb(filter_: Filter) -> Select:
    from montydb.engine.queries import QueryFilter

    test = QueryFilter(filter_)
    return lambda given: [d for d in given if test(d)]


def _mongoquery(filter_: Filter) -> Select:
    from mongoquery import Query

    test = Query(filter_).match
    return lambda given: [d for d in given if test(d)]


USUAL: Mapping[str, Callable[[Filter], Select]] = {"mgqpy": _mgqpy, "mongomock": _mongomock}
"""Those of the bench extra. Each imports its library when it is called."""
ALL = {**USUAL, "montydb": _montydb, "mongoquery": _mongoquery}
