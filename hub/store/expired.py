"""What is older than anybody wants to keep it, found where it begins.

Callbacks, audit, keys and each log are in the order in which they were stored, which is that of their times; where a
clock was set back, something is kept for a little longer.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable

from hub.store.base import FAILED, SET_ASIDE, Kept

Rows = Callable[..., Awaitable[list[sqlite3.Row]]]
"""(SQL, *arguments) -> rows"""

PAGE = 500

DELETE = {
    Kept.CALLBACKS: "DELETE FROM inbox WHERE id = ?",
    Kept.EVENTS: "DELETE FROM events WHERE conference = ? AND seq = ?",
    Kept.AUDIT: "DELETE FROM audit WHERE id = ?",
    Kept.CLAIMS: "DELETE FROM claims WHERE rowid = ?",
}

_AT = "json_extract(CAST(body AS TEXT), '$.at')"

# The newest of all stays, or its number would be given again.

_CALLBACKS = f"""
SELECT id, received_at FROM inbox
WHERE id > ? AND id < (SELECT max(id) FROM inbox) AND status NOT IN ('{FAILED}', '{SET_ASIDE}') ORDER BY id LIMIT ?
"""  # noqa: S608 - words of ours

_AUDIT = "SELECT id, at FROM audit WHERE id > ? AND id < (SELECT max(id) FROM audit) ORDER BY id LIMIT ?"

_CLAIMS = "SELECT rowid, claimed_at FROM claims WHERE rowid > ? ORDER BY rowid LIMIT ?"

_LOGS = f"""
SELECT key, (SELECT {_AT} FROM events WHERE conference = key ORDER BY seq LIMIT 1)
FROM conferences WHERE key > ? ORDER BY key LIMIT ?
"""  # noqa: S608 - words of ours

_EVENTS = f"SELECT seq, {_AT} FROM events WHERE conference = ? AND seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 - so


def expired(rows: Rows, kind: Kept, before: str) -> AsyncIterator[tuple[int, ...]]:
    """The primary keys of what is older than `before` (ISO 8601, UTC), oldest first."""
    match kind:
        case Kept.CALLBACKS:
            return _older(rows, _CALLBACKS, before)
        case Kept.AUDIT:
            return _older(rows, _AUDIT, before)
        case Kept.CLAIMS:
            return _older(rows, _CLAIMS, before)
        case Kept.EVENTS:
            return _older_events(rows, before)


async def _older(rows: Rows, sql: str, before: str, *of: int) -> AsyncIterator[tuple[int, ...]]:
    number = 0
    while page := await rows(sql, *of, number, PAGE):
        for number, at in page:
            if at is None or at >= before:
                return
            yield (*of, number)


async def _older_events(rows: Rows, before: str) -> AsyncIterator[tuple[int, ...]]:
    """Only logs are read that begin too early."""
    key = 0
    while page := await rows(_LOGS, key, PAGE):
        for key, begins_at in page:
            if begins_at is not None and begins_at < before:
                async for each in _older(rows, _EVENTS, before, key):
                    yield each
