"""One WebSocket connection as the hub writes to it: uvicorn's protocol, lent to the application as a `Peer`.

A frame is built once and the same bytes go to every watcher, straight to the transport: no queue, no task and no copy
for each client. What a client may do to a connection, and what is done about it, stands here too. With server.py and
entrance.py all that knows uvicorn.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import Any, Protocol, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from hub.bucket import Bucket
from hub.push.limits import Gate

EXTENSION = "confhub.peer"

RESTART = (4001, "restart")
SLOW = (4008, "slow")
TOO_BIG = 1009
NOT_UTF8 = 1007
ABUSE = (4504, "too many control frames")

STALL_S = 10.0
"""Who takes less than LEAST bytes in so long, while we have more to say, takes nothing."""

LEAST = 4096

CLOSE_S = 2.0
"""How long the peer has to answer a close, and to take what was written before it."""

FAREWELL_S = 2.0
"""How long a session may go on answering when the hub stops."""

FRAGMENTS = 1024
"""The most frames that one message may come in."""

PIECE = 2048
"""So many bytes are parsed at a time: a quarter of a megabyte, which may come at once, can be forty thousand frames."""

CONTROL_PER_S = 10
CONTROL_AT_ONCE = 200

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Transport(Protocol):
    def write(self, data: bytes) -> None: ...


class Peer(Protocol):
    """The far end of a session."""

    @property
    def is_writable(self) -> bool:
        """Less is buffered than the high-water mark, and the connection is not closing."""

    def write(self, frames: bytes) -> None:
        """Hand over one or more whole frames; nothing happens once the connection is closing."""

    @property
    def transport(self) -> Transport:
        """Its `write` is the peer's with nothing between, for as long as the peer is writable."""

    def subscribe(self, stopped: Callable[[], None]) -> None:
        """`stopped` is called as soon as the peer is not writable any more, be it for a while or for good."""

    def unsubscribe(self, stopped: Callable[[], None]) -> None: ...

    async def drained(self) -> None:
        """Returns when the peer is writable or gone; raises TimeoutError once it has taken nothing for STALL_S."""

    def close(self, code: int, reason: str) -> None:
        """Say why, and end the connection whether or not the peer listens."""

    def cut(self) -> None:
        """End the connection at once and forget what is buffered."""


class Wire(WebSocketsSansIOProtocol):
    """Is a Peer, and puts itself into the connection's ASGI scope as the extension `confhub.peer`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate: Gate = self.config.gate  # type: ignore[attr-defined]
        self.address = ""
        self._unparsed = bytearray()
        self._turn: asyncio.Handle | None = None
        self._fragments = 0
        self._control = Bucket(CONTROL_PER_S, CONTROL_AT_ONCE, self.loop.time)
        self._heard_at = 0.0
        self._is_deaf = False
        self._subscribers: list[Callable[[], None]] = []
        self._extensions: dict[str, Any] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = address_of(transport)

    # What comes in ---------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self._is_deaf:
            self._heard_at = self.loop.time()
            self._unparsed += data
            self._parse_if_idle()

    async def receive(self) -> ASGIReceiveEvent:
        message = await super().receive()
        self._heard_at = self.loop.time()
        self._parse_if_idle()
        return message

    def _parse_if_idle(self) -> None:
        if self._turn is None:
            self._parse()

    def _parse(self) -> None:
        """One piece, and only while somebody asks for messages; others have their turn before the next."""
        self._turn = None
        if self.transport.is_closing():
            return
        if self._unparsed and not self.read_paused:
            piece = bytes(self._unparsed[:PIECE])
            del self._unparsed[:PIECE]
            super().data_received(piece)
        if self.conn.handshake_exc:
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
        if self._unparsed:
            self.transport.pause_reading()
            self._turn = None if self.read_paused else self.loop.call_soon(self._parse)
        elif not self.read_paused:
            self.transport.resume_reading()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self._extensions = cast(dict[str, Any], self.scope["extensions"])
            self._extensions[EXTENSION] = self

    def handle_text(self, event: Frame) -> None:
        self._fragments = 0
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._fragments = 0
        super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        self._fragments += 1
        if self._fragments < FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(TOO_BIG, f"a message may come in at most {FRAGMENTS} frames")

    def send_receive_event_to_app(self) -> None:
        """Text and binary alike arrive as bytes."""
        data = b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text" and not _is_utf8(data):
            self._fail(NOT_UTF8, "a text message must be UTF-8")
            return
        self.queue.put_nowait({"type": "websocket.receive", "bytes": data})
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def handle_ping(self) -> None:
        """Pongs are not kept for a peer that does not take them."""
        pong = b"".join(self.conn.data_to_send())
        if self._is_too_much():
            self._fail(*ABUSE)
        elif self.is_writable and not self.close_sent:
            self.transport.write(pong)

    def handle_pong(self, event: Frame) -> None:
        if self._is_too_much():
            self._fail(*ABUSE)
        else:
            super().handle_pong(event)

    def _is_too_much(self) -> bool:
        return self._control.take() > 0

    def keepalive_timeout(self) -> None:
        """A pong may be waiting while we do not listen, or behind megabytes; whoever says something is there.

        Others would take no close.
        """
        patience_s = (self.ping_interval or 0) + (self.ping_timeout or 0)
        left_s = patience_s - (0 if self.read_paused else self.loop.time() - self._heard_at)
        if left_s > 0:
            self.pong_timer = self.loop.call_later(left_s, self.keepalive_timeout)
        else:
            self.cut()

    # What goes out ---------------------------------------------------------------------------------------------------

    async def send(self, message: ASGISendEvent) -> None:
        """A denial ends the handshake, which uvicorn forgets to note and then complains about.

        Once it is accepted nobody needs its heads any more: they would be kilobytes of every idle connection.
        """
        await super().send(message)
        if self.initial_response and self.close_sent:
            self.handshake_complete = True
        if message["type"] == "websocket.accept":
            del self.request, self.response

    @property
    def is_writable(self) -> bool:
        return self.writable.is_set() and self._is_open

    @property
    def _is_open(self) -> bool:
        return not self.close_sent and not self.disconnected and not self.transport.is_closing()

    def write(self, frames: bytes) -> None:
        if self._is_open:
            self.transport.write(frames)

    def subscribe(self, stopped: Callable[[], None]) -> None:
        self._subscribers.append(stopped)

    def unsubscribe(self, stopped: Callable[[], None]) -> None:
        self._subscribers.remove(stopped)

    def _tell_stopped(self) -> None:
        for stopped in self._subscribers:
            stopped()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._tell_stopped()

    async def drained(self) -> None:
        while not self.writable.is_set():
            before = self.transport.get_write_buffer_size()
            try:
                async with asyncio.timeout(STALL_S):
                    await self.writable.wait()
            except TimeoutError:
                if self.transport.get_write_buffer_size() > before - LEAST:
                    raise

    # The end ---------------------------------------------------------------------------------------------------------

    def close(self, code: int, reason: str) -> None:
        if self.conn.state is State.OPEN and not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(code, reason)
            self._part(code, reason)

    def _fail(self, code: int, reason: str) -> None:
        """The peer has broken the protocol: what else it says is not read."""
        if self.conn.state is State.OPEN:
            self.conn.fail(code, reason)
            self.handle_parser_exception()

    def handle_parser_exception(self) -> None:
        """uvicorn would close at once, and the reset for what is unread overtake the reason."""
        if self.conn.close_sent is None:
            self.transport.close()
        elif not self._is_deaf:
            self._is_deaf = True
            self._unparsed.clear()
            self._part(self.conn.close_sent.code, self.conn.close_sent.reason)

    def _part(self, code: int, reason: str) -> None:
        """Our close is said; what was written before it, and the peer's answer, have CLOSE_S to go through."""
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self._tell_stopped()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CLOSE_S, self.cut)

    def shutdown(self) -> None:
        """The session answers what it was asked, and then tells its peer to come back."""
        if not self.handshake_complete:
            super().shutdown()
        elif not self.close_sent:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": RESTART[0]})
            self.loop.call_later(FAREWELL_S, self.close, *RESTART)

    def cut(self) -> None:
        """Without the linger option the kernel would keep the unsent megabytes of a client that stopped reading."""
        if self.transport.is_closing():
            return
        if raw := self.transport.get_extra_info("socket"):
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()
        self._tell_stopped()

    def handle_close(self, event: Frame) -> None:
        super().handle_close(event)
        self._tell_stopped()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._tell_stopped()
        self._open_circles()
        self.gate.leave_socket()
        self.gate.leave(self.address)

    def _open_circles(self) -> None:
        """What refers to itself would wait for a collection of all there is; see heap.py."""
        self.conn.parser.close()
        self._extensions.clear()


def address_of(transport: asyncio.BaseTransport) -> str:
    """Of a connection that has just come: once it is broken the system no longer knows."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return b"\x81" + size.to_bytes(1) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
