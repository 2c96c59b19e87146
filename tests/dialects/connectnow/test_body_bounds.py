"""Texts for values outside a field's bounds: which of two bounds is broken, also deep inside Objects."""

from __future__ import annotations

import pytest

import cubequery as cq
from cubequery.check import DEFAULTS
from cubequery.dialects.connectnow import ConnectNow, Endpoint
from cubequery.dialects.connectnow.bodies import received

CLASS = cq.ClassSchema(
    "Thing",
    {
        "age": cq.Integer(minimum=1, maximum=5), "part": cq.Float(minimum=-1, maximum=1), "low": cq.Integer(minimum=1),
        "high": cq.Integer(maximum=5), "marks": cq.Array(cq.Integer, minimum=1, maximum=5), "day": cq.Date(minimum=0, maximum=86_400),
        "box": cq.Object({"age": cq.Integer(minimum=2, maximum=3), "lid": cq.Object({"age": cq.Integer(minimum=2, maximum=3)})}),
    },
)  # fmt: skip
THINGS = ConnectNow([CLASS], [Endpoint("things", "Thing")])
LEAST, MOST = "must be at least", "must not be greater than"
BODIES = [
    ('{"age":0}', "age", f"The age {LEAST} 1."), ('{"age":6}', "age", f"The age {MOST} 5."), ('{"age":"0"}', "age", f"The age {LEAST} 1."),
    ('{"age":" 6 "}', "age", f"The age {MOST} 5."), ('{"part":-1.5}', "part", f"The part {LEAST} -1."),
    ('{"part":"1.5"}', "part", f"The part {MOST} 1."), ('{"low":0}', "low", f"The low {LEAST} 1."),
    ('{"high":6}', "high", f"The high {MOST} 5."),
    ('{"marks":[3,0]}', "marks", f"The marks {LEAST} 1."), ('{"marks":[3,"6"]}', "marks", f"The marks {MOST} 5."),
    ('{"day":-1}', "day", f"The day {LEAST} 0."), ('{"day":"1970-01-03"}', "day", f"The day {MOST} 86400."),
    ('{"box":{"age":1}}', "box.age", f"The box.age {LEAST} 2."), ('{"box":{"lid":{"age":4}}}', "box.lid.age", f"The box.lid.age {MOST} 3."),
    ('{"box":{"lid":{"age":"x"}}}', "box.lid.age", "The box.lid.age must be an integer."),
]  # fmt: skip


@pytest.mark.parametrize("operation", ["create", "update"])
@pytest.mark.parametrize(("body", "name", "text"), BODIES)
def test_the_broken_bound_is_told(body: str, name: str, text: str, operation: str) -> None:
    given = received("", body, json=True, limits=DEFAULTS.limits)[1]
    refusal = THINGS.body("things", operation, given, cq.Actor(1)).refusal
    assert refusal is not None
    assert THINGS.answer(refusal) == (422, {"message": "The given data was invalid.", "errors": {name: [text]}})


def test_a_form_tells_the_same() -> None:
    given = received("", "age=9&box[age]=1", json=False, limits=DEFAULTS.limits)[1]
    refusal = THINGS.body("things", "create", given, cq.Actor(1)).refusal
    assert refusal is not None
    assert refusal.errors == {"age": f"The age {MOST} 5.", "box.age": f"The box.age {LEAST} 2."}
