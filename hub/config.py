"""Settings: from CONFHUB_* variables and flags, nowhere else. What is unknown or malformed stops the start."""

from __future__ import annotations

import argparse
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from hub.errors import StartRefused

PREFIX = "CONFHUB_"

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MOST_SECRETS = 2
"""Callback secrets at a time: one is on its way in, one on its way out."""


MOST_DAYS = 36_500
"""A hundred years: dates do not reach back for ever."""


def _setting(help: str, read: Callable[[str], Any], default: Any = MISSING, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"help": help, "read": read, "secret": secret})


def _text(value: str) -> str:
    if not value or not value.isprintable():
        raise ValueError("must be printable text and not empty")
    return value


def _list(value: str) -> tuple[str, ...]:
    if value and not value.isprintable():
        raise ValueError("must be printable text")
    return tuple(value.split(",")) if value else ()


def _digits(value: str) -> str:
    if not value.isascii() or not value.isdecimal():
        raise ValueError("must be digits")
    return value


def _port(value: str) -> int:
    if not value.isdecimal() or int(value) > 65535:
        raise ValueError("must be a port number from 0 to 65535")
    return int(value)


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) == 0:
        raise ValueError("must be a whole number greater than 0")
    return int(value)


def _whole(value: str) -> int:
    if not value.isdecimal():
        raise ValueError("must be a whole number")
    return int(value)


def _days(value: str) -> int:
    if not value.isdecimal() or int(value) > MOST_DAYS:
        raise ValueError(f"must be a whole number of days, at most {MOST_DAYS}; 0 is for ever")
    return int(value)


def _speed(value: str) -> float:
    try:
        speed = float(value)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed <= 1000.0:
        raise ValueError("must be a number greater than 0 and at most 1000")
    return speed


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0.0 < seconds <= 86400.0:
        raise ValueError("must be seconds: greater than 0 and at most 86400")
    return seconds


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, LookupError):
        raise ValueError("must be the name of a time zone, such as Asia/Shanghai") from None


def _url(value: str) -> str:
    wrong = ValueError("must be an address such as https://host:port")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or re.search(r"\s", value):
        raise wrong
    return value.rstrip("/")


def _origin(value: str) -> str:
    """As browsers write it: in small letters, and without the port that goes without saying."""
    parts = urlsplit(_url(value).lower())
    if parts._replace(scheme="", netloc="").geturl():
        raise ValueError("must be an address without a path, such as https://host:port")
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}"


def _origins(value: str) -> tuple[str, ...]:
    return tuple(_origin(origin.strip()) for origin in value.split(","))


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(network.strip()) for network in value.split(","))
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8, with commas between them") from None


def _auth(value: str) -> str:
    if value not in ("keys", "open"):
        raise ValueError("must be keys or open")
    return value


def _path(value: str) -> Path:
    if value == ":memory:" or not value:
        raise ValueError("must be the path of a file")
    return Path(value)


def _secrets(value: str) -> tuple[str, ...]:
    secrets = tuple(value.split(","))
    if len(secrets) > MOST_SECRETS or not all(re.fullmatch(r"[A-Za-z0-9_-]{16,}", secret) for secret in secrets):
        raise ValueError(f"must have at least 16 letters, digits, - or _; up to {MOST_SECRETS}, a comma between them")
    return secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the hub was told. Secrets are not in its repr."""

    host: str = _setting("address to listen on", _text, "127.0.0.1")
    port: int = _setting("port to listen on; 0 takes a free one", _port, 8000)
    database: Path = _setting("path of the SQLite file", _path, Path("confhub.db"))
    auth: str = _setting("keys: a credential is needed; open: not of who is here or in TRUSTED", _auth, "keys")
    trusted: tuple[Network, ...] = _setting("with AUTH=open, networks that need no credential either", _networks, ())
    proxies: tuple[Network, ...] = _setting("where the proxies before the hub are, whose word counts", _networks, ())
    origins: tuple[str, ...] = _setting("pages of others that may talk to the hub", _origins, ())
    certificate: Path | None = _setting("PEM file with the hub's TLS certificate; needs KEY", _path, None)
    key: Path | None = _setting("PEM file with the certificate's key", _path, None)
    timezone: ZoneInfo = _setting("zone of times without an offset", _zone, ZoneInfo("Asia/Shanghai"))
    max_roster: int = _setting("most people on the roster of a conference", _positive, 10_000)
    max_sockets: int = _setting("most WebSockets at once", _positive, 10_000)
    max_sockets_per_address: int = _setting("most connections of one address", _positive, 5_000)
    accepts_per_s: int = _setting("most new WebSockets in a second", _positive, 1_000)
    requests_per_s: int = _setting("most requests in a second on one WebSocket", _positive, 100)
    inbox_days: int = _setting("days that callbacks are kept; 0: for ever", _days, 30)
    log_days: int = _setting("days that the events of conferences are kept; 0: for ever", _days, 0)
    audit_days: int = _setting("days that the audit is kept; 0: for ever", _days, 0)
    public_url: str | None = _setting("the hub's address as browsers see it, behind a proxy", _origin, None)
    ring_timeout: float = _setting("seconds that a phone may ring before the hub gives up", _seconds, 60.0)
    reconcile: float = _setting("seconds between two comparisons with the provider", _seconds, 60.0)
    speed: float = _setting("how many times faster than life the built-in simulator runs", _speed, 1.0)
    seed: int | None = _setting("makes the built-in simulator's chances repeatable", _whole, None)
    provider_url: str | None = _setting("the platform's address; without it the built-in simulator", _origin, None)
    provider_account_sid: str | None = _setting("ACCOUNT SID of the platform's main account", _text, None)
    provider_auth_token: str | None = _setting("AUTH TOKEN of that account", _text, None, secret=True)
    provider_app_id: str | None = _setting("APP ID at the platform", _text, None)
    provider_sms_template: str = _setting("id of the SMS template for reminders", _digits, "1")
    provider_sms_datas: tuple[str, ...] = _setting("values for that template, separated by commas", _list, ("1",))
    callback_secret: tuple[str, ...] = _setting("secret of the callback address, or new,old", _secrets, (), secret=True)
    callback_networks: tuple[Network, ...] = _setting("where callbacks may come from; else anywhere", _networks, ())


PROVIDERS_OWN = ("provider_account_sid", "provider_auth_token", "provider_app_id")
NEEDED_WITH_PROVIDER = (*PROVIDERS_OWN, "callback_secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorSettings:
    """What `confhub simulator` was told."""

    host: str = _setting("address to listen on", _text, "127.0.0.1")
    port: int = _setting("port to listen on; 0 takes a free one", _port, 8883)
    database: Path = _setting("path of the simulator's own SQLite file", _path, Path("confhub-simulator.db"))
    speed: float = _setting("how many times faster than life it runs", _speed, 1.0)
    seed: int | None = _setting("makes its chances repeatable", _whole, None)
    certificate: Path | None = _setting("PEM file with its TLS certificate; needs KEY", _path, None)
    key: Path | None = _setting("PEM file with the certificate's key", _path, None)
    callback_url: str = _setting("where callbacks go: the hub's address up to and including its secret", _url)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """What the commands about a hub's database were told."""

    database: Path = _setting("path of the hub's SQLite file, which may be in use", _path, Path("confhub.db"))


def read_settings(kind: type[T], given: Mapping[str, str | None], environment: Mapping[str, str]) -> T:
    """Flags win over variables. Raises StartRefused with a sentence that names the setting."""
    known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
    said = {name: environment[_variable(name)] for name in known if _variable(name) in environment}
    said |= {name: value for name, value in given.items() if value is not None}
    values = {name: _read(name, value, known[name].metadata["read"]) for name, value in said.items()}
    if missing := [name for name, each in known.items() if each.default is MISSING and name not in values]:
        raise StartRefused(f"{_variable(missing[0])} ({_flag(missing[0])}) is not set.")
    return kind(**values)


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """A misspelt setting would otherwise do nothing, silently."""
    known = {_variable(each.name) for kind in (Settings, SimulatorSettings, DatabaseSettings) for each in fields(kind)}
    if unknown := sorted(name for name in environment if name.startswith(PREFIX) and name not in known):
        raise StartRefused(f"{unknown[0]} is not a setting of the hub.")


def check(settings: Settings) -> None:
    """What the settings must be together."""
    if settings.auth == "open" and not is_loopback(settings.host) and not settings.trusted:
        raise StartRefused(
            f"{PREFIX}AUTH=open lets in without a credential, so {PREFIX}HOST must be a loopback address such as "
            f"127.0.0.1, not {settings.host}, or {PREFIX}TRUSTED must name the networks that are let in."
        )
    if settings.trusted and settings.auth != "open":
        raise StartRefused(f"{PREFIX}TRUSTED means nothing without {PREFIX}AUTH=open: credentials are asked of all.")
    if settings.callback_networks and not settings.provider_url:
        raise StartRefused(f"{PREFIX}CALLBACK_NETWORKS means nothing without {PREFIX}PROVIDER_URL.")
    missing = [name for name in NEEDED_WITH_PROVIDER if not getattr(settings, name)]
    if not settings.provider_url and (given := [name for name in PROVIDERS_OWN if getattr(settings, name)]):
        raise StartRefused(
            f"{_variable(given[0])} is set but {PREFIX}PROVIDER_URL is not: without it every call would be simulated."
        )
    if settings.provider_url and missing:
        raise StartRefused(f"With {PREFIX}PROVIDER_URL, {_variable(missing[0])} must be set as well.")


def warnings(settings: Settings) -> list[str]:
    """What may be meant and is dangerous."""
    said = []
    if settings.auth == "open":
        others = ", ".join(map(str, settings.trusted))
        where = f"this machine or of {others}" if others else "this machine"
        said.append(f"OPEN: whoever is on {where} needs no credential ({PREFIX}AUTH=open).")
    if is_loopback(settings.host) or settings.certificate or settings.proxies:
        return said
    return [
        *said,
        f"NOT ENCRYPTED: {settings.host} can be reached from other machines, and keys, tokens and phone numbers travel "
        f"in plain text. Give the hub a certificate ({PREFIX}CERTIFICATE, {PREFIX}KEY), or put a proxy with TLS before "
        f"it and say where it is ({PREFIX}PROXIES).",
    ]


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def add_flags(parser: argparse.ArgumentParser, kind: type[Any]) -> None:
    for each in fields(kind):
        help = f"{each.metadata['help']}{_default(each.default)} [{_variable(each.name)}]"
        parser.add_argument(_flag(each.name), metavar="…", help=help.replace("%", "%%"))


def _default(value: Any) -> str:
    if value in (MISSING, None, ()):
        return ""
    return f" (default: {', '.join(value) if isinstance(value, tuple) else value})"


def given_flags(arguments: argparse.Namespace, kind: type[Any]) -> dict[str, str | None]:
    return {each.name: getattr(arguments, each.name) for each in fields(kind)}


def _read(name: str, value: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise StartRefused(f"{_variable(name)} ({_flag(name)}) {error}.") from None


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
