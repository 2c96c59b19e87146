"""The class and the actor that every workload uses, and criteria of the class."""

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
CRITERIA = (
    "full_name=$word", "full_name[ctn]=$word", "email[ne]=$word", "email[in]=$words", "status=$word", "status[nin]=$words", "age[gt]=$int",
    "age[lte]=$int", "age[ne]=$int", "visits[gte]=$int", "visits[lt]=$int", "rating[gte]=$float", "rating[lt]=$float", "balance[gt]=$float",
    "active=true", "verified=false", "born[gte]=$date", "born[lt]=$date", "tags[in]=$words", "tags[all]=$words", "scores[in]=$int",
    "address[city]=$word", "address[zip][in]=$words", "created_at[gt]=$date", "sort_asc=full_name", "skip=$page", "limit=50",
)  # fmt: skip
"""Parameters that may stand together in any order."""
