"""Stand-ins for the network and for a hub that says what a test has it say."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.harness import PATIENCE_S, ROOT

RESET = struct.pack("ii", 1, 0)
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}


@dataclass(frozen=True)
class Cut:
    """A connection ends once so many bytes have come from the hub, or have gone to it (`is_upward`)."""

    after: int
    is_upward: bool = False
    is_reset: bool = False


class Proxy:
    """A piece of network before a hub. Each new connection takes the next cut of `plan`, if there is one.

    `cuts` counts those that were made, `doomed` the connections that have one before them.
    """

    def __init__(self, target: str, plan: Sequence[Cut] = ()) -> None:
        self.plan = list(plan)
        self.cuts = 0
        self.doomed = 0
        self._flows = asyncio.Event()
        self._flows.set()
        self._target = urlsplit(target)
        self._pipes: set[asyncio.Task[None]] = set()
        self._transports: set[asyncio.Transport] = set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            self.cut_all()
            await asyncio.gather(*self._pipes, return_exceptions=True)

    def stall(self) -> None:
        """Nothing gets through, and nobody is told."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def cut_all(self) -> None:
        self._flows.set()
        for pipe in self._pipes:
            pipe.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        try:
            await self._join(reader, writer, self.plan.pop() if self.plan else None)
        except (OSError, asyncio.CancelledError):
            end(writer, is_reset=True)
        finally:
            self._pipes.discard(task)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Cut | None) -> None:
        self.doomed += cut is not None
        hub_reader, hub_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        up, down = (cut, None) if cut and cut.is_upward else (None, cut)
        pipes = [
            asyncio.create_task(self._pipe(reader, hub_writer, up)),
            asyncio.create_task(self._pipe(hub_reader, writer, down)),
        ]
        try:
            done, _ = await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
            was_cut = any(not pipe.exception() and pipe.result() for pipe in done)
            self.cuts += was_cut
        finally:
            self.doomed -= cut is not None
            for pipe in pipes:
                pipe.cancel()
            await asyncio.wait(pipes)
            for each in (writer, hub_writer):
                end(each, is_reset=bool(cut and cut.is_reset))

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: Cut | None) -> bool:
        """True if it was cut."""
        left = cut.after if cut else None
        while left != 0 and (data := await reader.read(65536)):
            await self._flows.wait()
            data = data[:left]
            left = None if left is None else left - len(data)
            writer.write(data)
            await writer.drain()
        return left == 0


def end(writer: asyncio.StreamWriter, is_reset: bool) -> None:
    if not is_reset:
        writer.close()
        return
    if raw := writer.get_extra_info("socket"):
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()


class Session:
    """One client's connection to the scripted hub."""

    def __init__(self, connection: ServerConnection, answers_pings: bool) -> None:
        self._connection = connection
        self._answers_pings = answers_pings
        self._asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.is_over = asyncio.Event()

    async def read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._connection:
                request = json.loads(message)
                if request["method"] == "ping" and self._answers_pings:
                    await self.answer(request, at="now")
                else:
                    self._asked.put_nowait(request)
        self.is_over.set()

    async def request(self) -> dict[str, Any]:
        """The next one, however long it takes."""
        return await self._asked.get()

    async def asked(self, method: str) -> dict[str, Any]:
        """The next request, which must be this one."""
        request = await asyncio.wait_for(self.request(), PATIENCE_S)
        assert request["method"] == method, request
        return request

    @property
    def is_silent(self) -> bool:
        return self._asked.empty()

    async def say(self, **message: Any) -> None:
        await self._connection.send(json.dumps({"jsonrpc": "2.0", **message}))

    async def say_text(self, text: str) -> None:
        await self._connection.send(text)

    async def answer(self, request: dict[str, Any], **result: Any) -> None:
        await self.say(id=request["id"], result=result)

    async def refuse(self, request: dict[str, Any], code: int, name: str, **data: Any) -> None:
        await self.say(id=request["id"], error={"code": code, "message": name, "data": {"name": name, **data}})

    async def admit(self) -> dict[str, Any]:
        """Answer the next request, which must be authenticate; its params."""
        request = await self.asked("authenticate")
        await self.answer(request, role="moderator", uid="mia", appid="demo", id=None, expiresAt=None)
        return dict(request["params"])

    async def begin(self, seq: int, *keys: str, epoch: str = "e", reason: str = "never watched") -> dict[str, Any]:
        """Answer the next watchConf with a snapshot; its params."""
        request = await self.asked("watchConf")
        snapshot = {"conference": {"id": "1"}, "participants": [{"key": key} for key in keys]}
        where = {"id": request["params"]["id"], "epoch": epoch, "seq": seq}
        await self.answer(request, **where, recovered=False, reason=reason, **snapshot)
        return dict(request["params"])

    async def resume(self, seq: int, epoch: str = "e") -> dict[str, Any]:
        """Answer the next watchConf with the promise of all up to `seq`; its params."""
        request = await self.asked("watchConf")
        await self.answer(request, id=request["params"]["id"], epoch=epoch, seq=seq, recovered=True)
        return dict(request["params"])

    async def events(self, *seqs: int, id: str = "1", epoch: str = "e") -> None:
        for seq in seqs:
            row = {"key": f"row-{seq}"}
            await self.notify("event", id=id, epoch=epoch, seq=seq, type="participant.added", participant=row)

    async def notify(self, method: str, **params: Any) -> None:
        await self.say(method=method, params=params)

    async def close(self, code: int, reason: str = "") -> None:
        await self._connection.close(code, reason)

    def reset(self) -> None:
        self._connection.transport.abort()


class ScriptedHub:
    """Serves the page as the hub does and leaves each WebSocket to the test, which may leave it the pings."""

    def __init__(self) -> None:
        self.answers_pings = True
        self.denials: deque[Response] = deque()
        self.handshakes = 0
        self._sessions: asyncio.Queue[Session] = asyncio.Queue()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        async with serve(self._serve, "127.0.0.1", 0, process_request=self._request, compression=None) as server:
            self.url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            yield self

    async def session(self) -> Session:
        """The next client to come."""
        return await asyncio.wait_for(self._sessions.get(), PATIENCE_S)

    def deny(self, status: int, body: Any = None, **headers: str) -> None:
        """Answer the next handshake so."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.denials.append(response(status, "application/json", json.dumps(body).encode(), **named))

    async def _serve(self, connection: ServerConnection) -> None:
        session = Session(connection, self.answers_pings)
        self._sessions.put_nowait(session)
        await session.read()

    def _request(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            self.handshakes += 1
            return self.denials.popleft() if self.denials else None
        path = ROOT / "static" / (request.path.lstrip("/") or "index.html")
        if path.suffix in TYPES:
            return response(200, TYPES[path.suffix], path.read_bytes())
        return response(200, TYPES[".html"], b"<!doctype html>")


def response(status: int, type: str, body: bytes, **headers: str) -> Response:
    own = {"Content-Type": type, "Content-Length": str(len(body)), "Connection": "close", **headers}
    return Response(status, "", Headers(own), body)
