"""A failing case as a report of a bug: what is wrong, how to see it over HTTP, and a test."""

from __future__ import annotations

from cubequery.testing.case import Case, EngineFactory, Interference
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

{as_test(case, engine_factory)}
(seed {seed})
"""


def as_test(case: Case, engine_factory: EngineFactory) -> str:
    """The case as a Python test that needs nothing but the engine's factory."""
    name = getattr(engine_factory, "__qualname__", "")
    module = getattr(engine_factory, "__module__", "")
    known = name.isidentifier() and module not in ("", "__main__")
    imported = f"from {module} import {name}" if known else "engine_factory = ...  # what was given to assert_no_interference"
    given = {
        "classes": list(case.classes),
        "actor": case.actor,
        "calls": list(case.calls),
        "both": case.both,
        "left": case.left,
        "right": case.right,
    }
    kept = {key: value for key, value in given.items() if value and (not isinstance(value, dict) or any(value.values()))}
    arguments = "".join(f"        {key}={source(value, 2)},\n" for key, value in kept.items())
    return f"""{imports(arguments)}
from cubequery.testing import Case, check_no_interference

{imported}


def test_what_is_hidden_changes_nothing():
    case = Case(
{arguments}    )
    check_no_interference({name if known else "engine_factory"}, case)
"""
