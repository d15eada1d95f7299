"""Listening sockets, uvicorn on them, and the end of the process when something vital dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import resource
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette

from hub.entrance import HEAD_S, Entrance
from hub.errors import StartRefused
from hub.heap import keep_collections_short
from hub.push.limits import MAX_MESSAGE, Gate, Limits
from hub.push.wire import Wire

logger = logging.getLogger("hub")

GRACE_S = 4.0
"""How long requests may take to end when the hub stops; then they are told that nobody knows their outcome."""

LAST_WORDS_S = 0.5
"""And how long that may take."""

PING_S = 15.0
PONG_S = 10.0
"""A client that is silent is gone 25 s later at most."""

TCP = {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPINTVL": 10,
    "TCP_USER_TIMEOUT": 15_000,
    "TCP_NOTSENT_LOWAT": 16 * 1024,
}
"""Options of the connections, where the system has them.

The kernel tries a silent connection after 30 s, and gives up who acknowledges nothing, or opens no window, for 15 s:
after the hub would have said why. It takes 16 KiB that it cannot send yet, not megabytes for a client that has stalled.
"""

OTHER_FILES = 500
"""File descriptors beside the WebSockets."""

BACKLOG = 2048


class Loop(uvloop.Loop):
    """uvloop's, which does not wait for a minute until a TLS handshake is over: uvicorn has no setting for it."""

    async def create_server(self, *arguments: Any, **named: Any) -> Any:
        if named.get("ssl"):
            named["ssl_handshake_timeout"] = HEAD_S
        return await super().create_server(*arguments, **named)


class Supervisor:
    """Runs the server until a signal comes or something vital dies."""

    def __init__(self, limits: Limits, is_proxy: Callable[[str], bool] = lambda address: False) -> None:
        self._gate = Gate(limits, time.monotonic, is_proxy)
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
        self._server = Server(_config(app, self._gate, **tls))
        self._server.should_exit = self._is_stopping
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self.stop)
        keep_collections_short()
        await self._server.serve([listening])
        self._is_stopping = True
        return 1 if self._has_died or not self._server.started else 0


@contextlib.asynccontextmanager
async def serving(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
    """A second server beside the hub's, which answers for as long as the context lasts."""
    server = Server(_config(app, Gate(Limits(), time.monotonic)))
    task = asyncio.create_task(server.serve([listening]), name="second server")
    task.add_done_callback(lambda _: server.has_started.set())
    try:
        await server.has_started.wait()
        yield
    finally:
        server.should_exit = True
        await task


class Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the supervisor's."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's own limit only makes noise about what it has cut off, and leaves connections that take nothing."""
        loop = asyncio.get_running_loop()
        for delay_s, end in ((GRACE_S, self._end_requests), (GRACE_S + LAST_WORDS_S, self._end_connections)):
            loop.call_later(delay_s, end)
        await super().shutdown(sockets)

    def _end_requests(self) -> None:
        if tasks := self.server_state.tasks:
            logger.warning("%d requests took too long for a stop", len(tasks))
        for task in tasks:
            task.cancel()

    def _end_connections(self) -> None:
        for connection in self.server_state.connections:
            connection.transport.abort()


class Config(uvicorn.Config):
    """What the protocols find everything in; `gate` is theirs."""

    gate: Gate


def _config(app: Starlette, gate: Gate, **tls: Any) -> Config:
    """No access log: it would have the callback secret. No deflate: it costs more memory than it saves traffic.

    No proxy headers: whoever is on this machine could give themselves any address.
    """
    config = Config(
        app,
        http=Entrance,
        ws=Wire,
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PONG_S,
        proxy_headers=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=math.ceil(GRACE_S + 2 * LAST_WORDS_S),
        **tls,
    )
    config.gate = gate
    return config


def listen(host: str, port: int) -> socket.socket:
    """What is set here every accepted socket has. asyncio sets TCP_NODELAY only on sockets that name their protocol:
    without it every answer waits 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in TCP.items():
            if hasattr(socket, option):
                listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise StartRefused(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return listening


def make_room(sockets: int) -> None:
    """File descriptors for so many WebSockets, as far as the system allows; a hub with too few goes on and says so."""
    wanted = sockets + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < enough:
        resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))
    if enough < wanted:
        logger.warning("%d open files are allowed, %d WebSockets may want %d: raise the limit", enough, sockets, wanted)


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
