"""The benchmark of the server in little, so that it still runs when it is asked for; its figures are not judged here."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from benchmarks import server
from benchmarks.load import answer, request, serving
from benchmarks.served import LIST
from benchmarks.server import READABLE, Size


async def ask(port: int) -> list[Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for target in (LIST, READABLE[0]):
        writer.write(request(target))
        found.append(json.loads(await answer(reader)))
    writer.close()
    return found


def test_in_little(mongod_uri: str, database: Any) -> None:
    told: list[str] = []
    server.fill(mongod_uri, database.name)
    with serving("ours", mongod_uri, database.name) as ours, serving("bare", mongod_uri, database.name) as bare:
        one, other = asyncio.run(ask(ours.port)), asyncio.run(ask(bare.port))
        asyncio.run(server.run(ours, bare, Size(1, 20, 40, 20), told.append))
    assert one == other, "what is compared is the same work"
    assert len(one[0]["items"]) == 20
    assert len(told) == 5
    assert told[0].startswith("list of 20: CPU x ")
