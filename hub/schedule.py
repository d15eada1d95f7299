"""Times at which somebody wants to look at the clock.

They are the wall's, and a wall clock may be set: so nothing sleeps for longer than it takes to notice that.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

logger = logging.getLogger(__name__)

LONGEST_SLEEP_S = 15.0
AGAIN = timedelta(seconds=5)
"""After a look that failed."""


class Schedule:
    """`look` is called with a conference's key when its time has come; `now` is UTC."""

    def __init__(self, look: Callable[[int], Awaitable[None]], now: Callable[[], datetime]) -> None:
        self._look = look
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
                await self._look_at(heapq.heappop(self._heap)[1])
            try:
                async with asyncio.timeout(self._sleep_s()):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _sleep_s(self) -> float | None:
        if not self._heap:
            return None
        return min((self._heap[0][0] - self._now()).total_seconds(), LONGEST_SLEEP_S)

    async def _look_at(self, key: int) -> None:
        """One that fails holds up no other."""
        try:
            await self._look(key)
        except Exception:
            logger.exception("conference %d: its time has come, and it cannot be looked at yet", key)
            self.add(key, self._now() + AGAIN)
