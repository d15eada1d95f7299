"""The floor: uvloop, a protocol without a framework, and one `transport.write` of the same bytes for each client."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable

import uvloop

from hub.push.wire import text_frame

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
WATCHERS: set[asyncio.Transport] = set()


class Raw(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._data = b""

    def connection_lost(self, exc: Exception | None) -> None:
        WATCHERS.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._transport in WATCHERS:
            return
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if not end:
            return
        if head.startswith(b"GET"):
            self._transport.write(accepted(head) + text_frame(b"ready"))
            WATCHERS.add(self._transport)
        elif len(body) == int(head.partition(b"Content-Length: ")[2].split(b"\r\n")[0]):
            self._data = b""
            self.posted(json.loads(body) if head.startswith(b"POST /burst") else [body.decode()])

    def posted(self, texts: list[str]) -> None:
        publish(texts)
        self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def accepted(head: bytes) -> bytes:
    key = head.partition(b"Sec-WebSocket-Key: ")[2].split(b"\r\n")[0]
    proof = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
    return SWITCH + b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n"


def publish(texts: list[str]) -> None:
    for text in texts:
        frame = text_frame(text.encode())
        for watcher in WATCHERS:
            watcher.write(frame)


async def serve(made: Callable[[], Raw] = Raw) -> None:
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0, backlog=4096)
    print(f"listening on http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
