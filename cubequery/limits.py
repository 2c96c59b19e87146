"""Every bound of the library in one immutable object; none has an unlimited value."""

from __future__ import annotations

from cubequery.errors import DefinitionError
from cubequery.record import Record


class Limits(Record, kw_only=True):
    """Bounds on requests, actors and answers. All are counts, bytes or milliseconds, all positive integers.

    Raises :class:`DefinitionError` for anything else. Exceeding a bound on size or count is 400 ``too_large``,
    on the text of one value 422 ``too_big``; both before the work that the bound protects.
    """

    max_query_bytes: int = 8_192
    max_body_bytes: int = 1_048_576
    max_pairs: int = 200
    max_name_bytes: int = 256
    max_names: int = 500
    max_path_parts: int = 10
    max_json_depth: int = 10
    max_object_depth: int = 4
    max_list_items: int = 1_000
    max_conditions: int = 200
    max_or_conditions: int = 64
    max_scalar_chars: int = 64
    max_date_chars: int = 128
    max_id_bytes: int = 256
    max_operation_id: int = 255
    max_ctn_chars: int = 1_000
    max_ctn_bytes: int = 4_000
    max_sort_keys: int = 8
    max_calcs: int = 8
    default_limit: int = 100
    max_limit: int = 100
    max_skip: int = 2_147_483_647
    max_ids: int = 100
    max_relations: int = 16
    max_related: int = 10_000
    max_records: int = 100
    max_record_bytes: int = 1_048_576
    max_actor_groups: int = 198
    max_scans: int = 200
    max_faults: int = 100
    name_cache: int = 4_096
    plan_cache: int = 1_024
    max_file_bytes: int = 33_554_432
    max_file_name_bytes: int = 255
    max_parts: int = 8
    max_part_bytes: int = 4_096
    call_timeout_ms: int = 5_000
    database_time_ms: int = 5_000
    server_selection_timeout_ms: int = 3_000
    write_batch: int = 500

    def __post_init__(self) -> None:
        wrong = [f"{name} must be a positive integer" for name, value in self.__getstate__().items() if type(value) is not int or value < 1]
        if wrong:
            raise DefinitionError(wrong)


DEFAULT = Limits()
