"""Classes from pydantic models: every type and constraint that has a counterpart, and one error that names every field that has none."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import pytest
from annotated_types import Ge, Le
from pydantic import (
    UUID4,
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    Field,
    PositiveInt,
    RootModel,
    StrictInt,
    create_model,
    field_validator,
    model_validator,
)

import cubequery as cq


class Job(enum.Enum):
    COOK = "cook"
    NURSE = "nurse"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Address(BaseModel):
    city: str | None = None
    zip_code: int = Field(alias="zip")


class Note:
    """Something of the host's own behind a type; pydantic takes nothing from it."""

    pattern = "no constraint"


NOW = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
REQUIRED: dict[str, Any] = {"required": True}

# annotation, default (... for none), the field type
TYPES: list[tuple[Any, Any, cq.String | Any]] = [
    (int, ..., cq.Integer(required=True)),
    (float, ..., cq.Float(required=True)),
    (str, ..., cq.String(required=True)),
    (bool, ..., cq.Boolean(required=True)),
    (dt.datetime, ..., cq.Date(resolution="ms", required=True)),
    (int | None, ..., cq.Integer()),
    (int | None, None, cq.Integer()),
    (Optional[str], "a", cq.String(default="a")),  # noqa: UP045 -- the older spelling is one that models use
    (int, 5, cq.Integer(required=True, default=5)),
    (dt.datetime, NOW, cq.Date(resolution="ms", required=True, default="2024-05-01T00:00:00+00:00")),
    (int, Field(ge=1, le=5), cq.Integer(required=True, minimum=1, maximum=5)),
    (int, Field(gt=1, lt=5), cq.Integer(required=True, minimum=2, maximum=4)),
    (int, Field(gt=1, ge=4), cq.Integer(required=True, minimum=4)),
    (Annotated[int, Ge(1), Le(8), Ge(3), Le(9)], Field(ge=2), cq.Integer(required=True, minimum=3, maximum=8)),
    (Annotated[str, Field(max_length=5), Field(max_length=3)], ..., cq.String(required=True, max_length=3)),
    (PositiveInt, Field(gt=4), cq.Integer(required=True, minimum=5)),
    (int, Field(3, ge=1), cq.Integer(required=True, minimum=1, default=3)),
    (float | None, Field(None, ge=0.5, le=9), cq.Float(minimum=0.5, maximum=9)),
    (float, Field(allow_inf_nan=False), cq.Float(required=True)),
    (str, Field(max_length=3), cq.String(required=True, max_length=3)),
    (str, Field(strict=False, description="said to people"), cq.String(required=True)),
    (dt.datetime | None, Field(None, ge=NOW), cq.Date(resolution="ms", minimum="2024-05-01T00:00:00+00:00")),
    (PositiveInt, ..., cq.Integer(required=True, minimum=1)),
    (PositiveInt | None, None, cq.Integer(minimum=1)),
    (Annotated[int, Field(ge=2), Note(), "a note"], ..., cq.Integer(required=True, minimum=2)),
    (Literal["a", "b"], ..., cq.String(required=True, choices=["a", "b"])),
    (Literal[1, 2, None], None, cq.Integer(choices=[1, 2])),
    (Literal["a"] | None, None, cq.String(choices=["a"])),
    (Job, Job.NURSE, cq.String(required=True, choices=["cook", "nurse"], default="nurse")),
    (Level, ..., cq.Integer(required=True, choices=[1, 2])),
    (list[str], ..., cq.Array(cq.String, required=True)),
    (list[bool] | None, None, cq.Array(cq.Boolean)),
    (list[str], Field(default_factory=list, max_length=3), cq.Array(cq.String, required=True, default=[], max_length=3)),
    (list[Job], [Job.COOK], cq.Array(cq.String, required=True, default=["cook"], choices=["cook", "nurse"])),
    (list[Annotated[float, Field(ge=0)]] | None, None, cq.Array(cq.Float, minimum=0)),
    (list[PositiveInt], ..., cq.Array(cq.Integer, required=True, minimum=1)),
    (Address | None, None, cq.Object({"city": cq.String, "zip": cq.Integer(required=True, stored="zip_code")})),
    (Address, ..., cq.Object({"city": cq.String, "zip": cq.Integer(required=True, stored="zip_code")}, required=True)),
    (int, Field(alias="public"), cq.Integer(required=True, stored="f")),
    (int, Field(validation_alias="public", serialization_alias="public"), cq.Integer(required=True, stored="f")),
    (Annotated[list[float], cq.Location], ..., cq.Location(required=True)),
    (Annotated[dict[str, Any] | None, cq.File], None, cq.File()),
    (Annotated[dt.datetime, cq.Date(maximum=9)], ..., cq.Date(required=True, maximum=9)),
    (Annotated[list[str], cq.Array(cq.String, max_length=2)], ..., cq.Array(cq.String, required=True, max_length=2)),
]  # fmt: skip


def model(**fields: Any) -> type[BaseModel]:
    return create_model("Model", **fields)


@pytest.mark.parametrize(("annotation", "default", "kind"), TYPES)
def test_a_field(annotation: Any, default: Any, kind: Any) -> None:
    schema = cq.ClassSchema.from_model(model(f=(annotation, default)))
    ((name, field),) = schema.fields.items()
    assert field.type == kind, (field.type, kind)
    assert (name, field.path) == (("public", "f") if kind.stored else ("f", "f"))
    assert cq.ClassSchema.from_json(schema.to_json()) == schema


class Inner(BaseModel):
    inner: Inner | None = None
    n: int = 0


def check(value: Any) -> Any:
    return value


# annotation, default, what the one problem says
UNSUPPORTED: list[tuple[Any, Any, str]] = [
    (dict[str, int], ..., "f: no field type for dict[str, int]"),
    (Any, ..., "f: no field type for Any"),
    (bytes, ..., "f: no field type for bytes"),
    (UUID, ..., "f: no field type for UUID"),
    (UUID4, ..., "f: no field type for UUID"),
    (dt.date, ..., "f: no field type for date"),
    (int | str, ..., "f: no field type for int | str"),
    (int | str | None, None, "f: no field type for int | str | None"),
    (set[int], ..., "f: no field type for set[int]"),
    (list, ..., "f: no field type for list"),
    (list[dict[str, int]], ..., "f: no field type for dict[str, int]"),
    (RootModel[list[int]], ..., "f: no field type for RootModel[list[int]]"),
    (list[Address], ..., "f: no field type for Address"),
    (list[list[int]], ..., "f: no field type for list[int]"),
    (list[dt.datetime], ..., "f: elements of a list are int, float, str or bool"),
    (list[int | None], ..., "f: elements of a list are neither null nor a field type"),
    (list[Annotated[str, Field(max_length=3)]], ..., "f: elements of a list have no max_length"),
    (list[Annotated[str, Field(pattern="a")]], ..., "f: no option for pattern"),
    (Literal["a", 1], ..., "f: choices are all int, all float or all str"),
    (Literal[True], ..., "f: choices are all int, all float or all str"),
    (StrictInt, ..., "f: no option for strict"),
    (float, Field(gt=0), "f: no option for gt"),
    (float, Field(allow_inf_nan=True), "f: no option for allow_inf_nan"),
    (int, Field(multiple_of=2), "f: no option for multiple_of"),
    (str, Field(min_length=2, pattern="a"), "f: no option for min_length; no option for pattern"),
    (str, Field(strict=False, pattern="a"), "f: no option for pattern"),
    (str, Field(ge="a"), "f: String has no option minimum"),
    (Annotated[int, AfterValidator(check)], ..., "f: no option for func"),
    (dt.datetime, Field(default_factory=dt.datetime.now), "f: no option for default_factory"),
    (Address, Address(zip=1), "f: Object has no option default"),
    (int, Field(alias="a", serialization_alias="b"), "f: a field has one name in requests and answers: one alias"),
    (int, Field(validation_alias=AliasPath("a", 0)), "f: a field has one name in requests and answers: one alias"),
    (int, Field(validation_alias=AliasChoices("a", "b")), "f: a field has one name in requests and answers: one alias"),
    (int, Field(ge=5, le=1), "f: minimum is above maximum"),
    (Inner, ..., "f[inner]: the model is inside itself"),
]  # fmt: skip


@pytest.mark.parametrize(("annotation", "default", "problem"), UNSUPPORTED)
def test_what_no_class_can_say(annotation: Any, default: Any, problem: str) -> None:
    with pytest.raises(cq.DefinitionError) as refused:
        cq.ClassSchema.from_model(model(f=(annotation, default)))
    assert refused.value.problems == (problem,)


def test_one_error_names_every_field() -> None:
    wrong = model(a=(bytes, ...), b=(int, ...), user_id=(int, ...), c=(model(d=(set[int], ...)), ...), sort_asc=(str, ...))
    with pytest.raises(cq.DefinitionError) as refused:
        cq.ClassSchema.from_model(wrong, "a b", exclude={"nothing"}, id_type="UUID")
    assert [problem.partition(":")[0] for problem in refused.value.problems] == [
        "exclude", "a", "c[d]", "user_id", "c", "sort_asc", "name", "id_type",
    ]  # fmt: skip


def test_validators_are_not_left_out_silently() -> None:
    class Checked(BaseModel, str_max_length=3):
        n: int

        @field_validator("n")
        @classmethod
        def even(cls, value: int) -> int:
            return value

        @model_validator(mode="after")
        def whole(self) -> Checked:
            return self

    with pytest.raises(cq.DefinitionError) as refused:
        cq.ClassSchema.from_model(Checked)
    assert [problem.partition(" is a ")[0] for problem in refused.value.problems] == [
        "the model: no option for str_max_length", "the model: even", "the model: whole",
    ]  # fmt: skip


@pytest.mark.parametrize("given", [int, Address(zip=1), {"n": "Integer"}, None, RootModel[list[int]]])
def test_what_is_no_model(given: Any) -> None:
    with pytest.raises(cq.DefinitionError):
        cq.ClassSchema.from_model(given)


def test_two_fields_of_one_name() -> None:
    with pytest.raises(cq.DefinitionError, match="b: another field is called a too"):
        cq.ClassSchema.from_model(model(a=(int, ...), b=(int, Field(alias="a"))))


def test_the_class_is_served() -> None:
    class Profile(BaseModel):
        id: int
        full_name: str = Field(alias="fullName", max_length=20)
        age: int | None = Field(None, ge=0)
        job: Job = Job.COOK

    schema = cq.ClassSchema.from_model(Profile, "profile", exclude={"id"}, permissions={"delete": {"access": "open"}})
    engine = cq.Engine(cq.MemoryStore(), [schema])
    made = engine.create("profile", {"fullName": "Nadine Collier"}, cq.Actor(1))
    assert (made["fullName"], made["age"], made["job"]) == ("Nadine Collier", None, "cook")
    for body, code in (({}, "missing"), ({"fullName": "x", "age": -1}, "out_of_range"), ({"fullName": "x", "job": "king"}, "choice")):
        with pytest.raises(cq.RequestError) as refused:
            engine.create("profile", body, cq.Actor(1))
        assert refused.value.code == code
    plan = cq.translate("fullName=x", schema, actor=cq.ADMIN)
    assert plan.filter == {"full_name": {"$eq": "x"}}
    assert cq.ClassSchema.from_model(Address).name == "Address"
