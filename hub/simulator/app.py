"""The simulator put together: an ASGI application whose lifespan runs the world."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from hub.simulator import control, door
from hub.simulator.delivery import Delivery
from hub.simulator.world import World


def make_app(
    world: World, callback_url: str, died: Callable[[str], None], address: str = "", certificate: str = ""
) -> Starlette:
    """`callback_url` is what the words of the callbacks are appended to; `died` hears of a task that ended.

    `address` is where it listens and `certificate` (PEM) what it shows there: both go into the file, for the commands.
    """
    woken = asyncio.Event()
    world.ledger.noticed = woken.set

    def report(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            died(f"{task.get_name()}: {task.exception()!r}")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await world.ledger.listens(address, certificate)
        delivery = Delivery(world.notices, callback_url, woken)
        tasks = [
            asyncio.create_task(world.run(), name="the simulator's world"),
            asyncio.create_task(delivery.run(), name="the simulator's callbacks"),
        ]
        for task in tasks:
            task.add_done_callback(report)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    unknown = {404: door.serve_unknown, 405: door.serve_unknown}
    routes = [*control.routes(world), *door.routes(world)]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=unknown)
    app.router.redirect_slashes = False
    return app
