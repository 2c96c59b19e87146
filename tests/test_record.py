"""Records are to their users what frozen dataclasses with slots are: held equal to one, field by field and fault by fault."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

import cubequery as cq
from cubequery.record import Record, replace


class Point(Record):
    """A record."""

    x: int
    y: Any = 0
    unit: ClassVar[str] = "m"


class Named(Point, kw_only=True):
    """A record with one more field, and a rule."""

    name: str = "here"

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("no name")


class Itself(Record, eq=False):
    """A record that equals itself only."""

    record: int


class Bare(Record):
    """A record without fields."""


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """What Point must be like."""

    x: int
    y: Any = 0


@pytest.mark.parametrize(("args", "given"), [((1,), {}), ((1, 2), {}), ((), {"y": 3, "x": [1]}), ((1,), {"y": None})])
def test_a_record_is_like_a_frozen_dataclass(args: Any, given: Any) -> None:
    ours, model = Point(*args, **given), Model(*args, **given)
    assert repr(ours) == repr(model).replace("Model", "Point")
    assert dataclasses.asdict(ours) == dataclasses.asdict(model)
    its, theirs = dataclasses.fields(ours), dataclasses.fields(model)
    assert [(each.name, each.default) for each in its] == [(each.name, each.default) for each in theirs]
    assert (ours == Point(*args, **given), ours == Point(9, 9), ours == model) == (True, False, False)


@pytest.mark.parametrize("args", [(), (1, 2, 3)])
def test_fields_are_given_once_and_all(args: Any) -> None:
    for kind in (Point, Model):
        with pytest.raises(TypeError):
            kind(*args)


def test_nothing_is_assigned_or_deleted() -> None:
    point = Point(1)
    for name in ("x", "z"):
        with pytest.raises(AttributeError):
            setattr(point, name, 2)
    with pytest.raises(AttributeError):
        delattr(point, "x")
    assert (point.x, Point.unit, hasattr(point, "__dict__")) == (1, "m", False)


def test_equality_and_hash_go_by_class_and_fields() -> None:
    assert hash(Point(1, (2,))) == hash(Point(1, (2,)))
    assert Point(1) != Named(x=1)
    assert (Bare(), hash(Bare()), repr(Bare())) == (Bare(), hash(Bare()), "Bare()")
    one, other = Itself(1), Itself(1)
    assert one != other
    assert len({one, one, other}) == 2
    with pytest.raises(TypeError):
        hash(Point([]))  # type: ignore[arg-type]  # what cannot be hashed


def test_copies_and_replaced_fields() -> None:
    point = Named(x=1, y=[2])
    for same in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert same == point
    assert copy.deepcopy(point).y is not point.y
    assert replace(point, name="there") == Named(x=1, y=[2], name="there") == dataclasses.replace(point, name="there")
    assert replace(Itself(1), record=2).record == 2
    with pytest.raises(ValueError, match="no name"):
        replace(point, name="")
    with pytest.raises(TypeError):
        replace(point, nowhere=1)
    match point:
        case Point(x, y):
            assert (x, y) == (1, [2])


def test_users_may_treat_limits_as_a_dataclass() -> None:
    assert dataclasses.replace(cq.Limits(), max_limit=7) == cq.Limits(max_limit=7)
    with pytest.raises(cq.DefinitionError):
        dataclasses.replace(cq.Limits(), max_limit=0)


def test_importing_the_library_brings_in_no_more_than_searching_needs() -> None:
    late = ("dataclasses", "inspect", "pathlib", "hashlib", "urllib.parse", "bson.json_util", "cubequery.translate.change")
    program = f"import bson, sys; before = set(sys.modules); import cubequery; print(*({set(late)!r} & set(sys.modules)) - before)"
    command, environment = [sys.executable, "-S", "-c", program], {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, cwd=Path(cq.__file__).parents[1], capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
