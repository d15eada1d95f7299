"""How many callbacks a second are taken in: understood, stored durably, and answered only then; 64 connections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench import peers
from bench.hubs import ROOT, Call, hub
from bench.peers import DURABLE, NAIVE, Peer
from bench.posts import lines, saturate
from bench.rows import Goal
from bench.run import Run
from bench.servers import Server

CONNECTIONS = 64
CONFERENCES, PEOPLE = 10, 100
WITHOUT_DATABASE = Path(peers.__file__).with_name("without_database.py")


async def measure(run: Run) -> None:
    own = await of_hub(run, ROOT / "run.py")
    run.figures.note("callbacks at 64 connections: the hub", own, "/s")
    rivals = {
        Goal("callbacks, × without database", "×", 0.6, 0.8): await of_hub(run, WITHOUT_DATABASE),
        Goal("callbacks, × naive Starlette + aiosqlite", "×", 5, 10): await of_peer(run, NAIVE),
        Goal("callbacks, × Node http + better-sqlite3 grouped", "×", 0.5, 1.0): await of_peer(run, DURABLE),
    }
    for goal, rate in rivals.items():
        run.figures.note(goal.name.replace("× ", ""), rate, "/s")
        run.figures.reach(goal, own / rate)


async def of_hub(run: Run, program: Path) -> float:
    with run.folder() as folder:
        async with hub(folder, program) as own:
            calls = [call for _ in range(CONFERENCES) for call in await own.conference(PEOPLE)]
            before = {call.conference: (await own.ask("getEvents", id=call.conference))["seq"] for call in calls}
            rate = await _rate(run, "the hub", own.server, calls)
            after = {id: (await own.ask("getEvents", id=id))["seq"] for id in before}
            events = sum(after[id] - before[id] for id in before)
            if events != _count(run):
                run.flaws.append(f"callbacks: {_count(run)} made {events} events")
            return rate
    raise AssertionError


async def of_peer(run: Run, peer: Peer) -> float:
    calls = [Call(str(conference), f"{conference}-{n}") for conference in range(CONFERENCES) for n in range(PEOPLE)]
    with run.folder() as folder:
        async with peer.running(folder) as server:
            return await _rate(run, peer.command[-1], server, calls)
    raise AssertionError


def _count(run: Run) -> int:
    return 5_000 if run.is_quick else 20_000


async def _rate(run: Run, what: str, server: Server, calls: Sequence[Call]) -> float:
    """Nobody's callbacks overtake each other: there are more people than connections."""
    requests = [calls[number % len(calls)].turned() for number in range(_count(run))]
    async with lines(CONNECTIONS, server.port) as opened, run.generating(f"callbacks of {what}"):
        return len(requests) / await saturate(opened, requests)
    raise AssertionError
