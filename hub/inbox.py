"""The inbox: callbacks that could not be applied, when they are tried again, and what an operator may do about them.

A callback that failed waits for its own time and holds up no other. Times are monotonic, so a start begins them anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from hub.errors import InvalidParams, StorageUnavailable
from hub.store.base import FAILED, SET_ASIDE, Callback, Claim, Entry, Store, Write

logger = logging.getLogger(__name__)

PAUSES_S = (0.0, 1.0, 5.0, 30.0, 120.0, 600.0)
"""Before a callback is tried again, by how often it has failed."""

AGAIN_S = 30.0
"""After nothing could be read or stored."""

MOST = 1000
"""Callbacks that wait for their time; more than these wait until some of them are through."""

Receive = Callable[[Callback], Awaitable[None]]
"""Tries a callback, and records what became of it. Raises StorageUnavailable."""


class Inbox:
    """`submit` stores."""

    def __init__(self, store: Store, submit: Callable[[Write], asyncio.Future[None]]) -> None:
        self._store = store
        self._submit = submit
        self._due: dict[tuple[int, int], float] = {}
        self._woken = asyncio.Event()

    # What is tried again ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up what the last run left open."""
        if aside := await self._store.count_unsettled(SET_ASIDE):
            logger.warning("%d callbacks are set aside: see `confhub inbox list`", aside)
        self.wake()

    def wake(self) -> None:
        """There is something new to be tried again."""
        self._woken.set()

    async def run(self, receive: Receive) -> None:
        """Until cancelled; nothing is tried before it is woken."""
        wait_s: float | None = None
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            self._woken.clear()
            wait_s = await self._turn(receive)

    async def _turn(self, receive: Receive) -> float | None:
        """Try what is due: the seconds until more will be, or None."""
        time = asyncio.get_running_loop().time
        try:
            found = await self._store.unsettled(FAILED, MOST)
        except StorageUnavailable:
            return AGAIN_S
        now = time()
        self._due = {each: self._due.get(each, now + _pause_s(each[1])) for each in found}
        for each in [each for each, at in self._due.items() if at <= now]:
            self._due[each] = time() + AGAIN_S
            with contextlib.suppress(StorageUnavailable):
                await self._try(each[0], receive)
                del self._due[each]
        return max(min(self._due.values()) - time(), 0.0) if self._due else None

    async def _try(self, id: int, receive: Receive) -> None:
        callback = await self._store.callback(id)
        if callback and callback.status == FAILED:
            await receive(callback)

    # What an operator may do -----------------------------------------------------------------------------------------

    async def count(self) -> Mapping[str, int]:
        """Callbacks that are failed, and set aside, by these words."""
        return {status: await self._store.count_unsettled(status) for status in (FAILED, SET_ASIDE)}

    async def page(self, before: int, limit: int, *, settled: bool) -> list[tuple[Callback, str | None]]:
        """At most `limit` callbacks with an id less than `before`, newest first, with their conferences' ids."""
        return await self._store.callbacks(before, limit, settled=settled)

    async def try_again(self, id: int | None, said: Entry, claim: Claim | None = None) -> int:
        """A callback that failed, or all that are set aside: how many. Raises InvalidParams where there is none."""
        ids = await self._set_aside() if id is None else await self._one(id)
        await self._submit(Write(again=ids, audit=said, claim=claim))
        self.wake()
        return len(ids)

    async def _set_aside(self) -> tuple[int, ...]:
        return tuple(id for id, _ in await self._store.unsettled(SET_ASIDE, -1))

    async def _one(self, id: int) -> tuple[int, ...]:
        callback = await self._store.callback(id)
        if callback is None or callback.status not in (FAILED, SET_ASIDE):
            raise InvalidParams(f"n: no callback {id} has failed or is set aside", path="n")
        return (id,)


def _pause_s(attempts: int) -> float:
    return PAUSES_S[min(attempts, len(PAUSES_S) - 1)]
