"""What the hub is measured against, and how each of them is started and spoken to."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bench.servers import Server, running
from bench.watchers import Say, Stream, Watcher, watching

HERE = Path(__file__).parent
_SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"


def _is_ready(watcher: Watcher, message: bytes) -> None:
    """Whoever is connected watches, and is told so."""
    if message and not watcher.ready.done():
        watcher.ready.set_result(None)


def _speaks_socket_io(watcher: Watcher, message: bytes) -> bytes | None:
    """The packets of Engine.IO 4 and Socket.IO 5: opened, connect, connected."""
    if message.startswith(b"0"):
        return b"40"
    if message.startswith(b"40") and not watcher.ready.done():
        watcher.ready.set_result(None)
    return None


@dataclass(frozen=True)
class Peer:
    command: tuple[str, ...]
    path: str = "/ws"
    say: Say = _is_ready

    @contextlib.asynccontextmanager
    async def running(self, folder: Path, *words: str) -> AsyncIterator[Server]:
        async with running((*self.command, *words), folder, {"PYTHONPATH": str(HERE.parent.parent)}) as server:
            yield server

    def watching(
        self, server: Server, count: int, stream: Stream
    ) -> contextlib.AbstractAsyncContextManager[list[Watcher]]:
        return watching(server.port, self.path, [""] * count, stream, self.say)


def _node(name: str) -> tuple[str, ...]:
    return ("node", str(HERE / name))


def _python(name: str) -> tuple[str, ...]:
    return (sys.executable, str(HERE / name))


RAW = Peer(_python("raw.py"))
RAW_DURABLE = Peer(_python("raw_durable.py"))
BETWEEN_TWO = Peer(_python("between_two.py"))
WS = Peer(_node("ws.js"))
SOCKET_IO = Peer(_node("socketio.js"), _SOCKET_IO, _speaks_socket_io)
PYTHON_SOCKETIO = Peer(_python("socketio_server.py"), _SOCKET_IO, _speaks_socket_io)
DURABLE = Peer(_node("durable.js"))
NAIVE = Peer(_python("naive.py"))
