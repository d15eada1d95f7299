"""Who gets in, at a running hub: over its limits the answer is 429 at every door."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from hub.entrance import PIECE
from tests.conftest import Start
from tests.harness import HubProcess


def ws(hub: HubProcess) -> str:
    return hub.url.replace("http://", "ws://") + "/ws"


HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def refused(status: int, headers: Any, body: bytes) -> None:
    error = json.loads(body)["error"]
    assert (status, error["code"], error["name"]) == (429, 1429, "too_many")
    assert error["data"]["retry_after_ms"] > 0
    assert int(headers["retry-after"]) > 0


async def test_too_many_websockets_are_refused_and_posts_are_not(start: Start) -> None:
    hub = await start("--max-sockets", "2")
    async with connect(ws(hub), proxy=None), connect(ws(hub), proxy=None) as second:
        with pytest.raises(InvalidStatus) as caught:
            await connect(ws(hub), proxy=None).__aenter__()
        response = caught.value.response
        refused(response.status_code, response.headers, response.body or b"")
        assert await hub.create()
        await second.close()
        async with connect(ws(hub), proxy=None):
            pass


async def test_too_many_connections_of_one_address_are_refused_and_others_come_in(start: Start) -> None:
    hub = await start("--max-sockets-per-address", "2")
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with connect(ws(hub), proxy=None), connect(ws(hub), proxy=None):
        async with httpx.AsyncClient(trust_env=False) as here:
            response = await here.post(f"{hub.url}/ping", json={})
        refused(response.status_code, response.headers, response.content)
        async with httpx.AsyncClient(transport=elsewhere) as other:
            assert (await other.post(f"{hub.url}/ping", json={})).json()["status"] == 1


async def test_an_address_has_its_places_back_whatever_becomes_of_a_handshake(start: Start) -> None:
    hub = await start("--max-sockets-per-address", "5")
    port = int(hub.url.rpartition(":")[2])
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", port)) as brief:
            await asyncio.sleep(0.01)
            brief.sendall(HANDSHAKE)
            brief.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    async with connect(ws(hub), proxy=None):
        pass
    assert "ERROR" not in hub.log


async def test_a_session_that_asks_too_fast_is_told_to_wait(start: Start) -> None:
    hub = await start("--requests-per-s", "10")
    async with hub.moderator().connected() as moderator:
        while "result" in (reply := await moderator.call("ping")):
            pass
        error = reply["error"]
        assert (error["code"], error["data"]["name"]) == (1429, "too_many")
        await asyncio.sleep(error["data"]["retry_after_ms"] / 1000)
        assert "result" in await moderator.call("ping")


async def test_whoever_does_not_wait_is_sent_away(start: Start) -> None:
    hub = await start("--requests-per-s", "10")
    async with connect(ws(hub), proxy=None) as socket:
        flood = asyncio.create_task(ping_for_ever(socket))
        replies = []
        with contextlib.suppress(ConnectionClosedError):
            while True:
                replies.append(json.loads(await socket.recv()))
        await flood
    assert "result" in replies[0]
    assert replies[-1]["error"]["code"] == 1429
    assert socket.close_code == 4029
    assert json.loads(socket.close_reason or "")["retry_after_ms"] > 0


async def ping_for_ever(socket: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosedError):
        while True:
            await socket.send('{"jsonrpc":"2.0","id":1,"method":"ping"}')
            await asyncio.sleep(0)


async def test_a_batch_is_paid_for_by_the_request(start: Start) -> None:
    hub = await start("--requests-per-s", "10")
    batch = [{"jsonrpc": "2.0", "id": id, "method": "ping"} for id in range(50)]
    async with connect(ws(hub), proxy=None) as socket:
        await socket.send(json.dumps(batch))
        replies = json.loads(await socket.recv())
    assert [reply["id"] for reply in replies] == list(range(50))
    assert sum("result" in reply for reply in replies) in range(30, 50)
    assert {reply["error"]["code"] for reply in replies if "error" in reply} == {1429}


async def test_what_stands_behind_a_question_mark_is_not_logged(hub: HubProcess) -> None:
    async with connect(f"{ws(hub)}?token=very-secret-token", proxy=None):
        pass
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.get(f"{hub.url}/healthz?token=very-secret-token")
    assert "very-secret-token" not in hub.log


async def test_the_head_of_a_handshake_that_is_too_long_is_refused(hub: HubProcess) -> None:
    with pytest.raises(InvalidStatus) as caught:
        await connect(ws(hub), proxy=None, additional_headers={"Cookie": "x" * 10_000}).__aenter__()
    assert caught.value.response.status_code == 431
    assert "ERROR" not in hub.log


async def test_a_body_that_breaks_after_its_answer_is_no_news(start: Start) -> None:
    hub = await start()
    host, port = hub.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /rpc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
    await reader.readuntil(b"}}}")
    logged = hub.log
    writer.write(b"ZZZ\r\n")
    assert await reader.read() == b""
    writer.close()
    assert hub.log == logged


async def exchange(hub: HubProcess, *pieces: bytes) -> bytes:
    """All that is answered until the hub closes."""
    host, port = hub.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    answer = await reader.read()
    writer.close()
    return answer


PING = b"POST /ping HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"


async def test_requests_that_do_not_wait_for_answers_are_all_answered_in_their_order(hub: HubProcess) -> None:
    named = [PING + b"X-Request-Id: r%d\r\n\r\n{}" % number for number in range(999)]
    answers = await exchange(hub, b"".join(named) + PING + b"X-Request-Id: r999\r\nConnection: close\r\n\r\n{}")
    ids = [line.partition(b": ")[2] for line in answers.lower().split(b"\r\n") if line.startswith(b"x-request-id")]
    assert ids == [b"r%d" % number for number in range(1000)]


async def test_what_comes_after_the_last_request_is_not_done(hub: HubProcess) -> None:
    create = b'{"id":"alice","appid":"demo","name":"after the last"}'
    head = b"POST /createConf HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    last = PING + b"Connection: close\r\nX-Long: %b\r\n\r\n{}"
    last %= b"x" * (PIECE - len(last % b""))
    answers = await exchange(hub, last + head % len(create) + create)
    assert answers.count(b"HTTP/1.1 ") == 1
    assert (await hub.post("getUserConfs", id="alice", appid="demo"))["confs"] == []


async def test_what_cannot_be_read_takes_no_answer_from_the_request_before_it(hub: HubProcess) -> None:
    answers = await exchange(hub, PING + b"\r\n{}" + b"rubbish\r\n\r\n")
    assert answers.startswith(b"HTTP/1.1 200")
    assert answers.count(b"HTTP/1.1") == 1


async def test_a_request_that_cannot_be_read_is_refused(hub: HubProcess) -> None:
    answer = await exchange(hub, b"rubbish\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["name"] == "invalid_request"


async def test_an_address_that_cannot_be_read_is_refused(hub: HubProcess) -> None:
    for begin in (b"", PING + b"\r\n{}"):
        answers = await exchange(hub, begin, b"GET http://[x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answers.count(b"HTTP/1.1 400" if not begin else b"HTTP/1.1 200") == 1
    assert "ERROR" not in hub.log


async def test_a_body_that_breaks_takes_no_answer_from_the_request_before_it(hub: HubProcess) -> None:
    broken = b"POST /ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n"
    answers = await exchange(hub, PING + b"\r\n{}" + broken)
    assert answers.startswith(b"HTTP/1.1 200")
    assert answers.count(b"HTTP/1.1 ") == 1


async def test_a_head_without_an_end_is_refused(hub: HubProcess) -> None:
    answers = await exchange(hub, b"GET / HTTP/1.1\r\n", *[b"X-Long: " + b"x" * 1000 + b"\r\n"] * 17)
    assert answers.startswith(b"HTTP/1.1 400")
