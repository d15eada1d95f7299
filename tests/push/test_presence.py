from __future__ import annotations

import asyncio

import pytest

from hub.push import presence
from hub.push.presence import MOST, Presence

KEY = 1
MIA, NOA = b'{"uid":"mia"}', b'{"uid":"noa"}'


class Told:
    """What is told to those who watch one conference."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.presence = Presence(lambda key, body: self.said.put_nowait(body))

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.said.get(), 10)


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Where nobody has to wait."""
    monkeypatch.setattr(presence, "LINGER_S", 0.02)
    monkeypatch.setattr(presence, "SOON_S", 0.0)
    return Told()


def signal(*people: bytes, count: int | None = None) -> bytes:
    number = len(people) if count is None else count
    return b'{"type":"watchers","watchers":[%b],"count":%d}' % (b",".join(people), number)


async def test_whoever_comes_is_told_of_with_the_others(told: Told) -> None:
    told.presence.come(KEY, NOA)
    assert await told.next() == signal(NOA)
    told.presence.come(KEY, MIA)
    assert await told.next() == signal(MIA, NOA)


async def test_many_who_come_at_once_are_told_of_once(told: Told) -> None:
    for number in range(MOST + 50):
        told.presence.come(KEY, b'"%03d"' % number)
    people = [b'"%03d"' % number for number in range(MOST)]
    assert await told.next() == signal(*people, count=MOST + 50)
    assert told.said.empty()


async def test_who_has_another_window_open_does_not_go(told: Told) -> None:
    for _ in range(2):
        told.presence.come(KEY, MIA)
    told.presence.come(KEY, NOA)
    assert await told.next() == signal(MIA, NOA)
    told.presence.go(KEY, MIA)
    told.presence.go(KEY, NOA)
    assert await told.next() == signal(MIA)


async def test_who_comes_back_has_not_been_away(told: Told) -> None:
    told.presence.come(KEY, MIA)
    told.presence.come(KEY, NOA)
    assert await told.next() == signal(MIA, NOA)
    told.presence.go(KEY, MIA)
    told.presence.come(KEY, MIA)
    assert await told.next() == signal(MIA, NOA)
    told.presence.go(KEY, NOA)
    assert await told.next() == signal(MIA)


async def test_the_last_who_goes_is_told_of_as_well_and_forgotten(told: Told) -> None:
    """There may be some who watch without being seen."""
    told.presence.come(KEY, MIA)
    assert await told.next() == signal(MIA)
    told.presence.go(KEY, MIA)
    assert await told.next() == signal()
    assert (told.presence._of, told.presence._timers) == ({}, {})


async def test_who_is_not_seen_is_told_who_is_there(told: Told) -> None:
    told.presence.come(KEY, b"")
    told.presence.come(KEY, MIA)
    assert await told.next() == signal(MIA)
    told.presence.come(KEY, b"")
    assert await told.next() == signal(MIA)
    told.presence.go(KEY, b"")
    assert told.said.empty()
