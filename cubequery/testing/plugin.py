"""The pytest plugin: ``pytest --cubequery-classes classes.json [--cubequery-mongodb URI]`` adds the properties over a class file."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("cubequery")
    group.addoption("--cubequery-classes", metavar="FILE", help="run cubequery's properties over the classes of this file")
    group.addoption("--cubequery-mongodb", metavar="URI", help="and over this server, in a database of the run's own")
    group.addoption("--cubequery-user-id-type", choices=["Integer", "String"], default="Integer", help="type of user ids (Integer)")


@pytest.hookimpl(tryfirst=True)  # before -k and -m choose
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each property. Raises UsageError for a class file that cannot be read or is wrong."""
    path, uri = config.getoption("--cubequery-classes"), config.getoption("--cubequery-mongodb")
    if path is None:
        if uri is not None:
            raise pytest.UsageError("--cubequery-mongodb needs --cubequery-classes")
        return
    import cubequery as cq

    try:
        classes = list(cq.load_classes(path).values())
    except (OSError, cq.DefinitionError) as error:
        raise pytest.UsageError(f"--cubequery-classes: {error}") from None
    users = config.getoption("--cubequery-user-id-type")
    checks: dict[str, Callable[[], Any]] = {
        "no_interference": partial(_no_interference, classes, users),
        "refuses_attacks": partial(_attacks, classes, users),
    }
    checks["agrees_with_model"] = partial(_model, classes, users)
    if uri is not None:
        checks["memory_agrees_with_mongodb"] = partial(_agreement, classes, users, uri)
    for name, check in checks.items():
        items.append(Property.from_parent(session, name=name, nodeid=f"cubequery::{name}", check=check, place=Path(path)))


class Property(pytest.Item):
    """One property over the classes of the file."""

    def __init__(self, *, check: Callable[[], Any], place: Path, **rest: Any) -> None:
        super().__init__(**rest)
        self.check, self.place = check, place

    def runtest(self) -> None:
        """Run it, and note what was tried."""
        self.add_report_section("call", "cubequery", str(self.check()))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report of the property itself; a traceback where it is a fault of another kind."""
        return str(excinfo.value) if isinstance(excinfo.value, AssertionError) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The class file and the property."""
        return self.place, None, self.name


def _no_interference(classes: list[Any], users: str) -> Any:
    import cubequery as cq
    from cubequery.testing import assert_no_interference

    engine = partial(cq.Engine, settings=cq.Settings(user_id_type=users))
    return assert_no_interference(engine, classes=classes, user_id_type=users)


def _attacks(classes: list[Any], users: str) -> Any:
    import cubequery as cq
    from cubequery.testing import assert_refuses_attacks

    engine = cq.Engine(cq.MemoryStore(), classes, settings=cq.Settings(user_id_type=users))
    return assert_refuses_attacks(engine, classes=classes, actor=cq.Actor(1 if users == "Integer" else "ann"))


def _model(classes: list[Any], users: str) -> Any:
    """Skips where the model says nothing of a class, or of user ids that are texts, and says why."""
    import cubequery as cq
    from cubequery.testing import assert_agrees_with_model
    from cubequery.testing.modelled import left_out

    problems = left_out(classes) if users == "Integer" else ["the model knows user ids of type Integer only"]
    if problems:
        pytest.skip("; ".join(problems))
    return assert_agrees_with_model(cq.Engine, classes)


def _agreement(classes: list[Any], users: str, uri: str) -> Any:
    from pymongo import MongoClient

    import cubequery as cq
    from cubequery.testing import assert_memory_agrees_with_store

    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5_000) as client:
        name = f"cubequery_testing_{os.getpid()}_{os.urandom(4).hex()}"
        try:
            return assert_memory_agrees_with_store(classes, lambda: cq.MongoStore(client[name]), user_id_type=users)
        finally:
            client.drop_database(name)
