"""Callbacks that cannot be applied: kept, tried again, set aside at last, and in nobody's way."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import pytest
from msgspec.structs import replace

from hub.access.audit import entry
from hub.app import now
from hub.callbacks import RETRIES
from hub.domain.model import Progress
from hub.errors import InvalidParams, StorageUnavailable
from hub.inbox import PAUSES_S
from hub.store.base import Callback
from hub.store.migrate import migrations
from hub.store.sqlite import open_store
from tests.doubles import eventually
from tests.test_service import MIA, House

NUMBER = "13812345678"
JOIN = Callback("2026-11-23T09:00:00.000Z", "join", f"confid=60000001&callid=c&number={NUMBER}".encode(), "", b"", "")
SAID = entry(MIA, now())


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """One that does not wait between two attempts."""
    monkeypatch.setattr("hub.inbox.PAUSES_S", (0.0,))
    house = House(tmp_path / "hub.db")
    await house.open()
    yield house
    await house.crash()


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> Bug:
    return Bug(monkeypatch)


class Bug:
    """Something on a callback's way that fails so often, or until it is mended."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.times = 1000

    def put_into(self, place: str, error: Exception | None = None) -> None:
        real: Callable[..., Any] = resolve_name(place)

        def broken(*arguments: Any) -> Any:
            if not self.times:
                return real(*arguments)
            self.times -= 1
            raise error or KeyError(NUMBER)

        self._monkeypatch.setattr(place, broken)

    def mend(self) -> None:
        self.times = 0


def inbox(house: House) -> list[tuple[str, int, str | None]]:
    with closing(sqlite3.connect(house.path)) as database:
        return database.execute("SELECT status, attempts, error FROM inbox ORDER BY id").fetchall()


async def until(house: House, *statuses: str) -> None:
    """And told."""

    async def is_so() -> bool:
        return [status for status, *_ in inbox(house)] == list(statuses)

    await eventually(is_so)
    await house.settle()


@pytest.mark.parametrize(
    "place", ["hub.providers.yuntongxun_callbacks._fields", "hub.domain.legs.join", "hub.lives.evolve"]
)
async def test_what_fails_for_a_while_is_applied_in_the_end(house: House, bug: Bug, place: str) -> None:
    key = await house.create()
    bug.times = 3
    bug.put_into(place)
    await house.service.receive(JOIN)
    await until(house, "applied")
    assert inbox(house) == [("applied", 3, "KeyError")]
    assert [row.number for row in await house.rows(key)] == [NUMBER]
    assert [seq for seq, _ in await house.service.events(key, 0, 10)] == [1, 2, 3]


async def test_what_goes_on_failing_is_set_aside_and_said_once(
    house: House, bug: Bug, caplog: pytest.LogCaptureFixture
) -> None:
    await house.create()
    bug.put_into("hub.domain.legs.join")
    await house.service.receive(JOIN)
    await until(house, "set aside")
    await house.settle()
    assert inbox(house) == [("set aside", 1 + RETRIES, "KeyError")]
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "is set aside: callback 1 failed 6 times" in errors[0]
    assert NUMBER not in caplog.text
    assert "KeyError" in caplog.text


async def test_it_holds_up_no_other_of_the_same_conference(house: House, bug: Bug) -> None:
    key = await house.create()
    bug.times = 1 + RETRIES
    bug.put_into("hub.domain.legs.join")
    await house.service.receive(JOIN)
    await until(house, "set aside")
    await house.service.receive(replace(JOIN, query=b"confid=60000001&callid=d&number=2"))
    assert [status for status, *_ in inbox(house)] == ["set aside", "applied"]
    assert [row.number for row in await house.rows(key)] == ["2"]


async def test_a_restart_takes_up_what_failed(house: House, bug: Bug, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await house.create()
    monkeypatch.setattr("hub.inbox.PAUSES_S", (0.0, 1000.0))
    bug.put_into("hub.domain.legs.join")
    await house.service.receive(JOIN)
    await house.settle()
    assert inbox(house) == [("failed", 1, "KeyError")]
    await house.crash()
    bug.mend()
    monkeypatch.setattr("hub.inbox.PAUSES_S", (0.0,))
    await house.open()
    await until(house, "applied")
    assert len(await house.rows(key)) == 1


async def test_a_retry_is_about_the_conference_that_had_the_number_then(house: House, bug: Bug) -> None:
    old = await house.create()
    bug.put_into("hub.domain.legs.join")
    await house.service.receive(JOIN)
    await until(house, "set aside")
    bug.mend()
    house.provider._conferences -= 1
    new = await house.create()
    assert await house.service.find("60000001") == new != old
    assert await house.service.inbox.try_again(1, SAID) == 1
    await until(house, "applied")
    assert await house.rows(new) == []


async def test_a_conference_that_cannot_be_read_is_its_own_affair(house: House) -> None:
    """Nor does it keep a hub from starting: what was under way in it is not taken up."""
    broken, sound = await house.create(), await house.create()
    for key in (broken, sound):
        await house.invite(key, "1")
        await house.until(key, Progress.DIALING)
    await house.crash()
    with closing(sqlite3.connect(house.path)) as database:
        details = database.execute("SELECT details FROM conferences WHERE key = ?", [broken]).fetchone()[0]
        database.execute("UPDATE conferences SET details = ?, outstanding = 1 WHERE key = ?", [b"{}", broken])
        database.commit()
    await house.open()
    await house.service.receive(JOIN)
    await house.service.receive(replace(JOIN, query=JOIN.query.replace(b"60000001", b"60000002")))
    await until(house, "set aside", "applied")
    assert inbox(house)[0] == ("set aside", 1 + RETRIES, "ValidationError")
    with closing(sqlite3.connect(house.path)) as database:
        database.execute("UPDATE conferences SET details = ? WHERE key = ?", [details, broken])
        database.commit()
    assert await house.service.inbox.try_again(None, SAID) == 1
    await until(house, "applied", "applied")


async def test_what_cannot_be_read_from_the_disk_is_kept_and_what_cannot_be_kept_is_refused(
    house: House, bug: Bug, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it cannot be read is the disk's fault, and no attempt."""
    monkeypatch.setattr("hub.inbox.AGAIN_S", 0.0)
    key = await house.create()
    bug.times = 2
    bug.put_into("hub.store.sqlite.SQLiteStore.user_of_voip", StorageUnavailable("a bad sector"))
    await house.service.receive(JOIN)
    await until(house, "applied")
    assert inbox(house) == [("applied", 1, "storage_unavailable")]
    assert len(await house.rows(key)) == 1
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(house.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await house.service.receive(JOIN)
        assert len(inbox(house)) == 1


async def test_while_nothing_can_be_stored_no_attempt_counts(
    house: House, bug: Bug, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.inbox.AGAIN_S", 0.0)
    key = await house.create()
    bug.times = 1
    bug.put_into("hub.domain.legs.join")
    await house.store._writer.execute("PRAGMA busy_timeout = 1")
    refused = []
    real = house.service._lives._lost
    monkeypatch.setattr(house.service._lives.commits, "_lost", lambda batch: refused.append(1) or real(batch))  # type: ignore[func-returns-value]
    monkeypatch.setattr("hub.inbox.PAUSES_S", (0.0, 0.01))
    with closing(sqlite3.connect(house.path, isolation_level=None, timeout=30)) as other:
        await house.service.receive(JOIN)
        other.execute("BEGIN IMMEDIATE")

        async def has_tried() -> bool:
            return len(refused) > 2 * RETRIES

        await eventually(has_tried)
        other.execute("ROLLBACK")
    await until(house, "applied")
    assert inbox(house) == [("applied", 1, "KeyError")]
    assert len(await house.rows(key)) == 1


async def test_an_operator_has_one_tried_again_or_all_that_are_set_aside(house: House, bug: Bug) -> None:
    key = await house.create()
    bug.put_into("hub.domain.legs.join")
    for _ in range(3):
        await house.service.receive(JOIN)
    await until(house, *["set aside"] * 3)
    bug.mend()
    assert await house.service.inbox.try_again(2, SAID) == 1
    await until(house, "set aside", "applied", "set aside")
    for settled in (2, 4):
        with pytest.raises(InvalidParams, match=f"no callback {settled} has failed or is set aside"):
            await house.service.inbox.try_again(settled, SAID)
    assert await house.service.inbox.try_again(None, SAID) == 2
    await until(house, *["applied"] * 3)
    assert len(await house.rows(key)) == 1
    assert len(await house.store.audit(None, None, 0, 100)) == 3


def test_the_pauses_grow_and_there_is_one_for_every_attempt() -> None:
    assert list(PAUSES_S) == sorted(PAUSES_S)
    assert len(PAUSES_S) == 1 + RETRIES


async def test_what_had_failed_before_there_were_retries_is_left_to_the_operator(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(path)) as old:
        old.executescript("".join(sql for number, sql in migrations() if number < 5) + "PRAGMA user_version = 4")
        old.executemany(
            "INSERT INTO inbox VALUES (NULL, '2026', 'join', X'', '', X'', NULL, ?)", [("applied",), ("failed",)]
        )
        old.commit()
    store = await open_store(path)
    assert await store.unsettled("failed", 10) == []
    assert await store.unsettled("set aside", 10) == [(2, 1)]
    await store.close()
