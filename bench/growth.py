"""What an event costs as there is more of everything, and how long the start takes then."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

from bench.hubs import Call, Hub, hub
from bench.posts import lines, saturate
from bench.rows import Goal
from bench.run import Run

EVENTS = 1_000_000
CONFERENCES = 10_000
COUNT = 5_000
FIRST = 70_000_000


async def measure(run: Run) -> None:
    few = await _cost(run, 10)
    goal = Goal("cost per event, from 10 to 1000 rows", "×", 1.5, 1.2, is_less_better=True)
    run.figures.reach(goal, await _cost(run, 1000) / few)
    with run.folder() as folder:
        own = await _grown(run, folder)
        async with hub(folder) as large:
            goal = Goal("ready with 1000000 events and 10000 conferences", "s", 2, 1, is_less_better=True)
            run.figures.reach(goal, large.server.ready_s)
            await large.server.idle()
            goal = Goal("cost per event, from 10 to 1000000 stored events", "×", 1.5, 1.2, is_less_better=True)
            run.figures.reach(goal, await _cost_of(run, large, own) / few)
            everywhere = _everywhere()
            await _once(large, everywhere)
            goal = Goal("cost per event, from 10 to 10000 conferences", "×", 1.5, 1.2, is_less_better=True)
            run.figures.reach(goal, await _cost_of(run, large, everywhere) / few)


async def _cost(run: Run, people: int) -> float:
    with run.folder() as folder:
        async with hub(folder) as own:
            return await _cost_of(run, own, await own.conference(people))
    raise AssertionError


async def _cost_of(run: Run, own: Hub, calls: list[Call]) -> float:
    """CPU-seconds of an event, one connection for each of ten people at a time."""
    requests = [calls[number % len(calls)].turned() for number in range(COUNT)]
    async with lines(10, own.server.port) as opened, run.generating("growth"):
        await saturate(opened, requests[: COUNT // 10])
        before = own.server.cpu_s
        await saturate(opened, requests[COUNT // 10 :])
        await asyncio.sleep(0.1)
        return (own.server.cpu_s - before) / (COUNT - COUNT // 10)
    raise AssertionError


async def _once(own: Hub, calls: list[Call]) -> None:
    """A conference is read from the disk when it is first spoken of."""
    async with lines(10, own.server.port) as opened:
        await saturate(opened, [call.turned() for call in calls])
    await own.server.idle()


async def _grown(run: Run, folder: Path) -> list[Call]:
    """A database with one conference that has had a million events, and ten thousand others."""
    async with hub(folder) as own:
        calls = await own.conference(10)
    database = folder / "confhub.db"
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        key, seq = db.execute("SELECT key, seq FROM conferences WHERE id = ?", (calls[0].conference,)).fetchone()
        body = db.execute("SELECT body FROM events WHERE conference = ? AND seq = ?", (key, seq)).fetchone()[0]
        _copy(db, key, calls[0].conference)
        written = b'"seq":%d,' % seq
        more = ((key, n, body.replace(written, b'"seq":%d,' % n)) for n in range(seq + 1, seq + EVENTS + 1))
        db.executemany("INSERT INTO events VALUES (?, ?, ?)", more)
        db.execute("UPDATE conferences SET seq = ? WHERE key = ?", (seq + EVENTS, key))
    return calls


def _copy(db: sqlite3.Connection, key: int, id: str) -> None:
    """The conference and its roster, under other numbers."""
    for number in range(1, CONFERENCES + 1):
        named = {"key": key, "new": key + number, "id": id, "other": str(FIRST + number)}
        for sql in _COPY:
            db.execute(sql, named)


_COPY = (
    """INSERT INTO conferences SELECT :new, :other, app, owner, state, outstanding, seq, counter,
        CAST(replace(CAST(details AS TEXT), :id, :other) AS BLOB), :other, is_reserved
        FROM conferences WHERE key = :key""",
    """INSERT INTO participants SELECT :new, key, outstanding, CAST(replace(CAST(body AS TEXT), :id, :other) AS BLOB)
        FROM participants WHERE conference = :key""",
    "INSERT INTO legs SELECT :new, leg, participant, is_presumed FROM legs WHERE conference = :key",
    "INSERT INTO calls SELECT :new, replace(callid, :id, :other), leg FROM calls WHERE conference = :key",
)


def _everywhere() -> list[Call]:
    """Somebody in each of the conferences."""
    return [Call(str(FIRST + number), f"{FIRST + number}-0") for number in range(1, CONFERENCES + 1)]
