from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
import pytest
from msgspec.structs import replace

from hub.domain import messages as m
from hub.domain.lifecycle import evolve
from hub.domain.model import Conference, Details, Kind, MuteMode, Source
from hub.domain.rules import decide
from hub.errors import StartRefused, StorageUnavailable
from hub.store.base import Account, Callback, Claim, Entry, Key, SigningKey, Write
from hub.store.migrate import migrate, migrations
from hub.store.sqlite import SQLiteStore, open_store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    store = await open_store(tmp_path / "hub.db")
    yield store
    await store.close()


def details(id: str = "60000001", app: str = "demo", owner: str = "mia") -> Details:
    return Details(id=id, number=id, vid="9", app=app, owner=owner, name="会议", time="", pwd="1", created_at=NOW)


def told(conference: Conference, *messages: m.Message) -> tuple[Conference, list[Write]]:
    """What these messages leave behind."""
    writes = []
    for message in messages:
        before, decision = conference, decide(conference, message, NOW)
        conference = evolve(conference, decision.events)
        bodies = tuple(f'{{"seq":{event.seq}}}'.encode() for event in decision.events)
        writes.append(Write(conference, decision.events, bodies, before=before if before.seq else None))
    return conference, writes


MIA = Source("user:mia", "key:one")
ADA = m.Person("ada", "13800000001", "Ada")
A_LIFE: tuple[m.Message, ...] = (
    m.CreateConference(MIA),
    m.InviteParticipants((ADA,), MIA, 100),
    m.BeginDial(2),
    m.DialAccepted(2, "call"),
    m.LegJoined(2, "call", ADA.number),
    m.ControlLegs(Kind.MUTE, (m.Target("call"),), MIA),
)


async def test_what_is_written_is_what_is_loaded(store: SQLiteStore) -> None:
    conference, writes = told(Conference(7, details()), *A_LIFE)
    await store.write(writes[:2])
    await store.write(writes[2:])
    assert await store.load(7) == conference
    assert await store.page(7, 0, 100) == [(seq, b'{"seq":%d}' % seq) for seq in range(1, conference.seq + 1)]
    assert await store.page(7, 3, 2) == [(4, b'{"seq":4}'), (5, b'{"seq":5}')]


BOB = m.Person("", "13800000002", "Bob")
A_LONGER_LIFE: tuple[m.Message, ...] = (
    *A_LIFE,
    m.MuteReported(None, "call", Kind.MUTE, True),
    m.InviteParticipants((BOB,), MIA, 100),
    m.BeginDial(5),
    m.DialAccepted(5, "another"),
    m.LegInquired(5, None, None),
    m.SetMuteMode(MuteMode.ALL, MIA),
    m.LegJoined(5, "another", BOB.number),
    m.LegQuit("call", ADA.number),
    m.RemoveParticipants((m.Target(key="1"),), MIA),
    m.SetPassword("2", MIA),
    m.ConferenceStopped("60000001"),
)


@pytest.mark.parametrize("at_once", [1, 2, 5, 99])
async def test_what_has_not_changed_need_not_be_written(store: SQLiteStore, at_once: int) -> None:
    conference, writes = told(Conference(7, details()), *A_LONGER_LIFE)
    assert all(write.events for write in writes)
    assert conference.presumed
    for first in range(0, len(writes), at_once):
        batch = writes[first : first + at_once]
        await store.write(batch)
        assert await store.load(7) == batch[-1].conference


async def test_a_batch_is_stored_whole_or_not_at_all(store: SQLiteStore) -> None:
    conference, writes = told(Conference(7, details()), *A_LIFE)
    await store.write(writes)
    user = Write(user=("demo", "mia", Account("1", "2", "3", "4")))
    with pytest.raises(sqlite3.IntegrityError):
        await store.write([user, writes[0]])
    assert await store.user("demo", "mia") is None
    assert await store.load(7) == conference
    await store.write([user])
    assert await store.user("demo", "mia") == Account("1", "2", "3", "4")


async def test_what_the_disk_refuses_is_storage_that_is_unavailable_and_may_be_over_the_next_time(
    store: SQLiteStore, tmp_path: Path
) -> None:
    await store._writer.execute("PRAGMA busy_timeout = 1")
    user = Write(user=("demo", "mia", Account("1", "2", "3", "4")))
    with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            with pytest.raises(StorageUnavailable, match="database is locked"):
                await store.write([user])
        other.execute("ROLLBACK")
    await store.write([user])
    assert await store.user("demo", "mia") == Account("1", "2", "3", "4")


async def test_a_transaction_that_was_left_open_is_no_end(store: SQLiteStore) -> None:
    """However it came to that: what is in it is not to be believed."""
    user = Write(user=("demo", "mia", Account("1", "2", "3", "4")))
    await store._writer.execute("BEGIN IMMEDIATE")
    await store._writer.execute("DELETE FROM meta")
    with pytest.raises(StorageUnavailable, match="within a transaction"):
        await store.write([user])
    await store.write([user])
    assert len(await store._rows("SELECT * FROM meta")) > 0


async def test_a_number_means_the_newest_conference_that_has_it(store: SQLiteStore) -> None:
    for key in (1, 2):
        await store.write(told(Conference(key, details()), m.CreateConference(MIA))[1])
    assert await store.key_of("60000001") == 2
    assert await store.key_of("60000002") is None
    assert await store.next_key() == 3


async def test_a_conference_made_again_is_found_by_either_number(store: SQLiteStore) -> None:
    await store.write(told(Conference(1, replace(details("60000001"), number="60000009")), A_LIFE[0])[1])
    assert [await store.key_of(number) for number in ("60000001", "60000009", "60000008")] == [1, 1, None]


async def test_reserved_conferences_that_have_not_ended_are_found(store: SQLiteStore) -> None:
    reserved = replace(details("2"), starts_at=NOW + timedelta(days=1))
    await store.write(told(Conference(1, details("1")), A_LIFE[0])[1])
    await store.write(told(Conference(2, reserved), A_LIFE[0])[1])
    gone = replace(details("3"), starts_at=NOW + timedelta(days=1))
    await store.write(told(Conference(3, gone), A_LIFE[0], m.CommandAccepted(m.Dismiss(1)))[1])
    assert [(key, found.starts_at) for key, found in await store.reserved()] == [(2, NOW + timedelta(days=1))]


async def test_a_voip_account_is_its_users(store: SQLiteStore) -> None:
    await store.write([Write(user=("demo", "ada", Account("s", "t", "80001", "p")))])
    assert await store.user_of_voip("demo", "80001") == "ada"
    assert await store.user_of_voip("other", "80001") is None
    assert await store.user_of_voip("demo", "80002") is None


async def test_a_database_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    old = json.loads(msgspec.json.encode(details()))
    for name in ("number", "starts_at", "autocall", "is_lost"):
        del old[name]
    with closing(sqlite3.connect(path)) as first:
        first.executescript(migrations()[0][1] + "PRAGMA user_version = 1;")
        first.execute(
            "INSERT INTO conferences VALUES (1, '60000001', 'demo', 'mia', 'scheduled', 0, 0, 0, ?)",
            [json.dumps(old).encode()],
        )
        first.execute(
            "INSERT INTO users VALUES ('demo', 'ada', ?)", [msgspec.json.encode(Account("s", "t", "80001", "p"))]
        )
        first.commit()
    store = await open_store(path)
    assert (await store.load(1)).details == details()
    assert await store.key_of("60000001") == 1
    assert await store.user_of_voip("demo", "80001") == "ada"
    assert (await store.user("demo", "ada")) == Account("s", "t", "80001", "p")
    await store.close()


async def test_conferences_belong_to_user_and_app(store: SQLiteStore) -> None:
    mine, others = details("1"), [details("2", app="other"), details("3", owner="noa")]
    for key, each in enumerate([mine, *others]):
        await store.write(told(Conference(key + 1, each), m.CreateConference(MIA))[1])
    assert [found.id for found, *_ in await store.conferences_of("demo", "mia")] == ["1"]


async def test_what_a_restart_must_take_up_is_found(store: SQLiteStore) -> None:
    queued = told(Conference(1, details("1")), *A_LIFE[:2])[1]
    begun = told(Conference(2, details("2")), *A_LIFE[:3])[1]
    ringing = told(Conference(3, details("3")), *A_LIFE[:4])[1]
    muting = told(Conference(4, details("4")), *A_LIFE)[1]
    stopping = told(Conference(5, details("5")), A_LIFE[0], m.StopConference(MIA))[1]
    await store.write([*queued, *begun, *ringing, *muting, *stopping])
    assert sorted(await store.outstanding()) == [1, 2, 3, 4, 5]


async def test_a_callback_is_kept_as_it_came(store: SQLiteStore, tmp_path: Path) -> None:
    callback = Callback("2026-11-23T09:00:00.000Z", "join-1", b"confid=1", "text/plain", b"\xff", "applied")
    await store.write([Write(callback=callback)])
    with closing(sqlite3.connect(tmp_path / "hub.db")) as other:
        assert other.execute("SELECT word, query, body, status FROM inbox").fetchall() == [
            ("join-1", b"confid=1", b"\xff", "applied")
        ]


async def test_epoch_and_secret_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    first = await open_store(path)
    known = (first.epoch, first.callback_secret)
    await first.close()
    second = await open_store(path)
    assert (second.epoch, second.callback_secret) == known
    await second.close()


async def test_commits_are_synced_and_writes_do_not_block_reads(store: SQLiteStore) -> None:
    assert await _pragma(store._writer, "synchronous") == 2
    assert await _pragma(store._writer, "journal_mode") == "wal"


async def _pragma(connection: aiosqlite.Connection, name: str) -> object:
    rows = list(await connection.execute_fetchall(f"PRAGMA {name}"))
    return rows[0][0]


async def test_a_read_that_fails_is_storage_that_is_unavailable(store: SQLiteStore) -> None:
    await store._reader.close()
    store._reader = await aiosqlite.connect(":memory:")
    for read in (store.load(1), store.key_of("1"), store.page(1, 0, 10), store.user_of_voip("demo", "1")):
        with pytest.raises(StorageUnavailable):
            await read


async def test_a_newer_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 9999")
    with pytest.raises(StartRefused, match="has version 9999, this hub knows up to"):
        await open_store(path)


async def test_what_is_not_a_database_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_text("this is a letter, not a database" * 100)
    with pytest.raises(StartRefused, match="cannot be used"):
        await open_store(path)


async def test_migrating_twice_is_migrating_once(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "a.db", isolation_level=None) as connection:
        await migrate(connection, "a.db")
        schema = list(await connection.execute_fetchall("SELECT sql FROM sqlite_master"))
        await migrate(connection, "a.db")
        assert list(await connection.execute_fetchall("SELECT sql FROM sqlite_master")) == schema
    numbers = [number for number, _ in migrations()]
    assert numbers == sorted(set(numbers))


async def test_keys_are_kept_as_they_are_now(store: SQLiteStore) -> None:
    old, admin = Key("old", "demo", b"h" * 32, "2026-01-01"), Key("adm", None, b"i" * 32, "2026-01-02")
    revoked = replace(old, revoked_at="2026-01-03")
    await store.write([Write(key=old), Write(key=admin), Write(key=revoked)])
    assert await store.keys() == [revoked, admin]


async def test_of_signing_keys_only_those_that_are_written_last_are_kept(store: SQLiteStore) -> None:
    """In their order, whatever the clock said."""
    first, second, third = [SigningKey(name, b"s" * 32, f"2026-01-0{9 - day}") for day, name in enumerate("cab", 1)]
    await store.write([Write(signing=(first, second))])
    await store.write([Write(checked_at="now")])
    assert await store.signing_keys() == [first, second]
    await store.write([Write(signing=(second, third))])
    assert await store.signing_keys() == [second, third]


async def test_the_audit_is_read_by_app_and_by_conference(store: SQLiteStore) -> None:
    def entry(app: str | None, conference: str | None) -> Entry:
        who = {"operation": "o", "actor": "user:mia", "credential": "key:a", "address": "::1", "request": "r"}
        return Entry(at="2026", app=app, conference=conference, outcome="ok", before=b"{}", **who)

    written = [entry("demo", "1"), entry("demo", "2"), entry("other", "1"), entry(None, None)]
    await store.write([Write(audit=each) for each in written])
    numbered = list(enumerate(written, 1))
    assert await store.audit(None, None, 0, 10) == numbered
    assert await store.audit("demo", None, 0, 10) == numbered[:2]
    assert await store.audit(None, "1", 0, 10) == [numbered[0], numbered[2]]
    assert await store.audit("demo", "1", 0, 10) == numbered[:1]
    assert await store.audit(None, None, 1, 2) == numbered[1:3]


def claim(key: str, day: int, **more: Any) -> Claim:
    """Made on this day, and good until the next."""
    return Claim("scope", key, b"f" * 32, f"2026-01-{day:02}", f"2026-01-{day + 1:02}", **more)


async def test_a_claim_is_kept_as_it_is_now(store: SQLiteStore) -> None:
    first, answered = claim("a", 1), claim("a", 1, status=200, body=b"{}")
    await store.write([Write(claim=first)])
    assert await store.claim("scope", "a") == first
    await store.write([Write(claim=first), Write(claim=answered)])
    assert await store.claim("scope", "a") == answered
    assert await store.claim("other", "a") is None
    await store.write([Write(released=first)])
    assert await store.claim("scope", "a") is None
