"""One WebSocket session: one task receives, requests run beside it, and its watches end with it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import chain

from hub.push.fanout import FanOut, View, Watch
from hub.push.limits import Allowance
from hub.push.wire import RESTART, SLOW, Peer, text_frame

logger = logging.getLogger(__name__)

REQUESTS_AT_ONCE = 8
"""With so many unanswered the session stops reading."""

TOO_MANY = 4029
TOO_MANY_WAIT_MS = 10_000

Answer = Callable[[bytes, float], Awaitable[None]]
"""Takes one message, and the seconds that its sender should have waited (0: none), and sends its own reply."""


class Session:
    def __init__(self, peer: Peer, fanout: FanOut, allowance: Allowance) -> None:
        self._peer = peer
        self._fanout = fanout
        self._allowance = allowance
        self._watches: dict[str, Watch] = {}
        self._requests: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(REQUESTS_AT_ONCE)
        self._turn = asyncio.Lock()
        self.watching = asyncio.Lock()
        """Held by whoever changes what is watched, so that it is done in the order in which it was asked."""

    async def run(self, messages: AsyncIterator[bytes], answer: Answer) -> None:
        """Until the peer is gone, or has to go, and what it asked for is done."""
        try:
            async for message in messages:
                await self._free.acquire()
                wait = self._allowance.spend_on(message)
                if self._allowance.is_exhausted:
                    self._peer.close(TOO_MANY, json.dumps({"retry_after_ms": TOO_MANY_WAIT_MS}))
                    break
                task = asyncio.create_task(self._answer(message, wait, answer), name="request")
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
            self.unwatch_all()
            await asyncio.gather(*self._requests)
            self._peer.close(*RESTART)
        finally:
            self.unwatch_all()
            for task in self._requests:
                task.cancel()

    async def _answer(self, message: bytes, wait: float, answer: Answer) -> None:
        """Not before the peer takes answers: those that it leaves lying are no more than were asked for at once."""
        try:
            await self._drained()
            await answer(message, wait)
        except Exception:
            logger.exception("a message could not be answered")
        finally:
            self._free.release()

    def waits(self, first: float) -> Iterator[float]:
        """For each request of a message the seconds to wait, or 0; the first is paid for by the message itself."""
        return chain([first], iter(self._allowance.spend, None))

    async def send(self, payload: bytes) -> None:
        """Waits while the peer's buffer is full, and with it whoever asks for more."""
        async with self._turn:
            await self._drained()
            self._peer.write(text_frame(payload))

    async def _drained(self) -> None:
        try:
            await self._peer.drained()
        except TimeoutError:
            self._peer.close(*SLOW)

    def tell(self, payload: bytes) -> None:
        """What may be lost: at once or not at all."""
        if self._peer.is_writable:
            self._peer.write(text_frame(payload))

    def watch(self, id: str, key: int, view: View, head: int, after: int, person: bytes = b"") -> Watch:
        """A watch in place of any earlier one of this conference, still to be started."""
        self.unwatch(id)
        watch = self._watches[id] = self._fanout.watch(key, view, head, after, self._peer, person)
        return watch

    def unwatch(self, id: str) -> bool:
        """True if it was watched."""
        watch = self._watches.pop(id, None)
        if watch:
            self._fanout.unwatch(watch)
        return watch is not None

    def end(self, code: int, reason: str) -> None:
        """Nothing more is told from here on but why."""
        self.unwatch_all()
        self._peer.close(code, reason)

    def unwatch_all(self) -> None:
        for id in list(self._watches):
            self.unwatch(id)
