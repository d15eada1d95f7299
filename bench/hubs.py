"""The hub to be measured: started, with conferences of people who are inside, and with people who watch."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.platform import APP, SID, TOKEN, platform
from bench.posts import lines, post
from bench.servers import Server, running
from bench.watchers import Stream, Watcher, watching

SECRET = "bench-callback-secret"
ROOT = Path(__file__).parent.parent


@dataclass
class Call:
    """Somebody inside: what the platform says of their microphone, in turn, is an event each time."""

    conference: str
    callid: str
    is_muted: bool = False

    def turned(self) -> bytes:
        self.is_muted = not self.is_muted
        return callback("media", confid=self.conference, callid=self.callid, notifytype="4" if self.is_muted else "14")


class Hub:
    def __init__(self, server: Server, key: str) -> None:
        self.server = server
        self._key = key

    def request(self, operation: str, **params: Any) -> bytes:
        headers = f"Content-Type: application/json\r\nAuthorization: Bearer {self._key}\r\n"
        return post(f"/{operation}", json.dumps(params).encode(), headers)

    async def ask(self, operation: str, **params: Any) -> Any:
        return read(await self.send(self.request(operation, **params)))

    async def send(self, request: bytes) -> bytes:
        async with lines(1, self.server.port) as (line,):
            return await line.ask(request)

    async def conference(self, people: int) -> list[Call]:
        """A new one, in which so many are; those who call in by themselves are known by their numbers."""
        id = (await self.ask("createConf", id="mia", appid="bench", name="All hands"))["id"]
        calls = [Call(id, f"{id}-{number}") for number in range(people)]
        numbers = [f"1380000{number:04}" for number in range(people)]
        for first in range(0, people, 100):
            users = [{"number": number, "name": f"Person {number}"} for number in numbers[first : first + 100]]
            await self.ask("joinConf", id=id, uid="mia", appid="bench", users=users)
        for call, number in zip(calls, numbers, strict=True):
            await self.send(callback("join", confid=id, callid=call.callid, number=number))
        return calls

    async def tokens(self, conference: str, count: int) -> list[str]:
        """Credentials of so many people who may watch."""
        return [(await self.ask("createToken", id=conference, uid=f"u{n}"))["token"] for n in range(count)]

    def watching(
        self, conference: str, tokens: Sequence[str], stream: Stream, at_once: int = 50
    ) -> contextlib.AbstractAsyncContextManager[list[Watcher]]:
        request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "watchConf", "params": {"id": conference}}).encode()

        def say(watcher: Watcher, message: bytes) -> bytes | None:
            if not message:
                return request
            if b'"result"' in message and not watcher.ready.done():
                watcher.ready_at = watcher.heard_at
                watcher.ready.set_result(None)
            elif b'"error"' in message and not watcher.ready.done():
                watcher.ready.set_exception(RuntimeError(message[:300].decode()))
            return None

        headers = [f"Authorization: Bearer {token}\r\n" for token in tokens]
        return watching(self.server.port, "/ws", headers, stream, say, at_once)


def read(answer: bytes) -> Any:
    said = json.loads(answer)
    if said["status"] != 1:
        raise RuntimeError(answer.decode())
    return said


def callback(word: str, **fields: str) -> bytes:
    body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    return post(f"/callbacks/yuntongxun/{SECRET}/{word}", body, kind)


@contextlib.asynccontextmanager
async def hub(folder: Path, program: Path = ROOT / "run.py") -> AsyncIterator[Hub]:
    """In `folder` is its database, which may be there already."""
    async with platform() as url, running(_command(program, url), folder, {"PYTHONPATH": str(ROOT)}) as server:
        yield Hub(server, (folder / "confhub.admin-key").read_text().strip())


def _command(program: Path, url: str) -> list[str]:
    told = {
        "provider-url": url,
        "provider-account-sid": SID,
        "provider-auth-token": TOKEN,
        "provider-app-id": APP,
        "callback-secret": SECRET,
        "port": "0",
        "reconcile": "86400",
        "max-sockets": "20000",
        "max-sockets-per-address": "20000",
        "accepts-per-s": "10000",
    }
    return [sys.executable, str(program), *(word for name, value in told.items() for word in (f"--{name}", value))]
