"""One WebSocket connection as the hub writes to it: uvicorn's protocol, lent to the application as a `Peer`.

A frame is built once and the same bytes go to every watcher, straight to the transport: no queue, no task and no copy
for each client. With cli.py all that knows uvicorn.
"""

from __future__ import annotations

import socket
import struct
from typing import Protocol

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

EXTENSION = "confhub.peer"

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Peer(Protocol):
    """The far end of a session."""

    @property
    def is_writable(self) -> bool:
        """Less is buffered than the high-water mark."""

    def write(self, frames: bytes) -> None:
        """Hand over one or more whole frames; nothing happens once the connection is closing."""

    async def drained(self) -> None:
        """Returns when the peer is writable or gone."""

    def cut(self) -> None:
        """End the connection at once and forget what is buffered."""


class Wire(WebSocketsSansIOProtocol):
    """Is a Peer, and puts itself into the connection's ASGI scope as the extension `confhub.peer`."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]

    async def send(self, message: ASGISendEvent) -> None:
        """A denial ends the handshake, which uvicorn forgets to note and then complains about."""
        await super().send(message)
        if self.initial_response and self.close_sent:
            self.handshake_complete = True

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set()

    def write(self, frames: bytes) -> None:
        if not self.close_sent and not self.disconnected and not self.transport.is_closing():
            self.transport.write(frames)

    async def drained(self) -> None:
        await self.writable.wait()

    def cut(self) -> None:
        """Without the linger option the kernel would keep the unsent megabytes of a client that stopped reading."""
        if raw := self.transport.get_extra_info("socket"):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload
