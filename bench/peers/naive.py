"""What one writes first: a Starlette route, a transaction of aiosqlite for each callback, durable."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import aiosqlite
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE inbox (id INTEGER PRIMARY KEY, at TEXT, word TEXT, body BLOB);
CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE rows (callid TEXT PRIMARY KEY, body BLOB);
"""


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with aiosqlite.connect("naive.db") as app.state.db:
        await app.state.db.executescript(SCHEMA)
        app.state.lock = asyncio.Lock()
        yield


async def receive(request: Request) -> Response:
    db, body = request.app.state.db, await request.body()
    fields = dict(parse_qsl(body.decode()))
    at = datetime.now(UTC).isoformat()
    event = json.dumps({"type": "participant.muted", "at": at, "participant": fields})
    async with request.app.state.lock:
        await db.execute("INSERT INTO inbox (at, word, body) VALUES (?, ?, ?)", (at, request.url.path, body))
        await db.execute("INSERT INTO events (body) VALUES (?)", (event,))
        await db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?)", (fields["callid"], event))
        await db.commit()
    return Response("<Response><statuscode>000000</statuscode></Response>", media_type="application/xml")


app = Starlette(routes=[Route("/callbacks/{rest:path}", receive, methods=["POST"])], lifespan=lifespan)


def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"listening on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=60)).run([listening])


if __name__ == "__main__":
    main()
