"""A flood of callbacks, each sent up to five times at once, joins and quits in any order: every one counts once."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import re
import time
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from hub.api.callbacks import PATH
from hub.client import State
from hub.server import listen, serving
from tests.conftest import Start
from tests.faults.checker import Said, Token
from tests.faults.run import SECRET, Followed
from tests.faults.world import nothing_broke
from tests.harness import HubProcess
from tests.scale import SCALE, scaled

CALLBACKS = scaled(100_000) if SCALE == 1 else scaled(30_000)
CALLS_IN_ONE = 250
STAY = 10
"""Of so many, one stays: the word of the end never comes."""

CONFERENCES = math.ceil(CALLBACKS / (CALLS_IN_ONE * (2 - 1 / STAY)))
LINES = 64
"""Connections of the platform."""

CALLS_AT_ONCE = 32


class Call(NamedTuple):
    conference: str
    callid: str
    number: str
    stays: bool


class Lines:
    """The platform's connections to the hub, each with one callback on its way at a time."""

    def __init__(self, port: int, said: list[Said]) -> None:
        self.sent = 0
        self._port = port
        self._said = said
        self._free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Lines]:
        lines = [await asyncio.open_connection("127.0.0.1", self._port) for _ in range(LINES)]
        for line in lines:
            self._free.put_nowait(line)
        yield self
        for _, writer in lines:
            writer.close()
            await writer.wait_closed()

    async def send(self, word: str, token: Token, call: Call) -> None:
        line = await self._free.get()
        sent_at = time.time()
        status = await self._post(*line, f"{word}?confid={call.conference}&callid={call.callid}&number={call.number}")
        self._said.append(Said(call.conference, token, status, status == 200, sent_at, time.time()))
        self.sent += 1
        self._free.put_nowait(line)

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> int:
        writer.write(f"POST {PATH}/{SECRET}/{target} HTTP/1.1\r\nhost: hub\r\ncontent-length: 0\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", head)
        await reader.readexactly(int(found[1]) if found else 0)
        return int(head.split()[1])


async def test_every_callback_counts_once_however_often_it_is_sent(start: Start) -> None:
    said: list[Said] = []
    async with platform_that_only_makes_conferences() as flags:
        hub = await start(*flags, "--callback-secret", SECRET)
        ids = [await hub.create() for _ in range(CONFERENCES)]
        calls = calls_in(ids, Random(CALLBACKS))
        async with Followed(hub, ids, said).following() as followed:
            before, began = hub.memory_mb, time.monotonic()
            sent = await flood(hub, said, calls)
            spent_s, after = time.monotonic() - began, hub.memory_mb
            evidence = await followed.check()
        for id, state in evidence.fresh.items():
            assert shown(state) == expected([call for call in calls if call.conference == id])
        nothing_broke(hub)
    callbacks = len({each.token for each in said})
    print(
        f"callbacks: {callbacks} sent {sent} times in {spent_s:.1f} s, {sent / spent_s:.0f} a second; {evidence}; ",
        end="",
    )
    print(f"memory {before} MB, then {after} MB; with the check {time.monotonic() - began:.1f} s")


@contextlib.asynccontextmanager
async def platform_that_only_makes_conferences() -> AsyncIterator[list[str]]:
    """The flags of a hub for it. It knows of no call, so whatever else it is asked, it cannot be understood."""
    numbers = itertools.count(60000001)

    async def make(_: Request) -> JSONResponse:
        number = str(next(numbers))
        return JSONResponse({"statusCode": "000000", "confid": number, "voiptoconfid": f"9{number}"})

    async def break_down(_: Request) -> JSONResponse:
        return JSONResponse({}, 500)

    routes = [
        Route("/{version}/Accounts/{sid}/ivr/createconf", make, methods=["POST"]),
        Route("/{anything:path}", break_down, methods=["GET", "POST"]),
    ]
    with listen("127.0.0.1", 0) as listening:
        async with serving(Starlette(routes=routes), listening):
            given = {"url": f"http://127.0.0.1:{listening.getsockname()[1]}", "account-sid": "a" * 32}
            given |= {"auth-token": "b" * 32, "app-id": "c" * 32}
            yield [word for name, value in given.items() for word in (f"--provider-{name}", value)]


def calls_in(ids: Sequence[str], dice: Random) -> list[Call]:
    """In no order; every call and number is another."""
    calls = [
        Call(id, f"call-{place}-{number}", f"139{place:04}{number:04}", number % STAY == 0)
        for place, id in enumerate(ids)
        for number in range(CALLS_IN_ONE)
    ]
    dice.shuffle(calls)
    return calls


async def flood(hub: HubProcess, said: list[Said], calls: Sequence[Call]) -> int:
    """How many were sent."""
    waiting = list(enumerate(calls))
    async with Lines(int(hub.url.rpartition(":")[2]), said).open() as lines:

        async def work() -> None:
            while waiting:
                seed, call = waiting.pop()
                await play(lines, call, Random(seed))

        async with asyncio.TaskGroup() as group:
            for _ in range(CALLS_AT_ONCE):
                group.create_task(work())
        return lines.sent


async def play(lines: Lines, call: Call, dice: Random) -> None:
    """The word of the join, and that of the end: one after the other, both at once, or the other way round."""
    words = [("join", Token("joined", call.callid)), ("quit", Token("left", call.callid))]
    told = words[:1] if call.stays else words
    match dice.choice(["in order", "at once", "swapped"]):
        case "at once":
            await asyncio.gather(*(again_and_again(lines, *each, call, dice) for each in told))
        case how:
            for each in told if how == "in order" else reversed(told):
                await again_and_again(lines, *each, call, dice)


async def again_and_again(lines: Lines, word: str, token: Token, call: Call, dice: Random) -> None:
    await asyncio.gather(*(lines.send(word, token, call) for _ in range(dice.randint(1, 5))))


def shown(state: State) -> list[tuple[str, str, str]]:
    return sorted((row["callid"], row["number"], row["progress"]) for row in state.participants.values())


def expected(calls: Sequence[Call]) -> list[tuple[str, str, str]]:
    return sorted((call.callid, call.number, "joined" if call.stays else "left") for call in calls)
