"""Immutable records: what frozen dataclasses with slots are to their users, for less time on import and for each object made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any, ClassVar, TypeVar, dataclass_transform

R = TypeVar("R", bound="Record")


class _DataclassFields:
    """Makes ``dataclasses.fields``, ``replace`` and ``asdict`` take records; importing dataclasses costs more than all records do."""

    def __get__(self, record: object, owner: type[Record]) -> Mapping[str, Any]:
        from dataclasses import field, make_dataclass

        defaults = owner._defaults
        fields = [(name, Any, field(default=defaults[name]) if name in defaults else field()) for name in owner._fields]
        found: Any = make_dataclass(owner.__name__, fields, kw_only=True)
        return dict(found.__dataclass_fields__)


@dataclass_transform(frozen_default=True)
class _RecordType(type):
    """Makes slots of a class's annotations and writes its ``__init__``; ``eq=False``: a record equals itself only."""

    _fields: tuple[str, ...]
    _defaults: Mapping[str, Any]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], *, eq: bool = True, kw_only: bool = False
    ) -> _RecordType:  # fmt: skip
        above = next((base for base in bases if isinstance(base, _RecordType)), None)
        own = [each for each, kind in namespace.get("__annotations__", {}).items() if not kind.startswith("ClassVar")]
        defaults = {each: namespace.pop(each) for each in own if each in namespace}
        fields = (*above._fields, *own) if above else tuple(own)
        namespace |= {"__slots__": tuple(own), "__match_args__": fields}
        cls = super().__new__(mcs, name, bases, namespace)
        cls._fields, cls._defaults = fields, {**above._defaults, **defaults} if above else defaults
        cls._key = attrgetter(*cls._fields) if cls._fields else _no_key  # type: ignore[attr-defined]  # declared by Record
        if not eq:
            cls.__eq__, cls.__hash__ = object.__eq__, object.__hash__  # type: ignore[assignment]  # as for any other object
        cls.__init__ = _init(cls, kw_only=kw_only)  # type: ignore[misc]  # what a type checker takes from the annotations
        return cls


def _no_key(record: object) -> tuple[()]:
    return ()


def _init(cls: _RecordType, *, kw_only: bool) -> Callable[..., None]:
    """``__init__`` with one parameter for each field; a slot is set by its descriptor, which no ``__setattr__`` can refuse.

    Its code is compiled once for each number of fields and given their names: compiling it for each class would be half of an import.
    """
    fields, defaults = cls._fields, cls._defaults
    code = _code(len(fields), hasattr(cls, "__post_init__")).replace(co_varnames=("self", *fields))
    if kw_only:
        code = code.replace(co_argcount=1, co_kwonlyargcount=len(fields))
    setters = {f"set{number}": getattr(cls, name).__set__ for number, name in enumerate(fields)}
    init = FunctionType(code, setters, "__init__")
    if kw_only:
        init.__kwdefaults__ = {**defaults}
    else:
        given = [name in defaults for name in fields]
        if given != sorted(given):
            raise TypeError(f"{cls.__name__}: a field without a default stands behind one that has it")
        init.__defaults__ = tuple([defaults[name] for name in fields if name in defaults])
    return init


@cache
def _code(size: int, checked: bool) -> CodeType:
    """The code of an ``__init__`` of so many fields, which stand as ``field0``, ``field1``, .. and are set by ``set0``, ``set1``, .."""
    names: dict[str, Any] = {}
    parameters = "".join(f", field{number}" for number in range(size))
    body = [*(f"set{number}(self, field{number})" for number in range(size)), *(["self.__post_init__()"] if checked else [])]
    exec(f"def __init__(self{parameters}):\n {'; '.join(body) or 'pass'}", names)
    code: CodeType = names["__init__"].__code__
    return code


class Record(metaclass=_RecordType):
    """Equal to a record of its own class with equal fields, hashed by them; nothing of it can be assigned or deleted."""

    _key: ClassVar[Callable[[Any], Any]]
    __dataclass_fields__: ClassVar[Any] = _DataclassFields()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        key = type(self)._key
        return bool(key(self) == key(other))

    def __hash__(self) -> int:
        return hash(type(self)._key(self))

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in type(self)._fields)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"cannot delete field {name!r}")

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self)._fields}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


def replace(record: R, /, **changes: Any) -> R:
    """The same record with other values of some fields; it is judged again."""
    return type(record)(**{**record.__getstate__(), **changes})
