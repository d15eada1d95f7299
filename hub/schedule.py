"""Reserved conferences and their times: whose time has come is told to start.

Times are the wall's, and a wall clock may be set: so nothing sleeps for longer than it takes to notice that.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from hub.errors import StorageUnavailable

logger = logging.getLogger(__name__)

LONGEST_SLEEP_S = 15.0
AGAIN = timedelta(seconds=1)
"""After a start that could not be stored."""


class Schedule:
    """`start` is called with a conference's key when its time has come; `now` is UTC."""

    def __init__(self, start: Callable[[int], Awaitable[object]], now: Callable[[], datetime]) -> None:
        self._start = start
        self._now = now
        self._heap: list[tuple[datetime, int]] = []
        self._changed = asyncio.Event()

    def add(self, key: int, at: datetime) -> None:
        heapq.heappush(self._heap, (at, key))
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._changed.clear()
            while self._heap and self._heap[0][0] <= self._now():
                await self._begin(heapq.heappop(self._heap)[1])
            try:
                async with asyncio.timeout(self._sleep_s()):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _sleep_s(self) -> float | None:
        if not self._heap:
            return None
        return min((self._heap[0][0] - self._now()).total_seconds(), LONGEST_SLEEP_S)

    async def _begin(self, key: int) -> None:
        try:
            await self._start(key)
        except StorageUnavailable as error:
            logger.warning("conference %d cannot start yet: %s", key, error)
            self.add(key, self._now() + AGAIN)
