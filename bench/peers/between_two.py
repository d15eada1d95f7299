"""The least that `muteConf` can be: the platform asked by the hub's own adapter between two durable transactions of a
row each, and nothing beside it: no HTTP but the bytes of an answer, no credential, no decision."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiosqlite
import uvloop

from bench.platform import APP, SID, TOKEN
from hub.app import now
from hub.domain.model import Kind
from hub.providers.yuntongxun import Yuntongxun
from hub.providers.yuntongxun_rest import Rest

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE events (seq INTEGER PRIMARY KEY, body BLOB);
"""
BODY = b"x" * 400
ROWS = 2000
"""So many are there before: as with the hub, the WAL has the length by then that it keeps."""


class Bare(asyncio.Protocol):
    def __init__(self, db: aiosqlite.Connection, provider: Yuntongxun) -> None:
        self._db = db
        self._provider = provider

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._task = asyncio.create_task(self._answer())

    async def _answer(self) -> None:
        await write(self._db)
        await self._provider.control("60000000", Kind.MUTE, "call", 1)
        await write(self._db)
        self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


async def write(db: aiosqlite.Connection) -> None:
    await db.execute_insert("INSERT INTO events (body) VALUES (?)", (BODY,))


@asynccontextmanager
async def filled() -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.Connection(partial(sqlite3.connect, "between.db", isolation_level=None), 64) as db:
        await db.executescript(SCHEMA)
        for _ in range(ROWS):
            await write(db)
        yield db


async def main(url: str) -> None:
    provider = Yuntongxun(Rest(url, (SID, TOKEN), now), APP, ("1", []))
    async with filled() as db:
        server = await asyncio.get_running_loop().create_server(lambda: Bare(db, provider), "127.0.0.1", 0)
        print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
