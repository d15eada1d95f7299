"""Connections as they come in: who may, and how long they may take to say what they want.

uvicorn's HTTP protocol with a gate before it. Nothing here waits for the application, so a flood costs little.
"""

from __future__ import annotations

import asyncio
import math
from typing import Any

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub.api.errors import http_error
from hub.errors import TooMany
from hub.push.limits import Gate
from hub.push.wire import address_of

HEAD_S = 10.0
"""How long the head of a request may take, from the connection or from its first byte on."""

IN_VAIN_S = 5.0
"""How long a body may go on after its answer: closing at once would have a reset overtake the answer."""

MAX_HEAD = 16 * 1024
"""Bytes of the head of a request."""

_encode = msgspec.json.Encoder().encode


class Entrance(H11Protocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate: Gate = self.config.gate  # type: ignore[attr-defined]
        self._deadline: asyncio.TimerHandle | None = None
        self._address = ""
        self._is_in = True
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = address_of(self.transport)
        self._is_in = self.gate.enter(self._address)
        self._mind_the_head()

    def data_received(self, data: bytes) -> None:
        if self._is_in:
            super().data_received(data)
            self._mind_the_head()
        else:
            self._refuse("too many connections from this address", 1.0)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        if wait := self.gate.enter_socket():
            self._refuse("too many WebSockets", wait)
        else:
            self._is_upgraded = True
            super().handle_websocket_upgrade(event)

    def send_400_response(self, msg: str) -> None:
        """An answer that has begun is the only one."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_waiting()
        self.gate.leave(self._address)

    def _mind_the_head(self) -> None:
        """While none is on its way the keep-alive time runs; a body that nobody wants any more is read in vain."""
        is_served = self.cycle is not None and not self.cycle.response_complete
        if is_served or self._is_upgraded or self.transport.is_closing():
            self._stop_waiting()
        elif self._deadline is None:
            wait_s = IN_VAIN_S if self.conn.their_state is h11.SEND_BODY else HEAD_S
            self._deadline = self.loop.call_later(wait_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, sentence: str, wait_s: float) -> None:
        self.transport.write(refusal(sentence, wait_s))
        self.transport.close()


def refusal(sentence: str, wait_s: float) -> bytes:
    """HTTP 429 with the documented error, said before anybody has read a request."""
    error = TooMany(sentence, retry_after_ms=math.ceil(wait_s * 1000))
    body = _encode({"status": 0, "error": http_error(error)})
    head = (
        "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Retry-After: {math.ceil(wait_s)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
