from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self


class PeerDouble:
    """The far end of a session, with a buffer that the test fills and drains."""

    def __init__(self) -> None:
        self.written = b""
        self.writes = 0
        self.closed: tuple[int, str] | None = None
        self._is_stalled = False
        self._wrote = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._subscribers: list[Callable[[], None]] = []

    @property
    def is_writable(self) -> bool:
        return self._writable.is_set()

    def write(self, frames: bytes) -> None:
        self.written += frames
        self.writes += 1
        self._wrote.set()

    @property
    def transport(self) -> Self:
        return self

    def subscribe(self, stopped: Callable[[], None]) -> None:
        self._subscribers.append(stopped)

    def unsubscribe(self, stopped: Callable[[], None]) -> None:
        self._subscribers.remove(stopped)

    async def wrote(self, times: int) -> None:
        while self.writes < times:
            self._wrote.clear()
            await self._wrote.wait()

    async def drained(self) -> None:
        await self._writable.wait()
        if self._is_stalled:
            raise TimeoutError

    def close(self, code: int, reason: str) -> None:
        self.closed = self.closed or (code, reason)

    def cut(self) -> None:
        self.closed = self.closed or (1006, "")

    def fill(self) -> None:
        self._writable.clear()
        for stopped in self._subscribers:
            stopped()

    def drain(self) -> None:
        self._writable.set()

    def stall(self) -> None:
        """So much time has gone by that whoever waits gives up."""
        self._is_stalled = True
        self._writable.set()

    def seqs(self) -> list[int]:
        """The numbers of the events in what was written."""
        return [message["params"]["seq"] for message in self.messages()]

    def messages(self) -> list[Any]:
        messages, rest = [], self.written
        while rest:
            size, start = rest[1], 2
            if size == 126:
                size, start = int.from_bytes(rest[2:4]), 4
            messages.append(json.loads(rest[start : start + size]))
            rest = rest[start + size :]
        return messages
