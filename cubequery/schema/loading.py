"""Classes from files and definitions, and how they stand beside one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cubequery.errors import DefinitionError
from cubequery.schema.class_schema import ClassSchema
from cubequery.schema.definition import decode
from cubequery.schema.relations import link_problems

if TYPE_CHECKING:
    from pathlib import Path


def load_classes(path: str | Path) -> dict[str, ClassSchema]:
    """The classes of a JSON file ``{"classes": [definition, ..]}`` (or one definition) by name. Raises DefinitionError."""
    from pathlib import Path

    return together(read_classes(Path(path).read_bytes()))


def read_classes(text: str | bytes) -> list[ClassSchema]:
    """The classes that the text of a class file defines, each by itself. Raises DefinitionError with the problems of all."""
    try:
        document = decode(text)
        definitions = document.get("classes", [document]) if isinstance(document, Mapping) else None
        if not isinstance(definitions, list) or ("classes" in document and len(document) > 1):
            raise DefinitionError(['a class file is {"classes": [definition, ..]}'])
        return read_each(definitions)
    except RecursionError:
        raise DefinitionError(["nested too deeply"]) from None


def read_each(definitions: Iterable[Any]) -> list[ClassSchema]:
    """The classes of decoded definitions. Raises DefinitionError with the problems of all, each with the class's name."""
    schemas, problems = [], []
    for place, definition in enumerate(definitions, 1):
        try:
            schemas.append(ClassSchema.from_json(definition))
        except DefinitionError as error:
            name = definition.get("name") if isinstance(definition, Mapping) else None
            problems += [f"class {name if isinstance(name, str) else place}: {problem}" for problem in error.problems]
    if problems:
        raise DefinitionError(problems)
    return schemas


def together(schemas: Iterable[ClassSchema]) -> dict[str, ClassSchema]:
    """Classes by name as they stand beside one another: ``_parent_id`` is of the id type of a class's declared parents.

    Raises DefinitionError where two have one name, for parents that are unknown or of several id types, and for relations to classes
    and fields that are not there.
    """
    given = list(schemas)
    classes = {schema.name: schema for schema in given}
    problems = [] if len(classes) == len(given) else ["two classes have one name"]
    for name, schema in classes.items():
        declared = schema.parents or ()
        if missing := sorted(set(declared) - set(classes)):
            problems.append(f"class {name}: parents {missing} are unknown")
        elif len(kinds := sorted({classes[parent].id_type for parent in declared} or {schema.id_type})) > 1:
            problems.append(f"class {name}: parents are of several id types, {' and '.join(kinds)}")
        else:
            classes[name] = schema.with_parents_of(kinds[0])
    problems += [problem for schema in classes.values() for problem in _relation_problems(schema, classes)]
    if problems:
        raise DefinitionError(problems)
    return classes


def _relation_problems(schema: ClassSchema, classes: Mapping[str, ClassSchema]) -> Iterable[str]:
    """What is wrong with the other side of a class's relations."""
    for relation in schema.relations.values():
        other, field, found = classes.get(relation.target), relation.field, list[str]()
        if other is None:
            found.append(f"there is no class {relation.target}")
        elif relation.foreign not in ("_id", "_parent_id", "user_id"):
            found += link_problems(other.fields.get(field), field, many=False)
        elif field == "_parent_id":
            below, above = (schema, other) if relation.foreign == "_id" else (other, schema)
            if below.parents is not None and above.name not in below.parents:
                found.append(f"class {below.name} does not name {above.name} among its parents")
        yield from (f"class {schema.name}: relations {relation.name}: {problem}" for problem in found)
