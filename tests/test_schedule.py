from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from hub.errors import StorageUnavailable
from hub.schedule import Schedule
from tests.harness import PATIENCE_S

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Wall:
    """A schedule with a clock on the wall that anybody may set."""

    def __init__(self) -> None:
        self.now = NOON
        self.started: list[int] = []
        self.refuses = 0
        self._told = asyncio.Event()
        self.schedule = Schedule(self._start, lambda: self.now)

    async def _start(self, key: int) -> None:
        if self.refuses:
            self.refuses -= 1
            raise StorageUnavailable("the disk is full")
        self.started.append(key)
        self._told.set()

    async def until_started(self, *keys: int) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.started != list(keys):
                self._told.clear()
                await self._told.wait()


@pytest.fixture
async def wall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wall]:
    monkeypatch.setattr("hub.schedule.LONGEST_SLEEP_S", 0.01)
    wall = Wall()
    running = asyncio.create_task(wall.schedule.run())
    yield wall
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_each_starts_when_its_time_has_come_and_not_before(wall: Wall) -> None:
    wall.schedule.add(2, NOON + timedelta(hours=2))
    wall.schedule.add(1, NOON + timedelta(hours=1))
    wall.schedule.add(0, NOON)
    await wall.until_started(0)
    wall.now += timedelta(hours=1)
    await wall.until_started(0, 1)
    wall.now += timedelta(hours=1)
    await wall.until_started(0, 1, 2)


async def test_a_time_that_has_passed_starts_at_once(wall: Wall) -> None:
    wall.schedule.add(1, NOON - timedelta(hours=5))
    await wall.until_started(1)


async def test_a_clock_that_is_set_is_noticed(wall: Wall) -> None:
    wall.schedule.add(1, NOON + timedelta(minutes=30))
    wall.now -= timedelta(hours=1)
    wall.schedule.add(0, wall.now)
    await wall.until_started(0)
    wall.now += timedelta(hours=2)
    await wall.until_started(0, 1)


async def test_a_look_that_fails_is_repeated_and_holds_up_no_other(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.schedule.AGAIN", timedelta(0))
    wall.refuses = 2
    wall.schedule.add(1, NOON)
    await wall.until_started(1)
