"""Those who are to notice nothing of an attack: moderators who call, crowds who watch; and the events they are told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

from tests.harness import PATIENCE_S, HubProcess, Moderator
from tests.hostile import kernel
from tests.hostile.raw import (
    CLOSE,
    LOCAL,
    PING,
    PONG,
    TEXT,
    Ending,
    Frame,
    Parser,
    ending_of,
    frame,
    handshake,
    request,
)

BY = {"uid": "mia", "appid": "demo"}
SECRET = "hostile-tests-only"
"""For hubs whose callbacks are sent by the tests."""

BEAT_S = 0.1
LONG_NAME = 230


def tell(**figures: Any) -> None:
    """A line for `make soak`."""
    test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[2].rpartition(" ")[0]
    shown = ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in figures.items())
    print(f"\n{test}: {shown}")


def _shown(value: Any) -> str:
    if isinstance(value, Counter):
        return " ".join(f"{key}×{count}" for key, count in sorted(value.items(), key=str)) or "none"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def milliseconds(seconds: Sequence[float]) -> str:
    if not seconds:
        return "never"
    return f"p50 {statistics.median(seconds) * 1000:.0f} ms max {max(seconds) * 1000:.0f} ms"


async def notify(hub: HubProcess) -> None:
    """The provider gets through: needs a hub that was started with SECRET."""
    async with hub.http() as http:
        answer = await http.post(f"/callbacks/yuntongxun/{SECRET}/hostile")
    assert answer.status_code == 200, answer.text


def quiet(hub: HubProcess) -> None:
    """Its log complains of nothing that went wrong inside."""
    wrong = [
        line for line in hub.log.splitlines() if any(bad in line for bad in (" ERROR ", " CRITICAL ", "Traceback"))
    ]
    assert wrong[:5] == []


async def unharmed(hub: HubProcess) -> None:
    """Nothing went wrong inside, and the hub is there for all."""
    quiet(hub)
    async with hub.http() as http:
        answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready"), answer.text


async def at_once(*parts: Coroutine[Any, Any, Any]) -> list[Any]:
    """What each of them returned; raises all that went wrong."""
    ended = await asyncio.gather(*parts, return_exceptions=True)
    if wrong := [each for each in ended if isinstance(each, Exception)]:
        raise ExceptionGroup("not all promises hold", wrong)
    return ended


# Events ---------------------------------------------------------------------------------------------------------------


async def flood(hub: HubProcess, id: str, count: int) -> int:
    """At least so many events of more than a kilobyte each; the number of the last one.

    Always the same people, who take other names: the roster does not grow.
    """
    said = 0
    while said < count:
        mark = str(time.monotonic_ns())
        users = [{"id": f"user-{number}", "name": mark + "名" * LONG_NAME} for number in range(100)]
        answer = await hub.post("joinConf", id=id, **BY, users=users)
        assert answer["status"] == 1, answer
        said += len(users)
    return int((await hub.post("getEvents", id=id, limit=1))["seq"])


# Moderators -----------------------------------------------------------------------------------------------------------


class Healthy(Moderator):
    """Watches a conference of its own, puts people on its roster, and asks at the other door too, all the time."""

    def __init__(self, hub: HubProcess) -> None:
        super().__init__(hub.url)
        self.hub = hub
        self.id = ""
        self.calls: list[float] = []
        self.posts: list[float] = []

    async def live(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self.beat()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), BEAT_S)

    async def beat(self) -> None:
        start = time.monotonic()
        reply = await self.call("joinConf", id=self.id, **BY, users=[{"id": f"user-{len(self.calls)}"}])
        assert "result" in reply, reply
        self.calls.append(time.monotonic() - start)
        start = time.monotonic()
        assert (await self.hub.post("getConf", id=self.id))["status"] == 1
        self.posts.append(time.monotonic() - start)

    async def told_all(self) -> None:
        head = (await self.hub.post("getEvents", id=self.id, limit=1))["seq"]
        first = self.snapshot["seq"]
        told = [event["seq"] for event in await self.wait_for(head - first)]
        assert told == list(range(first + 1, head + 1))

    @property
    def figures(self) -> dict[str, Any]:
        return {"healthy_calls": milliseconds(self.calls), "healthy_posts": milliseconds(self.posts)}


@contextlib.asynccontextmanager
async def healthy(hub: HubProcess) -> AsyncIterator[Healthy]:
    """For as long as the context lasts all goes well for this moderator, and after it the hub is unharmed."""
    moderator = Healthy(hub)
    async with moderator.connected():
        moderator.id = await hub.create("Healthy")
        await moderator.watch(moderator.id)
        await moderator.beat()
        over = asyncio.Event()
        life = asyncio.create_task(moderator.live(over))
        try:
            yield moderator
        finally:
            over.set()
            await life
        await moderator.beat()
        await moderator.told_all()
    await unharmed(hub)


# Crowds ---------------------------------------------------------------------------------------------------------------


class Watcher(asyncio.Protocol):
    """A watcher at the least cost: of an event it reads the number."""

    def __init__(self, url: str, id: str, changed: Callable[[], None]) -> None:
        self.seq = 0
        self.is_watching = False
        self.fault = ""
        self.ending: Ending | None = None
        self.delays: list[float] = []
        self._url = url
        self._id = id
        self._changed = changed
        self._parser = Parser()
        self._head: bytes | None = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(handshake(self._url))

    def data_received(self, data: bytes) -> None:
        if self._head is not None:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end:
                return
            self._head = None
            if b" 101 " not in head:
                self.fault = f"no handshake: {head!r}"
            self.transport.write(request("watchConf", "watch", id=self._id))
        events = [each for each in self._parser.feed(data) if self._is_event(each)]
        for event in events:
            self._take(event.payload)
        if events:
            self._note_delay(events[-1].payload)
        self._changed()

    def _is_event(self, each: Frame) -> bool:
        if each.opcode == PING:
            self.transport.write(frame(PONG, each.payload))
        elif each.opcode == CLOSE:
            self.ending = ending_of(each)
            self.transport.write(frame(CLOSE, each.payload))
        elif each.opcode == TEXT and not self.is_watching:
            self.seq = each.said["result"]["seq"]
            self.is_watching = True
        else:
            return each.opcode == TEXT
        return False

    def _take(self, payload: bytes) -> None:
        start = payload.index(b'"seq":') + 6
        seq = int(payload[start : payload.index(b",", start)])
        if seq != self.seq + 1:
            self.fault = self.fault or f"{seq} after {self.seq}"
        self.seq = seq

    def _note_delay(self, payload: bytes) -> None:
        start = payload.index(b'"at":"') + 6
        at = datetime.fromisoformat(payload[start : payload.index(b'"', start)].decode())
        self.delays.append((datetime.now(UTC) - at).total_seconds())

    def connection_lost(self, error: Exception | None) -> None:
        self.ending = self.ending or Ending(None, str(error or ""))
        self._changed()


class Crowd:
    """Many watchers of one conference."""

    def __init__(self) -> None:
        self.watchers: list[Watcher] = []
        self._awaited: Callable[[Watcher], bool] | None = None
        self._missing: set[Watcher] = set()
        self._complete = asyncio.Event()

    @classmethod
    async def gather(cls, hub: HubProcess, id: str, count: int, *, source: str = LOCAL) -> Self:
        """All connect at once."""
        crowd, loop, parts = cls(), asyncio.get_running_loop(), urlsplit(hub.url)

        async def connect() -> None:
            def make() -> Watcher:
                watcher = Watcher(hub.url, id, lambda: crowd._changed(watcher))
                return watcher

            at = {"host": parts.hostname, "port": parts.port, "local_addr": (source, 0)}
            _, watcher = await loop.create_connection(make, **at)
            crowd.watchers.append(watcher)

        await asyncio.gather(*(connect() for _ in range(count)))
        await crowd._until(lambda watcher: watcher.is_watching)
        return crowd

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for watcher in self.watchers:
            watcher.transport.abort()

    async def reached(self, seq: int) -> None:
        """Everybody has been told everything up to this number, in its order."""
        await self._until(lambda watcher: watcher.seq >= seq)

    async def endings(self) -> Counter[int | None]:
        await self._until(lambda watcher: watcher.ending is not None, is_over=True)
        return Counter(watcher.ending.code for watcher in self.watchers if watcher.ending)

    @property
    def delay(self) -> str:
        """From the decision to a watcher that was told of it."""
        return milliseconds([delay for watcher in self.watchers for delay in watcher.delays])

    def _changed(self, watcher: Watcher) -> None:
        if self._awaited and self._awaited(watcher):
            self._missing.discard(watcher)
            if not self._missing:
                self._complete.set()

    async def _until(self, is_so: Callable[[Watcher], bool], *, is_over: bool = False) -> None:
        self._awaited = is_so
        self._complete.clear()
        self._missing = {watcher for watcher in self.watchers if not is_so(watcher)}
        if self._missing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._complete.wait(), PATIENCE_S)
        self._awaited = None
        wrong = Counter(watcher.fault for watcher in self.watchers if watcher.fault)
        lost = Counter(watcher.ending for watcher in self.watchers if watcher.ending and not is_over)
        assert (wrong, lost, len(self._missing)) == (Counter(), Counter(), 0)


kernel.allow_many_files()
