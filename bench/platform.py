"""A telephony platform that does everything at once and says yes: so that only the hub is measured."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from collections.abc import AsyncIterator

from bench.posts import length_of

SID, TOKEN, APP = "bench", "bench-token", "bench-app"

_numbers = itertools.count(60_000_000)
_CALL = re.compile(rb"<(CreateConf|InviteJoinConf|QueryConfState)")


class Platform(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, end, body = self._data.partition(b"\r\n\r\n")
        if end and len(body) >= length_of(head):
            self._data = b""
            said = answer(body)
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said)
            )


def answer(body: bytes) -> bytes:
    found = _CALL.search(body)
    match found and found[1]:
        case b"CreateConf":
            number = next(_numbers)
            return b'{"statusCode":"000000","confid":"%d","voiptoconfid":"%d"}' % (number, number)
        case b"InviteJoinConf":
            return b'{"statusCode":"000000","callSid":"call%d"}' % next(_numbers)
        case b"QueryConfState":
            return b'{"statusCode":"000000","state":"1"}'
        case _:
            return b'{"statusCode":"000000"}'


@contextlib.asynccontextmanager
async def platform() -> AsyncIterator[str]:
    """Its address."""
    server = await asyncio.get_running_loop().create_server(Platform, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
