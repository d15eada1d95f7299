"""The commit loop: whatever waits is written in one transaction, then told, in order.

Group commit without a timer: while one transaction is on its way to the disk, the next gathers; the first of several
that come at once waits for one turn of the event loop, so that ten make one transaction and one write to each watcher,
not two. A failed transaction takes everything queued behind it along, because it was built on what has just been lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from hub.errors import StorageUnavailable
from hub.seldom import is_told
from hub.store.base import Write

logger = logging.getLogger(__name__)

MAX_BATCH = 1000

_STOPPING = "the hub is stopping"


class CommitLoop:
    """`write` stores a batch or raises; `committed` and `lost` are told synchronously, before any future resolves."""

    def __init__(
        self,
        write: Callable[[Sequence[Write]], Awaitable[None]],
        committed: Callable[[Sequence[Write]], None],
        lost: Callable[[Sequence[Write]], None],
    ) -> None:
        self._write = write
        self._committed = committed
        self._lost = lost
        self._queue: list[tuple[Write, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._is_over = False
        self._has_ended = False
        self._failures = 0

    def submit(self, write: Write) -> asyncio.Future[None]:
        """The future resolves once the write is durable and told, or fails with StorageUnavailable."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((write, future))
        if self._has_ended:
            self._fail(self._take(len(self._queue)), _STOPPING)
        self._wake.set()
        return future

    async def run(self) -> None:
        """Until cancelled: what is on its way to the disk at that moment still gets there, what is queued is failed."""
        loop = asyncio.create_task(self._run(), name="transactions")
        try:
            await asyncio.shield(loop)
        finally:
            self._is_over = True
            self._wake.set()
            await asyncio.wait([loop])
            self._has_ended = True
            self._fail(self._take(len(self._queue)), _STOPPING)

    async def _run(self) -> None:
        while not self._is_over:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(0)
            while self._queue and not self._is_over:
                await self._commit(self._take(MAX_BATCH))

    def _take(self, most: int) -> list[tuple[Write, asyncio.Future[None]]]:
        batch, self._queue = self._queue[:most], self._queue[most:]
        return batch

    async def _commit(self, batch: list[tuple[Write, asyncio.Future[None]]]) -> None:
        writes = [write for write, _ in batch]
        try:
            await self._write(writes)
        except Exception as error:
            self._note_failure(len(batch), error)
            self._fail(batch + self._take(len(self._queue)), str(error))
        else:
            self._note_success()
            self._committed(writes)
            for _, future in batch:
                if not future.done():
                    future.set_result(None)

    def _note_failure(self, writes: int, error: Exception) -> None:
        """Trouble of the disk is told seldom; what else it may be, each time."""
        self._failures += 1
        if not isinstance(error, StorageUnavailable):
            logger.error("a transaction of %d writes failed", writes, exc_info=error)
        elif is_told(self._failures):
            logger.error("a transaction of %d writes failed, the %d. in a row: %s", writes, self._failures, error)

    def _note_success(self) -> None:
        if self._failures:
            logger.warning("changes are stored again, after %d transactions that failed", self._failures)
        self._failures = 0

    def _fail(self, batch: list[tuple[Write, asyncio.Future[None]]], why: str) -> None:
        self._lost([write for write, _ in batch])
        for _, future in batch:
            if not future.done():
                future.set_exception(StorageUnavailable(why))
                future.exception()  # nobody has to wait for a commit; its failure has been logged
