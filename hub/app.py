"""Composition root: makes everything, decides nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from hub.access.access import Access
from hub.access.identity import LOCAL, Author
from hub.api import callbacks, headers, http, metrics, rows, websocket
from hub.api.addresses import Addresses
from hub.api.changes import changes
from hub.api.idempotency import KEPT, Once
from hub.api.registry import Context, call
from hub.bucket import Buckets
from hub.config import Settings
from hub.inbox import Inbox
from hub.lives import Wording
from hub.providers.base import Provider
from hub.push.fanout import FanOut
from hub.retention import Retention
from hub.service import Conferences, Patience
from hub.store.base import Kept
from hub.store.commits import CommitLoop
from hub.store.sqlite import SQLiteStore

NOTICES_AT_ONCE = 100
NOTICES_PER_MINUTE = 20
"""Reminders of an app, each to as many numbers as the provider takes at once."""


def make_app(
    store: SQLiteStore,
    provider: Provider,
    callback_secrets: Sequence[str],
    settings: Settings,
    died: Callable[[str], None],
    url: str = "",
) -> Starlette:
    """The hub as an ASGI application; `url` is its address for those who are sent a link.

    `died` is told when a task ends that must not: whoever runs the application ends the process then.
    """
    fanout = FanOut(store.page)
    patience = Patience(ring=settings.ring_timeout, reconcile=settings.reconcile)
    conferences = Conferences(store, provider, Wording(rows.event_body, changes), fanout.publish, now, patience)
    is_open = settings.auth == "open"
    access = Access(store, conferences.submit, now, time.monotonic, is_open=is_open)

    retention = Retention(store, conferences.submit, _days(settings), now)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        work = {**conferences.workers(), "retention": retention.run()}
        workers = [asyncio.create_task(each, name=name) for name, each in work.items()]
        for worker in workers:
            worker.add_done_callback(lambda task: died(task.get_name()))
        try:
            await access.start()
            await conferences.start()
            app.state.is_ready.set()
            yield
            await access.audit.complete()
            await conferences.stop()
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    addresses = Addresses(settings.proxies, settings.trusted, settings.callback_networks)
    door = partial(callbacks.Door, secrets=callback_secrets, addresses=addresses, keep=conferences.receive, now=now)
    app = Starlette(
        routes=[*http.routes(), metrics.route(), callbacks.route(), *websocket.routes(), *_page()],
        exception_handlers={HTTPException: http.refuse, Exception: http.refuse},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.middleware_stack = door(headers.safe(app.build_middleware_stack(), settings.origins))
    app.state.context = _context(store, conferences, access, conferences.inbox, settings, url)
    app.state.once = Once(store, conferences.submit, now)
    app.state.addresses = addresses
    app.state.door = door
    app.state.fanout = fanout
    app.state.provider = provider
    app.state.public_url = settings.public_url
    app.state.origins = settings.origins
    app.state.is_open = is_open
    app.state.is_simulated = settings.provider_url is None
    app.state.now = now
    app.state.is_ready = asyncio.Event()
    return app


def make_local_app(app: Starlette) -> Starlette:
    """For whoever may open the hub's own files: JSON-RPC, and every operation is theirs."""
    return Starlette(routes=[http.local_route(app.state.context, app.state.is_ready)])


def make_callback_app(app: Starlette) -> Starlette:
    """For the built-in simulator of a hub whose certificate may be of another name than this machine's."""
    inside = Starlette(routes=[callbacks.route()])
    inside.middleware_stack = app.state.door(inside.build_middleware_stack())
    inside.state = app.state
    return inside


async def run_alone(store: SQLiteStore, operation: str, params: Mapping[str, Any]) -> Any:
    """One operation of access or of the inbox on a database that no hub runs on. Raises HubError."""
    commits = CommitLoop(store.write, lambda batch: None, lambda batch: None)
    worker = asyncio.create_task(commits.run(), name="commit loop")
    access = Access(store, commits.submit, now, time.monotonic)
    try:
        await access.start()
        inbox = Inbox(store, commits.submit)
        context = _context(store, cast(Conferences, None), access, inbox, Settings(), "")
        return await call(replace(context, author=Author(LOCAL)), operation, params)
    finally:
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


def _days(settings: Settings) -> Mapping[Kept, int]:
    days = {Kept.CALLBACKS: settings.inbox_days, Kept.EVENTS: settings.log_days, Kept.AUDIT: settings.audit_days}
    return days | {Kept.CLAIMS: KEPT.days}


def _context(
    store: SQLiteStore, conferences: Conferences, access: Access, inbox: Inbox, settings: Settings, url: str
) -> Context:
    return Context(
        conferences=conferences,
        access=access,
        inbox=inbox,
        epoch=store.epoch,
        max_roster=settings.max_roster,
        zone=settings.timezone,
        url=settings.public_url or url,
        notices=Buckets(NOTICES_PER_MINUTE / 60, NOTICES_AT_ONCE, time.monotonic),
    )


def now() -> datetime:
    """UTC, to the millisecond that the log keeps."""
    return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


def _page() -> list[BaseRoute]:
    """The page's files: beside this module when installed, beside the package in a checkout."""
    installed = Path(__file__).parent / "static"
    folder = installed if installed.is_dir() else Path(__file__).parent.parent / "static"
    return [
        Route("/", lambda _: FileResponse(folder / "index.html")),
        Mount("/css", StaticFiles(directory=folder / "css")),
        Mount("/js", StaticFiles(directory=folder / "js")),
    ]
