"""One socket, and what is sent over it. Decides nothing: what an answer means is its caller's business."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed

CLOSE_S = 1.0
LARGEST_MESSAGE = 64 * 1024 * 1024
"""Bytes. A snapshot of 10,000 rows has some 2.6 MB."""

Params = Mapping[str, Any]


class Socket(ClientConnection):
    """Notes that anything came over it, were it a piece of a message."""

    def __init__(self, protocol: ClientProtocol, **named: Any) -> None:
        protocol.debug = False  # at the level DEBUG every frame would be logged, and with it the token
        super().__init__(protocol, **named)
        self.heard = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.heard.set()
        super().data_received(data)


@dataclass(slots=True, eq=False)
class Call:
    """`then` hears the result before anything that comes after it is read."""

    message: str = field(repr=False)
    answer: asyncio.Future[Any]
    then: Callable[[Any], None] | None
    is_sent: bool = False

    def succeed(self, result: Any) -> None:
        if self.then:
            self.then(result)
        if not self.answer.done():
            self.answer.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


def make_call(id: int, method: str, params: Params, then: Callable[[Any], None] | None = None) -> Call:
    """The answer to come need not be awaited by anybody."""
    message = json.dumps({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
    call = Call(message, asyncio.get_running_loop().create_future(), then)
    call.answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())
    return call


def address(url: str) -> str:
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    if scheme not in ("ws", "wss") or not parts.hostname or parts.port == 0:
        raise ValueError(f"not the address of a hub, like http://127.0.0.1:8000: {url}")
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ws"


def opening(address: str, limit_s: float) -> connect:
    return connect(
        address,
        compression=None,
        proxy=None,
        open_timeout=limit_s,
        ping_interval=None,
        close_timeout=CLOSE_S,
        max_size=LARGEST_MESSAGE,
        create_connection=Socket,
    )


async def send_all(outbox: asyncio.Queue[Call], socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            call = await outbox.get()
            call.is_sent = True
            await socket.send(call.message)
