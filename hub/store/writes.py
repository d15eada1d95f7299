"""What a batch of writes is in SQL, in the order in which it has to be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from hub.domain.model import UNDER_WAY, Conference, Participant, Progress
from hub.store.base import FAILED, SET_ASIDE, Callback, Claim, Entry, Write
from hub.store.expired import DELETE

_encode = msgspec.json.Encoder().encode

Statement = tuple[str, list[tuple[Any, ...]]]
"""SQL and the rows to execute it with."""


def statements(batch: Sequence[Write]) -> Iterable[Statement]:
    """Everything in a batch. Of a thing written twice only the last state is stored; what has not changed is not."""
    writes = [(write.conference.key, write) for write in batch if write.conference and write.events]
    yield from _conferences(writes)
    yield (
        "INSERT INTO events VALUES (?, ?, ?)",
        [
            (key, event.seq, body)
            for key, write in writes
            for event, body in zip(write.events, write.bodies, strict=True)
        ],
    )
    yield from _rosters([(key, row) for key, write in writes for row in _rows(write)])
    called = [(key, write) for key, write in writes if _is_new(write, "legs", "calls", "presumed")]
    yield from _calls([(key, row) for key, write in called for row in _rows(write)])
    yield from _beside(batch)


def _rows(write: Write) -> list[Participant]:
    return [event.participant for event in write.events if event.participant]


def _is_new(write: Write, *parts: str) -> bool:
    """What has not changed is the same object as before."""
    return write.before is None or any(getattr(write.before, it) is not getattr(write.conference, it) for it in parts)


def _conferences(writes: Sequence[tuple[int, Write]]) -> Iterable[Statement]:
    """Most events are about people: of the conference only its numbers go on then, and no index is written."""
    latest = {key: write.conference for key, write in writes if write.conference}
    amended = {key for key, write in writes if _is_new(write, "details")}
    yield _PUT_CONFERENCE, [_conference_row(each) for key, each in latest.items() if key in amended]
    gone_on = [(each.seq, each.counter, key) for key, each in latest.items() if key not in amended]
    yield "UPDATE conferences SET seq = ?, counter = ? WHERE key = ?", gone_on


def _rosters(rows: Sequence[tuple[int, Participant]]) -> Iterable[Statement]:
    """(conference key, row) in the order of their events."""
    latest = {(key, row.key): row for key, row in rows}
    gone = [(key, int(row.key)) for (key, _), row in latest.items() if row.progress is Progress.REMOVED]
    yield (
        "INSERT OR REPLACE INTO participants VALUES (?, ?, ?, ?)",
        [(key, int(row.key), _is_outstanding(row), _encode(row)) for (key, _), row in latest.items()],
    )
    yield "DELETE FROM participants WHERE conference = ? AND key = ?", gone


def _calls(rows: Sequence[tuple[int, Participant]]) -> Iterable[Statement]:
    legs = {(key, row.leg): (row.key, row.is_presumed) for key, row in rows if row.leg}
    calls = {(key, row.callid): row.leg for key, row in rows if row.callid}
    yield _PUT_LEG, [(*leg, *of_row) for leg, of_row in legs.items()]
    yield _PUT_CALL, [(key, callid, leg) for (key, callid), leg in calls.items()]


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
    yield "DELETE FROM claims WHERE scope = ? AND key = ?", [write.released.name for write in batch if write.released]
    yield _PUT_CLAIM, [astuple(claim) for claim in claims]


ENTRY = Entry.__struct_fields__

_PUT_ENTRY = f"INSERT INTO audit ({', '.join(ENTRY)}) VALUES ({', '.join('?' * len(ENTRY))})"  # noqa: S608 - columns

CLAIM = Claim.__struct_fields__

_PUT_CLAIM = f"INSERT OR REPLACE INTO claims ({', '.join(CLAIM)}) VALUES ({', '.join('?' * len(CLAIM))})"  # noqa: S608 - columns

_PUT_CONFERENCE = """
INSERT INTO conferences VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, outstanding = excluded.outstanding, seq = excluded.seq,
    counter = excluded.counter, details = excluded.details, number = excluded.number
"""

_PUT_LEG = """
INSERT INTO legs VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET is_presumed = excluded.is_presumed WHERE excluded.is_presumed > is_presumed
"""

_PUT_CALL = """
INSERT INTO calls VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET leg = excluded.leg WHERE excluded.leg != leg
"""
"""Where nothing is new no page is written."""

CALLBACK = ", ".join(f"inbox.{name}" for name in Callback.__struct_fields__)

_PUT_CALLBACK = f"""
INSERT INTO inbox ({CALLBACK.replace("inbox.", "")}) VALUES ({", ".join("?" * len(Callback.__struct_fields__))})
ON CONFLICT (id) DO UPDATE SET status = excluded.status, conference = excluded.conference,
    attempts = excluded.attempts, error = excluded.error
"""  # noqa: S608 - columns

IS_UNSETTLED = f"inbox.status IN ('{FAILED}', '{SET_ASIDE}')"

_TRY_AGAIN = f"UPDATE inbox SET status = '{FAILED}', attempts = 0 WHERE id = ? AND {IS_UNSETTLED}"  # noqa: S608 - so


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
