"""Endpoints that are ready: one for each class as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from cubequery.dialects.connectnow.declaration import Endpoint
from cubequery.schema import ClassSchema


def endpoints_of(classes: Iterable[ClassSchema]) -> tuple[Endpoint, ...]:
    """An endpoint for each class under its own name, with its scopes, its relations (one level) and their counts."""
    return tuple(
        Endpoint(schema.name, schema.name, scopes=tuple(schema.scopes), expansions=tuple(schema.relations), counts=tuple(schema.relations))
        for schema in classes
    )
