"""What an operation promises that was disturbed: by its answer, by what is stored then, and by what a repeat makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.engine.trials import Operation, Stored

DRAWS = frozenset({"create", "create_many", "create_children", "upload", "replace"})
"""Operations whose answers hold ids that are drawn anew."""
GOES = frozenset({"delete", "delete_in_batches"})
"""What they took is not found by a repeat."""
REFUSED = frozenset({"unavailable", "outcome_unknown", "internal"})


@dataclass(frozen=True)
class Uncut:
    """An undisturbed run: what others could see of the records before each of its commands, and at the end; its answer."""

    name: str
    operation: Operation
    states: Sequence[list[str]]
    answer: Any

    @property
    def steps(self) -> list[list[str]]:
        """The states that differ, in order."""
        return [state for place, state in enumerate(self.states) if place == 0 or state != self.states[place - 1]]

    @property
    def reads(self) -> bool:
        """Whether the operation changes nothing at all."""
        return len(self.steps) == 1 and self.name != "sweep"

    def check(self, said: str, answer: Any, now: Stored) -> None:
        """Acknowledged is stored, what is said not to have happened has not, and in between stands what an undisturbed run passes."""
        check_files(now)
        if said == "done":
            assert now.shape == self.states[-1], "acknowledged, and not what is stored"
            self._check_answer(answer, repeated=False)
            return
        assert said in REFUSED, f"an answer that nobody has documented: {said}"
        if said == "unavailable":
            assert now.shape == self.states[0], "applied, and said not to be"
        assert now.shape in self.states, "a state that no undisturbed run passes"

    def check_repeat(self, said: str, answer: Any, now: Stored) -> None:
        """A repeat finishes, applies nothing twice, and answers as the first would have."""
        check_files(now)
        assert said == "done" or (self.name in GOES and said == "not_found"), f"a repeat is refused: {said}"
        assert now.shape == self.states[-1], "a repeat leaves another state"
        if said == "done":
            self._check_answer(answer, repeated=True)
            if self.name in ("create_many", "create_children"):
                stored = {str(record["_id"]) for records in now.records.values() for record in records}
                assert {item["_id"] for item in answer["items"]} <= stored, "answered with ids that are not stored"

    def _check_answer(self, answer: Any, *, repeated: bool) -> None:
        if self.name == "delete_many":
            told = [each for bucket in answer.values() for each in bucket["ids"]]
            assert sorted(told) == sorted(each for bucket in self.answer.values() for each in bucket["ids"]), (
                "an id in no bucket, or in two"
            )
        if self.name in DRAWS or (repeated and self.name in ("delete_many", "delete_by_criteria", "delete_all_in_batches", "sweep")):
            return
        if repeated and self.name.endswith("_many"):  # a record that stands twice is shown as it is by then
            assert _by_id(answer) == _by_id(self.answer)
        else:
            assert answer == self.answer


def _by_id(answer: dict[str, Any]) -> dict[Any, Any]:
    return {item["_id"]: item for item in answer["items"]}


def check_files(now: Stored) -> None:
    """A record names no file that is missing, or has not all its bytes."""
    for file_id, size in now.named.items():
        assert file_id in now.files, "a record names a file that is not there"
        assert len(now.files[file_id]) == size, "a record names a file of which a part is missing"
