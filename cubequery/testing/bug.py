"""A failing case as a report of a bug: what is wrong, how to see it over HTTP, and a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from cubequery.testing.case import Case, EngineFactory, Interference, StoreFactory
from cubequery.testing.report import curl, imports, numbered, source


def report(case: Case, found: Interference, engine_factory: EngineFactory, seed: int) -> str:
    """What is wrong, how to see it over HTTP, and a test that fails while it is."""
    hidden = [f"{name} {each['_id']!r} (in {side} store)" for side, records in (("one", case.left), ("the other", case.right))
              for name, documents in records.items() for each in documents]  # fmt: skip
    who = source(case.actor)
    return f"""
A HIDDEN RECORD SHOWS: {found.kind}

{who} may not read {", ".join(dict.fromkeys(hidden))}.
Two stores that differ in nothing else must be the same to this actor, byte for byte. They are not:

{found.detail}

Steps to reproduce, once with the hidden record and once without it (TOKEN is the actor's):
{numbered(curl(each, case.actor) for each in case.asked())}

As a test:

{as_test(case, engine_factory, "check_no_interference", "what_is_hidden_changes_nothing")}
(seed {seed})
"""


def disagreement(case: Case, what: str, store_factory: StoreFactory, seed: int) -> str:
    """Where memory and a store part, how to see it over HTTP, and a test that fails while they do."""
    return f"""
MEMORY AND THE STORE DISAGREE: {what}

Steps to reproduce, as {source(case.actor)} (TOKEN is the actor's), over both stores with the records of the test:
{numbered(curl(each, case.actor) for each in case.asked())}

As a test:

{as_test(case, store_factory, "check_memory_agrees_with_store", "memory_agrees_with_the_store")}
(seed {seed})
"""


def as_test(case: Case, factory: Callable[..., Any], check: str, title: str) -> str:
    """The case as a Python test that needs nothing but the factory."""
    name, module = getattr(factory, "__qualname__", ""), getattr(factory, "__module__", "")
    known = name.isidentifier() and module not in ("", "__main__")
    imported = f"from {module} import {name}" if known else "factory = ...  # the one given to the assertion that failed"
    given = {each.name: getattr(case, each.name) for each in fields(case)}
    kept = {key: value for key, value in given.items() if value and (not isinstance(value, dict) or any(value.values()))}
    arguments = "".join(f"        {key}={source(list(value) if key == 'classes' else value, 2)},\n" for key, value in kept.items())
    return f"""{imports(arguments)}
from cubequery.testing import Case, {check}

{imported}


def test_{title}():
    case = Case(
{arguments}    )
    {check}({name if known else "factory"}, case)
"""
