"""The confhub command: settings, listening sockets, uvicorn, and the end of the process when something vital dies."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import signal
import socket
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from hub import config
from hub.api.callbacks import PATH
from hub.app import make_app, now
from hub.config import Settings, SimulatorSettings
from hub.errors import StartRefused
from hub.providers.yuntongxun import Yuntongxun
from hub.providers.yuntongxun_rest import Rest
from hub.push.wire import Wire
from hub.simulator import commands
from hub.simulator.app import make_app as make_simulator
from hub.simulator.world import World, open_world
from hub.store.sqlite import open_store

logger = logging.getLogger("hub")

GRACE_S = 5
"""How long requests may take to end when the hub stops."""

BACKLOG = 2048
MAX_MESSAGE = 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 after an orderly stop, 1 if something vital died, 2 if the hub would not start."""
    given = sys.argv[1:] if arguments is None else arguments
    if commands.is_one(given):
        return commands.main(given[1:])
    words = _parser().parse_args(_with_default(given))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("hub").setLevel(logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        config.refuse_unknown(os.environ)
        settings = config.read_settings(words.kind, config.given_flags(words, words.kind), os.environ)
        code: int = asyncio.run(words.run(settings))
        return code
    except StartRefused as refused:
        print(f"confhub: {refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def _with_default(arguments: Sequence[str]) -> Sequence[str]:
    """`serve` may be left out."""
    first = arguments[0] if arguments else ""
    return arguments if first in ("serve", "simulator", "-h", "--help") else ["serve", *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="confhub",
        allow_abbrev=False,
        description="A control hub for moderated telephone conferences. Without a command it serves.",
        epilog="`confhub serve --help` lists the settings; each is also the environment variable in its brackets.",
    )
    kinds = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, kind, run, help in (
        ("serve", Settings, serve, "run the hub, with the built-in simulator unless a provider is given"),
        ("simulator", SimulatorSettings, simulate, "run the telephony platform alone, for a hub elsewhere"),
    ):
        command = kinds.add_parser(name, allow_abbrev=False, help=help, description=help[0].upper() + help[1:] + ".")
        config.add_flags(command, kind)
        command.epilog = commands.HELP if kind is SimulatorSettings else None
        command.set_defaults(kind=kind, run=run)
    return parser


async def serve(settings: Settings) -> int:
    config.check(settings)
    async with contextlib.AsyncExitStack() as own:
        listening = own.enter_context(_listen(settings.host, settings.port))
        address = _address(listening)
        own.enter_context(_taken(settings.database))
        store = await open_store(settings.database)
        own.push_async_callback(store.close)
        supervisor = Supervisor()
        secret = settings.callback_secret or store.callback_secret
        url, credentials = await _provider(settings, f"{address}{PATH}/{secret}", supervisor, own)
        reminder = (settings.provider_sms_template, settings.provider_sms_datas.split(","))
        sid, token, app_id = credentials
        provider = Yuntongxun(Rest(url, (sid, token), settings.timezone, now), app_id, reminder)
        own.push_async_callback(provider.close)
        app = make_app(store, provider, secret, settings, supervisor.died)
        print(_greeting(address, settings), flush=True)
        logger.info("started with %s; calls are %s", settings.database, _calls(settings))
        code = await supervisor.run(app, listening)
        logger.info("stopped")
        return code


async def simulate(settings: SimulatorSettings) -> int:
    async with contextlib.AsyncExitStack() as own:
        listening = own.enter_context(_listen(settings.host, settings.port))
        tls = _tls(settings)
        address = _address(listening, "https" if tls else "http")
        world = await _open_world(settings.database, settings.speed, settings.seed, own)
        supervisor = Supervisor()
        shown = settings.certificate.read_text() if settings.certificate else ""
        app = make_simulator(world, settings.callback_url, supervisor.died, address, shown)
        print(f"listening on {address}")
        print(f"account_sid={world.sid}\nauth_token={world.token}\napp_id={world.app_id}", flush=True)
        return await supervisor.run(app, listening, **tls)


def _tls(settings: SimulatorSettings) -> dict[str, Any]:
    """For uvicorn: certificate and key, or nothing."""
    certificate, key = settings.certificate, settings.key
    if certificate is None and key is None:
        return {}
    if certificate is None or key is None:
        raise StartRefused("CONFHUB_CERTIFICATE and CONFHUB_KEY belong together: one of them is not set.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise StartRefused(f"The certificate {certificate} and the key {key} cannot be used: {error}.") from error
    return {"ssl_certfile": certificate, "ssl_keyfile": key}


async def _provider(
    settings: Settings, callback_url: str, supervisor: Supervisor, own: contextlib.AsyncExitStack
) -> tuple[str, tuple[str, str, str]]:
    """Address and credentials of the platform, or of the simulator, which runs then beside the hub."""
    sid, token, app_id = settings.provider_account_sid, settings.provider_auth_token, settings.provider_app_id
    if settings.provider_url and sid and token and app_id:
        return settings.provider_url, (sid, token, app_id)
    path = settings.database.with_name(settings.database.stem + "-simulator.db")
    world = await _open_world(path, settings.speed, settings.seed, own)
    listening = own.enter_context(_listen("127.0.0.1", 0))
    simulator = make_simulator(world, callback_url, supervisor.died, _address(listening))
    await own.enter_async_context(_serving(simulator, listening))
    return _address(listening), (world.sid, world.token, world.app_id)


async def _open_world(path: Path, speed: float, seed: int | None, own: contextlib.AsyncExitStack) -> World:
    own.enter_context(_taken(path))
    try:
        world = await open_world(path, speed, seed)
    except sqlite3.Error as error:
        raise StartRefused(f"The simulator's database {path} cannot be used: {error}.") from error
    own.push_async_callback(world.ledger.close)
    return world


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[None]:
    """The file is this process's alone, whatever name it goes by: a second hub would number events twice."""
    try:
        file = open(path, "ab")  # noqa: SIM115 - closed below, when everything else is
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StartRefused(f"The database {path} is in use by another process.") from None
    except OSError as error:
        raise StartRefused(f"The database {path} cannot be used: {error.strerror}.") from error
    with file:
        yield


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
async def _serving(app: Starlette, listening: socket.socket) -> AsyncIterator[None]:
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


def _listen(host: str, port: int) -> socket.socket:
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


def _address(listening: socket.socket, scheme: str = "http") -> str:
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _calls(settings: Settings) -> str:
    return f"made by {settings.provider_url}" if settings.provider_url else "simulated"


def _greeting(address: str, settings: Settings) -> str:
    body = '{"id":"alice","appid":"demo","name":"First call"}'
    return (
        f"listening on {address}\n"
        f"page: {settings.public_url or address}/\n"
        f"try:  curl -s {address}/createConf -H 'Content-Type: application/json' -d '{body}'\n"
        f"calls are {_calls(settings)}"
    )
