"""Listening sockets, uvicorn on them, and the end of the process when something vital dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from hub.errors import StartRefused
from hub.push.wire import Wire

logger = logging.getLogger("hub")

GRACE_S = 5
"""How long requests may take to end when the hub stops."""

BACKLOG = 2048
MAX_MESSAGE = 1024 * 1024


class Supervisor:
    """Runs the server until a signal comes or something vital dies."""

    def __init__(self) -> None:
        self._server: Server | None = None
        self._has_died = False
        self._is_stopping = False

    def died(self, what: str) -> None:
        """A task has ended that must not; during a stop that is no news."""
        if not self._is_stopping:
            logger.critical("%s has died; the hub stops", what)
            self._has_died = True
            self.stop()

    def stop(self) -> None:
        self._is_stopping = True
        if self._server:
            self._server.should_exit = True

    async def run(self, app: Starlette, listening: socket.socket, **tls: Any) -> int:
        """The exit code of the process."""
        self._server = Server(_config(app, **tls))
        self._server.should_exit = self._is_stopping
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        await self._server.serve([listening])
        self._is_stopping = True
        return 1 if self._has_died or not self._server.started else 0


@contextlib.asynccontextmanager
async def serving(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
    """A second server beside the hub's, for as long as the context lasts."""
    server = Server(_config(app))
    task = asyncio.create_task(server.serve([listening]), name="simulator")
    try:
        yield
    finally:
        server.should_exit = True
        await task


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the supervisor's."""
        yield


def _config(app: Starlette, **tls: Any) -> uvicorn.Config:
    """No access log: it would have the callback secret. No deflate: it costs more memory than it saves traffic."""
    return uvicorn.Config(
        app,
        ws=Wire,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        **tls,
    )


def listen(host: str, port: int) -> socket.socket:
    """asyncio sets TCP_NODELAY only on sockets that name their protocol: without it every answer waits 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise StartRefused(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return listening


def address_of(listening: socket.socket, scheme: str = "http") -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def tls_of(certificate: Path | None, key: Path | None) -> dict[str, Any]:
    """For uvicorn: certificate and key, or nothing. Raises StartRefused."""
    if certificate is None and key is None:
        return {}
    if certificate is None or key is None:
        raise StartRefused("CONFHUB_CERTIFICATE and CONFHUB_KEY belong together: one of them is not set.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise StartRefused(f"The certificate {certificate} and the key {key} cannot be used: {error}.") from error
    return {"ssl_certfile": certificate, "ssl_keyfile": key}
