"""From a pydantic model to the fields of a class. pydantic itself is not imported: a model says all that is needed."""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from cubequery.errors import DefinitionError
from cubequery.schema.model_options import Options, read_default
from cubequery.values import Array, Boolean, Date, FieldType, Float, Integer, Object, String

SCALARS: Mapping[Any, Callable[..., FieldType]] = {
    int: Integer, float: Float, str: String, bool: Boolean, dt.datetime: lambda **options: Date(resolution="ms", **options),
}  # fmt: skip
"""Types of Python and what they are in a class; a datetime keeps what MongoDB keeps of it."""
CONFIG = ("str_max_length", "str_min_length", "str_strip_whitespace", "str_to_lower", "str_to_upper", "strict", "coerce_numbers_to_str")
VALIDATORS = ("validators", "field_validators", "root_validators", "model_validators")


class Unsupported(Exception):
    """What no class can say; its text is the rest of the sentence behind the field's name."""


def fields_of(model: Any, exclude: Collection[str], problems: list[str]) -> dict[str, FieldType]:
    """Field types of a model by their public names, its aliases. What has no counterpart is added to ``problems``, field by field."""
    if not _is_model(model):
        raise DefinitionError(["from_model takes a class derived from pydantic.BaseModel (pydantic 2 or newer)"])
    problems += [f"exclude: the model has no field {name}" for name in sorted(set(exclude) - set(model.model_fields))]
    return _fields(model, frozenset(exclude), "", (), problems)


def _is_model(given: Any) -> bool:
    """Whether it is a class with named fields of pydantic's; a RootModel is a value, not an object."""
    fields = getattr(given, "model_fields", None) if isinstance(given, type) else None
    return isinstance(fields, Mapping) and not getattr(given, "__pydantic_root_model__", False)


def _fields(model: Any, exclude: frozenset[str], where: str, within: tuple[Any, ...], problems: list[str]) -> dict[str, FieldType]:
    """The fields of a model that stands at ``where`` inside those of ``within``."""
    found: dict[str, FieldType] = {}
    problems += [f"{where or 'the model'}: {reason}" for reason in _validators(model)]
    for name, info in model.model_fields.items():
        if name in exclude:
            continue
        place = f"{where}[{name}]" if where else name
        try:
            public = _public_name(name, info)
            kind = _field(info, name, public, place, (*within, model), problems)
        except Unsupported as unsupported:
            problems.append(f"{place}: {unsupported}")
        except (TypeError, DefinitionError) as error:  # an option that the type does not take, elements that no Array holds
            problems.append(f"{place}: {error}")
        else:
            if public in found:
                problems.append(f"{place}: another field is called {public} too")
            found[public] = kind
    return found


def _field(info: Any, name: str, public: str, place: str, within: tuple[Any, ...], problems: list[str]) -> FieldType:
    options = Options()
    annotation = _unwrap(info.annotation, options)
    options.take(info.metadata)
    given = {} if public == name else {"stored": name}
    given |= read_default(info, options)
    kind = _own_type(options.kind, given) if options.kind is not None else None
    if kind is None and _is_model(annotation):
        if annotation in within:
            raise Unsupported("the model is inside itself")
        kind = Object(_fields(annotation, frozenset(), place, within, problems), **given, **options.read())
    elif kind is None and get_origin(annotation) is list:
        kind = _array(annotation, options, given)
    elif kind is None:
        scalar, choices = _scalar(annotation)
        kind = SCALARS[scalar](**given, **choices, **options.read(scalar))
    if options.problems:
        raise Unsupported("; ".join(options.problems))
    return kind


def _own_type(named: FieldType | type[FieldType], given: Mapping[str, Any]) -> FieldType:
    """A field type that the annotation names itself, with what the model adds and the type takes; its own options count first."""
    own = named() if isinstance(named, type) else named
    merged = {**{option: value for option, value in given.items() if option in own.takes}, **own.options}
    return Array(own.element, **merged) if isinstance(own, Array) else type(own)(**merged)


def _array(annotation: Any, options: Options, given: dict[str, Any]) -> FieldType:
    inside = Options()
    (element,) = get_args(annotation)
    scalar, choices = _scalar(_unwrap(element, inside))
    if inside.nullable or inside.kind is not None:
        raise Unsupported("elements of a list are neither null nor a field type")
    bounds = inside.read(scalar)
    if inside.problems or "max_length" in bounds:
        raise Unsupported("; ".join(inside.problems) or "elements of a list have no max_length")
    if scalar not in (int, float, str, bool):
        raise Unsupported("elements of a list are int, float, str or bool")
    return Array(SCALARS[scalar](), **given, **choices, **bounds, **options.read())


def _unwrap(annotation: Any, options: Options) -> Any:
    """The type itself, out of Annotated and Optional."""
    while True:
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            options.take(args[1:])
            annotation = args[0]
        elif origin in (Union, types.UnionType) and type(None) in args and len(args) == 2:
            options.nullable = True
            annotation = next(each for each in args if each is not type(None))
        else:
            if origin is Literal and None in args:
                options.nullable = True
            return annotation


def _scalar(annotation: Any) -> tuple[Any, dict[str, Any]]:
    """A scalar type and its choices. Raises Unsupported."""
    if annotation in SCALARS:
        return annotation, {}
    if get_origin(annotation) is Literal:
        values = [each.value if isinstance(each, Enum) else each for each in get_args(annotation) if each is not None]
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        values = [each.value for each in annotation]
    else:
        raise Unsupported(f"no field type for {_shown(annotation)}")
    kinds = {type(value) for value in values}
    if len(kinds) != 1 or not kinds <= {int, float, str}:
        raise Unsupported("choices are all int, all float or all str")
    return kinds.pop(), {"choices": values}


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) and get_origin(annotation) is None else str(annotation)


def _public_name(name: str, info: Any) -> str:
    """What the field is called in requests and answers. Raises Unsupported where these are two names, or several."""
    names = [alias for alias in (info.alias, info.validation_alias, info.serialization_alias) if alias is not None]
    if any(not isinstance(alias, str) or alias != names[0] for alias in names):
        raise Unsupported("a field has one name in requests and answers: one alias")
    return str(names[0]) if names else name


def _validators(model: Any) -> Iterator[str]:
    """What decides over values beside the fields: no class can carry it, and to leave it out would let in what it refuses."""
    for key in CONFIG:
        if getattr(model, "model_config", {}).get(key):
            yield f"no option for {key}"
    decorators = getattr(model, "__pydantic_decorators__", None)
    for kind in VALIDATORS:
        for name in getattr(decorators, kind, ()):
            yield f"{name} is a validator: check it in your server, and leave it out of the model that the class is made from"
