"""Clients that take what they are told slowly, or not at all: they go, and nobody else notices."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

from websockets.asyncio.client import connect

from tests.conftest import Start
from tests.harness import HubProcess
from tests.hostile.healthy import Crowd, at_once, flood, healthy, tell
from tests.hostile.kernel import memory_mb, seconds_until_gone
from tests.hostile.raw import (
    CLOSE,
    ETHERNET,
    PING,
    PONG,
    SMALL_BUFFER,
    Ending,
    Parser,
    Raw,
    ending_of,
    frame,
    post,
    request,
)
from tests.scale import scaled

GONE_WITHIN_S = 30.0
GROWTH = 1.05
OVERFLOWING = 4000
"""Events that no buffer between hub and client holds: some 5 MB."""

SETTLING_S = 1.0
TOLD_S = 12.0
UNREAD_S = 25.0
"""In so long a client that is silent would be sent away."""

PAUSE_S = 0.2
"""Between batches of a hundred kilobytes, where many are told for long."""


# Zero windows among a crowd -------------------------------------------------------------------------------------------


async def test_who_stops_reading_is_gone_and_a_second_round_costs_nothing(start: Start) -> None:
    hub = await start()
    id = await hub.create()
    stalled = scaled(100)
    with await Crowd.gather(hub, id, scaled(1000) - stalled) as crowd:
        async with healthy(hub) as moderator:
            before = memory_mb(hub)
            rounds = [await stall_and_flood(hub, id, crowd, stalled) for _ in range(2)]
        (gone_1, first), (gone_2, second) = rounds
        tell(
            stalled=stalled,
            healthy=len(crowd.watchers),
            gone_after_s=f"{gone_1:.1f} {gone_2:.1f}",
            MB=f"{before:.0f} → {first:.0f} → {second:.0f}",
            delay=crowd.delay,
            **moderator.figures,
        )
    assert second <= first * GROWTH


async def stall_and_flood(hub: HubProcess, id: str, crowd: Crowd, count: int) -> tuple[float, float]:
    """Seconds until the stalled ones are gone, and the hub's megabytes after it."""
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.call("watchConf", id=id)
        start = time.monotonic()
        await crowd.reached(await flood(hub, id, OVERFLOWING))
        gone = await all_gone(hub, stalled, start)
    await asyncio.sleep(SETTLING_S)
    return gone, memory_mb(hub)


# Every way of taking nothing ------------------------------------------------------------------------------------------


async def test_whoever_takes_nothing_is_gone_in_30_s_and_whoever_waits_is_not(start: Start) -> None:
    """All at once on one hub: they do nothing but wait."""
    hub = await start()
    id = await hub.create()
    await flood(hub, id, 1000)
    async with healthy(hub) as moderator:
        ways = {
            "quiet": with_little_unread,
            "replies": with_replies_unread,
            "snapshots": with_snapshots_unread,
            "farewell": after_saying_goodbye,
            "half_closed": after_half_a_close,
            "silent": without_answering_pings,
            "refused": after_being_refused,
            "pongs": with_pongs_unread,
            "http_answers": with_http_answers_unread,
            "posts": with_posts_pipelined_for_ever,
            "bodies": with_bodies_of_a_byte_a_second,
            "no_bodies": with_bodies_that_do_not_come,
        }
        times = await at_once(pipelined_behind_slow_requests(hub), *(way(hub, id, scaled(50)) for way in ways.values()))
    answered_s, *times = times
    gone = {f"{name}_gone_after_s": seconds for name, seconds in zip(ways, times, strict=True)}
    tell(each=scaled(50), **gone, pipelined_answered_s=answered_s, MB=memory_mb(hub), **moderator.figures)


async def pipelined_behind_slow_requests(hub: HubProcess) -> float:
    """Whoever merely waits for its answers lives, though the hub reads nothing of it for longer than pings may take."""
    slow, waves, wave, asked = 6.0, 5, 8, 50
    await hub.simulator("fault", name="answer_slow", only="SubAccounts", seconds=slow)
    start = time.monotonic()
    async with connect(hub.url.replace("http", "ws") + "/ws", proxy=None) as socket:
        for number in range(asked):
            method, params = (
                ("getUser", {"id": f"u{number}", "appid": "demo"}) if number < waves * wave else ("ping", {})
            )
            await socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        answers = [json.loads(await socket.recv()) for _ in range(asked)]
    await hub.simulator("mend", name="answer_slow")
    took = time.monotonic() - start
    assert {answer["id"] for answer in answers} == set(range(asked))
    assert took > UNREAD_S
    return took


async def with_little_unread(hub: HubProcess, id: str, count: int) -> float:
    """The kernel holds it all, so the hub knows of nothing but pings that are not answered."""
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.write(request("getEvents", 1, id=id, limit=40))
        return await all_gone(hub, stalled)


async def with_replies_unread(hub: HubProcess, id: str, count: int) -> float:
    asked = b"".join(request("getEvents", number, id=id, limit=1000) for number in range(10))
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.write_what_it_takes(asked)
        return await all_gone(hub, stalled)


async def with_snapshots_unread(hub: HubProcess, id: str, count: int) -> float:
    asked = b"".join(request("watchConf", number, id=id) for number in range(60))
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.write_what_it_takes(asked)
        return await all_gone(hub, stalled)


async def after_saying_goodbye(hub: HubProcess, id: str, count: int) -> float:
    """The hub's own close cannot get through."""
    asked = b"".join(request("getEvents", number, id=id, limit=1000) for number in range(5))
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.write_what_it_takes(asked + frame(CLOSE, b"\x03\xe8"))
        return await all_gone(hub, stalled)


async def after_half_a_close(hub: HubProcess, id: str, count: int) -> float:
    asked = b"".join(request("getEvents", number, id=id, limit=1000) for number in range(5))
    async with sessions(hub, count) as stalled:
        for raw in stalled:
            await raw.write_what_it_takes(asked)
            raw.hang_up_half()
        return await all_gone(hub, stalled)


async def without_answering_pings(hub: HubProcess, id: str, count: int) -> float:
    """There is room for all that the hub says, but nobody is there."""
    async with sessions(hub, count, receive_buffer=0) as stalled:
        return await all_gone(hub, stalled)


async def after_being_refused(hub: HubProcess, id: str, count: int) -> float:
    """The hub has said goodbye, and the other side does not hang up."""
    async with sessions(hub, count, receive_buffer=0) as stalled:
        for raw in stalled:
            await raw.write(frame(0x3, b"no such opcode"))
        return await all_gone(hub, stalled)


async def with_pongs_unread(hub: HubProcess, id: str, count: int) -> float:
    """Each ping of 125 bytes asks for as many."""
    pings = frame(PING, b"x" * 125) * 1000

    return await until_gone_while_writing(hub, sessions(hub, count), pings)


async def with_http_answers_unread(hub: HubProcess, id: str, count: int) -> float:
    asked = post(hub.url, "/getEvents", json.dumps({"id": id, "limit": 1000}).encode()) * 5
    async with connected(hub, count) as stalled:
        for raw in stalled:
            await raw.write_what_it_takes(asked)
        return await all_gone(hub, stalled)


async def with_posts_pipelined_for_ever(hub: HubProcess, id: str, count: int) -> float:
    asked = post(hub.url, "/getConf", json.dumps({"id": id}).encode()) * 1000

    return await until_gone_while_writing(hub, connected(hub, count), asked)


async def until_gone_while_writing(
    hub: HubProcess, made: contextlib.AbstractAsyncContextManager[list[Raw]], data: bytes
) -> float:
    async def write(raw: Raw) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            while True:
                await raw.write(data)

    async with made as stalled:
        writing = [asyncio.create_task(write(raw)) for raw in stalled]
        try:
            return await all_gone(hub, stalled)
        finally:
            for task in writing:
                task.cancel()
            await asyncio.gather(*writing, return_exceptions=True)


async def with_bodies_of_a_byte_a_second(hub: HubProcess, id: str, count: int) -> float:
    return await until_told_that_the_body_took_too_long(hub, count, b" ")


async def with_bodies_that_do_not_come(hub: HubProcess, id: str, count: int) -> float:
    return await until_told_that_the_body_took_too_long(hub, count, b"")


async def until_told_that_the_body_took_too_long(hub: HubProcess, count: int, drop: bytes) -> float:
    head = post(hub.url, "/getConf", b"", "Content-Length: 1000")
    async with connected(hub, count) as stalled:
        for raw in stalled:
            await raw.write(head)
        dripping = asyncio.create_task(drip(stalled, drop))
        try:
            took = await all_gone(hub, stalled)
        finally:
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
        if not drop:
            assert all([b"the body took longer than 20 s" in await raw.read_for(1) for raw in stalled])
        return took


async def drip(raws: list[Raw], drop: bytes, every_s: float = 1.0) -> None:
    while True:
        for raw in raws:
            await raw.write_what_it_takes(drop)
        await asyncio.sleep(every_s)


@contextlib.asynccontextmanager
async def sessions(hub: HubProcess, count: int, receive_buffer: int = SMALL_BUFFER) -> AsyncIterator[list[Raw]]:
    raws = [await Raw.session(hub.url, receive_buffer=receive_buffer) for _ in range(count)]
    try:
        yield raws
    finally:
        for raw in raws:
            raw.close()


@contextlib.asynccontextmanager
async def connected(hub: HubProcess, count: int) -> AsyncIterator[list[Raw]]:
    raws = [await Raw.to(hub.url, receive_buffer=SMALL_BUFFER) for _ in range(count)]
    try:
        yield raws
    finally:
        for raw in raws:
            raw.close()


async def all_gone(hub: HubProcess, raws: list[Raw], start: float | None = None) -> float:
    """Seconds from `start`, or from now."""
    start = time.monotonic() if start is None else start
    spent = time.monotonic() - start
    return spent + await seconds_until_gone(hub.url, [raw.address for raw in raws], GONE_WITHIN_S - spent)


# Slow, but there ------------------------------------------------------------------------------------------------------


async def test_slow_readers_are_told_all_in_order_or_told_to_come_back(start: Start) -> None:
    """Those of 100 bytes a second can never keep up; the others can, sooner or later."""
    hub = await start()
    busy, brief, long = [await hub.create() for _ in range(3)]
    with await Crowd.gather(hub, busy, scaled(100)) as crowd:
        async with healthy(hub) as moderator:
            hopeless = [Slow(hub, busy, 100) for _ in range(scaled(100))]
            reading = [asyncio.create_task(slow.read()) for slow in hopeless]
            steady = [Slow(hub, brief, 20_000), Slow(hub, long, 200_000)]
            memory, *took = await at_once(
                told_too_much(hub, busy, crowd), *(steady[0].follow(3 * scaled(1000)), steady[1].follow(OVERFLOWING))
            )
            for task in reading:
                task.cancel()
            ended = await asyncio.gather(*reading, return_exceptions=True)
        endings = Counter(each.code for slow in hopeless for each in slow.endings)
        tell(
            hopeless=len(hopeless),
            cut_with=endings,
            MB=" → ".join(f"{each:.0f}" for each in memory),
            steady_s=" ".join(f"{each:.0f}" for each in took),
            steady_cut_with=" ".join(str([each.code for each in slow.endings]) for slow in steady),
            delay=crowd.delay,
            **moderator.figures,
        )
    assert [each for each in ended if isinstance(each, AssertionError)] == []
    assert set(endings) <= {4008, None}
    assert memory[-1] <= memory[1] * GROWTH


async def told_too_much(hub: HubProcess, id: str, crowd: Crowd) -> list[float]:
    """Twice as long as it takes to find out; the hub's megabytes before, in between and after."""
    memory = [memory_mb(hub)]
    for _ in range(2):
        end = time.monotonic() + TOLD_S
        while time.monotonic() < end:
            await crowd.reached(await flood(hub, id, 100))
            await asyncio.sleep(PAUSE_S)
        memory.append(memory_mb(hub))
    return memory


class Slow:
    """Reads so many bytes a second; if it is cut, it may resume where it stood."""

    def __init__(self, hub: HubProcess, id: str, bytes_per_s: int) -> None:
        self.seq = 0
        self.goal = sys.maxsize
        self.endings: list[Ending] = []
        self._hub = hub
        self._id = id
        self._since: dict[str, Any] = {}
        self._buffer = max(SMALL_BUFFER, bytes_per_s // 4)
        self._step_s = max(0.1, 100 / bytes_per_s)
        self._step = int(bytes_per_s * self._step_s)

    async def follow(self, events: int) -> float:
        """The seconds that it took to be told so many, in spite of being cut."""
        start = time.monotonic()
        reading = asyncio.create_task(self.read())
        self.goal = await flood(self._hub, self._id, events)
        await reading
        while self.seq < self.goal:
            await self.read()
        return time.monotonic() - start

    async def read(self) -> None:
        """Until it is cut, or knows enough."""
        parser, ending = Parser(), Ending(None)
        with await Raw.session(self._hub.url, receive_buffer=self._buffer, segment=ETHERNET) as raw:
            await raw.write(request("watchConf", 1, id=self._id, **self._since))
            while self.seq < self.goal and (data := await raw.read(self._step)):
                for each in parser.feed(data):
                    if each.opcode == PING:
                        await raw.write_what_it_takes(frame(PONG, each.payload))
                    elif each.opcode == CLOSE:
                        ending = ending_of(each)
                    else:
                        self._take(each.said)
                await asyncio.sleep(self._step_s)
        if self.seq < self.goal:
            self.endings.append(ending)

    def _take(self, said: dict[str, Any]) -> None:
        if said.get("method") == "event":
            event = said["params"]
            assert event["seq"] == self.seq + 1, (event["seq"], self.seq)
            self._since = {"epoch": event["epoch"], "seq": event["seq"]}
            self.seq = event["seq"]
        elif not self._since:
            self.seq = said["result"]["seq"]
