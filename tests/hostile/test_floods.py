"""Clients that ask for more than their share, on one session, as fast as the socket takes it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import Counter
from typing import Any

import pytest

from tests.conftest import Start
from tests.harness import PATIENCE_S, HubProcess
from tests.hostile.healthy import at_once, healthy, tell
from tests.hostile.kernel import memory_mb
from tests.hostile.raw import CLOSE, PING, PONG, TEXT, Ending, Raw, ending_of, frame, request
from tests.scale import scaled

TOO_MANY, ABUSE = 4029, 4504
AT_ONCE = 200
MANY_S = 10.0
UNNOTICED_MB = 10.0


class Flood:
    """What one session heard while it went on and on."""

    def __init__(self) -> None:
        self.sent = 0
        self.heard: Counter[str] = Counter()
        self.waits_ms: list[int] = []
        self.refused_ids: set[Any] = set()
        self.ending = Ending(None)

    async def run(self, hub: HubProcess, messages: list[bytes], most_s: float = PATIENCE_S) -> None:
        """The same again and again, until the hub has had enough, or so many seconds are over."""
        with await Raw.session(hub.url) as raw:
            listening = asyncio.create_task(self._listen(raw))
            many = b"".join(messages) * max(1, AT_ONCE // len(messages))
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(most_s):
                    while not listening.done():
                        await raw.write(many)
                        self.sent += max(1, AT_ONCE // len(messages)) * len(messages)
                        await asyncio.sleep(0)
                    await listening
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, raw: Raw) -> None:
        while (each := await raw.next()) is not None:
            if each.opcode == CLOSE:
                self.ending = ending_of(each)
                return
            if each.opcode == TEXT:
                self._note(each.said)

    def _note(self, said: Any) -> None:
        for each in said if isinstance(said, list) else [said]:
            error = each.get("error")
            self.heard[error["data"]["name"] if error else "result"] += 1
            if error and error["code"] == 1429:
                self.waits_ms.append(error["data"]["retry_after_ms"])
                self.refused_ids.add(each["id"])

    @property
    def retry_after_ms(self) -> int:
        return int(json.loads(self.ending.reason)["retry_after_ms"])

    @property
    def figures(self) -> dict[str, Any]:
        return {"sent": self.sent, "heard": self.heard, "ending": self.ending}


async def test_whoever_ignores_being_refused_is_sent_away_for_a_while(hub: HubProcess) -> None:
    flood = Flood()
    async with healthy(hub) as moderator:
        await flood.run(hub, [request("ping", 7)])
    tell(**flood.figures, **moderator.figures)
    assert flood.ending.code == TOO_MANY
    assert flood.retry_after_ms > 0
    assert flood.heard["result"] > 0
    assert flood.refused_ids == {7}
    assert min(flood.waits_ms) > 0


async def test_whoever_waits_as_told_is_served_to_the_end(hub: HubProcess) -> None:
    """Even if it then asks for all the rest at once again."""
    bursts = (1, 50, 400)
    wanted = 500 + scaled(3000)
    async with healthy(hub) as moderator:
        ends = await at_once(*(ask_as_told(hub, wanted, burst) for burst in bursts))
    figures = {
        f"{burst}_at_once": f"{took:.0f} s, {refused} refused"
        for burst, (took, refused) in zip(bursts, ends, strict=True)
    }
    tell(wanted=wanted, **figures, **moderator.figures)
    assert all(refused > 0 for _, refused in ends)


async def ask_as_told(hub: HubProcess, wanted: int, burst: int) -> tuple[float, int]:
    """The seconds until all was served, and how often it was refused."""
    served, refused, at = 0, 0, time.monotonic()
    with await Raw.session(hub.url) as raw:
        while served < wanted:
            asked = min(burst, wanted - served)
            await raw.write(b"".join(request("ping", number) for number in range(asked)))
            wait_ms = 0
            for _ in range(asked):
                error = (await raw.message()).get("error")
                served += error is None
                refused += error is not None
                if error:
                    assert error["code"] == 1429
                    wait_ms = max(wait_ms, error["data"]["retry_after_ms"])
            await asyncio.sleep(wait_ms / 1000)
    return time.monotonic() - at, refused


UNANSWERED = {
    "notifications": request("ping"),
    "nonsense": frame(TEXT, b"{"),
    "empty messages": frame(TEXT, b""),
    "no requests": frame(TEXT, b"[1,2,3]"),
    "unknown methods": request("nothing", 1),
    "wrong params": request("getEvents", 1, id=7, after="x"),
    "batches": frame(TEXT, json.dumps([{"jsonrpc": "2.0", "id": 1, "method": "ping"}] * 100)),
    "large ones": frame(TEXT, b"[" + b" " * 1_000_000 + b"]"),
}


@pytest.mark.parametrize("name", UNANSWERED)
async def test_a_flood_of_anything_ends_alike(hub: HubProcess, name: str) -> None:
    flood = Flood()
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        await flood.run(hub, [UNANSWERED[name]])
        after = memory_mb(hub)
    tell(**flood.figures, MB=f"{before:.0f} → {after:.0f}", **moderator.figures)
    assert flood.ending.code == TOO_MANY
    assert flood.retry_after_ms > 0
    assert after - before < UNNOTICED_MB


async def test_a_watch_begun_and_ended_again_and_again_harms_nobody(hub: HubProcess) -> None:
    id = await hub.create()
    flood = Flood()
    async with healthy(hub) as moderator:
        await flood.run(hub, [request("watchConf", 1, id=id), request("unwatchConf", 2, id=id)])
    tell(**flood.figures, **moderator.figures)
    assert flood.ending.code == TOO_MANY


@pytest.mark.parametrize("payload", [b"", b"x" * 125], ids=["empty", "full"])
@pytest.mark.parametrize("opcode", [PING, PONG], ids=["pings", "pongs"])
async def test_a_flood_of_control_frames_harms_nobody(hub: HubProcess, opcode: int, payload: bytes) -> None:
    count = scaled(1_000_000)
    many = frame(opcode, payload) * 1000
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        with await Raw.session(hub.url) as raw:
            reading = asyncio.create_task(raw.ending())
            for _ in range(count // 1000):
                await raw.write_what_it_takes(many)
            ending = await reading
        after = memory_mb(hub)
    tell(frames=count, ending=ending, MB=f"{before:.0f} → {after:.0f}", **moderator.figures)
    assert ending.code == ABUSE
    assert after - before < UNNOTICED_MB


async def test_a_few_control_frames_are_nobodys_business(hub: HubProcess) -> None:
    """What a client with a heartbeat of its own sends, or one that pings to measure."""
    with await Raw.session(hub.url) as raw:
        for number in range(100):
            await raw.write(frame(PING, str(number).encode()) + frame(PONG, b"unasked"))
            each = await raw.next()
            assert each is not None
            assert (each.opcode, each.payload) == (PONG, str(number).encode())
        assert (await raw.call("ping"))["id"] == "ping"


async def test_many_floods_at_once_leave_the_hub_to_the_others(start: Start) -> None:
    """Together they ask for more than the hub can do, and each for no more than it may."""
    hub = await start()
    floods = [Flood() for _ in range(scaled(200))]
    asked = [request("ping", 1), request("getUserConfs", 2, id="mia", appid="demo")]
    async with healthy(hub) as moderator:
        before = memory_mb(hub)
        await asyncio.gather(*(flood.run(hub, asked, MANY_S) for flood in floods))
        after = memory_mb(hub)
    endings = Counter(flood.ending.code for flood in floods)
    heard: Counter[str] = sum((flood.heard for flood in floods), Counter())
    tell(floods=len(floods), endings=endings, heard=heard, MB=f"{before:.0f} → {after:.0f}", **moderator.figures)
    assert set(endings) <= {TOO_MANY, None}
