"""How long it takes from the moment a callback was due until a moderator has been told: Poisson arrivals."""

from __future__ import annotations

import asyncio
import json
from array import array
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Sequence
from pathlib import Path

from bench.callbacks import WITHOUT_DATABASE
from bench.hubs import ROOT, Call, hub
from bench.peers import DURABLE
from bench.posts import Arrivals, arrive, lines
from bench.rows import Goal, percentile
from bench.run import Run
from bench.servers import Server
from bench.watchers import Stream, Watcher, reading_in_turns

PEOPLE = 512
SAMPLE = 100
"""Watchers of whom it is known when they were told, evenly among all: the generator cannot read a thousand at once."""
CONNECTIONS = 64
LATE_MS = 2.0
"""If the generator itself is later than that in one of a hundred cases, it is said."""


async def measure(run: Run) -> None:
    seconds = 4 if run.is_quick else 10
    own = await of_hub(run, ROOT / "run.py", 100, 500, seconds)
    without = await of_hub(run, WITHOUT_DATABASE, 100, 500, seconds)
    node = await of_node(run, 100, 500, seconds)
    run.figures.note("callback to 100 moderators at 500/s, p99 without database", without, "ms")
    run.figures.note("callback to 100 moderators at 500/s, p99 of Node", node, "ms")
    run.figures.reach(Goal("callback to 100 moderators at 500/s, p99", "ms", max(10.0, 3 * without), 5, True), own)
    run.figures.reach(Goal("callback to 100 moderators at 500/s, p99, × Node", "×", 1, 0.5, True), own / node)
    if run.is_quick:
        return
    for rate, must, stretch in ((500, 60, 35), (1000, 150, 60)):
        goal = Goal(f"callback to 1000 moderators at {rate}/s, p99", "ms", must, stretch, is_less_better=True)
        run.figures.reach(goal, await of_hub(run, ROOT / "run.py", 1000, rate, seconds))


async def of_hub(run: Run, program: Path, watchers: int, rate: float, seconds: float) -> float:
    with run.folder() as folder:
        async with hub(folder, program) as own:
            calls = await own.conference(PEOPLE)
            tokens = await own.tokens(calls[0].conference, watchers)
            stream = Stream()
            async with own.watching(calls[0].conference, tokens, stream):
                return await _p99_ms(
                    run, f"{program.stem}, {watchers}", own.server, stream, watchers, calls, rate, seconds
                )
    raise AssertionError


async def of_node(run: Run, watchers: int, rate: float, seconds: float) -> float:
    calls = [Call("60000000", f"60000000-{number}") for number in range(PEOPLE)]
    stream = Stream()
    with run.folder() as folder:
        async with DURABLE.running(folder) as server, DURABLE.watching(server, watchers, stream):
            return await _p99_ms(run, f"Node, {watchers}", server, stream, watchers, calls, rate, seconds)
    raise AssertionError


async def _p99_ms(
    run: Run, what: str, server: Server, stream: Stream, watchers: int, calls: Sequence[Call], rate: float, s: float
) -> float:
    """Of all callbacks, at SAMPLE watchers. Somebody's callbacks go through one connection, so that none overtakes."""
    count = int(rate * s)
    what = f"latency, {what} at {rate:g}/s"
    every = watchers // SAMPLE
    sample = stream.watchers[::every]
    others = [watcher for number, watcher in enumerate(stream.watchers) if number % every]
    async with lines(CONNECTIONS, server.port) as opened, run.generating(what):
        sends = [(opened[n % PEOPLE % CONNECTIONS], calls[n % PEOPLE].turned()) for n in range(count)]
        async with reading_in_turns(others):
            arrivals = await arrive(rate, [lambda line=line, data=data: line.ask(data) for line, data in sends])  # type: ignore[misc]
        await asyncio.sleep(0.5)
    if (late := percentile(arrivals.late, 0.99) * 1000) > LATE_MS:
        run.flaws.append(f"{what}: the generator was {late:.1f} ms late in one of a hundred cases")
    run.check(what, stream, count, watchers)
    waits = _waits_ms(stream, sample, arrivals, [calls[number % PEOPLE].callid for number in range(count)])
    if len(waits) != count * len(sample):
        run.flaws.append(f"{what}: {len(waits)} deliveries of {count * len(sample)}")
    return percentile(waits, 0.99)


def _waits_ms(stream: Stream, sample: Sequence[Watcher], arrivals: Arrivals, callids: Sequence[str]) -> array[float]:
    """Of every event at every watcher of these. A message is known by the call that it speaks of, and their order."""
    due: dict[str, deque[float]] = defaultdict(deque)
    for callid, moment in zip(callids, arrivals.due, strict=True):
        due[callid].append(moment)
    of_event = [due[json.loads(message)["params"]["participant"]["callid"]].popleft() for message in stream.messages()]
    waits = array("d")
    for watcher in sample:
        before = 0
        for offset, moment in zip(watcher.told_to, watcher.told_at, strict=True):
            after = bisect_right(stream.ends, offset)
            waits.extend((moment - at) * 1000 for at in of_event[before:after])
            before = after
    return waits
