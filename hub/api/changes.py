"""What events change, for the audit: before and after, and of every row only the fields that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from hub.api.rows import conference_row, participant_row
from hub.domain.messages import Event
from hub.domain.model import Conference

MOST = 100
"""Rows of one entry; it says how many more there are, and the log has all of them."""

_encode = msgspec.json.Encoder().encode

Row = Mapping[str, Any]


def changes(conference: Conference, events: Sequence[Event]) -> tuple[bytes, bytes]:
    """Twice {"seq", "conference"?: {…}, "participants"?: {key: {…}}}; of something new there is null before."""
    before: dict[str, Any] = {"seq": conference.seq}
    after: dict[str, Any] = {"seq": events[-1].seq}
    for details in [event.conference for event in events if event.conference][-1:]:
        known = conference_row(conference.details) if conference.seq else None
        before["conference"], after["conference"] = _difference(known, conference_row(details))
    people = {key: _difference(old, row) for key, old, row in _changed_rows(conference, events)}
    if people:
        before["participants"] = {key: old for key, (old, _) in people.items()}
        after["participants"] = {key: row for key, (_, row) in people.items()}
    if more := len({event.participant.key for event in events if event.participant}) - len(people):
        after["more"] = more
    return _encode(before), _encode(after)


def _changed_rows(conference: Conference, events: Sequence[Event]) -> Iterator[tuple[str, Row | None, Row]]:
    latest = {event.participant.key: event.participant for event in events if event.participant}
    for key in list(latest)[:MOST]:
        old = conference.participants.get(key)
        yield key, participant_row(old) if old else None, participant_row(latest[key])


def _difference(before: Row | None, after: Row) -> tuple[Row | None, Row]:
    if before is None:
        return None, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
