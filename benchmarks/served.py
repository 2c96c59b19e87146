"""The two servers that are compared, each a process: ``python -m benchmarks.served ours|bare URI DATABASE``. It prints its port."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import uvicorn
from bson import ObjectId
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

import cubequery as cq
from cubequery import server

SCORE = cq.ClassSchema("score", {"name": cq.String, "points": cq.Integer, "tags": cq.Array(cq.String), "at": cq.Date})
TOKEN, USER = "a-token", cq.Actor(7, ["players"])
TOKENS = ["*", "u7", "gplayers"]
PAGE = 20
RECORDS = 2_000
LIST = f"/data/score?points[gt]=500&sort_desc=points&limit={PAGE}"


def records(count: int = RECORDS) -> list[dict[str, Any]]:
    """Stored records, a fifth of them hidden from the actor."""
    at = datetime(2024, 1, 1)
    hidden, shown = ["u1"], ["*"]
    return [
        {
            "_id": ObjectId(f"{place:024x}"), "user_id": place % 9, "created_at": at, "updated_at": at, "name": f"player {place}",
            "points": place * 7 % 1000, "tags": ["a", "b"], "at": at, "_read": shown if place % 5 else hidden,
            "_update": ["u1"], "_delete": ["u1"],
        }
        for place in range(count)
    ]  # fmt: skip


def ours(client: Any, database: str) -> ASGIApp:
    """The application, as a host makes it."""
    engine = cq.AsyncEngine(cq.AsyncMongoStore(client[database]), [SCORE])
    return server.app(engine, authenticate=server.Tokens({TOKEN: USER}).authenticate, metrics=True)


def bare(client: Any, database: str) -> ASGIApp:
    """The same answers from the same commands, written by hand: nothing is checked but the token."""
    found = client[database].score
    readable = {"_read": {"$in": TOKENS}}

    async def many(request: Request) -> Response:
        if request.headers.get("cb-token") != TOKEN:
            return Response(status_code=401)
        least, limit = int(request.query_params["points[gt]"]), int(request.query_params["limit"])
        cursor = found.find({"$and": [{"points": {"$gt": least}}, readable]}).sort([("points", -1), ("_id", 1)]).limit(limit)
        items = [shown(record) async for record in cursor]
        body = {"class_name": "score", "skip": 0, "limit": limit, "items": items}
        return Response(orjson.dumps(body), media_type="application/json")

    async def one(request: Request) -> Response:
        if request.headers.get("cb-token") != TOKEN:
            return Response(status_code=401)
        record = await found.find_one({"$and": [{"_id": ObjectId(request.path_params["id"])}, readable]})
        return Response(status_code=404) if record is None else Response(orjson.dumps(shown(record)), media_type="application/json")

    return Starlette(routes=[Route("/data/score", many), Route("/data/score/{id}", one)])


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """A record as clients read it, by hand."""
    return {
        "_id": str(record["_id"]), "_parent_id": record.get("_parent_id"), "user_id": record["user_id"], "name": record.get("name"),
        "created_at": int(record["created_at"].replace(tzinfo=UTC).timestamp()),
        "updated_at": int(record["updated_at"].replace(tzinfo=UTC).timestamp()), "points": record.get("points"), "tags": record.get("tags"),
        "at": record["at"].isoformat() + "Z" if record.get("at") else None,
    }  # fmt: skip


MAKERS = {"ours": ours, "bare": bare}


def main(which: str, uri: str, database: str) -> None:
    """Serve until the process is told to stop."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(MAKERS[which](client, database), log_config=None, access_log=False, lifespan="off")
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
