"""The wire on a real server, whose pings come twice a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from hub import server
from hub.server import listen, serving
from tests.harness import PATIENCE_S
from tests.hostile.raw import BINARY, PING, PONG, TEXT, Ending, Raw, frame

PING_S = PONG_S = 0.5


async def echo(websocket: WebSocket) -> None:
    """Takes a while over whatever is said."""
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        await asyncio.sleep(2 * PONG_S)
        await websocket.send_bytes(message["bytes"])


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    monkeypatch.setattr(server, "PING_S", PING_S)
    monkeypatch.setattr(server, "PONG_S", PONG_S)
    listening = listen("127.0.0.1", 0)
    async with serving(Starlette(routes=[WebSocketRoute("/ws", echo)]), listening):
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def test_whoever_is_silent_is_gone(url: str) -> None:
    with await Raw.session(url) as raw:
        assert await raw.ending() == Ending(None)


async def test_whoever_falls_silent_is_gone_whatever_was_said_before(url: str) -> None:
    with await Raw.session(url) as raw:
        first = await raw.next()
        assert first
        assert first.opcode == PING
        await raw.write(frame(TEXT, "one last word"))
        assert await raw.ending() == Ending(None)


async def test_whoever_speaks_lives_though_no_pong_comes(url: str) -> None:
    """It may lie behind megabytes."""
    with await Raw.session(url) as raw:
        for _ in range(5):
            await asyncio.sleep(PONG_S * 1.4)
            await raw.write(frame(PONG, "late"))
        await raw.write(frame(PING, "still here"))
        while (each := await raw.next()) and each.opcode == PING:
            pass
        assert each
        assert (each.opcode, each.payload) == (PONG, b"still here")


async def test_whoever_answers_pings_lives_while_nobody_listens(url: str) -> None:
    """Their pongs lie unread behind what they said."""
    heard = []
    with await Raw.session(url) as raw:
        for word in ("one", "two", "three"):
            await raw.write(frame(TEXT, word))
        async with asyncio.timeout(PATIENCE_S):
            while len(heard) < 3 and (each := await raw.next()):
                if each.opcode == PING:
                    await raw.write(frame(PONG, each.payload))
                if each.opcode == BINARY:
                    heard.append(each.payload)
    assert heard == [b"one", b"two", b"three"]
