"""What the commit loop makes of the disk: many callers in one transaction against one each. A process of its own."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from bench.hubs import ROOT
from bench.machine import SERVER_CORE, pin
from bench.rows import Goal
from bench.run import Run

SECONDS = 3.0


async def measure(run: Run) -> None:
    with run.folder() as folder:
        words = [sys.executable, "-m", "bench.commits", str(folder), str(SECONDS / 3 if run.is_quick else SECONDS)]
        process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=subprocess.PIPE)
        rates = json.loads((await process.communicate())[0])
    for name, rate in rates.items():
        run.figures.note(f"commits, {name}", rate, "/s")
    grouped, alone = rates["64 callers"], rates["64 callers, each alone"]
    run.figures.reach(Goal("group commit at 64 callers, × one transaction per call", "×", 10, 17), grouped / alone)
    full, off = rates["256 callers"], rates["256 callers, synchronous=OFF"]
    run.figures.reach(Goal("FULL against OFF at 256 callers", "×", 0.5, 0.7), full / off)


async def _rates(folder: Path, seconds: float) -> dict[str, float]:
    from hub.store.base import Callback, Write
    from hub.store.commits import CommitLoop
    from hub.store.sqlite import open_store

    store = await open_store(folder / "commits.db")
    commits = CommitLoop(store.write, lambda batch: None, lambda batch: None)
    loop = asyncio.create_task(commits.run())
    write = Write(callback=Callback(datetime.now(UTC).isoformat(), "media", b"", "text/plain", b"x" * 100, "applied"))
    one_at_a_time = asyncio.Lock()

    async def grouped() -> None:
        await commits.submit(write)

    async def alone() -> None:
        async with one_at_a_time:
            await store.write([write])

    rates = {
        "64 callers": await _rate(64, seconds, grouped),
        "64 callers, each alone": await _rate(64, seconds, alone),
        "256 callers": await _rate(256, seconds, grouped),
    }
    await store._writer.execute("PRAGMA synchronous = OFF")
    rates["256 callers, synchronous=OFF"] = await _rate(256, seconds, grouped)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    await store.close()
    return rates


async def _rate(callers: int, seconds: float, call: Callable[[], Awaitable[None]]) -> float:
    end, count = time.perf_counter() + seconds, 0

    async def work() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await call()
            count += 1

    await asyncio.gather(*(work() for _ in range(callers)))
    return count / seconds


if __name__ == "__main__":
    pin(SERVER_CORE)
    print(json.dumps(uvloop.run(_rates(Path(sys.argv[1]), float(sys.argv[2])))))
