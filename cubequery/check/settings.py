"""What an embedding server may set: bounds, the type of user ids, further operators."""

from __future__ import annotations

from cubequery.errors import DefinitionError
from cubequery.limits import DEFAULT, Limits
from cubequery.operators import SEARCH, OperatorTable
from cubequery.record import Record
from cubequery.values import USER_ID_TYPES


class Settings(Record, eq=False, kw_only=True):
    """Settings of a translator or an engine. Keep one object: what is remembered about names is remembered per object.

    ``user_id_type``: ``Integer`` (default) or ``String``. ``operators``: ``cq.SEARCH.with_rows([row, ..])`` adds search operators.
    """

    limits: Limits = DEFAULT
    user_id_type: str = "Integer"
    operators: OperatorTable = SEARCH

    def __post_init__(self) -> None:
        if self.user_id_type not in USER_ID_TYPES:
            raise DefinitionError([f"user_id_type must be one of {', '.join(USER_ID_TYPES)}"])


DEFAULTS = Settings()
