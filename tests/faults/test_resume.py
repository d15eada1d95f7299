"""A moderator who comes back after a very long day: everything that was missed, in order, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect

from tests.conftest import Start
from tests.harness import HubProcess, Moderator
from tests.scale import scaled

EVENTS = scaled(1_000_000)
PEOPLE = [{"id": f"user-{number}", "name": f"Somebody {number}"} for number in range(100)]
FEW_MB = 24
SEQ = re.compile(r'"seq":(\d+)')


async def test_whoever_missed_a_million_events_gets_them_and_nobody_else_notices(start: Start) -> None:
    hub = await start()
    id = await hub.create()
    await hub.post("joinConf", id=id, uid="mia", appid="demo", users=PEOPLE)
    await hub.kill(signal.SIGTERM)
    lengthen(hub.folder / "confhub.db", EVENTS)
    hub = await start()
    async with hub.moderator().connected() as other, connect(f"ws{hub.url[4:]}/ws", proxy=None) as socket:
        epoch = (await other.watch(id))["epoch"]
        before, started = hub.memory_mb, time.monotonic()
        await socket.send(watch(id, epoch, seq=1))
        assert json.loads(await socket.recv())["result"] == {
            "id": id,
            "epoch": epoch,
            "seq": EVENTS,
            "recovered": True,
        }
        receiving = asyncio.create_task(count_up(socket, 2, EVENTS))
        await other.call("inviteConf", id=id, uid="mia", appid="demo", users=[{"number": "13800009001"}])
        waits, peak = await disturbed(other, hub, receiving)
        spent_s = time.monotonic() - started
        await other.wait_for(3)
        await count_up(socket, EVENTS + 1, EVENTS + 3)
    assert peak < before + FEW_MB, (before, peak)
    print(
        f"resume: {EVENTS} events in {spent_s:.1f} s, memory {before} MB, at most {peak} MB;"
        f" requests of another: p50 {waits[len(waits) // 2] * 1000:.1f} ms, max {waits[-1] * 1000:.1f} ms"
    )


def watch(id: str, epoch: str, seq: int) -> str:
    params = {"id": id, "epoch": epoch, "seq": seq}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "watchConf", "params": params})


def lengthen(path: Path, seq: int) -> None:
    """Repeat the last event until there are so many, as nobody would want to by telephone."""
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        conference, last, body = file.execute("SELECT conference, seq, body FROM events ORDER BY seq DESC").fetchone()

        def more() -> Iterator[tuple[int, int, bytes]]:
            rest = body[body.index(b",") :]
            for number in range(last + 1, seq + 1):
                yield conference, number, b'{"seq":%d' % number + rest

        file.executemany("INSERT INTO events (conference, seq, body) VALUES (?, ?, ?)", more())
        file.execute("UPDATE conferences SET seq = ? WHERE key = ?", (seq, conference))


async def count_up(socket: ClientConnection, first: int, last: int) -> None:
    for expected in range(first, last + 1):
        message = str(await socket.recv())
        found = SEQ.search(message)
        assert found, message
        assert int(found[1]) == expected, message


async def disturbed(other: Moderator, hub: HubProcess, receiving: asyncio.Task[None]) -> tuple[list[float], int]:
    """How long the requests of another took meanwhile, shortest first, and the most memory the hub had."""
    waits, peak = [], hub.memory_mb
    while not receiving.done():
        started = time.monotonic()
        await other.call("ping")
        waits.append(time.monotonic() - started)
        peak = max(peak, hub.memory_mb)
        await asyncio.wait([receiving], timeout=0.02)
    await receiving
    return sorted(waits), peak
