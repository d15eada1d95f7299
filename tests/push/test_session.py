from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from hub.push.fanout import FanOut
from hub.push.limits import Allowance
from hub.push.session import REQUESTS_AT_ONCE, TOO_MANY, Session
from hub.push.wire import RESTART, SLOW
from tests.push.doubles import PeerDouble


class Client:
    """A session for which time stands still, what its peer says, and how many of its messages have been read."""

    def __init__(self, requests_per_s: float = 1000) -> None:
        self.peer = PeerDouble()
        self.read = 0
        allowance = Allowance(requests_per_s, lambda: 0.0)
        self.session = Session(self.peer, FanOut(self._no_log), allowance)

    async def _no_log(self, key: int, after: int, limit: int) -> list[tuple[int, bytes]]:
        return []

    async def says(self, count: int) -> AsyncIterator[bytes]:
        for number in range(count):
            self.read += 1
            yield b"%d" % number


@pytest.fixture
async def client() -> Client:
    return Client()


async def settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_requests_run_side_by_side_and_then_nothing_more_is_read(client: Client) -> None:
    release = asyncio.Event()
    answered = []

    async def answer(message: bytes, wait: float) -> None:
        await release.wait()
        answered.append(message)

    running = asyncio.create_task(client.session.run(client.says(20), answer))
    await settle()
    assert (client.read, answered) == (REQUESTS_AT_ONCE + 1, [])
    release.set()
    await running
    assert len(answered) == 20


async def test_what_was_asked_before_the_end_is_answered_before_the_farewell(client: Client) -> None:
    async def answer(message: bytes, wait: float) -> None:
        await asyncio.sleep(0.01)
        assert client.peer.closed is None
        await client.session.send(message)

    await client.session.run(client.says(3), answer)
    assert (client.peer.messages(), client.peer.closed) == ([0, 1, 2], RESTART)


async def test_whoever_asks_too_much_is_refused_first_and_sent_away_if_that_is_ignored() -> None:
    client = Client(requests_per_s=1)
    waits = []

    async def answer(message: bytes, wait: float) -> None:
        waits.append(wait)

    await client.session.run(client.says(1000), answer)
    assert [wait > 0 for wait in waits] == [False] * 3 + [True] * 9
    assert client.peer.closed is not None
    code, reason = client.peer.closed
    assert (code, json.loads(reason).keys()) == (TOO_MANY, {"retry_after_ms"})


async def test_who_does_not_take_an_answer_is_sent_away(client: Client) -> None:
    client.peer.fill()
    sending = asyncio.create_task(client.session.send(b"1"))
    await settle()
    client.peer.stall()
    await sending
    assert client.peer.closed == SLOW


async def test_answers_wait_for_one_another(client: Client) -> None:
    client.peer.fill()
    sending = [asyncio.create_task(client.session.send(b"%d" % number)) for number in range(3)]
    await settle()
    assert client.peer.messages() == []
    client.peer.drain()
    await asyncio.gather(*sending)
    assert client.peer.messages() == [0, 1, 2]


async def test_nothing_is_done_for_who_takes_no_answers(client: Client) -> None:
    done = []

    async def answer(message: bytes, wait: float) -> None:
        done.append(message)

    client.peer.fill()
    running = asyncio.create_task(client.session.run(client.says(3), answer))
    await settle()
    assert done == []
    client.peer.drain()
    await running
    assert len(done) == 3
