"""The two that the platform talks to: the application that takes its callbacks, and a client of its REST API."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import httpx
from starlette.applications import Starlette

from hub.simulator.clock import CHINA
from hub.simulator.world import World
from tests.harness import PATIENCE_S


class Application:
    """The far end of the callbacks: takes them, or not. `forms` says how each one came."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str]]] = []
        self.forms: list[str] = []
        self.refuses = 0
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/base"

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        method, target, _ = first.split(" ")
        assert method == "POST"
        if self.refuses:
            self.refuses -= 1
            writer.write(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        else:
            await self._take(target, headers.get("content-type", ""), body)
            writer.write(b"HTTP/1.1 204 OK\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async def _take(self, target: str, content_type: str, body: str) -> None:
        path, _, query = target.partition("?")
        fields = dict(parse_qsl(query or body, keep_blank_values=True))
        if "xml" in content_type:
            fields = {child.tag: child.text or "" for child in ElementTree.fromstring(body)}
        async with self._arrived:
            self.taken.append((path.removeprefix("/base/"), fields))
            self.forms.append("query" if query else content_type)
            self._arrived.notify_all()

    async def until(self, *words: str) -> list[dict[str, str]]:
        """The fields of these notices, once they have come and nothing else has."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.taken) >= len(words)), PATIENCE_S)
        assert [word for word, _ in self.taken] == list(words)
        return [fields for _, fields in self.taken]

    async def until_any_order(self, *words: str) -> None:
        """Until these notices have come and nothing else has: for notices of several conferences."""
        async with self._arrived:
            await asyncio.wait_for(self._arrived.wait_for(lambda: len(self.taken) >= len(words)), PATIENCE_S)
        assert sorted(word for word, _ in self.taken) == sorted(words)

    async def until_each(self, *words: str) -> None:
        """Until these notices have come in this order: after a crash, some of them more than once."""
        async with self._arrived:
            is_enough = lambda: len({word for word, _ in self.taken}) >= len(words)  # noqa: E731
            await asyncio.wait_for(self._arrived.wait_for(is_enough), PATIENCE_S)
        assert list(dict.fromkeys(word for word, _ in self.taken)) == list(words)


class Client:
    """Speaks to the platform as the notes say."""

    def __init__(self, world: World, http: httpx.AsyncClient, app: Starlette) -> None:
        self.app = app
        self.sid, self.token, self.app_id = world.sid, world.token, world.app_id
        self.world = world
        self.http = http

    async def ask(
        self, method: str, path: str, body: str = "", query: dict[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """With a good signature, unless these headers say otherwise."""
        stamp = datetime.now(CHINA).strftime("%Y%m%d%H%M%S")
        own = {
            "Authorization": base64.b64encode(f"{self.sid}:{stamp}".encode()).decode(),
            "Accept": "application/json",
            "Content-Type": "application/xml;charset=utf-8;",
        }
        return await self.http.request(
            method,
            f"/2013-12-26/Accounts/{self.sid}/{path}",
            params={"sig": self.sig(stamp), **(query or {})},
            content=body.encode(),
            headers=own | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    async def post(self, path: str, body: str, **headers: str) -> httpx.Response:
        return await self.ask("POST", path, body, **headers)

    def sig(self, stamp: str) -> str:
        return hashlib.md5(f"{self.sid}{self.token}{stamp}".encode(), usedforsecurity=False).hexdigest().upper()

    async def json(self, path: str, **members: Any) -> dict[str, Any]:
        """A request in JSON, with the app's id, and its answer."""
        body = json.dumps({"appId": self.app_id, **members})
        answer: dict[str, Any] = (await self.post(path, body, Content_Type="application/json")).json()
        return answer

    async def command(self, name: str, path: str = "ivr/conf", **attributes: str) -> dict[str, Any]:
        written = "".join(f' {name}="{value}"' for name, value in attributes.items())
        body = f"<Request><{name}{written}/><Appid>{self.app_id}</Appid></Request>"
        answer: dict[str, Any] = (await self.post(path, body)).json()
        return answer

    async def done(self, name: str, path: str = "ivr/conf", **attributes: str) -> dict[str, Any]:
        """A command that must succeed."""
        answer = await self.command(name, path, **attributes)
        assert answer.pop("statusCode") == "000000", answer
        return answer

    async def create(self, **more: str) -> str:
        words = {"joinurl": "join", "quiturl": "quit", "delreporturl": "stop", "mediaopturl": "record"}
        answer = await self.done("CreateConf", "ivr/createconf", **{"maxmember": "300", **words, **more})
        return str(answer["confid"])

    async def invite(self, confid: str, number: str, **more: str) -> str:
        words = {"joinurl": "join-1", "action": "invite-1"}
        answer = await self.done("InviteJoinConf", confid=confid, number=number, **{**words, **more})
        return str(answer["callSid"])

    async def ring(self, confid: str, number: str, **more: str) -> str:
        """Invites somebody who rings until something is done about it."""
        await self.control("play", scene={"numbers": {number: {"then": "ring"}}})
        return await self.invite(confid, number, **more)

    async def enter(self, confid: str, number: str = "13800000001") -> str:
        """Somebody who is inside at once, having called by themselves."""
        return str((await self.control("dial-in", number=number, confid=confid))["callid"])

    async def control(self, name: str, /, **order: Any) -> dict[str, Any]:
        """An order that must succeed."""
        response = await self.try_control(name, **order)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def try_control(self, name: str, /, **order: Any) -> httpx.Response:
        return await self.http.post(f"/control/{name}", json=order, headers=self._bearer)

    async def look(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await self.http.get(f"/control/{name}", headers=self._bearer)).json()[name]
        return rows

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
