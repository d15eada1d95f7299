"""The store in SQLite: WAL, synchronous=FULL, one connection that writes and one that reads."""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
import msgspec
from rpds import HashTrieMap

from hub.domain.model import Conference, Details, Participant
from hub.errors import StartRefused, StorageUnavailable
from hub.store.base import Account, Callback, Claim, Entry, Kept, Key, SigningKey, Status, Write
from hub.store.expired import expired
from hub.store.migrate import migrate
from hub.store.writes import CALLBACK, CLAIM, ENTRY, IS_UNSETTLED, statements

logger = logging.getLogger(__name__)

_details = msgspec.json.Decoder(Details).decode
_participant = msgspec.json.Decoder(Participant).decode
_account = msgspec.json.Decoder(Account).decode

BUSY_TIMEOUT_S = 5.0
ROWS_AT_ONCE = 64


class Writer(aiosqlite.Connection):
    """A connection to whose thread a batch crosses over once: a crossing for each statement costs more than its SQL."""

    async def write(self, batch: Sequence[Write]) -> None:
        await self._execute(self._write, batch)  # type: ignore[no-untyped-call]

    def _write(self, batch: Sequence[Write]) -> None:
        connection = self._conn
        try:
            connection.execute("BEGIN IMMEDIATE")
            for sql, rows in statements(batch):
                if rows:
                    connection.executemany(sql, rows)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise


class SQLiteStore:
    """See base.Store. Made by `open_store`."""

    def __init__(self, writer: Writer, reader: aiosqlite.Connection, meta: dict[str, str]) -> None:
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
            await self._writer.write(batch)
        except sqlite3.OperationalError as error:
            raise StorageUnavailable(str(error)) from error

    async def load(self, key: int) -> Conference:
        """One statement, so that rows, numbers and seq belong together whatever is being written."""
        found: dict[str, list[Any]] = {"conference": [], "participant": [], "leg": [], "call": []}
        for kind, number, value, counter in await self._rows(_LOAD, key):
            found[kind].append((number, value, counter))
        seq, details, counter = found["conference"][0]
        participants = {row.key: row for row in (_participant(body) for _, body, _ in found["participant"])}
        legs = HashTrieMap({leg: participant for leg, participant, _ in found["leg"]})
        presumed = frozenset(leg for leg, _, is_presumed in found["leg"] if is_presumed)
        calls = HashTrieMap({callid: leg for leg, callid, _ in found["call"]})
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
        rows = await self._rows(_CENSUS)
        return rows[0][0], rows[0][1]

    async def reserved(self) -> list[tuple[int, Details]]:
        """Reserved conferences that have not ended."""
        rows = await self._rows("SELECT key, details FROM conferences WHERE is_reserved AND state != 'ended'")
        return [(row[0], _details(row[1])) for row in rows]

    async def conferences_of(self, app: str, owner: str) -> list[tuple[Details, int, int]]:
        """One that cannot be read is in no list."""
        found = []
        for details, inside, people in await self._rows(_CONFERENCES_OF, app, owner):
            try:
                found.append((_details(details), inside, people))
            except msgspec.DecodeError:
                logger.exception("a conference of app %s cannot be read", app)
        return found

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
        return [(row[0], Entry(**dict(zip(ENTRY, row[1:], strict=True)))) for row in rows]

    async def callback(self, id: int) -> Callback | None:
        rows = await self._rows(f"SELECT {CALLBACK} FROM inbox WHERE id = ?", id)  # noqa: S608 - columns
        return Callback(*rows[0]) if rows else None

    async def unsettled(self, status: Status, limit: int) -> list[tuple[int, int]]:
        rows = await self._rows(f"SELECT id, attempts {_UNSETTLED} ORDER BY id LIMIT ?", status, limit)
        return [(row[0], row[1]) for row in rows]

    async def count_unsettled(self, status: Status) -> int:
        rows = await self._rows(f"SELECT count(*) {_UNSETTLED}", status)
        return int(rows[0][0])

    async def callbacks(self, before: int, limit: int, *, settled: bool) -> list[tuple[Callback, str | None]]:
        rows = await self._rows(_CALLBACKS.format("" if settled else f"AND {IS_UNSETTLED}"), before, limit)
        return [(Callback(*row[:-1]), row[-1]) for row in rows]

    def expired(self, kind: Kept, before: str) -> AsyncIterator[tuple[int, ...]]:
        return expired(self._rows, kind, before)

    async def claim(self, scope: str, key: str) -> Claim | None:
        rows = await self._rows(f"SELECT {', '.join(CLAIM)} FROM claims WHERE scope = ? AND key = ?", scope, key)  # noqa: S608 - columns
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
    connect = partial(sqlite3.connect, path, isolation_level=None, timeout=BUSY_TIMEOUT_S)
    writer, reader = Writer(connect, ROWS_AT_ONCE), aiosqlite.Connection(connect, ROWS_AT_ONCE)
    try:
        await writer
        await reader
        await migrate(writer, str(path), may_change=may_change)
        await writer.execute("PRAGMA journal_mode = WAL")
        await writer.execute("PRAGMA synchronous = FULL")
        return SQLiteStore(writer, reader, await _meta(writer))
    except BaseException as error:
        await writer.close()
        await reader.close()
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


_LOAD = """
SELECT 'conference', seq AS number, details, counter FROM conferences WHERE key = ?1
UNION ALL SELECT 'participant', key, body, NULL FROM participants WHERE conference = ?1
UNION ALL SELECT 'leg', leg, participant, is_presumed FROM legs WHERE conference = ?1
UNION ALL SELECT 'call', leg, callid, NULL FROM calls WHERE conference = ?1
ORDER BY number
"""


_CENSUS = """
SELECT count(*), count(CASE WHEN NOT json_valid(CAST(details AS TEXT)) THEN NULL
    ELSE json_extract(CAST(details AS TEXT), '$.uncertain') END)
FROM conferences WHERE state = 'active'
"""

_CONFERENCES_OF = """
SELECT details, count(CASE WHEN NOT json_valid(CAST(body AS TEXT)) THEN NULL
    WHEN json_extract(CAST(body AS TEXT), '$.progress') = 'joined' THEN 1 END), count(body)
FROM conferences LEFT JOIN participants ON participants.conference = conferences.key
WHERE app = ? AND owner = ? GROUP BY conferences.key ORDER BY conferences.key
"""

_UNSETTLED = f"FROM inbox WHERE {IS_UNSETTLED} AND status = ?"


_CALLBACKS = f"""
SELECT {CALLBACK}, conferences.id FROM inbox LEFT JOIN conferences ON conferences.key = inbox.conference
WHERE inbox.id < ? {{}} ORDER BY inbox.id DESC LIMIT ?
"""  # noqa: S608 - so
