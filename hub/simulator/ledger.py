"""The simulator's file: what is, what is going to happen, and which notices are still to be taken.

Everything is in SQLite and nothing in memory, so a killed process finds its world where it left it. Durations are
divided by `speed`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import aiosqlite


class Notice(NamedTuple):
    """A callback to deliver: `word` is relative to the application's address."""

    id: int
    confid: int
    word: str
    fields: dict[str, str]


class Ledger:
    """Made by `open_ledger`. `noticed` is called after every change: there may be notices to deliver."""

    def __init__(self, db: aiosqlite.Connection, account: tuple[str, str, str], speed: float) -> None:
        self.account = account
        self.noticed: Callable[[], None] = lambda: None
        self._db = db
        self._speed = speed
        self._lock = asyncio.Lock()
        self._agenda_changed = asyncio.Event()

    async def close(self) -> None:
        await self._db.close()

    def scaled(self, seconds: float) -> float:
        return seconds / self._speed

    @asynccontextmanager
    async def change(self) -> AsyncIterator[None]:
        """One change of the world: all of it or nothing. Everything below but `read` happens inside one."""
        async with self._lock:
            await self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                await self._db.commit()
            except BaseException:
                await self._db.rollback()
                raise
        self._agenda_changed.set()
        self.noticed()

    async def read(self, sql: str, *arguments: Any) -> list[Any]:
        """Rows, outside of any change."""
        async with self._lock:
            return list(await self._db.execute_fetchall(sql, arguments))

    async def one(self, sql: str, *arguments: Any) -> Any:
        """The first row or None."""
        return next(iter(await self._db.execute_fetchall(sql, arguments)), None)

    async def write(self, sql: str, *arguments: Any) -> None:
        await self._db.execute(sql, arguments)

    async def later(self, seconds: float, what: str, target: str, detail: str = "") -> None:
        """`what` happens to `target` after so many seconds."""
        due = time.time() + self.scaled(seconds)
        await self.write(
            "INSERT INTO agenda (due, what, target, detail) VALUES (?, ?, ?, ?)", due, what, target, detail
        )

    async def notify(self, confid: int, word: str, fields: Mapping[str, str]) -> None:
        """An empty word means that nobody wants to know [5.1]."""
        if word:
            await self.write(
                "INSERT INTO notices (confid, word, fields) VALUES (?, ?, ?)", confid, word, json.dumps(fields)
            )

    async def next_due(self) -> tuple[int, str, str, str]:
        """(id, what, target, detail) of the next thing to happen, once it is due."""
        while True:
            self._agenda_changed.clear()
            rows = await self.read("SELECT due, id, what, target, detail FROM agenda ORDER BY due, id LIMIT 1")
            wait = max(0.0, rows[0][0] - time.time()) if rows else None
            if wait == 0.0:
                _, id, what, target, detail = rows[0]
                return id, what, target, detail
            try:
                async with asyncio.timeout(wait):
                    await self._agenda_changed.wait()
            except TimeoutError:
                pass

    async def has_happened(self, id: int) -> None:
        await self.write("DELETE FROM agenda WHERE id = ?", id)

    async def notices(self) -> list[Notice]:
        """The oldest notice of every conference that has any."""
        rows = await self.read("SELECT min(id), confid, word, fields FROM notices GROUP BY confid")
        return [Notice(id, confid, word, json.loads(fields)) for id, confid, word, fields in rows]

    async def settle(self, notice: Notice, *, taken: bool, tries: int) -> None:
        """Forget a notice that was taken, or that has been tried `tries` times."""
        async with self.change():
            await self.write("UPDATE notices SET tries = tries + 1 WHERE id = ?", notice.id)
            await self.write("DELETE FROM notices WHERE id = ? AND (? OR tries >= ?)", notice.id, taken, tries)


async def open_ledger(path: Path, speed: float) -> Ledger:
    """The file at this path, made with an account of its own if it is new."""
    db = await aiosqlite.connect(path, isolation_level=None)
    try:
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = NORMAL")
        await db.executescript(files("hub.simulator").joinpath("ledger.sql").read_text("utf-8"))
        made = [secrets.token_hex(16) for _ in range(3)]
        await db.execute("INSERT INTO account SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM account)", made)
        [(sid, token, app)] = await db.execute_fetchall("SELECT sid, token, app FROM account")
        return Ledger(db, (sid, token, app), speed)
    except BaseException:
        await db.close()
        raise
