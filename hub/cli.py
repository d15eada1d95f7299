"""The confhub command: reads settings, puts hub and simulator together, and runs them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from hub import config, local, orders
from hub.access.access import first_key
from hub.access.keys import Keys
from hub.api.addresses import Addresses
from hub.api.callbacks import PATH
from hub.app import make_app, make_callback_app, make_local_app, now, run_alone
from hub.config import DatabaseSettings, Settings, SimulatorSettings
from hub.errors import HubError, StartRefused, StorageUnavailable
from hub.providers.yuntongxun import Yuntongxun
from hub.providers.yuntongxun_rest import Rest
from hub.push.limits import Limits
from hub.server import Loop, Supervisor, address_of, listen, make_room, serving, tls_of
from hub.simulator import commands
from hub.simulator.app import make_app as make_simulator
from hub.simulator.world import World, open_world
from hub.store.backup import backup
from hub.store.sqlite import SQLiteStore, open_store
from hub.welcome import Welcome

logger = logging.getLogger("hub")

STARTING_S = 5
"""How long a hub that has just taken its database may take until it answers."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 after an orderly stop, 1 if something vital died, 2 if the hub would not start."""
    given = sys.argv[1:] if arguments is None else arguments
    if commands.is_one(given):
        return commands.main(given[1:])
    words = _parser().parse_args(_with_default(given))
    _set_up_logging()
    try:
        config.refuse_unknown(os.environ)
        settings = config.read_settings(words.kind, config.given_flags(words, words.kind), os.environ)
        code: int = words.run(settings, words)
        return code
    except StartRefused as refused:
        print(f"confhub: {refused}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


LEVELS = {
    **dict.fromkeys(("", "aiosqlite", "httpcore", "httpx", "websockets"), logging.WARNING),
    "hub": logging.INFO,
    "uvicorn.error": logging.ERROR,
}
"""What is logged, and by whom. Libraries tell secrets when they tell much: signatures, frames, the values of SQL."""


def _set_up_logging() -> None:
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name, level in LEVELS.items():
        logging.getLogger(name).setLevel(level)


def _with_default(arguments: Sequence[str]) -> Sequence[str]:
    """`serve` may be left out."""
    first = arguments[0] if arguments else ""
    return arguments if first in (*COMMANDS, *orders.ORDERS, "-h", "--help") else ["serve", *arguments]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="confhub",
        allow_abbrev=False,
        description="A control hub for moderated telephone conferences. Without a command it serves.",
        epilog="`confhub serve --help` lists the settings; each is also the environment variable in its brackets.",
    )
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        description = f"{command.help[0].upper()}{command.help[1:]}."
        own = words.add_parser(
            name, allow_abbrev=False, help=command.help, description=description, epilog=command.epilog
        )
        if command.file:
            own.add_argument("file", metavar="FILE", type=Path, help=command.file)
        config.add_flags(own, command.kind)
        own.set_defaults(kind=command.kind, run=command.run)
    orders.add_to(words, kind=DatabaseSettings, run=administer)
    return parser


def serve(settings: Settings, _: argparse.Namespace) -> int:
    return uvloop.run(_serve(settings), loop_factory=Loop)


def simulate(settings: SimulatorSettings, _: argparse.Namespace) -> int:
    return uvloop.run(_simulate(settings), loop_factory=Loop)


def copy(settings: DatabaseSettings, words: argparse.Namespace) -> int:
    backup(settings.database, words.file)
    return 0


def administer(settings: DatabaseSettings, words: argparse.Namespace) -> int:
    return orders.carry_out(words, partial(_ask, settings.database))


class Command(NamedTuple):
    """`file` is the help on its FILE, if it takes one."""

    kind: type[Any]
    run: Callable[[Any, argparse.Namespace], int]
    help: str
    epilog: str | None = None
    file: str | None = None


COMMANDS = {
    "serve": Command(Settings, serve, "run the hub, with the built-in simulator unless a provider is given"),
    "simulator": Command(
        SimulatorSettings, simulate, "run the telephony platform alone, for a hub elsewhere", epilog=commands.HELP
    ),
    "backup": Command(
        DatabaseSettings,
        copy,
        "copy the database of a hub, which may be running",
        file="where the copy goes; `confhub --database FILE` starts from it",
    ),
}


async def _serve(settings: Settings) -> int:
    config.check(settings)
    async with contextlib.AsyncExitStack() as own:
        tls = tls_of(settings.certificate, settings.key)
        listening = own.enter_context(listen(settings.host, settings.port))
        address = address_of(listening, "https" if tls else "http")
        own.enter_context(_taken(settings.database))
        store = await open_store(settings.database)
        own.push_async_callback(store.close)
        supervisor = Supervisor(_limits(settings), Addresses(settings.proxies).is_proxy)
        make_room(settings.max_sockets)
        secrets = settings.callback_secret or (store.callback_secret,)
        inside = own.enter_context(listen("127.0.0.1", 0)) if tls else listening
        provider = await _provider(settings, f"{address_of(inside)}{PATH}/{secrets[0]}", supervisor, own)
        app = make_app(store, provider, secrets, settings, supervisor.died, address)
        beside = own.enter_context(local.listening(settings.database))
        await own.enter_async_context(serving(make_local_app(app), beside))
        if tls:
            await own.enter_async_context(serving(make_callback_app(app), inside))
        welcome = Welcome(address, settings, await _first_key(settings, store), app.state.context.access)
        print(welcome.text(sys.stdout.isatty()), flush=True)
        logger.info("started with %s; calls are %s", settings.database, welcome.calls)
        for warning in config.warnings(settings):
            logger.warning(warning)
        code = await supervisor.run(app, listening, **tls)
        logger.info("stopped")
        return code


async def _first_key(settings: Settings, store: SQLiteStore) -> str | None:
    try:
        return None if settings.auth == "open" else await first_key(store, Keys(now), now)
    except StorageUnavailable as error:
        raise StartRefused(f"The database {settings.database} cannot be written: {error}.") from error


def _ask(database: Path, operation: str, **params: Any) -> Any:
    """Asked of the hub that runs on this database; where none does, the database is ours meanwhile."""
    try:
        if not database.is_file():
            raise StartRefused(f"There is no database {database}: start a hub, or name its file with --database.")
    except OSError as error:
        raise StartRefused(f"The database {database} cannot be used: {error.strerror}.") from error
    for _ in range(STARTING_S * 10):
        with contextlib.suppress(local.NobodyThere):
            return local.ask(database, operation, params)
        with contextlib.suppress(Taken), _taken(database):
            return asyncio.run(_ask_alone(database, operation, params))
        time.sleep(0.1)
    raise StartRefused(f"The database {database} is in use by another process, which does not answer.")


async def _ask_alone(database: Path, operation: str, params: Mapping[str, Any]) -> Any:
    async with contextlib.AsyncExitStack() as own:
        store = await open_store(database, may_change=False)
        own.push_async_callback(store.close)
        try:
            return await run_alone(store, operation, params)
        except HubError as error:
            raise StartRefused(f"The hub refuses: {error}.") from error


async def _simulate(settings: SimulatorSettings) -> int:
    async with contextlib.AsyncExitStack() as own:
        listening = own.enter_context(listen(settings.host, settings.port))
        tls = tls_of(settings.certificate, settings.key)
        address = address_of(listening, "https" if tls else "http")
        world = await _open_world(settings.database, settings.speed, settings.seed, own)
        supervisor = Supervisor(Limits())
        shown = settings.certificate.read_text() if settings.certificate else ""
        app = make_simulator(world, settings.callback_url, supervisor.died, address, shown)
        print(f"listening on {address}")
        print(f"account_sid={world.sid}\nauth_token={world.token}\napp_id={world.app_id}", flush=True)
        return await supervisor.run(app, listening, **tls)


async def _provider(
    settings: Settings, callback_url: str, supervisor: Supervisor, own: contextlib.AsyncExitStack
) -> Yuntongxun:
    url, credentials, app_id = await _platform(settings, callback_url, supervisor, own)
    reminder = (settings.provider_sms_template, settings.provider_sms_datas)
    provider = Yuntongxun(Rest(url, credentials, now), app_id, reminder)
    own.push_async_callback(provider.close)
    return provider


async def _platform(
    settings: Settings, callback_url: str, supervisor: Supervisor, own: contextlib.AsyncExitStack
) -> tuple[str, tuple[str, str], str]:
    """Address, credentials and app of the platform, or of the simulator, which runs then beside the hub."""
    sid, token, app_id = settings.provider_account_sid, settings.provider_auth_token, settings.provider_app_id
    if settings.provider_url and sid and token and app_id:
        return settings.provider_url, (sid, token), app_id
    path = settings.database.with_name(settings.database.stem + "-simulator.db")
    world = await _open_world(path, settings.speed, settings.seed, own)
    listening = own.enter_context(listen("127.0.0.1", 0))
    simulator = make_simulator(world, callback_url, supervisor.died, address_of(listening))
    await own.enter_async_context(serving(simulator, listening))
    return address_of(listening), (world.sid, world.token), world.app_id


async def _open_world(path: Path, speed: float, seed: int | None, own: contextlib.AsyncExitStack) -> World:
    own.enter_context(_taken(path))
    try:
        world = await open_world(path, speed, seed)
    except sqlite3.Error as error:
        raise StartRefused(f"The simulator's database {path} cannot be used: {error}.") from error
    own.push_async_callback(world.ledger.close)
    return world


class Taken(StartRefused):
    pass


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[None]:
    """The file is this process's alone, whatever name it goes by: a second hub would number events twice.

    It has tokens and passwords in it, so a new one is nobody else's to read.
    """
    try:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Taken(f"The database {path} is in use by another process.") from None
    except OSError as error:
        raise StartRefused(f"The database {path} cannot be used: {error.strerror}.") from error
    with file:
        yield


def _limits(settings: Settings) -> Limits:
    return Limits(
        sockets=settings.max_sockets,
        sockets_per_address=settings.max_sockets_per_address,
        accepts_per_s=settings.accepts_per_s,
        requests_per_s=settings.requests_per_s,
    )
