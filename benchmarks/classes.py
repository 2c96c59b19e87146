"""The class and the actor that every workload uses."""

from __future__ import annotations

import cubequery as cq

PROFILE = cq.ClassSchema(
    "profile",
    {
        "full_name": cq.String(required=True),
        "email": cq.String,
        "status": cq.String,
        "age": cq.Integer,
        "visits": cq.Integer,
        "rating": cq.Float,
        "balance": cq.Float,
        "active": cq.Boolean,
        "verified": cq.Boolean,
        "born": cq.Date,
        "tags": cq.Array(cq.String),
        "scores": cq.Array(cq.Integer),
        "location": cq.Location,
        "address": cq.Object({"city": cq.String, "zip": cq.String, "country": cq.String}),
        "avatar": cq.File,
    },
)
ACTOR = cq.Actor(user_id=47592, groups={"officers", "staff"})
