"""How conferences, participants and events look on the wire. The only place that writes their documented names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, cast, overload

import msgspec

from hub.access.audit import stamp
from hub.api import results
from hub.domain.messages import Event
from hub.domain.model import (
    Conference,
    Details,
    Participant,
    Progress,
    Uncertain,
    masked,
    masked_number,
)

STATES: dict[Progress, Literal[0, 1, 2]] = {Progress.JOINED: 1, Progress.LEFT: 2, Progress.KICKED: 2}
"""The documented state of a row; every other progress is 0, not connected."""

_encode = msgspec.json.Encoder().encode


@overload
def moment(at: datetime) -> str: ...
@overload
def moment(at: None) -> None: ...
@overload
def moment(at: datetime | None) -> str | None: ...
@functools.lru_cache(maxsize=16_384)
def moment(at: datetime | None) -> str | None:
    """As `stamp`, of what may not have happened yet. The times of a row are told again with each of its events."""
    return stamp(at) if at else None


def participant_row(row: Participant) -> results.Participant:
    state = STATES.get(row.progress, 0)
    answer: results.Participant = {
        "key": row.key,
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "role": row.role,
        "state": state,
        "progress": row.progress,
        "muted": row.muted,
        "pending": row.pending.kind if row.pending else None,
        "overdue": row.pending is not None and row.pending.overdue,
        "cause": row.cause,
        "attempt": row.attempt,
        "queuedAt": moment(row.queued_at),
        "dialedAt": moment(row.dialed_at),
        "joinedAt": moment(row.joined_at),
        "leftAt": moment(row.left_at),
        "endedAt": moment(row.ended_at),
        "duration": _duration(row),
        "unidentified": row.unidentified,
    }
    if state and row.callid:
        answer["callid"] = row.callid
    return answer


def conference_row(details: Details) -> results.Conference:
    """Never the password, only whether there is one."""
    return {
        "id": details.id,
        "uid": details.owner,
        "appid": details.app,
        "vid": details.vid,
        "name": details.name,
        "time": details.time,
        "ctime": moment(details.created_at),
        "hasPwd": details.pwd != "",
        "startsAt": moment(details.starts_at),
        "state": details.state,
        "pending": details.pending.kind if details.pending else None,
        "overdue": details.pending is not None and details.pending.overdue,
        "cause": details.cause,
        "startedAt": moment(details.started_at),
        "endedAt": moment(details.ended_at),
        "muted": details.muted,
        "uncertain": _uncertain(details.uncertain),
    }


def _duration(row: Participant) -> float | None:
    """Seconds inside; a wall clock that was set back makes none of it negative."""
    if row.joined_at is None or row.left_at is None:
        return None
    return max(0.0, round((row.left_at - row.joined_at).total_seconds(), 3))


def _uncertain(uncertain: Uncertain | None) -> results.Uncertain | None:
    return {"shown": uncertain.shown, "counted": uncertain.counted} if uncertain else None


def participant_rows(conference: Conference) -> list[results.Participant]:
    return [participant_row(row) for row in conference.participants.values()]


def event_body(event: Event) -> bytes:
    """The event as it is stored: all of its params but `id` and `epoch`, which `event_prefix` puts before them."""
    body: dict[str, Any] = {
        "seq": event.seq,
        "type": event.type,
        "at": moment(event.at),
        "actor": event.by.actor,
        "origin": event.by.origin,
        "cause": event.cause,
    }
    if event.participant:
        body["participant"] = participant_row(event.participant)
    if event.conference:
        body["conference"] = conference_row(event.conference)
    return _encode(body)


# What not everybody may see ------------------------------------------------------------------------------------------


def masked_participant(row: results.Participant) -> results.Participant:
    masks: dict[str, Any] = {name: masked(row[name]) for name in ("id", "name")}
    masks |= {"number": masked_number(row["number"]), "cause": row["cause"] and masked(row["cause"])}
    return cast(results.Participant, {**row, **masks})


def masked_conference(row: results.Conference) -> results.Conference:
    masks: dict[str, Any] = {name: masked(row[name]) for name in ("uid", "name")}
    return cast(results.Conference, {**row, **masks, "cause": row["cause"] and masked(row["cause"])})


def masked_body(body: bytes) -> bytes:
    """Of an event as it is stored, or of a signal."""
    said = msgspec.json.decode(body)
    for name, mask in _MASKS.items():
        if said.get(name):
            said[name] = mask(said[name])
    return _encode(said)


_MASKS: Mapping[str, Callable[[Any], Any]] = {
    "actor": masked,
    "origin": masked,
    "cause": masked,
    "participant": masked_participant,
    "conference": masked_conference,
    "watchers": lambda people: [{**person, "uid": masked(person["uid"])} for person in people],
}


def full_body(body: bytes) -> bytes:
    return body


def event_prefix(id: str, epoch: str) -> bytes:
    """What stands before the first member of a stored body."""
    return _encode({"id": id, "epoch": epoch})[1:-1] + b","


def event_params(prefix: bytes, body: bytes) -> results.Event:
    """Encoded already."""
    return cast(results.Event, msgspec.Raw(b"{" + prefix + body[1:]))
