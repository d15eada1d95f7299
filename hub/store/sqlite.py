"""The store in SQLite: WAL, synchronous=FULL, one connection that writes and one that reads."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec

from hub.domain.model import UNDER_WAY, Conference, Details, Participant, Progress
from hub.errors import StartRefused, StorageUnavailable
from hub.store.base import FAILED, SET_ASIDE, Account, Callback, Claim, Entry, Kept, Key, SigningKey, Write
from hub.store.expired import DELETE, expired
from hub.store.migrate import migrate

_encode = msgspec.json.Encoder().encode
_details = msgspec.json.Decoder(Details).decode
_participant = msgspec.json.Decoder(Participant).decode
_account = msgspec.json.Decoder(Account).decode

BUSY_TIMEOUT_S = 5.0


class SQLiteStore:
    """See base.Store. Made by `open_store`."""

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection, meta: dict[str, str]) -> None:
        self._writer = writer
        self._reader = reader
        self.epoch = meta["epoch"]
        self.callback_secret = meta["callback_secret"]
        self.is_copy = "is_copy" in meta

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()

    async def write(self, batch: Sequence[Write]) -> None:
        try:
            await self._writer.execute("BEGIN IMMEDIATE")
            for sql, rows in _statements(batch):
                if rows:
                    await self._writer.executemany(sql, rows)
            await self._writer.commit()
        except BaseException as error:
            await self._writer.rollback()
            if isinstance(error, sqlite3.OperationalError):
                raise StorageUnavailable(str(error)) from error
            raise

    async def load(self, key: int) -> Conference:
        """One statement, so that rows, numbers and seq belong together whatever is being written."""
        found: dict[str, list[Any]] = {"conference": [], "participant": [], "leg": [], "call": []}
        for kind, number, value, counter in await self._rows(_LOAD, key):
            found[kind].append((number, value, counter))
        seq, details, counter = found["conference"][0]
        participants = {row.key: row for row in (_participant(body) for _, body, _ in found["participant"])}
        legs = {leg: participant for leg, participant, _ in found["leg"]}
        presumed = frozenset(leg for leg, _, is_presumed in found["leg"] if is_presumed)
        calls = {callid: leg for leg, callid, _ in found["call"]}
        return Conference(key, _details(details), seq, counter, participants, legs, calls, presumed)

    async def key_of(self, id: str) -> int | None:
        """Of several conferences with this number one that goes on is meant, and of those the newest."""
        rows = await self._rows(
            "SELECT key FROM conferences WHERE id = ?1 OR number = ?1 ORDER BY state = 'ended', key DESC LIMIT 1", id
        )
        return rows[0][0] if rows else None

    async def next_key(self) -> int:
        rows = await self._rows("SELECT coalesce(max(key), 0) + 1 FROM conferences")
        return int(rows[0][0])

    async def outstanding(self) -> list[int]:
        """Keys of the conferences in which something was being asked of the provider."""
        rows = await self._rows(
            "SELECT key FROM conferences WHERE outstanding UNION SELECT conference FROM participants WHERE outstanding"
        )
        return [row[0] for row in rows]

    async def active(self) -> list[int]:
        return [row[0] for row in await self._rows("SELECT key FROM conferences WHERE state = 'active' ORDER BY key")]

    async def census(self) -> tuple[int, int]:
        sql = "SELECT count(*), count(json_extract(CAST(details AS TEXT), '$.uncertain')) FROM conferences"
        rows = await self._rows(f"{sql} WHERE state = 'active'")
        return rows[0][0], rows[0][1]

    async def reserved(self) -> list[tuple[int, Details]]:
        """Reserved conferences that have not ended."""
        rows = await self._rows("SELECT key, details FROM conferences WHERE is_reserved AND state != 'ended'")
        return [(row[0], _details(row[1])) for row in rows]

    async def conferences_of(self, app: str, owner: str) -> list[Details]:
        rows = await self._rows("SELECT details FROM conferences WHERE app = ? AND owner = ? ORDER BY key", app, owner)
        return [_details(row[0]) for row in rows]

    async def page(self, key: int, after: int, limit: int) -> list[tuple[int, bytes]]:
        """At most `limit` events of a conference that follow `after`: (seq, body)."""
        rows = await self._rows(
            "SELECT seq, body FROM events WHERE conference = ? AND seq > ? ORDER BY seq LIMIT ?", key, after, limit
        )
        return [(row[0], row[1]) for row in rows]

    async def user(self, app: str, id: str) -> Account | None:
        rows = await self._rows("SELECT account FROM users WHERE app = ? AND id = ?", app, id)
        return _account(rows[0][0]) if rows else None

    async def user_of_voip(self, app: str, voip: str) -> str | None:
        rows = await self._rows("SELECT id FROM users WHERE app = ? AND voip = ?", app, voip)
        return str(rows[0][0]) if rows else None

    async def keys(self) -> list[Key]:
        rows = await self._rows("SELECT id, app, hash, created_at, revoked_at FROM keys ORDER BY created_at, id")
        return [Key(*row) for row in rows]

    async def signing_keys(self) -> list[SigningKey]:
        rows = await self._rows("SELECT id, secret, created_at FROM signing_keys ORDER BY n")
        return [SigningKey(*row) for row in rows]

    async def audit(self, app: str | None, conference: str | None, after: int, limit: int) -> list[tuple[int, Entry]]:
        wanted = {"app": app, "conference": conference}
        where = "".join(f" AND {column} = :{column}" for column, value in wanted.items() if value is not None)
        sql = f"SELECT * FROM audit WHERE id > :after{where} ORDER BY id LIMIT :limit"  # noqa: S608 - of our own words
        rows = await self._rows(sql, wanted | {"after": after, "limit": limit})
        return [(row[0], Entry(**dict(zip(_ENTRY, row[1:], strict=True)))) for row in rows]

    async def callback(self, id: int) -> Callback | None:
        rows = await self._rows(f"SELECT {_CALLBACK} FROM inbox WHERE id = ?", id)  # noqa: S608 - columns
        return Callback(*rows[0]) if rows else None

    async def unsettled(self, status: str, limit: int) -> list[tuple[int, int]]:
        rows = await self._rows(f"SELECT id, attempts {_UNSETTLED} ORDER BY id LIMIT ?", status, limit)
        return [(row[0], row[1]) for row in rows]

    async def count_unsettled(self, status: str) -> int:
        rows = await self._rows(f"SELECT count(*) {_UNSETTLED}", status)
        return int(rows[0][0])

    async def callbacks(self, before: int, limit: int, *, settled: bool) -> list[tuple[Callback, str | None]]:
        rows = await self._rows(_CALLBACKS.format("" if settled else f"AND {_IS_UNSETTLED}"), before, limit)
        return [(Callback(*row[:-1]), row[-1]) for row in rows]

    def expired(self, kind: Kept, before: str) -> AsyncIterator[tuple[int, ...]]:
        return expired(self._rows, kind, before)

    async def claim(self, scope: str, key: str) -> Claim | None:
        rows = await self._rows(f"SELECT {', '.join(_CLAIM)} FROM claims WHERE scope = ? AND key = ?", scope, key)  # noqa: S608 - columns
        return Claim(*rows[0]) if rows else None

    async def _rows(self, sql: str, *arguments: Any) -> list[sqlite3.Row]:
        """With the arguments in their order, or with one mapping of them by name."""
        by_name = len(arguments) == 1 and isinstance(arguments[0], dict)
        try:
            return list(await self._reader.execute_fetchall(sql, arguments[0] if by_name else arguments))
        except sqlite3.Error as error:
            raise StorageUnavailable(str(error)) from error


async def open_store(path: Path, *, may_change: bool = True) -> SQLiteStore:
    """`path` is a file that can be opened. Raises StartRefused with a sentence if it is no database of the hub's.

    `may_change`: an empty file becomes one, and one of an older version is brought to this one.
    """
    connections: list[aiosqlite.Connection] = []
    try:
        for _ in range(2):
            connections.append(await aiosqlite.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S))
        writer, reader = connections
        await migrate(writer, str(path), may_change=may_change)
        await writer.execute("PRAGMA journal_mode = WAL")
        await writer.execute("PRAGMA synchronous = FULL")
        return SQLiteStore(writer, reader, await _meta(writer))
    except BaseException as error:
        for connection in connections:
            await connection.close()
        if isinstance(error, sqlite3.Error):
            raise StartRefused(f"The database {path} cannot be used: {error}.") from error
        raise


async def _meta(writer: aiosqlite.Connection) -> dict[str, str]:
    """Secret and epoch are made where there are none; without an epoch it is a copy until it has recovered."""
    meta = await _read_meta(writer)
    made = {"callback_secret": secrets.token_urlsafe(24)}
    if "epoch" not in meta:
        made |= {"epoch": secrets.token_urlsafe(9), "is_copy": "yes"}
    await writer.execute("BEGIN IMMEDIATE")
    await writer.executemany("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING", made.items())
    await writer.commit()
    return await _read_meta(writer)


async def _read_meta(writer: aiosqlite.Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in await writer.execute_fetchall("SELECT name, value FROM meta")}


Statement = tuple[str, list[tuple[Any, ...]]]
"""SQL and the rows to execute it with."""


def _statements(batch: Sequence[Write]) -> Iterable[Statement]:
    """Everything in a batch. Of a thing written twice only the last state is stored; what has not changed is not."""
    conferences = {write.conference.key: write.conference for write in batch if write.conference and write.events}
    events = [
        (write.conference.key, event, body)
        for write in batch
        if write.conference
        for event, body in zip(write.events, write.bodies, strict=True)
    ]
    yield _PUT_CONFERENCE, [_conference_row(conference) for conference in conferences.values()]
    yield "INSERT INTO events VALUES (?, ?, ?)", [(key, event.seq, body) for key, event, body in events]
    yield from _rosters([(key, event.participant) for key, event, _ in events if event.participant])
    yield from _beside(batch)


def _rosters(rows: Sequence[tuple[int, Participant]]) -> Iterable[Statement]:
    """(conference key, row) in the order of their events."""
    latest = {(key, row.key): row for key, row in rows}
    gone = [(key, int(row.key)) for (key, _), row in latest.items() if row.progress is Progress.REMOVED]
    legs = {(key, row.leg): (row.key, row.is_presumed) for key, row in rows if row.leg}
    calls = {(key, row.callid): row.leg for key, row in rows if row.callid}
    yield (
        "INSERT OR REPLACE INTO participants VALUES (?, ?, ?, ?)",
        [(key, int(row.key), _is_outstanding(row), _encode(row)) for (key, _), row in latest.items()],
    )
    yield "DELETE FROM participants WHERE conference = ? AND key = ?", gone
    yield _PUT_LEG, [(*leg, *of_row) for leg, of_row in legs.items()]
    yield "INSERT OR REPLACE INTO calls VALUES (?, ?, ?)", [(key, callid, leg) for (key, callid), leg in calls.items()]


def _beside(batch: Sequence[Write]) -> Iterable[Statement]:
    """What is not a conference's own."""
    yield _PUT_CALLBACK, [astuple(write.callback) for write in batch if write.callback]
    yield _TRY_AGAIN, [(id,) for write in batch for id in write.again]
    yield from ((DELETE[write.expired.kind], list(write.expired.keys)) for write in batch if write.expired)
    yield from _of_access(batch)
    yield from _of_claims(batch)
    yield "DELETE FROM meta WHERE name = 'is_copy'", [() for write in batch if write.has_recovered]
    yield (
        "INSERT OR REPLACE INTO meta VALUES ('checked_at', ?)",
        [(write.checked_at,) for write in batch if write.checked_at],
    )
    yield (
        "INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?)",
        [
            (app, id, _encode(account), account.voip)
            for app, id, account in (write.user for write in batch if write.user)
        ],
    )


def _of_access(batch: Sequence[Write]) -> Iterable[Statement]:
    keys = [write.key for write in batch if write.key]
    yield "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)", [astuple(key) for key in keys]
    signing = next((write.signing for write in reversed(batch) if write.signing), ())
    yield "DELETE FROM signing_keys", [()] if signing else []
    yield "INSERT INTO signing_keys (id, secret, created_at) VALUES (?, ?, ?)", [astuple(key) for key in signing]
    yield _PUT_ENTRY, [astuple(write.audit) for write in batch if write.audit]


def _of_claims(batch: Sequence[Write]) -> Iterable[Statement]:
    claims = [write.claim for write in batch if write.claim]
    yield _FORGET_EXPIRED, [(claim.claimed_at,) for claim in claims]
    yield "DELETE FROM claims WHERE scope = ? AND key = ?", [write.released.name for write in batch if write.released]
    yield _PUT_CLAIM, [astuple(claim) for claim in claims]


_ENTRY = [field.name for field in fields(Entry)]

_PUT_ENTRY = f"INSERT INTO audit ({', '.join(_ENTRY)}) VALUES ({', '.join('?' * len(_ENTRY))})"  # noqa: S608 - columns

_CLAIM = [field.name for field in fields(Claim)]

_PUT_CLAIM = f"INSERT OR REPLACE INTO claims ({', '.join(_CLAIM)}) VALUES ({', '.join('?' * len(_CLAIM))})"  # noqa: S608 - columns

_FORGET_EXPIRED = """
DELETE FROM claims WHERE rowid IN (SELECT rowid FROM claims WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)
"""
"""With every claim that is stored, so that more go than come, and never many at once."""

_LOAD = """
SELECT 'conference', seq AS number, details, counter FROM conferences WHERE key = ?1
UNION ALL SELECT 'participant', key, body, NULL FROM participants WHERE conference = ?1
UNION ALL SELECT 'leg', leg, participant, is_presumed FROM legs WHERE conference = ?1
UNION ALL SELECT 'call', leg, callid, NULL FROM calls WHERE conference = ?1
ORDER BY number
"""

_PUT_CONFERENCE = """
INSERT INTO conferences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, outstanding = excluded.outstanding, seq = excluded.seq,
    counter = excluded.counter, details = excluded.details, number = excluded.number
"""

_PUT_LEG = """
INSERT INTO legs VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET is_presumed = max(is_presumed, excluded.is_presumed)
"""

_CALLBACK = ", ".join(f"inbox.{field.name}" for field in fields(Callback))

_PUT_CALLBACK = f"""
INSERT INTO inbox ({_CALLBACK.replace("inbox.", "")}) VALUES ({", ".join("?" * len(fields(Callback)))})
ON CONFLICT (id) DO UPDATE SET status = excluded.status, conference = excluded.conference,
    attempts = excluded.attempts, error = excluded.error
"""  # noqa: S608 - columns

_IS_UNSETTLED = f"inbox.status IN ('{FAILED}', '{SET_ASIDE}')"

_UNSETTLED = f"FROM inbox WHERE {_IS_UNSETTLED} AND status = ?"

_TRY_AGAIN = f"UPDATE inbox SET status = '{FAILED}', attempts = 0 WHERE id = ? AND {_IS_UNSETTLED}"  # noqa: S608 - so

_CALLBACKS = f"""
SELECT {_CALLBACK}, conferences.id FROM inbox LEFT JOIN conferences ON conferences.key = inbox.conference
WHERE inbox.id < ? {{}} ORDER BY inbox.id DESC LIMIT ?
"""  # noqa: S608 - so


def _conference_row(conference: Conference) -> tuple[Any, ...]:
    details = conference.details
    return (
        conference.key,
        details.id,
        details.app,
        details.owner,
        details.state.value,
        details.pending is not None,
        conference.seq,
        conference.counter,
        _encode(details),
        details.number,
        details.starts_at is not None,
    )


def _is_outstanding(row: Participant) -> bool:
    return row.pending is not None or row.progress in UNDER_WAY
