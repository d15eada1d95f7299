"""A WebSocket client made by hand: any byte in any order, buffers of any size, read only when told.

`websockets` is too well-behaved for most of what is tried on the hub here.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tests.harness import PATIENCE_S

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

SMALL_BUFFER = 2304
"""The least SO_RCVBUF that Linux grants."""

ETHERNET = 1460
"""Bytes of a segment on a real network; a loopback's 64 KiB never fit into the window of a small buffer."""

LOCAL, ELSEWHERE = "127.0.0.1", "127.0.0.2"
"""Two addresses that a client of this machine may have."""

_CHUNK = 65536
_NO_MASK = b"\0\0\0\0"


class Frame(NamedTuple):
    opcode: int
    payload: bytes
    fin: bool = True

    @property
    def said(self) -> Any:
        return json.loads(self.payload)


class Ending(NamedTuple):
    """How the hub ended a connection: the code it said, or None if it said nothing."""

    code: int | None
    reason: str = ""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)


def frame(opcode: int, payload: bytes | str = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """A client's frame. Its mask is zero, which is a mask like any other and costs nothing."""
    data = payload.encode() if isinstance(payload, str) else payload
    return header(opcode, len(data), fin=fin, rsv=rsv, masked=masked) + data


def header(opcode: int, size: int, *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    """What stands before a payload of `size` bytes."""
    first = fin << 7 | rsv << 4 | opcode
    mask, key = (0x80, _NO_MASK) if masked else (0, b"")
    if size < 126:
        return struct.pack("!BB", first, mask | size) + key
    if size < 65536:
        return struct.pack("!BBH", first, mask | 126, size) + key
    return struct.pack("!BBQ", first, mask | 127, size) + key


def request(method: str, number: Any = None, /, **params: Any) -> bytes:
    """A JSON-RPC request, or a notification, as a frame."""
    named = {} if number is None else {"id": number}
    return frame(TEXT, json.dumps({"jsonrpc": "2.0", **named, "method": method, "params": params}))


def handshake(url: str, *headers: str) -> bytes:
    """The head of a good WebSocket request, with these lines added."""
    own = [
        "GET /ws HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ]
    return "\r\n".join([*own, *headers, "", ""]).encode()


def post(url: str, path: str, body: bytes, *headers: str) -> bytes:
    own = [f"POST {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json"]
    sized = [] if headers else [f"Content-Length: {len(body)}"]
    return "\r\n".join([*own, *sized, *headers, "", ""]).encode() + body


class Parser:
    """Bytes in, the hub's frames out."""

    def __init__(self) -> None:
        self.rest = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self.rest += data
        frames, start = [], 0
        while (found := self._one(start)) is not None:
            each, start = found
            frames.append(each)
        del self.rest[:start]
        return frames

    def _one(self, start: int) -> tuple[Frame, int] | None:
        have = len(self.rest) - start
        if have < 2:
            return None
        first, size = self.rest[start], self.rest[start + 1]
        body = start + 2
        if size >= 126:
            width = 2 if size == 126 else 8
            if have < 2 + width:
                return None
            size = int.from_bytes(self.rest[body : body + width])
            body += width
        if len(self.rest) < body + size:
            return None
        return Frame(first & 0x0F, bytes(self.rest[body : body + size]), first & 0x80 != 0), body + size


class Raw:
    """One TCP connection to the hub."""

    def __init__(self, url: str, own: socket.socket) -> None:
        self.url = url
        self.socket = own
        self.address: tuple[str, int] = own.getsockname()
        self._parser = Parser()
        self._frames: list[Frame] = []

    @classmethod
    async def to(cls, url: str, *, source: str = LOCAL, receive_buffer: int = 0, segment: int = 0) -> Self:
        """`receive_buffer` and `segment` in bytes; 0 leaves them to the kernel."""
        own = socket.socket()
        own.setblocking(False)
        if receive_buffer:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if segment:
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        try:
            own.bind((source, 0))
            parts = urlsplit(url)
            await asyncio.get_running_loop().sock_connect(own, (parts.hostname, parts.port))
        except BaseException:
            own.close()
            raise
        return cls(url, own)

    @classmethod
    async def session(cls, url: str, *, source: str = LOCAL, receive_buffer: int = 0, segment: int = 0) -> Self:
        """With the handshake behind it."""
        raw = await cls.to(url, source=source, receive_buffer=receive_buffer, segment=segment)
        answer = await raw.shake_hands()
        assert answer.status == 101, answer
        return raw

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def write(self, data: bytes) -> None:
        await asyncio.wait_for(asyncio.get_running_loop().sock_sendall(self.socket, data), PATIENCE_S)

    async def write_what_it_takes(self, data: bytes) -> None:
        """The hub may well have ended the connection before all is written."""
        with contextlib.suppress(ConnectionError):
            await self.write(data)

    async def read(self, most: int = _CHUNK) -> bytes:
        """Empty once the hub has ended the connection."""
        try:
            return await asyncio.get_running_loop().sock_recv(self.socket, most)
        except ConnectionError:
            return b""

    async def read_for(self, patience_s: float) -> bytes:
        """What comes within so many seconds."""
        try:
            return await asyncio.wait_for(self.read(), patience_s)
        except TimeoutError:
            return b""

    async def shake_hands(self, *headers: str) -> Answer:
        await self.write(handshake(self.url, *headers))
        return await self.answer()

    async def answer(self) -> Answer:
        """An HTTP answer; what follows the head of a 101 are frames."""
        data = b""
        async with asyncio.timeout(PATIENCE_S):
            while b"\r\n\r\n" not in data:
                more = await self.read()
                assert more, f"ended in the head of an answer: {data!r}"
                data += more
            head, _, body = data.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            status = int(first.split()[1])
            if status == 101:
                self._frames += self._parser.feed(body)
                return Answer(status, headers, b"")
            while len(body) < int(headers.get("content-length", 0)) and (more := await self.read()):
                body += more
        return Answer(status, headers, body)

    async def next(self) -> Frame | None:
        """The next frame, whatever it is; None once the connection has ended."""
        while not self._frames:
            data = await self.read()
            if not data:
                return None
            self._frames += self._parser.feed(data)
        return self._frames.pop(0)

    async def message(self) -> Any:
        """The next JSON that is said, with pings answered on the way."""
        async with asyncio.timeout(PATIENCE_S):
            while (each := await self.next()) is not None and each.opcode != CLOSE:
                if each.opcode == PING:
                    await self.write(frame(PONG, each.payload))
                elif each.opcode == TEXT:
                    return each.said
        raise AssertionError(f"the connection ended with {each}")

    async def call(self, method: str, /, **params: Any) -> Any:
        """The reply; events and notifications before it are passed over."""
        await self.write(request(method, method, **params))
        while (said := await self.message()).get("id") != method:
            pass
        return said

    async def ending(self, patience_s: float = PATIENCE_S) -> Ending:
        """Reads until the hub ends the connection, and answers nothing."""
        async with asyncio.timeout(patience_s):
            while (each := await self.next()) is not None:
                if each.opcode == CLOSE:
                    return ending_of(each)
        return Ending(None)

    def hang_up_half(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self.socket.close()


def ending_of(close: Frame) -> Ending:
    if len(close.payload) < 2:
        return Ending(1005)
    return Ending(int.from_bytes(close.payload[:2]), close.payload[2:].decode())
