"""The hub as its users meet it: a process, HTTP, WebSockets. What the tests of the whole share."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests import logbook

ROOT = Path(__file__).parent.parent
PATIENCE_S = 30.0
"""How long anything is waited for before the test gives up."""

POLL_S = 0.02
"""Between two looks at what another process does."""


def need(condition: bool, reason: str) -> None:
    """Skip where something is missing; where nothing may be missing (TESTS_MUST_NOT_SKIP), fail."""
    if not condition:
        pytest.fail(reason) if os.environ.get("TESTS_MUST_NOT_SKIP") else pytest.skip(reason)


def need_program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    need(found is not None, f"{' or '.join(names)} is not installed")
    return str(found)


def clean_environment(**variables: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("CONFHUB_")}
    return own | {"PYTHONUNBUFFERED": "1"} | variables


class HubProcess:
    """`python run.py …` with its own database, started by `start` and killed at the end of the test.

    `under` is a program that runs it and then leaves its place to it, with its own flags.
    """

    def __init__(self, folder: Path, *flags: str, command: str = "serve", under: Sequence[str] = ()) -> None:
        self.folder = folder
        self.url = ""
        self.environment = clean_environment(PYTHONPATH=str(ROOT), CONFHUB_AUTH="open")
        self._arguments = [*under, sys.executable, str(ROOT / "tests/loud.py"), command, "--port", "0", *flags]
        self.lines: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._http: httpx.AsyncClient

    async def start(self) -> Self:
        with open(self.folder / "stderr.log", "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._arguments, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=log
            )
        self.lines = []
        first = await self.line()
        assert first.startswith("listening on "), first + self.log
        self.url = first.split()[-1]
        self._http = self.http()
        return self

    async def line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        self.lines.append(line.decode().rstrip())
        return self.lines[-1]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return (self.folder / "stderr.log").read_text()

    @property
    def memory_mb(self) -> int:
        """What the process has in memory right now."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) // 1024

    async def kill(self, number: int = signal.SIGKILL) -> int:
        """Send a signal; the exit code once the process has ended."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        code = await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        logbook.keep(self.folder)
        self._process._transport.close()  # type: ignore[attr-defined]
        await self._http.aclose()
        return code

    def http(self) -> httpx.AsyncClient:
        """Shorter kept alive than by the hub: a request must not meet the end of its connection."""
        kept = httpx.Limits(keepalive_expiry=2.0)
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=PATIENCE_S, limits=kept)

    async def post(self, operation: str, *, credential: str = "", **params: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {credential}"} if credential else {}
        answer: dict[str, Any] = (await self._http.post(f"/{operation}", json=params, headers=headers)).json()
        return answer

    @property
    def admin_key(self) -> str:
        """Of a hub that asks for credentials, and has kept its first key in a file."""
        return (self.folder / "confhub.admin-key").read_text().strip()

    async def create(self, name: str = "Call") -> str:
        """A new conference of mia's in the app demo: its number."""
        answer = await self.post("createConf", id="mia", appid="demo", name=name)
        assert answer["status"] == 1, answer
        return str(answer["id"])

    def moderator(self) -> Moderator:
        return Moderator(self.url)

    async def simulator(self, order: str, **said: Any) -> dict[str, Any]:
        """An order for the built-in simulator; without fields, a list of what it knows. It may start after the hub."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(httpx.ConnectError, httpx.UnsupportedProtocol):
                    return await self._order(order, said)
                await asyncio.sleep(POLL_S)

    async def _order(self, order: str, said: dict[str, Any]) -> dict[str, Any]:
        """Until it has started the file has no address of it, or that of the run before."""
        with contextlib.closing(sqlite3.connect(self.folder / "confhub-simulator.db")) as file:
            address, token = file.execute("SELECT address, token FROM running, account").fetchone()
        method = "GET" if order in ("calls", "conferences", "messages", "faults") else "POST"
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_S) as http:
            response = await http.request(method, f"/control/{order}", json=said)
        assert response.is_success, response.text
        answer: dict[str, Any] = response.json()
        return answer


class Moderator:
    """A WebSocket client that keeps every event it is told, in order."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("http://", "ws://") + "/ws"
        self.events: list[dict[str, Any]] = []
        self.signals: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.snapshot: dict[str, Any] = {}
        self._replies: dict[Any, asyncio.Future[dict[str, Any]]] = {}
        self._arrived = asyncio.Condition()
        self._last_id = 0
        self.socket: ClientConnection

    @contextlib.asynccontextmanager
    async def connected(self, **headers: str) -> AsyncIterator[Self]:
        async with connect(self._url, proxy=None, additional_headers=headers) as self.socket:
            reader = asyncio.create_task(self._read())
            try:
                yield self
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)

    async def _read(self) -> None:
        try:
            await self._read_messages()
        finally:
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(ConnectionResetError("the connection ended before the reply"))

    async def _read_messages(self) -> None:
        async for message in self.socket:
            said = json.loads(message)
            if isinstance(said, list):
                continue
            match said.get("method"):
                case None:
                    self._replies.pop(said["id"]).set_result(said)
                case "event":
                    async with self._arrived:
                        self.events.append(said["params"])
                        self._arrived.notify_all()
                case "signal":
                    self.signals.put_nowait(said["params"])

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole reply object."""
        self._last_id += 1
        future = self._replies[self._last_id] = asyncio.get_running_loop().create_future()
        await self.socket.send(json.dumps({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}))
        return await asyncio.wait_for(future, PATIENCE_S)

    async def watch(self, id: str, **since: Any) -> dict[str, Any]:
        result: dict[str, Any] = (await self.call("watchConf", id=id, **since))["result"]
        if not result["recovered"]:
            self.snapshot = result
        return result

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        """The events so far, once there are at least `count`."""
        return await self.until(lambda events: len(events) >= count)

    async def until(self, is_enough: Any) -> list[dict[str, Any]]:
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: is_enough(self.events)), PATIENCE_S)
            return self.events


def apply(rows: dict[str, dict[str, Any]], events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A roster by key after these events: what any client does with them."""
    rows = dict(rows)
    for event in events:
        if row := event.get("participant"):
            rows[row["key"]] = row
            if event["type"] == "participant.removed":
                del rows[row["key"]]
    return rows
