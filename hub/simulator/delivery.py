"""Callbacks of the platform: each conference's notices in their order, several conferences at once.

Whether the real platform tries again is unknown [5.9]; this one does, so that a restart of the application is survived.
"""

from __future__ import annotations

import asyncio
import logging

import httpx

from hub.simulator.ledger import Ledger, Notice

logger = logging.getLogger(__name__)

TRIES = 20
TIMEOUT_S = 5.0
PAUSE_S = 0.5
AT_ONCE = 32


class Delivery:
    """`base` is the notification address of the app in the platform's console; words are relative to it."""

    def __init__(self, ledger: Ledger, base: str) -> None:
        self._ledger = ledger
        self._base = base.rstrip("/")
        self._wake = asyncio.Event()
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        ledger.noticed = self._wake.set

    async def run(self) -> None:
        """Until cancelled."""
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as http:
            try:
                while True:
                    await self._start_waiting(http)
                    await self._wake.wait()
            finally:
                for task in self._tasks:
                    task.cancel()

    async def _start_waiting(self, http: httpx.AsyncClient) -> None:
        self._wake.clear()
        for notice in await self._ledger.notices():
            if notice.confid not in self._busy:
                self._busy.add(notice.confid)
                task = asyncio.create_task(self._deliver(http, notice), name=f"notice {notice.id}")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, http: httpx.AsyncClient, notice: Notice) -> None:
        try:
            taken = await self._post(http, notice.word, notice.fields)
            if not taken:
                await asyncio.sleep(PAUSE_S)
            if taken is not None:
                await self._ledger.settle(notice, taken=taken, tries=TRIES)
        finally:
            self._busy.discard(notice.confid)
            self._wake.set()

    async def _post(self, http: httpx.AsyncClient, word: str, fields: dict[str, str]) -> bool | None:
        """Was it taken? None where nobody was there to take it, which does not count as a try."""
        try:
            response = await http.post(f"{self._base}/{word}", params=fields)
        except httpx.ConnectError:
            return None
        except httpx.HTTPError as error:
            logger.debug("notice %s was not taken: %s", word, type(error).__name__)
            return False
        return response.is_success
