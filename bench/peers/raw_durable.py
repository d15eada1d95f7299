"""The floor of whoever tells nobody what is not on the disk: raw.py, after a transaction of one row."""

from __future__ import annotations

import asyncio

import aiosqlite
import uvloop

from bench.peers.between_two import filled, write
from bench.peers.raw import Raw, serve


class Durable(Raw):
    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    def posted(self, texts: list[str]) -> None:
        self._task = asyncio.create_task(self._write_and_tell(texts))

    async def _write_and_tell(self, texts: list[str]) -> None:
        await write(self._db)
        super().posted(texts)


async def main() -> None:
    async with filled() as db:
        await serve(lambda: Durable(db))


if __name__ == "__main__":
    uvloop.run(main())
