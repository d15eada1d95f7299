"""What the adapter puts on the wire, against files written by hand from the provider notes: `requests/`.

A file begins with lines of `# ` with the sections; then the request, whole, but for headers that the platform does not
read. Account, token and app are 32 times a, b and c.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.domain.model import Kind
from hub.providers.yuntongxun import Yuntongxun
from hub.providers.yuntongxun_rest import Rest
from tests.harness import PATIENCE_S

NOW = datetime(2026, 11, 23, 9, 30, 5, tzinfo=UTC)
REQUESTS = Path(__file__).parent / "requests"
HEADERS = ("accept", "content-type", "content-length", "authorization")
"""Those that the platform reads [1.4], in the order of the files."""

CONFERENCE, CALL = "60002559", "1307241452320369000100030000002f"

Do = Callable[[Yuntongxun], Awaitable[object]]

OPERATIONS: dict[str, tuple[list[str], Do]] = {
    "sub_account": (["SubAccounts", "QuerySubAccountByName"], lambda hub: hub.sub_account("demo", "a.b")),
    "create_conference": (["CreateConf"], lambda hub: hub.create_conference(reserved=False)),
    "create_conference reserved": (["CreateConf-reserved"], lambda hub: hub.create_conference(reserved=True)),
    "dismiss": (["DismissConf"], lambda hub: hub.dismiss(CONFERENCE)),
    "dial": (["InviteJoinConf"], lambda hub: hub.dial(CONFERENCE, 7, "+86 138-0000-0001")),
    "control mute": (["ConfMute"], lambda hub: hub.control(CONFERENCE, Kind.MUTE, CALL, 9)),
    "control unmute": (["ConfUnMute"], lambda hub: hub.control(CONFERENCE, Kind.UNMUTE, CALL, 9)),
    "control kick": (["QuitConf"], lambda hub: hub.control(CONFERENCE, Kind.KICK, CALL, 9)),
    "standing": (["QueryConfState"], lambda hub: hub.standing(CONFERENCE)),
    "call_result": (["CallResult"], lambda hub: hub.call_result(CALL)),
    "remind": (["TemplateSMS"], lambda hub: hub.remind(["138-0000-0001", "+86 10 6500 0003"])),
}


class Platform:
    """Takes requests as bytes; knows every sub-account already, and is content with everything else."""

    def __init__(self) -> None:
        self.taken: list[tuple[bytes, bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        self.taken.append((head, await reader.readexactly(int(length[1]) if length else 0)))
        made = dict.fromkeys(("subAccountSid", "subToken", "voipAccount", "voipPwd"), "x")
        is_duplicate = b"/SubAccounts?" in head
        said = {"statusCode": "111150" if is_duplicate else "000000", "confid": CONFERENCE, "SubAccount": made}
        answer = json.dumps(said).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        await writer.drain()
        writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[tuple[Yuntongxun, Platform]]:
    platform = Platform()
    async with await asyncio.start_server(platform.serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        rest = Rest(url, ("a" * 32, "b" * 32), lambda: NOW)
        provider = Yuntongxun(rest, "c" * 32, ("7", ("Planning", "18:00")))
        yield provider, platform
        await provider.close()


def shown(head: bytes, body: bytes) -> bytes:
    """As the files show it."""
    first, *lines = head.decode().strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    mine = {name.lower(): value for name, value in headers.items()}
    told = [f"{name.title()}: {mine[name]}" for name in HEADERS if name in mine]
    return "\r\n".join([first, *told, "", ""]).encode() + body


def written(name: str) -> bytes:
    """The request of a file, which names its sections first."""
    parts = re.fullmatch(rb"# \[\d[^\n]*\n(?:# [^\n]*\n)*(.*)", (REQUESTS / f"{name}.http").read_bytes(), re.DOTALL)
    assert parts, name
    return parts[1]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_it_is_what_the_notes_say(wire: tuple[Yuntongxun, Platform], operation: str) -> None:
    provider, platform = wire
    names, do = OPERATIONS[operation]
    async with asyncio.timeout(PATIENCE_S):
        await do(provider)
    assert [shown(*taken) for taken in platform.taken] == [written(name) for name in names]


def test_every_file_is_compared() -> None:
    named = [name for names, _ in OPERATIONS.values() for name in names]
    assert sorted(path.stem for path in REQUESTS.iterdir()) == sorted(named)
