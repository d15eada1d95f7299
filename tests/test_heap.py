"""Connections are frozen as they come, and freed as soon as they are gone."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from hub.entrance import Entrance
from hub.heap import LEAST, Heap
from hub.push.wire import Wire
from hub.server import address_of, listen, serving
from tests.harness import PATIENCE_S


@pytest.fixture(autouse=True)
def own_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_the_heap_is_frozen_as_it_grows_and_again_after_it_has_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    at: list[int] = []
    monkeypatch.setattr(gc, "freeze", lambda: at.append(count))
    count = 0
    heap = Heap(lambda: count)
    for count in (0, LEAST, LEAST + 1, LEAST + 2, 2 * LEAST, 3 * LEAST, 10, LEAST + 20):  # noqa: B007 - heap reads it
        heap._look()
    assert at == [LEAST + 1, 3 * LEAST, LEAST + 20]


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for data in websocket.iter_bytes():
        await websocket.send_bytes(data)


def connections() -> int:
    return sum(isinstance(each, Wire | Entrance) for each in gc.get_objects())


async def test_a_connection_that_has_gone_is_freed_without_a_collection() -> None:
    with listen("127.0.0.1", 0) as listening:
        async with serving(Starlette(routes=[WebSocketRoute("/", echo)]), listening):
            async with connect(address_of(listening, "ws"), proxy=None) as socket:
                await socket.send("here")
                assert await socket.recv() == b"here"
                assert connections() == 1
            async with asyncio.timeout(PATIENCE_S):
                while connections():  # noqa: ASYNC110 - nothing tells of it
                    await asyncio.sleep(0)
