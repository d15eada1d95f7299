from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from hub.simulator.app import make_app
from hub.simulator.world import open_world
from tests.harness import PATIENCE_S
from tests.simulator.doubles import Application, Client

SPEED = 50.0

Run = Callable[..., Awaitable[Client]]


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    application = Application()
    await application.start()
    yield application
    await application.stop()


@pytest.fixture
async def run(application: Application, tmp_path: Path) -> AsyncIterator[Run]:
    """Starts the platform on a file; again on the same one: as after a crash."""
    running: dict[str, tuple[Any, Client]] = {}

    async def stop(name: str) -> None:
        if name in running:
            lifespan, client = running.pop(name)
            await client.http.aclose()
            await lifespan.__aexit__(None, None, None)
            await client.world.ledger.close()

    async def start(name: str = "world.db", *, speed: float = SPEED, seed: int | None = 1) -> Client:
        await stop(name)
        world = await open_world(tmp_path / name, speed, seed)
        app = make_app(world, application.url, lambda what: None, "http://platform")
        lifespan = app.router.lifespan_context(app)
        await lifespan.__aenter__()
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://platform")
        running[name] = (lifespan, Client(world, http, app))
        return running[name][1]

    yield start
    for name in list(running):
        await stop(name)


@pytest.fixture
async def client(run: Run) -> Client:
    return await run()


class Server(uvicorn.Server):
    """Stops at once, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()
        self.force_exit = True

    async def main_loop(self) -> None:
        await self.stop.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def served(client: Client) -> AsyncIterator[Client]:
    """The same platform behind a real server, for what only a connection shows."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(uvicorn.Config(client.app, lifespan="off", ws="none", log_config=None))
        task = asyncio.create_task(server.serve([listening]))
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False, timeout=PATIENCE_S
        ) as http:
            yield Client(client.world, http, client.app)
        server.stop.set()
        await task
