"""HTTP requests as fast as they are wanted: connections that are kept, bytes that are made beforehand."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field


def post(path: str, body: bytes, headers: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class Line(asyncio.Protocol):
    """One connection: a request at a time, the others wait for their turn. An answer other than 2xx is a flaw."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[bytes, asyncio.Future[bytes]]] = deque()
        self._current: asyncio.Future[bytes] | None = None
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def connection_lost(self, exc: Exception | None) -> None:
        for future in [self._current, *(future for _, future in self._waiting)]:
            if future and not future.done():
                future.set_exception(ConnectionError("the server has closed the connection"))

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        """The body of the answer."""
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, future))
        self._send_next()
        return future

    def _send_next(self) -> None:
        if self._current is None and self._waiting:
            request, self._current = self._waiting.popleft()
            self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end or len(body) < (size := length_of(head)):
            return
        self._data = body[size:]
        answered, self._current = self._current, None
        assert answered is not None
        if head.startswith(b"HTTP/1.1 2"):
            answered.set_result(body[:size])
        else:
            answered.set_exception(RuntimeError(f"{head[:80]!r} {body[:300]!r}"))
        self._send_next()


def length_of(head: bytes) -> int:
    lower = head.lower()
    at = lower.find(b"content-length:")
    return int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


@contextlib.asynccontextmanager
async def lines(count: int, port: int) -> AsyncIterator[list[Line]]:
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Line, "127.0.0.1", port))[1] for _ in range(count)]
    try:
        yield opened
    finally:
        for line in opened:
            line.transport.abort()
        await asyncio.sleep(0)


@dataclass
class Arrivals:
    """Of requests that come when they come: when each was due, how late it was sent, how long its answer took (s)."""

    due: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    took: list[float] = field(default_factory=list)


async def arrive(rate: float, requests: Sequence[Callable[[], Awaitable[object]]], seed: int = 1) -> Arrivals:
    """Poisson arrivals, whatever has become of those before; answers are counted from the moment a request was due."""
    chance, arrivals, pending = random.Random(seed), Arrivals(), []
    due = time.perf_counter()
    for send in requests:
        due += chance.expovariate(rate)
        while (now := time.perf_counter()) < due:  # noqa: ASYNC110 - it never sleeps
            await asyncio.sleep(0)
        arrivals.due.append(due)
        arrivals.late.append(now - due)
        pending.append(asyncio.ensure_future(_timed(send(), due, arrivals)))
    await asyncio.gather(*pending)
    return arrivals


async def _timed(answer: Awaitable[object], due: float, arrivals: Arrivals) -> None:
    await answer
    arrivals.took.append(time.perf_counter() - due)


async def saturate(lines: Sequence[Line], requests: Sequence[bytes]) -> float:
    """All connections busy all the time; how long it took."""
    queue = deque(requests)

    async def work(line: Line) -> None:
        while queue:
            await line.ask(queue.popleft())

    begun = time.perf_counter()
    await asyncio.gather(*map(work, lines))
    return time.perf_counter() - begun
