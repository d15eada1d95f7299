"""Connections as they come in: who may, and how long they may take to say what they want.

uvicorn's HTTP protocol with a gate before it. Nothing here waits for the application, so a flood costs little.
"""

from __future__ import annotations

import asyncio
import math
from http import HTTPStatus
from typing import Any, cast

import msgspec
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from hub.api.errors import InvalidRequest, http_error, http_status
from hub.errors import HubError, TooMany
from hub.push.limits import Gate
from hub.push.wire import address_of

HEAD_S = 10.0
"""How long the head of a request may take, from the connection or from its first byte on."""

BODY_S = 20.0
"""How long its body may take then."""

IN_VAIN_S = 5.0
"""How long a body may go on after its answer: closing at once would have a reset overtake the answer."""

IDLE_S = 5.0
"""How long the next request may wait for."""

LOOK_S = 1.0
"""How often that is looked at: a timer of its own for each wait would be a twentieth of what a request costs."""

MAX_HEAD = 16 * 1024
"""Bytes of the head of a request."""

PIECE = 4096
"""So many bytes are parsed at a time: a quarter of a megabyte, which may come at once, can be thousands of requests."""

_encode = msgspec.json.Encoder().encode


class Entrance(HttpToolsProtocol):
    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.gate: Gate = self.config.gate  # type: ignore[attr-defined]
        self._awaited = ("nothing", math.inf)
        self._deadline = math.inf
        self._address = ""
        self._answered: RequestResponseCycle | None = None
        self._unread = bytearray()
        self._head_size = 0
        self._is_in = True
        self._is_in_head = False
        self._is_in_body = False
        self._is_upgraded = False
        self._is_deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._address = address_of(self.transport)
        self._is_in = self.gate.enter(self._address)
        self._mind_the_client()
        self._timer = self.loop.call_later(LOOK_S, self._look)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        if not self._is_in:
            self._refuse(TooMany.after("too many connections from this address", 1.0))
            return
        self._unread += data
        self._read()
        self._mind_the_client()

    def _read(self) -> None:
        """A piece at a time, and no more while requests wait for the answers to those before them."""
        while self._unread and not self.pipeline and not self._is_deaf and not self._is_upgraded:
            piece = bytes(self._unread[:PIECE])
            del self._unread[:PIECE]
            self._head_size += len(piece)
            super().data_received(piece)
            if self._head_size > MAX_HEAD and not self._is_in_body:
                self.send_400_response(f"the head of a request may have {MAX_HEAD} bytes")
        if self._unread:
            self.flow.pause_reading()

    def on_response_complete(self) -> None:
        """In the place of uvicorn's, which would read on after each answer, however many requests are waiting."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        if not self.pipeline:
            self.flow.resume_reading()
            self._read()
        self._mind_the_client()

    def on_message_begin(self) -> None:
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._is_in_head, self._is_in_body = False, True

    def on_message_complete(self) -> None:
        self._is_in_body = False
        self._head_size = 0
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        if wait := self.gate.enter_socket():
            self._refuse(TooMany.after("too many WebSockets", wait))
        else:
            self._is_upgraded = True
            self._timer.cancel()
            super().handle_websocket_upgrade()
            self.parser = None  # type: ignore[assignment] # it refers to us, and nobody else does any more

    def send_400_response(self, msg: str) -> None:
        """An answer that has begun is the only one, and one that is still to come is the last."""
        self._is_deaf = True
        self.flow.pause_reading()
        if self._is_in_body and self.pipeline:
            self.pipeline.popleft()
            last = self.pipeline[0][0] if self.pipeline else self._answered
            cast(RequestResponseCycle, last).keep_alive = False
        elif self._is_served and not self._is_in_body:
            self.cycle.keep_alive = False
        elif self._is_in_body and self.cycle.response_started:
            self.transport.close()
        else:
            self._refuse(InvalidRequest(msg))

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of requests that were sent without waiting for answers uvicorn tells only the last."""
        self._is_deaf = True
        self.pipeline.clear()
        super().connection_lost(exc)
        if self._answered:
            self._answered.disconnected = True
            self._answered.message_event.set()
        self._timer.cancel()
        self.gate.leave(self._address)

    @property
    def _is_served(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _mind_the_client(self) -> None:
        """Its time begins anew only where something else is awaited of it."""
        awaited = self._what_is_awaited()
        if awaited != self._awaited:
            self._awaited = awaited
            self._deadline = self.loop.time() + awaited[1]

    def _what_is_awaited(self) -> tuple[str, float]:
        """And how long it may take for that; nothing while it is our turn."""
        if self._is_in_body and not self.pipeline:
            return ("body", BODY_S) if self._is_served else ("rest of a body", IN_VAIN_S)
        if self._is_served:
            return "nothing", math.inf
        return ("head", HEAD_S) if self._is_in_head or self.cycle is None else ("request", IDLE_S)

    def _look(self) -> None:
        if self.transport.is_closing():
            return
        if self.loop.time() >= self._deadline:
            self._give_up()
        self._timer = self.loop.call_later(LOOK_S, self._look)

    def _give_up(self) -> None:
        match self._awaited[0]:
            case "body":
                self.send_400_response(f"the body took longer than {BODY_S:.0f} s")
            case "request":
                self.transport.close()
            case _:
                self.transport.abort()

    def _refuse(self, error: HubError) -> None:
        self.transport.write(refusal(error))
        self.transport.close()


def refusal(error: HubError) -> bytes:
    """An answer with the documented error, said before anybody has read the request."""
    status = HTTPStatus(http_status(error))
    body = _encode({"status": 0, "error": http_error(error)})
    retry = f"Retry-After: {math.ceil(error.data['retry_after_ms'] / 1000)}\r\n" if isinstance(error, TooMany) else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"{retry}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
