"""The documented muteConf of one, at a platform that answers at once, against the platform's round trip alone."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import uvloop

from bench.hubs import ROOT, hub, read
from bench.machine import SERVER_CORE, pin
from bench.peers import BETWEEN_TWO
from bench.platform import APP, SID, TOKEN, platform
from bench.posts import lines, post
from bench.rows import Goal
from bench.run import Run
from bench.servers import Server

TIMES = 500


async def measure(run: Run) -> None:
    own, least, alone = await _of_hub(run), await _of_least(run), await _of_platform(run)
    run.figures.note("muteConf of one, p50", own, "ms")
    run.figures.note("the platform's round trip alone, p50", alone, "ms")
    run.figures.note("… between two transactions of a row, and nothing else, p50", least, "ms")
    run.figures.note("… between two transactions of a row, × the platform alone", least / alone, "×")
    run.figures.reach(Goal("muteConf of one, × the platform alone", "×", 2, 1.3, is_less_better=True), own / alone)


async def _of_hub(run: Run) -> float:
    with run.folder() as folder:
        async with hub(folder) as own:
            calls = await own.conference(10)
            who = {"id": calls[0].conference, "uid": "mia", "appid": "bench"}
            turns = [("muteConf" if number // 10 % 2 == 0 else "unmuteConf", number % 10) for number in range(TIMES)]
            requests = [own.request(turn, **who, users=[{"callid": calls[each].callid}]) for turn, each in turns]
            async with run.generating("muteConf"):
                took = await _p50_ms(own.server, requests, read)
            muted = [row["muted"] for row in (await own.ask("getConfUsers", id=calls[0].conference))["users"]]
            if muted != [False] * 10:
                run.flaws.append(f"muteConf: {muted} in the end")
    return took


async def _of_least(run: Run) -> float:
    """What is left where nothing is promised but that both transactions are on the disk before it is answered."""
    with run.folder() as folder:
        async with platform() as url, BETWEEN_TWO.running(folder, url) as server, run.generating("the least"):
            return await _p50_ms(server, [post("/", b"{}")] * TIMES)
    raise AssertionError


async def _p50_ms(server: Server, requests: list[bytes], read: Callable[[bytes], object] = len) -> float:
    """One after another, each answer read before the next is asked for."""
    took = []
    async with lines(1, server.port) as (line,):
        for request in requests:
            begun = time.perf_counter()
            read(await line.ask(request))
            took.append((time.perf_counter() - begun) * 1000)
    return median(took)


async def _of_platform(run: Run) -> float:
    """By the hub's own adapter, in a process on the server's core."""
    async with platform() as url, run.generating("the platform alone"):
        words = [sys.executable, "-m", "bench.control", url]
        process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=subprocess.PIPE)
        return float(json.loads((await process.communicate())[0]))
    raise AssertionError


async def _ask(url: str) -> float:
    from hub.app import now
    from hub.domain.model import Kind
    from hub.providers.yuntongxun import Yuntongxun
    from hub.providers.yuntongxun_rest import Rest

    provider, took = Yuntongxun(Rest(url, (SID, TOKEN), now), APP, ("1", [])), []
    for number in range(TIMES):
        begun = time.perf_counter()
        await provider.control("60000000", Kind.MUTE, "call", number)
        took.append((time.perf_counter() - begun) * 1000)
    await provider.close()
    return median(took)


if __name__ == "__main__":
    pin(SERVER_CORE)
    print(json.dumps(uvloop.run(_ask(sys.argv[1]))))
