"""10,000 watchers: how fast they are in, what each takes while nothing happens, how long anybody waits meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import time

from bench.hubs import Call, Hub, hub
from bench.posts import Arrivals, arrive, lines
from bench.rows import Goal
from bench.run import Run
from bench.watchers import Stream

CONFERENCES, EACH, PEOPLE = 100, 100, 20
CALLBACKS_PER_S, PROBES_PER_S, SECONDS = 200, 100, 10

_PROBE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


async def measure(run: Run) -> None:
    with run.folder() as folder:
        async with hub(folder) as own:
            calls = [await own.conference(PEOPLE) for _ in range(CONFERENCES)]
            tokens = [(await own.tokens(of[0].conference, 1))[0] for of in calls]
            before = own.server.memory_bytes
            async with contextlib.AsyncExitStack() as inside:
                streams = await _come(run, own, calls, tokens, inside)
                taken = (own.server.memory_bytes - before) / len(streams) / EACH / 1024
                run.figures.reach(Goal("memory of an idle watcher", "KiB", 32, 25, is_less_better=True), taken)
                await _wait_under_load(run, own, calls)
                for stream in streams:
                    if stream.flaws or stream.up_to_date != EACH:
                        run.flaws.append(f"crowd: {stream.up_to_date} of {EACH} up to date {stream.flaws[:1]}")


async def _come(
    run: Run, own: Hub, calls: list[list[Call]], tokens: list[str], inside: contextlib.AsyncExitStack
) -> list[Stream]:
    """All at once; that they are quiet afterwards is not counted."""
    streams = [Stream() for _ in calls]
    heard = time.perf_counter()
    async with run.generating("10,000 that come"):
        comings = [
            inside.enter_async_context(own.watching(of[0].conference, [token] * EACH, stream, at_once=2))
            for of, token, stream in zip(calls, tokens, streams, strict=True)
        ]
        watchers = [watcher for some in await asyncio.gather(*comings) for watcher in some]
    took = max(watcher.ready_at for watcher in watchers) - heard
    goal = Goal(f"{CONFERENCES * EACH} connect and watch", "s", 8, 4, is_less_better=True)
    run.figures.reach(goal, took)
    return streams


async def _wait_under_load(run: Run, own: Hub, calls: list[list[Call]]) -> None:
    """What a small request waits at worst is the longest pause of the event loop, and its own time."""
    rounds = [
        calls[number % CONFERENCES][number // CONFERENCES % PEOPLE] for number in range(CALLBACKS_PER_S * SECONDS)
    ]
    async with lines(64, own.server.port) as opened, lines(20, own.server.port) as probing, run.generating("crowd"):
        sends = [(opened[number % 64], call.turned()) for number, call in enumerate(rounds)]
        probes: Arrivals
        _, probes = await asyncio.gather(
            arrive(CALLBACKS_PER_S, [lambda line=line, data=data: line.ask(data) for line, data in sends]),  # type: ignore[misc]
            arrive(
                PROBES_PER_S,
                [lambda n=n: probing[n % 20].ask(_PROBE) for n in range(PROBES_PER_S * SECONDS)],  # type: ignore[misc]
                seed=2,
            ),
        )
        await asyncio.sleep(1)
    goal = Goal("longest wait of a small request at 10000 watchers", "ms", 20, 10, is_less_better=True)
    run.figures.reach(goal, max(probes.took) * 1000)
