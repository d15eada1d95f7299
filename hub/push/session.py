"""One WebSocket session: one task receives, requests run beside it, and its watches end with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from hub.push.fanout import FanOut, Watch
from hub.push.wire import Peer, text_frame

logger = logging.getLogger(__name__)

REQUESTS_AT_ONCE = 8
"""With so many unanswered the session stops reading."""


class Session:
    def __init__(self, peer: Peer, fanout: FanOut) -> None:
        self._peer = peer
        self._fanout = fanout
        self._watches: dict[str, Watch] = {}
        self._requests: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def run(self, messages: AsyncIterator[bytes], answer: Callable[[bytes], Awaitable[None]]) -> None:
        """Until the peer is gone and what it asked for is done. `answer` takes one message and sends its own reply."""
        try:
            async for message in messages:
                await self._free.acquire()
                task = asyncio.create_task(self._answer(message, answer), name="request")
                self._requests.add(task)
                task.add_done_callback(self._requests.discard)
            self._end_watches()
            await asyncio.gather(*self._requests)
        finally:
            self._end_watches()
            for task in self._requests:
                task.cancel()

    async def _answer(self, message: bytes, answer: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            await answer(message)
        except Exception:
            logger.exception("a message could not be answered")
        finally:
            self._free.release()

    async def send(self, payload: bytes) -> None:
        """Waits while the peer's buffer is full, and with it whoever asks for more."""
        await self._peer.drained()
        self._peer.write(text_frame(payload))

    def watch(self, id: str, key: int, prefix: bytes, head: int, after: int) -> Watch:
        """A watch in place of any earlier one of this conference, still to be started."""
        self.unwatch(id)
        watch = self._watches[id] = self._fanout.watch(key, prefix, head, after, self._peer)
        return watch

    def unwatch(self, id: str) -> bool:
        """True if it was watched."""
        watch = self._watches.pop(id, None)
        if watch:
            self._fanout.unwatch(watch)
        return watch is not None

    def _end_watches(self) -> None:
        for id in list(self._watches):
            self.unwatch(id)
