from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import to_builtins

from hub.api.openrpc import document
from hub.app import make_app
from hub.config import Settings
from hub.service import Conferences
from hub.store.sqlite import SQLiteStore, open_store
from tests.doubles import ProviderDouble, eventually
from tests.published import Published

PUBLISHED = Published(to_builtins(document()))
SECRET = "a-secret-of-the-tests"
SECRETS = (SECRET, "the-secret-before-it")


class Doors:
    """The hub's HTTP doors in this process, with a provider that does as the test says."""

    def __init__(self, path: Path, store: SQLiteStore, settings: Settings) -> None:
        self.path = path
        self.store = store
        self.provider = ProviderDouble()
        self.app = make_app(store, self.provider, SECRETS, settings, lambda what: None, "http://hub")
        self.http = self.client()

    def client(self, address: str = "127.0.0.1", credential: str = "", **headers: str) -> httpx.AsyncClient:
        """Somebody at this address."""
        shown = {"Authorization": f"Bearer {credential}"} if credential else {}
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://hub", headers=headers | shown)

    @property
    def conferences(self) -> Conferences:
        conferences: Conferences = self.app.state.context.conferences
        return conferences

    async def post(self, operation: str, **params: Any) -> dict[str, Any]:
        """The answer, once it has been held against what is published of it."""
        answer: dict[str, Any] = (await self.http.post(f"/{operation}", json=params)).json()
        if answer["status"] == 1:
            PUBLISHED.check_result(operation, {name: value for name, value in answer.items() if name != "status"})
        return answer

    async def rpc(self, operation: str, **params: Any) -> dict[str, Any]:
        request = {"jsonrpc": "2.0", "id": 1, "method": operation, "params": params}
        answer: dict[str, Any] = (await self.http.post("/rpc", json=request)).json()
        return answer

    async def create(self, **params: Any) -> dict[str, str]:
        """A new conference of mia's: what names it and its operator in further requests."""
        answer = await self.post("createConf", **{"id": "mia", "appid": "demo", "name": "Call"} | params)
        return {"id": answer["id"], "uid": "mia", "appid": "demo"}

    async def call_back(self, word: str, **fields: str) -> int:
        return (await self.http.post(f"/callbacks/yuntongxun/{SECRET}/{word}", params=fields)).status_code

    async def inside(self, who: dict[str, str], number: str = "13800000001") -> str:
        """Somebody is invited and answers: the callid."""
        (result,) = (await self.post("inviteConf", **who, users=[{"number": number}]))["results"]
        assert result["ok"], result
        row = await self.until(who, number, "dialing")
        assert row
        dialled = [leg for what, *leg in self.provider.asked if what == "dial"][-1][0]
        await self.call_back(f"join-{dialled}", confid=who["id"], callid=f"call-{dialled}", number=number)
        return f"call-{dialled}"

    async def rows(self, who: dict[str, str]) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = (await self.post("getConfUsers", id=who["id"]))["users"]
        return users

    async def events(self, who: dict[str, str]) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = (await self.post("getEvents", id=who["id"]))["events"]
        return events

    async def until(self, who: dict[str, str], number: str, progress: str) -> bool:
        async def is_so() -> bool:
            return (number, progress) in [(row["number"], row["progress"]) for row in await self.rows(who)]

        await eventually(is_so)
        return True

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nothing can be stored meanwhile."""
        with closing(sqlite3.connect(self.path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()


@pytest.fixture
def max_roster() -> int:
    return 10_000


@pytest.fixture
def settings() -> dict[str, Any]:
    """What a test wants other than it is by default."""
    return {}


@pytest.fixture
async def doors(tmp_path: Path, max_roster: int, settings: dict[str, Any]) -> AsyncIterator[Doors]:
    store = await open_store(tmp_path / "hub.db")
    await store._writer.execute("PRAGMA busy_timeout = 1")
    wanted = {"database": tmp_path / "hub.db", "max_roster": max_roster, "auth": "open"} | settings
    doors = Doors(tmp_path / "hub.db", store, Settings(**wanted))
    async with doors.app.router.lifespan_context(doors.app), doors.http:
        yield doors
    await store.close()


async def new_key(doors: Doors, app: str | None) -> str:
    """Made as whoever may open the hub's files makes one."""
    key, shown = doors.app.state.context.access.keys.make(app)
    doors.app.state.context.access.keys.know([key])
    return str(shown)


def error_of(answer: dict[str, Any]) -> tuple[int, str]:
    """(code, name) of an answer from either door."""
    error = answer["error"]
    return error["code"], error.get("name") or error["data"]["name"]


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()
