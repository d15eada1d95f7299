"""What it costs to tell many watchers: one event after another, and ten at a time.

The peers are posted the very bytes that the hub says, and only pass them on. The hub is posted a callback, finds out
what it means, stores it durably, and tells it to watchers who have shown a credential.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from statistics import median

from bench.hubs import hub
from bench.peers import PYTHON_SOCKETIO, RAW, RAW_DURABLE, SOCKET_IO, WS, Peer
from bench.posts import Line, lines, post
from bench.rows import Goal
from bench.run import Run
from bench.servers import Server
from bench.watchers import Stream

PEOPLE = 100
BURST = 10
PEERS = {"Node ws": WS, "raw uvloop": RAW, "Socket.IO": SOCKET_IO, "python-socketio": PYTHON_SOCKETIO}

GOALS = {
    1000: {"Node ws": (1.15, 1.4), "Socket.IO": (1.3, 2), "python-socketio": (8, 12), "raw uvloop": (0.85, 0.95)},
    5000: {"Node ws": (0.9, 1.2), "raw uvloop": (0.75, 1.0)},
}
"""Messages per CPU-second of the server, as a multiple of the peer's."""

REST = 0.4
"""For so much of an event's time nothing is asked after it: the CPU-seconds are the same, the generator keeps up."""

Send = Callable[[list[Line]], Awaitable[object]]
"""One event, or one burst."""


@dataclass
class Told:
    per_cpu_s: float
    """Messages, or bursts times events."""

    spread_ms: float
    """From the first to the last watcher of an event, median."""


async def measure(run: Run) -> None:
    for watchers, goals in GOALS.items():
        if run.is_quick and watchers > 1000:
            continue
        own = await of_hub(run, watchers, burst=False)
        run.figures.note(f"fan-out to {watchers}: the hub", own.per_cpu_s, "messages/CPU-s")
        for name, (must, stretch) in goals.items():
            peer = await of_peer(run, PEERS[name], watchers, burst=False)
            run.figures.note(f"fan-out to {watchers}: {name}", peer.per_cpu_s, "messages/CPU-s")
            goal = Goal(f"fan-out to {watchers}, × {name}", "×", must, stretch)
            run.figures.reach(goal, own.per_cpu_s / peer.per_cpu_s)
            if name == "raw uvloop" and watchers == 1000:
                await _beside_raw(run, own, peer)
    bursts = [await of_hub(run, 1000, burst=True), await of_peer(run, WS, 1000, burst=True)]
    goal = Goal(f"bursts of {BURST} to 1000, × Node ws", "×", 8, 12)
    run.figures.reach(goal, bursts[0].per_cpu_s / bursts[1].per_cpu_s)


async def _beside_raw(run: Run, own: Told, raw: Told) -> None:
    goal = Goal("first to last of 1000, × raw uvloop", "×", 1.5, 1.2, is_less_better=True)
    run.figures.reach(goal, own.spread_ms / raw.spread_ms)
    durable = await of_peer(run, RAW_DURABLE, 1000, burst=False)
    name = "raw uvloop after a transaction of a row, to 1000, × raw uvloop"
    run.figures.note(name, durable.per_cpu_s / raw.per_cpu_s, "×")


async def of_hub(run: Run, watchers: int, *, burst: bool) -> Told:
    with run.folder() as folder:
        async with hub(folder) as own:
            calls = await own.conference(PEOPLE)
            tokens = await own.tokens(calls[0].conference, watchers)
            stream = Stream()
            async with own.watching(calls[0].conference, tokens, stream):
                turn = iter(range(10**9))

                async def one(opened: list[Line]) -> None:
                    await opened[0].ask(calls[next(turn) % PEOPLE].turned())

                async def many(opened: list[Line]) -> None:
                    await asyncio.gather(*(line.ask(calls[next(turn) % PEOPLE].turned()) for line in opened))

                return await _told(run, "the hub", own.server, stream, watchers, many if burst else one, burst)
    raise AssertionError


async def of_peer(run: Run, peer: Peer, watchers: int, *, burst: bool) -> Told:
    request = post("/burst", json.dumps([MESSAGE.decode()] * BURST).encode()) if burst else post("/publish", MESSAGE)

    async def send(opened: list[Line]) -> None:
        await opened[0].ask(request)

    with run.folder() as folder:
        stream = Stream()
        async with peer.running(folder) as server, peer.watching(server, watchers, stream):
            return await _told(run, peer.command[-1], server, stream, watchers, send, burst)
    raise AssertionError


async def _told(run: Run, what: str, server: Server, stream: Stream, watchers: int, send: Send, burst: bool) -> Told:
    """Each event, or burst, is sent when the one before has reached everybody."""
    times = max(20, (100_000 if run.is_quick else 300_000) // watchers) // (BURST if burst else 1)
    events = times * (BURST if burst else 1)
    async with lines(BURST, server.port) as opened, _counted(server) as used, run.generating(what):
        for done in range(times):
            begun = time.perf_counter()
            await send(opened)
            await _everybody(stream, (done + 1) * (events // times), watchers)
            await asyncio.sleep(REST * (time.perf_counter() - begun))
    run.check(what, stream, events, watchers)
    return Told(events * watchers / used[0], median(_spreads_ms(stream)))


@contextlib.asynccontextmanager
async def _counted(server: Server) -> AsyncIterator[list[float]]:
    """In its list afterwards: the CPU-seconds of the server."""
    used: list[float] = []
    before = server.cpu_s
    yield used
    await asyncio.sleep(0.1)
    used.append(server.cpu_s - before)


async def _everybody(stream: Stream, events: int, watchers: int) -> None:
    async with asyncio.timeout(30):
        while len(stream.ends) < events or stream.up_to_date < watchers:  # noqa: ASYNC110 - it never sleeps
            await asyncio.sleep(0)


def _spreads_ms(stream: Stream) -> list[float]:
    """From the first to the last watcher, at each place of the stream that all of them stood at."""
    moments: dict[int, list[float]] = defaultdict(list)
    for watcher in stream.watchers:
        for offset, moment in zip(watcher.told_to, watcher.told_at, strict=True):
            moments[offset].append(moment)
    return [(max(at) - min(at)) * 1000 for at in moments.values() if len(at) == len(stream.watchers)]


_ROW = {
    **{"key": "1", "id": "", "number": "13800000000", "name": "Person 13800000000", "role": "participant", "state": 1},
    **{"progress": "joined", "muted": True, "pending": None, "overdue": False, "cause": None, "attempt": 1},
    **{"queuedAt": None, "dialedAt": None, "joinedAt": "2026-11-25T19:42:24.734Z", "leftAt": None, "endedAt": None},
    **{"duration": None, "unidentified": False, "callid": "60000000-0"},
}
_PARAMS = {
    **{"id": "60000000", "epoch": "EUdaavhUpVxb", "seq": 203, "type": "participant.muted"},
    **{"at": "2026-11-25T19:42:29.098Z", "actor": "provider", "origin": "provider", "cause": None},
    "participant": _ROW,
}
MESSAGE = json.dumps({"jsonrpc": "2.0", "method": "event", "params": _PARAMS}, separators=(",", ":")).encode()
"""What the hub says of such a callback."""
