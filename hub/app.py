"""Composition root: makes everything, decides nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from hub.api import callbacks, http, rows, websocket
from hub.api.registry import Context
from hub.config import Settings
from hub.providers.base import Provider
from hub.push.fanout import FanOut
from hub.service import Conferences
from hub.store.sqlite import SQLiteStore


def make_app(
    store: SQLiteStore, provider: Provider, callback_secret: str, settings: Settings, died: Callable[[str], None]
) -> Starlette:
    """The hub as an ASGI application.

    `died` is told when a task ends that must not: whoever runs the application ends the process then.
    """
    fanout = FanOut(store.page)
    conferences = Conferences(store, provider, rows.event_body, fanout.publish, now)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        workers = [asyncio.create_task(work, name=name) for name, work in conferences.workers().items()]
        for worker in workers:
            worker.add_done_callback(lambda task: died(task.get_name()))
        try:
            await conferences.start()
            yield
            await conferences.stop()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    app = Starlette(
        routes=[*http.routes(), callbacks.route(), *websocket.routes(), *_page()],
        exception_handlers={HTTPException: http.refuse, Exception: http.refuse},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.context = Context(conferences, store.epoch, settings.max_roster, settings.timezone)
    app.state.fanout = fanout
    app.state.provider = provider
    app.state.callback_secret = callback_secret
    app.state.public_url = settings.public_url
    app.state.is_simulated = settings.provider_url is None
    app.state.refused_callbacks = 0
    app.state.now = now
    return app


def now() -> datetime:
    """UTC, to the millisecond that the log keeps."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _page() -> list[BaseRoute]:
    """The page's files: beside this module when installed, beside the package in a checkout."""
    installed = Path(__file__).parent / "static"
    folder = installed if installed.is_dir() else Path(__file__).parent.parent / "static"
    return [
        Route("/", lambda _: FileResponse(folder / "index.html")),
        Mount("/css", StaticFiles(directory=folder / "css")),
        Mount("/js", StaticFiles(directory=folder / "js")),
    ]
