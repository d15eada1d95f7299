"""The simulator's file: what is, what is going to happen, and which notices are still to be taken.

Everything is in SQLite and nothing in memory, so a killed process finds its world where it left it. Durations are
divided by `speed`.
"""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite

VERSION = 2
KEPT = ("account", "sub_accounts")
"""Tables that outlive a change of version; they have the same form in all."""


class Ledger:
    """Made by `open_ledger`. `noticed` is called after every change: there may be notices to deliver."""

    def __init__(self, db: aiosqlite.Connection, account: tuple[str, str, str], start: int, speed: float) -> None:
        self.account = account
        self.start = start
        self.speed = speed
        self.address = ""
        self.noticed: Callable[[], None] = lambda: None
        self._db = db
        self._lock = asyncio.Lock()
        self._agenda_changed = asyncio.Event()

    async def close(self) -> None:
        await self._db.close()

    def scaled(self, seconds: float) -> float:
        return seconds / self.speed

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
            return await self.rows(sql, *arguments)

    async def dicts(self, sql: str) -> list[dict[str, Any]]:
        """Rows by the names of their columns, outside of any change."""
        async with self._lock, self._db.execute(sql) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]

    async def rows(self, sql: str, *arguments: Any) -> list[Any]:
        return list(await self._db.execute_fetchall(sql, arguments))

    async def one(self, sql: str, *arguments: Any) -> Any:
        """The first row or None."""
        return next(iter(await self._db.execute_fetchall(sql, arguments)), None)

    async def write(self, sql: str, *arguments: Any) -> int:
        """How many rows it touched."""
        async with self._db.execute(sql, arguments) as cursor:
            return cursor.rowcount

    async def listens(self, address: str, certificate: str) -> None:
        """Where it can be reached, for whoever finds the file."""
        self.address = address
        async with self.change():
            await self.write("UPDATE running SET address = ?, certificate = ?", address, certificate)

    async def later(self, seconds: float, what: str, target: str, detail: str = "") -> None:
        """`what` happens to `target` after so many seconds."""
        due = time.time() + self.scaled(seconds)
        await self.write(
            "INSERT INTO agenda (due, what, target, detail) VALUES (?, ?, ?, ?)", due, what, target, detail
        )

    async def cancel(self, what: str, target: str) -> None:
        await self.write("DELETE FROM agenda WHERE what = ? AND target = ?", what, target)

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


async def open_ledger(path: Path, speed: float) -> Ledger:
    """The file at this path, made with an account of its own if it is new.

    A file of another version keeps its account and sub-accounts; its conferences, calls and notices are given up.
    """
    db = await aiosqlite.connect(path, isolation_level=None)
    try:
        await _upgrade(db)
        await db.execute("PRAGMA journal_mode = WAL")
        await db.execute("PRAGMA synchronous = NORMAL")
        made = [secrets.token_hex(16) for _ in range(3)]
        await db.execute("INSERT INTO account SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM account)", made)
        [(sid, token, app)] = await db.execute_fetchall("SELECT sid, token, app FROM account")
        return Ledger(db, (sid, token, app), await _count_start(db), speed)
    except BaseException:
        await db.close()
        raise


async def _upgrade(db: aiosqlite.Connection) -> None:
    """What is no simulator's file stays as it is. Raises sqlite3.DatabaseError."""
    [(version,)] = await db.execute_fetchall("PRAGMA user_version")
    sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    tables = [name for (name,) in await db.execute_fetchall(sql)]
    if tables and KEPT[0] not in tables:
        raise sqlite3.DatabaseError("it is not a simulator's")
    if version != VERSION:
        for name in tables:
            if name not in KEPT:
                await db.execute(f'DROP TABLE "{name}"')
    await db.executescript(files("hub.simulator").joinpath("ledger.sql").read_text("utf-8"))
    await db.execute(f"PRAGMA user_version = {VERSION}")


async def _count_start(db: aiosqlite.Connection) -> int:
    """How often the world was started before."""
    await db.execute("INSERT INTO running SELECT 0, '', '' WHERE NOT EXISTS (SELECT 1 FROM running)")
    [(starts,)] = await db.execute_fetchall("SELECT starts FROM running")
    await db.execute("UPDATE running SET starts = starts + 1")
    return int(starts)
