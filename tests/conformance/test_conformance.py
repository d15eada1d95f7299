"""JSON-RPC 2.0 to the letter: the cases of the .jsonl files, by the engine alone and by both doors of a running hub.

A case: `name`; `send`, a text, or a list of [text, times], or `hex`; and what comes of it, either `reply` or `silence`.
A reply is told in short: {"id", "result"} or {"id", "error": code, "limit"?, "of"?}, and of a batch a list of these.
`only`: the ways by which the case can be told, where that is not all three.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from hub.access.access import Access
from hub.access.identity import OPEN, Author
from hub.api import operations, parse  # noqa: F401 - importing it fills the registry
from hub.api.jsonrpc import respond
from hub.api.registry import Context, call
from hub.app import now
from hub.bucket import Buckets
from hub.errors import UnknownConference
from hub.inbox import Inbox
from hub.store.base import Write
from tests.harness import PATIENCE_S, HubProcess

HERE = Path(__file__).parent
JSON = {"content-type": "application/json"}
NOTICES = Buckets(1, 1, time.monotonic)
PING = {"jsonrpc": "2.0", "method": "ping"}


class Case(NamedTuple):
    name: str
    message: bytes
    expected: Any
    only: tuple[str, ...]


def read(case: dict[str, Any]) -> Case:
    assert case.keys() - {"only"} in ({"name", "send", "reply"}, {"name", "send", "silence"}, {"name", "hex", "reply"})
    pieces = [[case["send"], 1]] if isinstance(case.get("send"), str) else case.get("send", [])
    message = bytes.fromhex(case.get("hex", "")) + "".join(text * times for text, times in pieces).encode()
    return Case(case["name"], message, case.get("reply"), tuple(case.get("only", WAYS)))


Way = Callable[[Case], Awaitable[bytes | None]]


class NoConferences:
    async def find(self, id: str) -> int:
        return 1

    async def committed(self, key: int) -> Any:
        raise UnknownConference("no conference")

    async def of_user(self, app: str, user: str) -> list[Any]:
        return []


def submit(write: Write) -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def by_engine(case: Case) -> bytes | None:
    access = Access(None, submit, now, time.monotonic, is_open=True)  # type: ignore[arg-type]
    inbox = Inbox(None, submit)  # type: ignore[arg-type]
    context = Context(NoConferences(), access, inbox, "epoch", 10, ZoneInfo("UTC"), "", NOTICES, Author(OPEN))  # type: ignore[arg-type]
    return await respond(case.message, partial(call, context))


async def by_post(http: httpx.AsyncClient, case: Case) -> bytes | None:
    """The reply to a message is HTTP 200, whatever it says, and no reply is 204."""
    answer = await http.post("/rpc", content=case.message, headers=JSON)
    if answer.status_code == 204:
        assert (answer.content, answer.headers.get("content-type")) == (b"", None)
        return None
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return answer.content


async def by_socket(socket: ClientConnection, case: Case) -> bytes | None:
    """Sent as a binary frame, because a text frame of other bytes than UTF-8 ends the connection.

    All that comes before the reply to a ping belongs to the case.
    """
    await socket.send(case.message)
    said = [] if case.expected is None else [await receive(socket)]
    await socket.send(json.dumps(PING | {"id": case.name}))
    while True:
        message = await receive(socket)
        if b'"at":' in message and json.loads(message)["id"] == case.name:
            break
        said.append(message)
    assert len(said) <= 1
    return said[0] if said else None


async def receive(socket: ClientConnection) -> bytes:
    return await asyncio.wait_for(socket.recv(decode=False), PATIENCE_S)


WAYS = ("engine", "post", "socket")
CASES = {
    f"{path.stem}: {case.name}": case
    for path in sorted(HERE.glob("*.jsonl"))
    for case in map(read, map(json.loads, path.read_text().splitlines()))
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ways(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Way]]:
    hub = await HubProcess(tmp_path_factory.mktemp("hub"), "--requests-per-s", "1000000").start()
    address = hub.url.replace("http://", "ws://") + "/ws"
    async with (
        httpx.AsyncClient(base_url=hub.url, trust_env=False, timeout=PATIENCE_S) as http,
        connect(address, proxy=None, compression=None, max_size=None) as socket,
    ):
        yield {"engine": by_engine, "post": partial(by_post, http), "socket": partial(by_socket, socket)}
    await hub.kill()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("name", "way"), [(name, way) for name, case in CASES.items() for way in case.only])
async def test_the_case_is_answered_as_written(ways: dict[str, Way], name: str, way: str) -> None:
    reply = await ways[way](CASES[name])
    assert exactly(in_short(reply)) == exactly(CASES[name].expected)


def in_short(reply: bytes | None) -> Any:
    said = json.loads(reply) if reply else None
    return [short(each) for each in said] if isinstance(said, list) else said and short(said)


def short(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply object, once it has been seen to have what a reply object must have and nothing else."""
    assert reply.pop("jsonrpc") == "2.0"
    error = reply.pop("error", None)
    assert reply.keys() == ({"id", "result"} if error is None else {"id"})
    if error is None:
        return reply
    assert error.keys() == {"code", "message", "data"}
    assert type(error["code"]) is int
    assert 0 < len(error["message"]) < 300
    limits = {name: error["data"][name] for name in ("limit", "of") if name in error["data"]}
    return {**reply, "error": error["code"], **limits}


def exactly(value: Any) -> str:
    """A text that is another one for 1, 1.0, "1" and true."""
    return json.dumps(value, sort_keys=True)


def test_no_two_cases_have_one_name() -> None:
    lines = [line for path in HERE.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(CASES) == len(lines) > 200
