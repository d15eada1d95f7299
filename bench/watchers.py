"""Watchers by the thousand: WebSocket clients that take as little time as they can, and check every byte.

All of them must be told the same bytes in the same order. So the first to be told something sets the measure for all
others, and its frames are read only once. Frames of control, which are each connection's own, are taken out.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import time
from array import array
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence

Say = Callable[["Watcher", bytes], bytes | None]
"""Takes a message that comes before the stream, or nothing once the connection is open; what is to be said to it."""

QUIET_S = 1.0

TURNS = 30
TURN_S = 0.001

PING, PONG, TEXT = 0x89, 0x8A, 0x81


class Stream:
    """What everybody must be told: its bytes, where its messages end, and how many have been told all of them."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.ends: list[int] = []
        self.flaws: list[str] = []
        self.watchers: list[Watcher] = []
        self.up_to_date = 0

    def extend(self, data: bytes) -> None:
        self.up_to_date = 0
        self.bytes += data
        begin = self.ends[-1] if self.ends else 0
        while size := frame_size(self.bytes, begin):
            begin += size
            self.ends.append(begin)

    def is_boundary(self, offset: int) -> bool:
        index = bisect_right(self.ends, offset)
        return offset == (self.ends[index - 1] if index else 0)

    def rest_of_message(self, offset: int) -> int:
        index = bisect_right(self.ends, offset)
        return (self.ends[index] if index < len(self.ends) else len(self.bytes)) - offset

    def messages(self) -> list[bytes]:
        """Their payloads."""
        begins = [0, *self.ends[:-1]] if self.ends else []
        return [payload(self.bytes, begin, end) for begin, end in zip(begins, self.ends, strict=True)]


class Watcher(asyncio.Protocol):
    """Shakes hands and talks until `say` has made it ready; from `start` on it compares what it is told.

    `told_to` and `told_at`: how many bytes it had been told, and when.
    """

    def __init__(self, stream: Stream, hello: bytes, say: Say) -> None:
        self._stream = stream
        stream.watchers.append(self)
        self.told_to = array("q")
        self.told_at = array("d")
        self._hello = hello
        self._say = say
        self._unread = bytearray()
        self._at = 0
        self._is_open = False
        self._is_started = False
        self._is_leaving = False
        self.heard_at = 0.0
        self.ready_at = 0.0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"cut: {bytes(self._unread[:300])!r}"))
        elif not self._is_leaving:
            self._stream.flaws.append(f"a connection was cut after {self._at} bytes")

    def start(self) -> None:
        self._is_started = True
        assert not self._unread, "something is on its way"

    def leave(self) -> None:
        self._is_leaving = True
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.perf_counter()
        if self._is_started:
            self._compare(data, self.heard_at)
        else:
            self._unread += data
            self._prepare()

    def _prepare(self) -> None:
        if not self._is_open:
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.transport.abort()
                return
            self._is_open, self._unread = True, rest
            self._answer(b"")
        while size := frame_size(self._unread, 0):
            opcode, message = self._unread[0], payload(self._unread, 0, size)
            del self._unread[:size]
            if opcode == PING:
                self.transport.write(masked_frame(PONG, message))
            elif opcode == TEXT:
                self._answer(message)

    def _answer(self, message: bytes) -> None:
        """Nothing, if the connection has just been opened."""
        if (answer := self._say(self, message)) is not None:
            self.transport.write(masked_frame(TEXT, answer))

    def _compare(self, data: bytes, at: float) -> None:
        stream, begin = self._stream, self._at
        if begin == len(stream.bytes) and data[0] != PING:
            stream.extend(data)
        if stream.bytes.startswith(data, begin):
            self._go_on(len(data), at)
        else:
            self._compare_pieces(bytearray(data), at)

    def _compare_pieces(self, data: bytearray, at: float) -> None:
        """As long as it takes to find what is not the stream's."""
        stream = self._stream
        while data:
            if data[0] == PING and stream.is_boundary(self._at):
                size = 2 + data[1]
                self.transport.write(masked_frame(PONG, bytes(data[2:size])))
            else:
                if self._at == len(stream.bytes):
                    stream.extend(bytes(data[: frame_size(data, 0) or len(data)]))
                size = min(len(data), stream.rest_of_message(self._at))
                if not stream.bytes.startswith(bytes(data[:size]), self._at):
                    stream.flaws.append(f"{bytes(data[:80])!r} where {self._at} bytes had been told")
                    self.leave()
                    return
                self._go_on(size, at)
            del data[:size]

    def _go_on(self, size: int, at: float) -> None:
        self._at += size
        self.told_to.append(self._at)
        self.told_at.append(at)
        if self._at == len(self._stream.bytes):
            self._stream.up_to_date += 1


@contextlib.asynccontextmanager
async def watching(
    port: int, path: str, headers: Sequence[str], stream: Stream, say: Say, at_once: int = 50
) -> AsyncIterator[list[Watcher]]:
    """As many as there are `headers`; all have been told that they watch, and nothing else is on its way to them."""
    watchers: list[Watcher] = []
    turn = asyncio.Semaphore(at_once)

    async def come(number: int) -> None:
        async with turn:
            address = f"127.0.0.{1 + number % 100}"
            hello = handshake(path, headers[number])
            loop = asyncio.get_running_loop()
            _, watcher = await loop.create_connection(
                lambda: Watcher(stream, hello, say), "127.0.0.1", port, local_addr=(address, 0)
            )
            watchers.append(watcher)
            await watcher.ready

    try:
        await asyncio.gather(*map(come, range(len(headers))))
        while time.perf_counter() - max(watcher.heard_at for watcher in watchers) < QUIET_S:  # noqa: ASYNC110
            await asyncio.sleep(QUIET_S)
        for watcher in watchers:
            watcher.start()
        yield watchers
    finally:
        for watcher in watchers:
            watcher.leave()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def reading_in_turns(watchers: Sequence[Watcher]) -> AsyncIterator[None]:
    """What they are told waits in their sockets until it is their turn."""
    for watcher in watchers:
        watcher.transport.pause_reading()
    reading = asyncio.create_task(_read_in_turns(watchers), name="read in turns")
    try:
        yield
    finally:
        reading.cancel()
        for watcher in watchers:
            watcher.transport.resume_reading()


async def _read_in_turns(watchers: Sequence[Watcher]) -> None:
    turns = [watchers[first::TURNS] for first in range(TURNS)]
    while watchers:
        for turn in turns:
            for watcher in turn:
                watcher.transport.resume_reading()
            await asyncio.sleep(TURN_S)
            for watcher in turn:
                watcher.transport.pause_reading()


def handshake(path: str, headers: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{headers}\r\n"
    ).encode()


def frame_size(data: bytes | bytearray, at: int) -> int:
    """Of the frame of a server's that begins here, or 0 if there is less than all of it."""
    if len(data) < at + 2:
        return 0
    size = data[at + 1]
    head = {126: 4, 127: 10}.get(size, 2)
    if len(data) < at + head:
        return 0
    if head > 2:
        size = int.from_bytes(data[at + 2 : at + head])
    return head + size if len(data) >= at + head + size else 0


def payload(data: bytes | bytearray, begin: int, end: int) -> bytes:
    head = {126: 4, 127: 10}.get(data[begin + 1], 2)
    return bytes(data[begin + head : end])


def masked_frame(opcode: int, content: bytes) -> bytes:
    """With a mask of zeros, which changes nothing."""
    size = len(content)
    if size < 126:
        return bytes((opcode, 0x80 | size)) + b"\0\0\0\0" + content
    return bytes((opcode, 0x80 | 126)) + size.to_bytes(2) + b"\0\0\0\0" + content
