"""What is older than the operator wants is deleted, and nothing else, a little at a time."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hub.access.audit import stamp
from hub.domain import messages as m
from hub.domain.lifecycle import evolve
from hub.domain.model import Conference, Details
from hub.domain.rules import decide
from hub.errors import StorageUnavailable
from hub.retention import Retention
from hub.store.base import Callback, Claim, Entry, Expired, Kept, Write
from hub.store.commits import CommitLoop
from hub.store.sqlite import SQLiteStore, open_store
from tests.doubles import eventually

TODAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
ALL = {Kept.CALLBACKS: 30, Kept.EVENTS: 30, Kept.AUDIT: 30, Kept.CLAIMS: 1}


class Hub:
    """A database with a past, and who keeps it short. `bites` are the deletions, by their sizes."""

    def __init__(self, path: Path, store: SQLiteStore) -> None:
        self.path = path
        self.store = store
        self.bites: list[int] = []
        self.commits = CommitLoop(store.write, lambda batch: None, lambda batch: None)

    def submit(self, write: Write) -> asyncio.Future[None]:
        assert isinstance(write.expired, Expired)
        self.bites.append(len(write.expired.keys))
        return self.commits.submit(write)

    async def have(self, *writes: Write) -> None:
        await self.store.write(writes)

    async def converse(self, key: int, *days_ago: float) -> Conference:
        """A conference in which something happened that many days ago; the first time it was created."""
        conference = Conference(key, details(str(key)))
        for days in days_ago:
            message: m.Message = m.CreateConference("user:mia")
            if conference.seq:
                message = m.AddParticipants((m.Person(f"user-{conference.seq}", "", ""),), "user:mia", 1000)
            events = decide(conference, message, at(days)).events
            conference = evolve(conference, events)
            bodies = tuple(f'{{"seq":{event.seq},"at":"{stamp(event.at)}"}}'.encode() for event in events)
            await self.have(Write(conference, events, bodies))
        return conference

    async def log(self, key: int) -> list[int]:
        return [seq for seq, _ in await self.store.page(key, 0, 10_000)]

    async def sweep(self) -> None:
        retention = Retention(self.store, self.submit, ALL, lambda: TODAY)
        for kind in ALL:
            await retention._sweep(kind)

    def count(self, table: str) -> int:
        with closing(sqlite3.connect(self.path)) as database:
            return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - of the test


def at(days_ago: float) -> datetime:
    return TODAY - timedelta(days=days_ago)


def details(id: str) -> Details:
    names = {"vid": "9", "app": "demo", "owner": "mia", "name": "", "time": "", "pwd": ""}
    return Details(id=id, number=id, created_at=TODAY, **names)


def callback(days_ago: float, status: str) -> Write:
    return Write(callback=Callback(stamp(at(days_ago)), "join", b"", "", b"", status))


def entry(days_ago: float) -> Write:
    who = {"operation": "o", "actor": "user:mia", "credential": "key:a", "address": "::1", "request": "r"}
    return Write(audit=Entry(at=stamp(at(days_ago)), app=None, conference=None, outcome="ok", **who))


@pytest.fixture
async def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr("hub.retention.PAUSE_S", 0.0)
    store = await open_store(tmp_path / "hub.db")
    hub = Hub(tmp_path / "hub.db", store)
    running = asyncio.create_task(hub.commits.run())
    yield hub
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await store.close()


async def test_what_is_older_than_the_limit_is_deleted_and_nothing_else(hub: Hub) -> None:
    await hub.have(callback(31, "applied"), callback(31, "ignored"), callback(31, "unmatched"), callback(29, "applied"))
    await hub.have(entry(31), entry(29))
    conference = await hub.converse(1, 40, 31, 29, 1)
    await hub.sweep()
    assert [found.received_at for found, _ in await hub.store.callbacks(99, 99, settled=True)] == [stamp(at(29))]
    assert [said.at for _, said in await hub.store.audit(None, None, 0, 99)] == [stamp(at(29))]
    assert await hub.log(1) == list(range(4, conference.seq + 1))
    assert await hub.store.load(1) == conference


async def test_a_callback_that_is_not_settled_is_never_deleted(hub: Hub) -> None:
    await hub.have(*(callback(99, status) for status in ("failed", "applied", "set aside", "applied")))
    await hub.have(callback(0, "applied"))
    await hub.sweep()
    left = [found.status for found, _ in await hub.store.callbacks(99, 99, settled=True)]
    assert left == ["applied", "set aside", "failed"]


async def test_the_newest_of_all_stays_so_that_no_number_is_given_again(hub: Hub) -> None:
    await hub.have(callback(99, "applied"), callback(99, "applied"), entry(99), entry(99))
    await hub.sweep()
    await hub.have(callback(0, "applied"), entry(0))
    assert [found.id for found, _ in await hub.store.callbacks(99, 99, settled=True)] == [3, 2]
    assert [n for n, _ in await hub.store.audit(None, None, 0, 99)] == [2, 3]


async def test_a_conference_whose_log_is_gone_goes_on_with_its_number(hub: Hub) -> None:
    before = await hub.converse(1, 99, 98)
    await hub.sweep()
    assert (await hub.log(1), await hub.store.load(1)) == ([], before)
    command = m.AddParticipants((m.Person("ada", "", ""),), "user:mia", 100)
    assert [event.seq for event in decide(before, command, TODAY).events] == [before.seq + 1]


async def test_of_a_clock_that_was_set_back_nothing_is_taken_out_of_the_middle(hub: Hub) -> None:
    conference = await hub.converse(1, 40, 20, 40, 20)
    await hub.sweep()
    assert await hub.log(1) == list(range(3, conference.seq + 1))


async def test_it_is_done_in_small_bites(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.retention.BITE", 10)
    monkeypatch.setattr("hub.store.expired.PAGE", 3)
    for key in range(1, 8):
        await hub.converse(key, 99, 98, 97, 1)
    await hub.have(*(callback(99, "applied") for _ in range(21)))
    await hub.sweep()
    assert hub.bites == [10, 10, *[10, 10, 8]]
    assert {tuple(await hub.log(key)) for key in range(1, 8)} == {(5,)}


async def test_what_is_kept_for_ever_is_kept(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.retention.EVERY_S", 0.0)
    await hub.converse(1, 99)
    await hub.have(entry(99), entry(0), callback(99, "applied"), callback(0, "applied"))
    days = {Kept.CALLBACKS: 30, Kept.EVENTS: 0, Kept.AUDIT: 0}
    running = asyncio.create_task(Retention(hub.store, hub.submit, days, lambda: TODAY).run())

    async def is_swept() -> bool:
        return hub.count("inbox") == 1

    await eventually(is_swept)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (hub.count("events"), hub.count("audit")) == (2, 2)


async def test_what_cannot_be_deleted_now_is_deleted_another_time(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await hub.have(callback(99, "applied"), callback(0, "applied"))
    with monkeypatch.context() as patch:

        def refused(write: Write) -> asyncio.Future[None]:
            raise StorageUnavailable("the disk is full")

        patch.setattr(hub, "submit", refused)
        await hub.sweep()
    assert "old callbacks cannot be deleted now: the disk is full" in caplog.text
    await hub.sweep()
    assert hub.count("inbox") == 1
    assert "1 callbacks were older than 30 days and are deleted" in caplog.text


async def test_idempotency_keys_are_kept_for_a_day_with_their_answers(hub: Hub) -> None:
    def claim(key: str, days_ago: float) -> Claim:
        return Claim("scope", key, b"f" * 32, stamp(at(days_ago)), stamp(at(days_ago - 1)), 200, b"{}")

    await hub.have(*(Write(claim=claim(str(days), days)) for days in (9, 2, 1.1, 0.9, 0)))
    await hub.sweep()
    assert [key for key in ("9", "2", "1.1", "0.9", "0") if await hub.store.claim("scope", key)] == ["0.9", "0"]
