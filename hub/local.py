"""The hub's own door: a Unix socket beside the database, for whoever may open the database as well.

So `confhub keys` and its like speak to the hub that runs, and there is never a second process that writes.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from hub.errors import StartRefused

LONGEST = 100
"""Bytes of a path that the system takes for a socket, on any system."""

TIMEOUT_S = 30.0


class NobodyThere(Exception):
    """No hub runs on this database."""


@contextlib.contextmanager
def listening(database: Path) -> Iterator[socket.socket]:
    """Raises StartRefused. The caller has the database for itself, so a socket at the path is nobody's any more."""
    path = _beside(database)
    with _bound(path) as door:
        try:
            yield door
        finally:
            path.unlink(missing_ok=True)


def _bound(path: Path) -> socket.socket:
    """Nobody else's from the first moment on."""
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        if path.is_socket():
            path.unlink()
        with _short(path) as name:
            door.bind(name)
        door.listen()
    except OSError as error:
        door.close()
        raise StartRefused(f"The socket {path} cannot be made: {error.strerror}.") from error
    finally:
        os.umask(before)
    return door


def ask(database: Path, operation: str, params: Mapping[str, Any]) -> Any:
    """The result of an operation, asked of the hub that runs. Raises NobodyThere, StartRefused."""
    request = {"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}
    path = _beside(database)
    if not path.is_socket():
        raise NobodyThere
    try:
        with _short(path) as name, httpx.Client(transport=httpx.HTTPTransport(uds=name), timeout=TIMEOUT_S) as http:
            reply = http.post("http://hub/rpc", json=request).json()
    except httpx.ConnectError as error:
        raise NobodyThere from error
    except (httpx.HTTPError, ValueError) as error:
        raise StartRefused(f"The hub on {database} does not answer: {error}.") from error
    if "error" in reply:
        raise StartRefused(f"The hub refuses: {reply['error']['message']}.")
    return reply["result"]


def _beside(database: Path) -> Path:
    """By whatever name the database is called."""
    real = database.resolve()
    return real.with_name(real.name + ".sock")


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for the socket that the system takes, however deep its folder is."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
