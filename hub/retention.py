"""How long callbacks, logs and audit are kept: what is older is deleted, a little at a time, so that nobody notices.

A conference is not in its log: it stays, with its number, when all of its events are gone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta

from hub.access.audit import stamp
from hub.errors import StorageUnavailable
from hub.store.base import Expired, Kept, Store, Write

logger = logging.getLogger(__name__)

BITE = 500
"""Rows deleted in one transaction."""

PAUSE_S = 0.2
"""Between two of them."""

EVERY_S = 6 * 3600.0


class Retention:
    """`days` that things are kept, 0: for ever. `submit` stores; `now` is UTC."""

    def __init__(
        self,
        store: Store,
        submit: Callable[[Write], asyncio.Future[None]],
        days: Mapping[Kept, int],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._submit = submit
        self._days = days
        self._now = now

    async def run(self) -> None:
        """At once, and then at long intervals, until cancelled."""
        while True:
            for kind in [kind for kind, days in self._days.items() if days]:
                await self._sweep(kind)
            await asyncio.sleep(EVERY_S)

    async def _sweep(self, kind: Kept) -> None:
        """What cannot be deleted now is so the next time."""
        before = stamp(self._now() - timedelta(days=self._days[kind]))
        count = 0
        try:
            async for bite in _bites(self._store.expired(kind, before)):
                await self._submit(Write(expired=Expired(kind, tuple(bite))))
                count += len(bite)
                await asyncio.sleep(PAUSE_S)
        except StorageUnavailable as error:
            logger.warning("old %s cannot be deleted now: %s", kind, error)
        if count:
            logger.info("%d %s were older than %d days and are deleted", count, kind, self._days[kind])


async def _bites(keys: AsyncIterator[tuple[int, ...]]) -> AsyncIterator[list[tuple[int, ...]]]:
    bite = []
    async for key in keys:
        bite.append(key)
        if len(bite) == BITE:
            yield bite
            bite = []
    if bite:
        yield bite
