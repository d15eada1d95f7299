"""What lives long is not looked at again, and connections are freed as soon as they are gone."""

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
from hub.heap import MUCH, freeze_survivors
from hub.push.wire import Wire
from hub.server import address_of, listen, serving
from tests.harness import PATIENCE_S


@pytest.fixture(autouse=True)
def own_collections() -> Iterator[None]:
    """All that the tests before have left is out of the way."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.unfreeze()
    gc.enable()


def test_many_survivors_of_a_full_collection_are_frozen_and_few_are_not() -> None:
    before = gc.get_freeze_count()
    many = [[] for _ in range(MUCH // 2)]  # type: ignore[var-annotated]
    freeze_survivors("stop", {"generation": 1})
    freeze_survivors("stop", {"generation": 2})
    assert gc.get_freeze_count() <= before
    many += [[] for _ in range(MUCH)]
    gc.collect()
    freeze_survivors("start", {"generation": 2})
    assert gc.get_freeze_count() <= before
    freeze_survivors("stop", {"generation": 2})
    assert gc.get_freeze_count() > before + MUCH


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
