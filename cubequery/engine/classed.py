"""Which classes a request of an engine sees: those of its start, whatever their source reads meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from inspect import iscoroutinefunction, isfunction
from typing import Any, Self, TypeVar

from cubequery.ast import Condition
from cubequery.check import Settings
from cubequery.classes import AsyncClassSource, Classes, ClassSource, DefinitionConflict, InThread, StaticClasses
from cubequery.errors import DefinitionError
from cubequery.schema import VERDICTS, ClassSchema, SchemaDiff
from cubequery.translate import host_condition
from cubequery.translate.scope import check_scope

AnySource = ClassSource | AsyncClassSource | InThread
E = TypeVar("E", bound="ClassedEngine")


class ClassedEngine:
    """An engine's classes and its scope. Requests run on a copy that keeps both as they are at the start."""

    def __init__(self, source: AnySource, settings: Settings) -> None:
        source.serve(settings.user_id_type)
        self.source = source
        self.where: Condition = host_condition(None)
        self.scope: Mapping[str, Any] = {}
        self._stays = False
        self._held: tuple[Classes | None, Classes] = (None, {})

    @property
    def classes(self) -> Classes:
        """The classes by name, as they stand under this engine's scope; of a request those of its start, else those last read."""
        return self._placed()[1]

    def _placed(self) -> tuple[Classes | None, Classes]:
        """The source's classes, and what this engine makes of them: made once, and replaced as a whole."""
        held, given = self._held, self.source.classes
        if not self._stays and held[0] is not given:
            held = self._held = (given, {name: schema.under(self.scope) for name, schema in given.items()})
        return held

    def _copy(self) -> Self:
        engine = self.__class__.__new__(self.__class__)
        engine.__dict__.update(self.__dict__)
        return engine

    def _staying(self) -> Self:
        """The engine that one request runs on."""
        engine = self._copy()
        engine._held, engine._stays = self._placed(), True
        return engine

    def scoped(self, scope: Mapping[str, Any]) -> Self:
        """An engine in which every command carries these stored paths and values, and every new record is stamped with them."""
        engine = self._copy()
        engine.scope = check_scope({**self.scope, **check_scope(scope)})
        engine.where = host_condition(dict(engine.scope))
        engine._held, engine._stays = (None, {}), False
        return engine

    def _difference(self, schema: ClassSchema, allow: str, replaces: ClassSchema | None) -> tuple[SchemaDiff, ClassSchema | None]:
        """What a definition changes, and the class that it is to replace."""
        if allow not in VERDICTS:
            raise ValueError(f"allow must be one of {', '.join(VERDICTS)}")
        replaced = self.classes.get(schema.name)
        if replaces is not None and replaces != replaced:
            raise DefinitionConflict(schema.name)
        diff = SchemaDiff(schema.name) if replaced is None else replaced.diff(schema)
        worse = [each for each in diff.differences if VERDICTS.index(each.verdict) > VERDICTS.index(allow)]
        if worse:
            raise DefinitionError(f"class {schema.name}: {each.what}: {each.text} ({each.verdict})" for each in worse)
        return diff, replaced


def source_for(classes: Iterable[ClassSchema] | ClassSource) -> ClassSource:
    """A source for a sync engine. Raises DefinitionError for one that has to be awaited."""
    if isinstance(classes, AsyncClassSource):
        raise DefinitionError(["these classes are read by an AsyncEngine only"])
    return classes if isinstance(classes, ClassSource) else StaticClasses(classes)


def async_source_for(classes: Iterable[ClassSchema] | ClassSource | AsyncClassSource) -> AsyncClassSource | InThread:
    """A source for an async engine."""
    return classes if isinstance(classes, AsyncClassSource) else InThread(source_for(classes))


def each_at_its_start(engine: type[E]) -> type[E]:
    """Every public method of an engine is a request: it runs on a copy that keeps the classes of that moment."""
    for name, method in list(vars(engine).items()):
        if isfunction(method) and not name.startswith("_"):
            setattr(engine, name, _awaited(method) if iscoroutinefunction(method) else _called(method))
    return engine


def _called(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def request(engine: Any, *args: Any, **named: Any) -> Any:
        return method(engine._now(), *args, **named)

    return request


def _awaited(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    async def request(engine: Any, *args: Any, **named: Any) -> Any:
        return await method(await engine._now(), *args, **named)

    return request
