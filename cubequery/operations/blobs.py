"""The files that records name, apart from the requests about them: which they are, and dropping those that nobody names any more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from cubequery.ast import Field
from cubequery.errors import RequestError
from cubequery.schema import ClassSchema, all_leaves
from cubequery.stores.commands import Document, Steps, do
from cubequery.stores.files import DropFiles
from cubequery.translate.render import stored_value


def file_fields(schema: ClassSchema) -> Iterator[Field]:
    """The File fields of a class, those inside Objects too."""
    return (leaf for field in schema.fields.values() for leaf in all_leaves(field) if leaf.type.kind == "File")


def file_id(field: Field, document: Document) -> str | None:
    """The id of the file that a record names in a field; None where it names none."""
    stored: Any = stored_value(document, field.path)
    found = stored.get("file_id") if field.type.owns(stored) else None
    return found if isinstance(found, str) else None


def file_ids(schema: ClassSchema, *documents: Document) -> frozenset[str]:
    """The ids of all files that records name."""
    found = (file_id(field, document) for field in file_fields(schema) for document in documents)
    return frozenset(each for each in found if each is not None)


def drop_files(schema: ClassSchema, ids: Iterable[str]) -> Steps[None]:
    """Drop files that no record names any more. Where the store fails they stay, for the sweep: what was asked for is done."""
    gone = sorted(ids)
    if gone:
        try:
            yield from do(DropFiles(schema, gone))
        except RequestError:
            return
